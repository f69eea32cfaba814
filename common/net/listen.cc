#include "common/net/listen.h"

#include <cerrno>
#include <cstring>
#include <netinet/tcp.h>
#include <string_view>

namespace tandem {
namespace {

constexpr int kSocketBufferOctets = 4 << 20;
constexpr int kTcpBacklog = 1024;
// Kept for a client that does not read. Without it the kernel lets it grow to 4 MiB, for each.
constexpr int kTcpSendOctets = 128 << 10;

std::unexpected<Error> cannot_listen(std::string_view protocol, const SocketAddress& address,
                                     int error) {
  std::string advice = std::strerror(error);  // NOLINT(concurrency-mt-unsafe): start-up
  if (error == EADDRINUSE) {
    advice =
        "the port is in use by another program (`ss -lunpt` shows which; systemd-resolved holds "
        "127.0.0.53:53: listen on the machine's own address or set DNSStubListener=no)";
  } else if (error == EACCES) {
    advice =
        "no permission for a port below 1024: start it by its systemd unit, as root, or give it "
        "CAP_NET_BIND_SERVICE";
  }
  return fail(Errc::kIo, "cannot listen on {} ({}): {}", address.to_text(), protocol, advice);
}

void set_option(int fd, int level, int name, int value) noexcept {
  // What the kernel refuses here costs speed or comfort, never truth.
  static_cast<void>(::setsockopt(fd, level, name, &value, sizeof value));
}

UniqueFd open_socket(const SocketAddress& address, int type) {
  UniqueFd fd(::socket(address.family(), type | SOCK_CLOEXEC, 0));
  if (fd.valid() && address.family() == AF_INET6) {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(fd.get(), IPPROTO_IPV6, IPV6_FREEBIND, 1);
  } else if (fd.valid()) {
    set_option(fd.get(), IPPROTO_IP, IP_FREEBIND, 1);
  }
  return fd;
}

bool bind_to(const UniqueFd& fd, const SocketAddress& address) noexcept {
  return fd.valid() && ::bind(fd.get(), address.system(), address.system_octets()) == 0;
}

SocketAddress bound_address(const UniqueFd& fd) noexcept {
  sockaddr_storage storage{};
  socklen_t octets = sizeof storage;
  static_cast<void>(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&storage), &octets));
  return SocketAddress::from_system(storage);
}

void prepare_udp(const UniqueFd& fd, const SocketAddress& address) noexcept {
  set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, kSocketBufferOctets);
  set_option(fd.get(), SOL_SOCKET, SO_SNDBUF, kSocketBufferOctets);
  const bool v6 = address.family() == AF_INET6;
  if (address.is_wildcard()) {
    set_option(fd.get(), v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
  }
  // Answers are small enough for every path; a forged "fragmentation needed" must not shrink ours.
  if (v6) {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
  } else {
    set_option(fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
  }
}

}  // namespace

Result<Listening> listen_udp(const SocketAddress& address, std::size_t count) {
  Listening out;
  {
    const UniqueFd alone = open_socket(address, SOCK_DGRAM);
    if (!bind_to(alone, address)) {
      return cannot_listen("UDP", address, errno);
    }
    out.address = bound_address(alone);
  }
  for (std::size_t i = 0; i < count; ++i) {
    UniqueFd fd = open_socket(out.address, SOCK_DGRAM);
    prepare_udp(fd, out.address);
    if (!bind_to(fd, out.address)) {
      return cannot_listen("UDP", out.address, errno);
    }
    out.sockets.push_back(std::move(fd));
  }
  return out;
}

bool is_on_machine(const SocketAddress& address) noexcept {
  sockaddr_storage storage{};
  std::memcpy(&storage, address.system(), address.system_octets());
  reinterpret_cast<sockaddr_in*>(&storage)->sin_port = 0;  // the same place in both families
  const UniqueFd fd(::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return !fd.valid() ||
         ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), address.system_octets()) ==
             0 ||
         errno != EADDRNOTAVAIL;
}

Result<Listening> listen_tcp(const SocketAddress& address) {
  Listening out;
  UniqueFd fd = open_socket(address, SOCK_STREAM | SOCK_NONBLOCK);
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  // Connections inherit both, which saves each a system call.
  set_option(fd.get(), SOL_SOCKET, SO_SNDBUF, kTcpSendOctets);
  set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (!bind_to(fd, address) || ::listen(fd.get(), kTcpBacklog) != 0) {
    return cannot_listen("TCP", address, errno);
  }
  out.address = bound_address(fd);
  out.sockets.push_back(std::move(fd));
  return out;
}

}  // namespace tandem
