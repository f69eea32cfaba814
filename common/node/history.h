// How two nodes' histories relate: the table of the design's section 7, as one pure function.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "common/log/position.h"
#include "common/replication/frames.h"

namespace tandem {

/// What a node knows of its own log.
struct History {
  Position position;
  std::uint64_t first_sequence = 1;  // oldest entry kept
  EpochTable epochs;
  /// The chain digest after an entry; nothing when it is not kept.
  std::function<std::optional<Digest256>(std::uint64_t)> chain_at;
};

enum class Relation : std::uint8_t {
  kCanFollow,     // the peer is on our history and the entries after its position are here
  kNeedsImages,   // it is on our history, or has none, and the entries are not here
  kUnproven,      // it is where our log is not kept any more, so nobody can tell by the log
  kPeerGivesWay,  // our epoch is higher: the peer keeps its tail as orphans and takes images
  kWeGiveWay,     // the peer's epoch is higher
  kPeerAhead,     // same epoch, the peer has more; whether on our history is for it to say
  kDiverged,      // same epoch, and not the same history: an operator has to choose
};

[[nodiscard]] Relation relation_of(const History& ours, const HelloFrame& peer);

/// What two greetings of one cluster say about who may lead.
enum class Leadership : std::uint8_t {
  kClear,          // at most one of them leads, and nobody knows a newer epoch than that one
  kWeGiveWay,      // this node leads, and the peer knows a newer epoch
  kPeerGivesWay,   // both lead, the peer in an older epoch
  kBothInOneEpoch  // both lead, by the same number: an operator has to choose
};

[[nodiscard]] Leadership leadership_of(const HelloFrame& ours, const HelloFrame& peer);

/// The last sequence before which two epoch tables agree that the histories are one; the chains
/// decide the rest.
[[nodiscard]] std::uint64_t common_sequence(const EpochTable& a, std::uint64_t head_a,
                                            const EpochTable& b, std::uint64_t head_b);

}  // namespace tandem
