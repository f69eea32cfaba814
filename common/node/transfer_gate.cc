#include "common/node/transfer_gate.h"

#include <algorithm>

namespace tandem {
namespace {

constexpr std::uint8_t kV4 = 4;
constexpr std::uint8_t kV6 = 6;
constexpr std::size_t kV4Octets = 4;
constexpr std::size_t kV6Octets = 16;
constexpr std::size_t kSubscriberOctets = 8;
// An IPv4 address that came through an IPv6 socket (RFC 4291 s2.5.5.2).
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

TransferGate::Peer TransferGate::peer_of(const SocketAddress& from) noexcept {
  OctetSpan address = from.octets();
  if (address.size() == kV6Octets && std::ranges::equal(address.first(kMapped.size()), kMapped)) {
    address = address.subspan(kMapped.size());
  }
  Peer peer{};
  const bool is_v4 = address.size() == kV4Octets;
  peer.front() = is_v4 ? kV4 : kV6;
  std::ranges::copy(address.first(std::min(address.size(), kSubscriberOctets)), peer.begin() + 1);
  return peer;
}

std::optional<TransferGate::Slot> TransferGate::enter(const SocketAddress& from) {
  const Peer peer = peer_of(from);
  const std::lock_guard lock(mutex_);
  const auto found = of_peer_.find(peer);
  if (going_on_ >= at_once_ || (found != of_peer_.end() && found->second >= at_once_per_peer_)) {
    return std::nullopt;
  }
  ++going_on_;
  ++of_peer_[peer];
  return Slot(*this, peer);
}

void TransferGate::leave(const Peer& peer) {
  const std::lock_guard lock(mutex_);
  --going_on_;
  if (const auto found = of_peer_.find(peer); --found->second == 0) {
    of_peer_.erase(found);
  }
}

}  // namespace tandem
