#include "common/net/xdp_interface.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ifaddrs.h>
#include <iterator>
#include <net/if.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include "common/base/unique_fd.h"

namespace tandem {
namespace {

// Less, and an answer of the size that everybody takes has no room (RFC 791 s3.1, RFC 8200 s5).
constexpr std::size_t kLeastMtu4 = 576;
constexpr std::size_t kLeastMtu6 = 1280;

/// The addresses of `interface` in that family, with that port. Those of a VLAN on it are not among
/// them: their frames may come with the tag taken off, and an answer would leave without it.
std::vector<SocketAddress> own_addresses(std::string_view interface, sa_family_t family,
                                         std::uint16_t port) {
  std::vector<SocketAddress> addresses;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) {
    return addresses;
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, &::freeifaddrs);
  for (const ifaddrs* at = all; at != nullptr; at = at->ifa_next) {
    const std::string_view label = at->ifa_name;  // of an IPv4 address: `eth0:1` is eth0's too
    if (label.substr(0, label.find(':')) != interface || at->ifa_addr == nullptr ||
        at->ifa_addr->sa_family != family) {
      continue;
    }
    sockaddr_storage storage{};
    std::memcpy(&storage, at->ifa_addr,
                family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(port);  // the same place in both
    addresses.push_back(SocketAddress::from_system(storage));
  }
  return addresses;
}

/// A loopback address comes by no cable, a link-local one only by that of its scope.
bool can_come_by(unsigned interface, const SocketAddress& address) {
  if (address.family() == AF_INET) {
    return address.octets()[0] != IN_LOOPBACKNET;
  }
  sockaddr_in6 ip6{};
  std::memcpy(&ip6, address.system(), sizeof ip6);
  const bool is_loopback =
      std::memcmp(&ip6.sin6_addr, &in6addr_loopback, sizeof in6addr_loopback) == 0;
  return !is_loopback && (ip6.sin6_scope_id == 0 || ip6.sin6_scope_id == interface);
}

std::vector<SocketAddress> addresses_to_take(const std::string& name, unsigned interface,
                                             std::span<const BoundSocket> listen) {
  std::vector<SocketAddress> addresses;
  for (const BoundSocket& bound : listen) {
    const SocketAddress& address = bound.address;
    if (address.is_wildcard()) {
      std::ranges::copy(own_addresses(name, address.family(), address.port()),
                        std::back_inserter(addresses));
    } else {
      addresses.push_back(address);
    }
  }
  std::erase_if(addresses, [&](const SocketAddress& at) { return !can_come_by(interface, at); });
  return addresses;
}

/// How many queues there are both to receive and to send by; the others are the kernel's.
std::size_t queues_of(const std::string& interface) {
  std::error_code error;
  std::size_t receiving = 0;
  std::size_t sending = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/sys/class/net/" + interface + "/queues", error)) {
    const std::string queue = entry.path().filename().string();
    receiving += queue.starts_with("rx-") ? 1U : 0U;
    sending += queue.starts_with("tx-") ? 1U : 0U;
  }
  return std::max<std::size_t>(1, std::min(receiving, sending));  // there is one at least
}

Result<std::size_t> mtu_of(const std::string& interface) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  if (socket.get() < 0 || ::ioctl(socket.get(), SIOCGIFMTU, &request) != 0) {
    return fail(Errc::kIo, "cannot ask for the MTU: {}", std::generic_category().message(errno));
  }
  return static_cast<std::size_t>(request.ifr_mtu);
}

Status check_mtu(std::size_t mtu, std::span<const SocketAddress> addresses) {
  const bool has_ip6 = std::ranges::any_of(
      addresses, [](const SocketAddress& address) { return address.family() == AF_INET6; });
  const std::size_t least = has_ip6 ? kLeastMtu6 : kLeastMtu4;
  if (mtu < least) {
    return fail(Errc::kInvalid, "its MTU of {} octets is below {}, which {} needs", mtu, least,
                has_ip6 ? "IPv6" : "IPv4");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<XdpInterface>> XdpInterface::open(const std::string& name,
                                                         std::span<const BoundSocket> listen,
                                                         CpuTurns& cpus, const QueryEngine& engine,
                                                         SnapshotCell<Catalog>& catalog,
                                                         RequestQueue& requests) {
  const unsigned index = ::if_nametoindex(name.c_str());
  if (index == 0) {
    return fail(Errc::kInvalid, "there is no interface of this name: `ip link` shows all");
  }
  const std::vector<SocketAddress> addresses = addresses_to_take(name, index, listen);
  const std::size_t mtu = TRY(mtu_of(name));
  TRYV(check_mtu(mtu, addresses));
  const std::size_t queues = queues_of(name);
  XdpProgram program = TRY(XdpProgram::attach(index, addresses, queues));
  std::vector<std::unique_ptr<XdpWorker>> workers;
  for (std::uint32_t queue = 0; queue < queues; ++queue) {
    const XdpQueue settings{name, queue, mtu, program.is_in_driver(), index};
    workers.push_back(TRY(XdpWorker::open(settings, engine, catalog, requests.add_ring(), listen)));
    TRYV(program.serve(queue, workers.back()->socket()));
  }
  for (const auto& worker : workers) {
    worker->start(cpus.next());
  }
  return std::unique_ptr<XdpInterface>(new XdpInterface(std::move(program), std::move(workers)));
}

XdpInterface::XdpInterface(XdpProgram program, std::vector<std::unique_ptr<XdpWorker>> workers)
    : program_(std::move(program)), workers_(std::move(workers)) {}

void XdpInterface::stop() {
  for (const auto& worker : workers_) {
    worker->stop();
  }
}

}  // namespace tandem
