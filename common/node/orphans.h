// Changes that this node had acknowledged and that are not in the cluster's history any more: kept,
// so that a human can see them and make them again. Nothing is lost in silence.
//
//   key    := log:u8 epoch-number:u64 epoch-leader:16 sequence:u64
//   meta   "orphan/" key       -> entry-octets
//          "orphan-sets/" key  -> entry-octets     RRsets as they were before it (orphan_sets.h)
//          "orphan-end/" key   -> state:u8 time_us:u64     what was decided
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/node/orphan_sets.h"
#include "common/node/replicated_log.h"

namespace tandem {

/// What a human decided.
enum class OrphanState : std::uint8_t { kOpen = 0, kApplied = 1, kDiscarded = 2 };

[[nodiscard]] std::string_view to_text(OrphanState state) noexcept;

struct Orphan {
  Entry entry;
  /// RRsets that it touched, as they were before it; a zone that is missing here: nobody knows.
  std::vector<ZoneSets> before;
  OrphanState state = OrphanState::kOpen;
  WallTime ended{};  // when that was decided

  /// `EPOCH.SEQUENCE`. Epochs of one number of two nodes have the same.
  [[nodiscard]] std::string id() const;
};

/// Stores the log's entries after `sequence` as orphans, durably. Entries stored before stay as
/// they are. Requires: the log's table is at its head.
Status keep_orphans(ReplicatedLog& log, std::uint64_t sequence);

/// The oldest first. Fails: as Store::scan(), kCorrupt.
Result<std::vector<Orphan>> read_orphans(const Store& store, LogId log);
/// Those that nothing was decided about.
Result<std::size_t> count_open_orphans(const Store& store, LogId log);

/// Durable when it returns. Fails: as Store::write().
Status end_orphan(Store& store, LogId log, const Entry& entry, OrphanState state, WallTime now);

}  // namespace tandem
