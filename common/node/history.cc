#include "common/node/history.h"

#include <algorithm>

namespace tandem {
namespace {

Epoch last_epoch(const EpochTable& table) {
  return table.empty() ? Epoch{} : table.back().epoch;
}

bool has_start(const EpochTable& table, const EpochStartPoint& start) {
  return std::ranges::find(table, start) != table.end();
}

/// Histories whose epochs differ: the higher number stays; equal numbers of different leaders need
/// a human. Who began one of these and follows now was told by a human to give it up.
Relation by_epoch(const History& ours, const HelloFrame& peer) {
  const Epoch our_epoch = last_epoch(ours.epochs);
  const Epoch peer_epoch = last_epoch(peer.epochs);
  if (our_epoch.number == peer_epoch.number) {
    const bool gave_up =
        our_epoch != peer_epoch && peer_epoch.leader == peer.node && !peer.is_leader;
    return gave_up ? Relation::kPeerGivesWay : Relation::kDiverged;
  }
  return our_epoch.number > peer_epoch.number ? Relation::kPeerGivesWay : Relation::kWeGiveWay;
}

}  // namespace

Relation relation_of(const History& ours, const HelloFrame& peer) {
  if (peer.position.sequence == 0) {
    return ours.position.sequence == 0 ? Relation::kCanFollow : Relation::kNeedsImages;
  }
  const bool same_last_epoch = !peer.epochs.empty() && has_start(ours.epochs, peer.epochs.back());
  if (peer.position.sequence > ours.position.sequence) {
    const bool ours_is_theirs = ours.epochs.empty() || has_start(peer.epochs, ours.epochs.back());
    if (same_last_epoch && ours_is_theirs) {
      return Relation::kPeerAhead;
    }
    return ours_is_theirs ? Relation::kWeGiveWay : by_epoch(ours, peer);
  }
  const std::optional<Digest256> chain = ours.chain_at(peer.position.sequence);
  if (chain && *chain == peer.position.chain) {
    return peer.position.sequence + 1 >= ours.first_sequence ? Relation::kCanFollow
                                                             : Relation::kNeedsImages;
  }
  if (!chain && same_last_epoch) {
    return Relation::kUnproven;
  }
  return same_last_epoch && last_epoch(ours.epochs) == last_epoch(peer.epochs)
             ? Relation::kDiverged
             : by_epoch(ours, peer);
}

Leadership leadership_of(const HelloFrame& ours, const HelloFrame& peer) {
  const bool is_one_cluster = ours.cluster && peer.cluster && *ours.cluster == *peer.cluster;
  if (!ours.is_leader || !is_one_cluster) {
    return Leadership::kClear;
  }
  const std::uint64_t our_number = last_epoch(ours.epochs).number;
  const std::uint64_t peer_number = last_epoch(peer.epochs).number;
  if (peer_number > our_number) {
    return Leadership::kWeGiveWay;
  }
  if (!peer.is_leader) {
    return Leadership::kClear;
  }
  return peer_number < our_number ? Leadership::kPeerGivesWay : Leadership::kBothInOneEpoch;
}

std::uint64_t common_sequence(const EpochTable& a, std::uint64_t head_a, const EpochTable& b,
                              std::uint64_t head_b) {
  std::size_t common = 0;
  while (common < a.size() && common < b.size() && a[common] == b[common]) {
    ++common;
  }
  const auto end_of = [common](const EpochTable& table, std::uint64_t head) {
    return common < table.size() ? table[common].sequence - 1 : head;
  };
  return common == 0 ? 0 : std::min(end_of(a, head_a), end_of(b, head_b));
}

}  // namespace tandem
