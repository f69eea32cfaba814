#include "common/net/tcp_quota.h"

#include <algorithm>

namespace tandem {
namespace {

constexpr std::uint8_t kV4HostBits = 32;
constexpr std::uint8_t kV6HostBits = 64;
constexpr std::uint8_t kV6SiteBits = 48;
constexpr std::size_t kHostsPerSite = 4;  // that may have all they may have, at once

}  // namespace

TcpQuota::Network TcpQuota::network_of(const boost::asio::ip::address& address, std::uint8_t bits) {
  Network network{.bits = bits};
  const auto take = [&](const auto& octets) {
    std::copy_n(octets.begin(), bits / 8U, network.octets.begin());
  };
  if (address.is_v4()) {
    take(address.to_v4().to_bytes());
  } else {
    take(address.to_v6().to_bytes());
  }
  return network;
}

std::size_t TcpQuota::count(const Network& network) const {
  const auto found = counts_.find(network);
  return found != counts_.end() ? found->second : 0;
}

/// All of `cap` until half of all are in use, then less and less, but always one.
std::size_t TcpQuota::shrunk(std::size_t cap) const noexcept {
  const std::size_t left = connections_ - std::min(in_use_, connections_);
  if (left * 2 >= connections_) {
    return cap;
  }
  return std::max<std::size_t>(1, cap * left * 2 / connections_);
}

bool TcpQuota::allows(const boost::asio::ip::address& address) const {
  if (address.is_v4()) {
    return count(network_of(address, kV4HostBits)) < shrunk(per_host_);
  }
  return count(network_of(address, kV6HostBits)) < shrunk(per_host_) &&
         count(network_of(address, kV6SiteBits)) < shrunk(per_host_ * kHostsPerSite);
}

TcpQuota::Share TcpQuota::take(const boost::asio::ip::address& address) {
  ++in_use_;
  const auto host =
      counts_.try_emplace(network_of(address, address.is_v4() ? kV4HostBits : kV6HostBits), 0);
  ++host.first->second;
  if (address.is_v4()) {
    return {host.first, host.first};
  }
  const auto site = counts_.try_emplace(network_of(address, kV6SiteBits), 0);
  ++site.first->second;
  return {host.first, site.first};
}

void TcpQuota::release(const Share& share) {
  --in_use_;
  const auto give_back = [this](Counts::iterator place) {
    if (--place->second == 0) {
      counts_.erase(place);
    }
  };
  if (share.site != share.host) {
    give_back(share.site);
  }
  give_back(share.host);
}

std::size_t TcpQuota::weight(const Share& share) noexcept {
  return share.site == share.host
             ? share.host->second
             : std::max(share.host->second, share.site->second / kHostsPerSite);
}

}  // namespace tandem
