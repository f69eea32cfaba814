#include "common/net/xdp_interface.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <system_error>

namespace tandem {
namespace {

/// Every address of the machine in that family, with that port.
std::vector<SocketAddress> own_addresses(sa_family_t family, std::uint16_t port) {
  std::vector<SocketAddress> addresses;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) {
    return addresses;
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, &::freeifaddrs);
  for (const ifaddrs* at = all; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != family) {
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

std::vector<SocketAddress> without_wildcards(std::span<const SocketAddress> listen) {
  std::vector<SocketAddress> addresses;
  for (const SocketAddress& address : listen) {
    if (address.is_wildcard()) {
      std::ranges::copy(own_addresses(address.family(), address.port()),
                        std::back_inserter(addresses));
    } else {
      addresses.push_back(address);
    }
  }
  return addresses;
}

std::size_t queues_of(const std::string& interface) {
  std::error_code error;
  std::size_t queues = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/sys/class/net/" + interface + "/queues", error)) {
    queues += entry.path().filename().string().starts_with("rx-") ? 1U : 0U;
  }
  return std::max<std::size_t>(1, queues);
}

Result<std::size_t> mtu_of(const std::string& interface) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  if (::ioctl(socket.get(), SIOCGIFMTU, &request) != 0) {
    return fail(Errc::kIo, "cannot ask for the MTU: {}", std::generic_category().message(errno));
  }
  return static_cast<std::size_t>(request.ifr_mtu);
}

}  // namespace

Result<std::unique_ptr<XdpInterface>> XdpInterface::open(const std::string& name,
                                                         std::span<const SocketAddress> listen,
                                                         CpuTurns& cpus,
                                                         const QueryEngine& engine,
                                                         SnapshotCell<Catalog>& catalog) {
  const unsigned index = ::if_nametoindex(name.c_str());
  if (index == 0) {
    return fail(Errc::kInvalid, "there is no interface of this name: `ip link` shows all");
  }
  const std::size_t mtu = TRY(mtu_of(name));
  const std::size_t queues = queues_of(name);
  const std::vector<SocketAddress> addresses = without_wildcards(listen);
  XdpProgram program = TRY(XdpProgram::attach(index, addresses, queues));
  std::vector<std::unique_ptr<XdpWorker>> workers;
  for (std::uint32_t queue = 0; queue < queues; ++queue) {
    workers.push_back(TRY(XdpWorker::open({name, queue, mtu}, engine, catalog)));
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
