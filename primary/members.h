// What a leader knows of its followers over their absences and its own restarts: how far each is
// known to have come, when it was last served, and which kinds of change it knows. From it follows
// how much of the log has to stay, whether this node may have lost something, and which changes
// would stop a follower that is away.
//
//   meta   "member/" node-id:16  -> position wall_us:u64 kind:u32...
//
// Any thread may call it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "common/node/replicated_log.h"

namespace tandem {

class Members {
 public:
  /// Reads what was kept. A member more than `hold_octets` behind has no hold on the log.
  Members(ReplicatedLog& log, std::uint64_t hold_octets);

  struct Member {
    NodeId node;
    Position acked;
    WallTime last_seen;
    std::vector<std::uint32_t> change_kinds;  // that it knows
  };

  /// Makes it part of `batch` that nothing is known of any follower: what was kept is of an earlier
  /// time as leader.
  static void forget_all(WriteBatch& batch);

  [[nodiscard]] std::vector<Member> all() const;
  [[nodiscard]] std::optional<Position> acked_by(const NodeId& node) const;

  enum class Standing : std::uint8_t { kOnOurHistory, kAhead, kElsewhere };
  void greeted(const NodeId& node, const Position& position, Standing standing,
               std::vector<std::uint32_t> change_kinds);
  void acked(const NodeId& node, const Position& position);
  /// It was heard while it follows.
  void served(const NodeId& node);
  /// Images up to `sequence` are on their way to it: it needs no entries before.
  void brings_to(const NodeId& node, std::uint64_t sequence);

  /// It is no member any more: nothing is kept for it.
  void forget(const NodeId& node);

  /// The log is not trimmed above it.
  [[nodiscard]] std::uint64_t trim_limit() const;

  /// A member acknowledged more than this node has: it had it once.
  [[nodiscard]] bool prove_loss() const;
  /// Nobody has more, as far as it can be known: whoever was not met since the start acknowledged
  /// nothing else, and somebody `is_in_step` now or all were met.
  [[nodiscard]] bool show_no_loss(bool is_in_step) const;
  /// This node's history is the one that counts, whatever was acknowledged after its end.
  void settle();

  enum class When : std::uint8_t { kDue, kNow };
  /// Writes what has changed, for each member at most once a minute if only `kDue`. To be called
  /// every second or so, on a thread that may wait for the disk.
  void keep(When when = When::kDue);

 private:
  struct State {
    Position acked;
    std::uint64_t brought_to = 0;
    MonotonicTime last_seen;
    WallTime last_seen_wall;
    std::vector<std::uint32_t> change_kinds;
    bool is_met = false;  // since the start
    bool is_changed = false;
    std::optional<MonotonicTime> kept;
  };

  void load();
  void make_room();
  void see(State& state) const;
  [[nodiscard]] bool has_time(const State& state, MonotonicTime now) const;

  ReplicatedLog& log_;
  std::uint64_t hold_octets_;
  mutable std::mutex mutex_;
  std::map<NodeId, State> states_;  // guarded by mutex_
  std::vector<NodeId> gone_;        // rows to erase; guarded by mutex_
};

}  // namespace tandem
