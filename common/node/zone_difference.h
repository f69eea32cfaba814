// The difference of two versions of a zone as people want to see it.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/bytes.h"
#include "common/dns/stored_name.h"
#include "common/log/entry.h"
#include "common/zone/diff.h"

namespace tandem {

struct DifferentRecord {
  DiffSide side{};
  StoredName owner;
  RrType type{};
  std::uint32_t ttl = 0;
  Octets rdata;
};

struct ZoneDifference {
  /// Owners in canonical order; of each set what goes, then what comes.
  std::vector<DifferentRecord> records;
  std::uint64_t removed = 0;
  std::uint64_t added = 0;
  bool is_cut = false;  // there are more than `records` has
  ZoneNotesChange notes;
};

/// Puts a difference together. A serial says which version it is, not what is in it: an SOA that
/// differs in that alone is left out.
class DifferenceCollector {
 public:
  explicit DifferenceCollector(std::size_t most) : most_(most) {}

  /// Owner by owner, type by type.
  void add(DiffSide side, const PackedRecord& record);
  [[nodiscard]] ZoneDifference take();

 private:
  void end_set();

  std::size_t most_;
  ZoneDifference out_;
  // Of one owner and type.
  std::vector<DifferentRecord> removed_;
  std::vector<DifferentRecord> added_;
};

}  // namespace tandem
