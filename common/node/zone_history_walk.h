// The entries of a zone from the newest back, and where their groups end. What
// zone_history.h and zone_steps.h are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/store/log_store.h"

namespace tandem {

/// One thread. Nothing of it is in memory but the entry at hand.
class ZoneEntryWalk {
 public:
  /// `zones`: the incarnations, the newest first. Entries from `end` on do not count.
  ZoneEntryWalk(const LogStore& log, std::vector<ZoneId> zones, std::uint64_t end)
      : log_(log), zones_(std::move(zones)), end_(end), before_(end) {}

  /// The next older entry, with the changes of zone() alone and those of addresses. Fails: as
  /// reading the log.
  Result<std::optional<Entry>> next();

  /// The incarnation that the last entry was of.
  [[nodiscard]] const ZoneId& zone() const noexcept { return zones_[zone_]; }

 private:
  const LogStore& log_;
  std::vector<ZoneId> zones_;
  std::size_t zone_ = 0;
  std::uint64_t end_;
  std::uint64_t before_;
  std::vector<std::uint64_t> page_;
  std::size_t at_ = 0;
};

/// Where a group ends and what its zones were then.
struct GroupEnd {
  std::uint64_t sequence = 0;
  std::vector<ZoneDigest> zones;

  /// Nothing when the group did not touch it, or left it without content.
  [[nodiscard]] std::optional<Serial> serial_of(const ZoneId& zone) const noexcept;
};

/// Finds groups' ends, asked from the newest back: reads each entry once. One thread.
class GroupEnds {
 public:
  explicit GroupEnds(const LogStore& log) : log_(log) {}

  /// Of the group that the entry `sequence` is in; valid until the next call. Fails: as reading the
  /// log.
  Result<const GroupEnd*> of(std::uint64_t sequence);

 private:
  const LogStore& log_;
  GroupEnd known_;
  std::uint64_t known_from_ = 0;  // known_ is the end for entries from this one on; 0: of none
};

/// The serial before a change that left the zone with `after`; none: it gave the zone its first
/// content.
[[nodiscard]] std::optional<Serial> serial_before(const RecordChange& change,
                                                  std::optional<Serial> after);

/// Whether the change is one of a named address, which is why the records that follow it change.
[[nodiscard]] bool is_of_address(const Change& change) noexcept;

/// The entry at `sequence`. Fails: as reading the log.
Result<Entry> read_entry(const LogStore& log, std::uint64_t sequence);

}  // namespace tandem
