#include "common/node/promotion.h"

#include <algorithm>
#include <tuple>

namespace tandem {

PromotionView promotion_view(const NodeId& self, const RoleRow& role, const Position& here,
                             const std::vector<PeerStatus>& peers) {
  PromotionView view;
  view.role = role.role;
  view.here = here;
  std::uint64_t highest = std::max(here.epoch.number, role.epoch);
  for (const PeerStatus& peer : peers) {
    highest = std::max(highest, peer.position.epoch.number);
    const auto rank = [](const PeerStatus& of) {
      return std::tuple(of.connected, of.last_contact);
    };
    if (peer.is_leader && (!view.leader || rank(*view.leader) < rank(peer))) {
      view.leader = peer;
    }
  }
  view.next_epoch = {highest + 1, self};
  return view;
}

std::uint64_t known_missing(const PromotionView& view) noexcept {
  const std::uint64_t there = view.leader ? view.leader->position.sequence : 0;
  return there > view.here.sequence ? there - view.here.sequence : 0;
}

Status check_promotion(const PromotionView& view, const PromotionWish& wish) {
  if (wish.planned && wish.force) {
    return fail(Errc::kInvalid,
                "a planned switch loses nothing and has nothing to force: choose one of the two");
  }
  if (view.role == Role::kLeader) {
    return fail(Errc::kConflict, "this node leads already, in epoch {}", view.here.epoch.number);
  }
  if (view.here.sequence == 0) {
    return fail(Errc::kConflict,
                "this node has nothing of its cluster yet: it can lead once it was filled");
  }
  const bool is_connected = view.leader && view.leader->connected;
  if (wish.planned && !is_connected) {
    return fail(Errc::kConflict,
                "no leader is connected that could hand over: `tandemctl promote` goes without it");
  }
  if (wish.force) {
    return {};
  }
  if (!wish.planned && is_connected) {
    return fail(Errc::kConflict,
                "the leader {} is connected: `tandemctl promote --planned` takes over from it "
                "without losing a change",
                view.leader->node.to_text());
  }
  if (view.is_filling) {
    return fail(Errc::kConflict,
                "this node is in the middle of a copy of everything: wait for its end, or lead "
                "with what it had before (--force)");
  }
  if (view.is_doubtful) {
    return fail(Errc::kConflict,
                "this node may have lost its newest changes: let it meet its leader first, or lead "
                "without them (--force)");
  }
  return {};
}

}  // namespace tandem
