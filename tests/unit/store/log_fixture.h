// Groups of entries for tests of the log store.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/store/log_store.h"

namespace tandem::testing {

/// Makes entries one after the other, chained, without storing them.
class GroupMaker {
 public:
  explicit GroupMaker(const Position& at) : at_(at) {}

  /// A group of `entries` entries about `zone`, the last one its end; each of at least `octets`.
  std::vector<EncodedEntry> group(std::size_t entries, ZoneId zone, std::size_t octets = 0);
  /// A group of one entry that starts an epoch.
  std::vector<EncodedEntry> epoch(std::uint64_t number);
  /// A group of one entry with that change.
  std::vector<EncodedEntry> change(ZoneId zone, ChangeKind kind);

  [[nodiscard]] const Position& at() const noexcept { return at_; }

 private:
  EncodedEntry encoded(Entry entry);

  Position at_;
};

/// Starts epoch 1 when the log is new. Fails the test when the store does.
[[nodiscard]] GroupMaker maker_at(LogStore& log);

/// Appends groups of one entry about `zone` up to sequence `last`.
void append_up_to(LogStore& log, GroupMaker& maker, std::uint64_t last, ZoneId zone);

}  // namespace tandem::testing
