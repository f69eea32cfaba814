#include "common/net/tcp_connections.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace tandem {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kCrowdedIdle{2000};
constexpr std::ptrdiff_t kMostLookedAt = 4096;  // of those unused longest, to find who makes room

SocketAddress address_of(const boost::asio::ip::tcp::endpoint& endpoint) {
  sockaddr_storage storage{};
  std::memcpy(&storage, endpoint.data(), endpoint.size());
  return SocketAddress::from_system(storage);
}

}  // namespace

TcpConnections::TcpConnections(const TcpLimits& limits, TcpStats& stats)
    : limits_(limits), stats_(stats), quota_(limits.connections, limits.connections_per_address) {}

TcpConnections::Place TcpConnections::take(boost::asio::ip::tcp::socket socket,
                                           const boost::asio::ip::tcp::endpoint& peer) {
  if (!quota_.allows(peer.address())) {
    stats_.refused.add();
    return end();  // the socket closes
  }
  if (quota_.is_full()) {
    make_room();
  }
  open_.emplace_back(std::move(socket), quota_.take(peer.address()));
  open_.back().peer = address_of(peer);
  stats_.accepted.add();
  stats_.open.add();
  return std::prev(open_.end());
}

void TcpConnections::touch(Place place) {
  if (place->socket.is_open()) {
    open_.splice(open_.end(), open_, place);
  }
}

void TcpConnections::begin_write(TcpConnection& connection) {
  connection.unread = connection.out.size();
  unread_ += connection.unread;
  const auto waits = [](const TcpConnection& c) { return c.unread > 0; };
  while (unread_ > limits_.unread) {
    time_out(std::ranges::find_if(open_, waits));
  }
}

void TcpConnections::end_write(TcpConnection& connection) noexcept {
  unread_ -= std::exchange(connection.unread, 0);
}

void TcpConnections::close(Place place) {
  if (!place->socket.is_open()) {
    return;
  }
  if (place->tls) {
    place->tls->end();
  }
  boost::system::error_code ignored;
  static_cast<void>(place->socket.close(ignored));
  if (place->waiting != nullptr) {
    static_cast<void>(place->waiting->alarm.cancel());
  }
  quota_.release(place->share);
  end_write(*place);
  stats_.open.add(static_cast<std::uint64_t>(-1));
  closed_.splice(closed_.end(), open_, place);
}

void TcpConnections::time_out(Place place) {
  stats_.timed_out.add();
  close(place);
}

void TcpConnections::close_late(SteadyClock::time_point now) {
  const bool crowded = open_.size() * 2 > limits_.connections;
  const auto spared = crowded && limits_.idle > kCrowdedIdle ? limits_.idle - kCrowdedIdle
                                                             : SteadyClock::duration(0);
  for (Place next = open_.begin(); next != open_.end();) {
    const Place place = next++;
    if (now > place->deadline - (place->is_idle ? spared : SteadyClock::duration(0))) {
      time_out(place);
    }
  }
}

void TcpConnections::make_room() {
  if (open_.empty()) {
    return;
  }
  const auto weight = [](const TcpConnection& c) { return TcpQuota::weight(c.share); };
  const Place end = std::ranges::next(open_.begin(), kMostLookedAt, open_.end());
  time_out(std::ranges::max_element(open_.begin(), end, {}, weight));
}

void TcpConnections::close_all() {
  while (!open_.empty()) {
    close(open_.begin());
  }
}

}  // namespace tandem
