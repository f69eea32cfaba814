#include "common/node/verdict_book.h"

#include <algorithm>

namespace tandem {

void VerdictBook::note(const NodeId& node, const HealthReport& report) {
  Peer& peer = peers_[node];
  peer.is_down.clear();
  for (const HealthVerdict& verdict : report.verdicts) {
    peer.is_down[verdict.check] = verdict.is_down;
  }
  peer.judge = report.judge;
}

void VerdictBook::set_peers(Role own, const std::vector<PeerStatus>& peers) {
  own_role_ = own;
  for (auto each = peers_.begin(); each != peers_.end();) {
    const auto found = std::ranges::find(peers, each->first, &PeerStatus::node);
    if (found == peers.end() || !found->connected) {
      each = peers_.erase(each);
    } else {
      each->second.is_leader = found->is_leader;
      ++each;
    }
  }
}

Health VerdictBook::said(const Peer& peer, const CheckId& check) {
  const auto found = peer.is_down.find(check);
  if (found == peer.is_down.end()) {
    return Health::kUnknown;
  }
  return found->second ? Health::kDown : Health::kUp;
}

const VerdictBook::Peer* VerdictBook::leader() const noexcept {
  const auto found =
      std::ranges::find_if(peers_, [](const auto& each) { return each.second.is_leader; });
  return found != peers_.end() ? &found->second : nullptr;
}

std::optional<NodeId> VerdictBook::judge() const noexcept {
  if (own_role_ == Role::kLeader) {
    const auto found = std::ranges::find_if(peers_, [](const auto& each) {
      return !each.second.is_leader && !each.second.is_down.empty();
    });
    return found != peers_.end() ? std::optional(found->first) : std::nullopt;
  }
  const Peer* const leading = leader();
  return leading != nullptr && leading->judge != self_ ? leading->judge : std::nullopt;
}

Health VerdictBook::in_force(const CheckId& check, Health own) const {
  const std::optional<NodeId> judging = judge();
  Health theirs = Health::kUnknown;
  if (own_role_ == Role::kLeader) {
    theirs = judging ? said(peers_.at(*judging), check) : Health::kUnknown;
  } else if (const Peer* const leading = leader(); leading != nullptr) {
    const Health led = said(*leading, check);
    // Of its own mind unless somebody else judges; what it has not found out yet the others know.
    theirs = judging || own == Health::kUnknown ? led : Health::kUnknown;
  }
  return theirs != Health::kUnknown ? theirs : own;
}

}  // namespace tandem
