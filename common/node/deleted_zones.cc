#include "common/node/deleted_zones.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/log/codec.h"

namespace tandem {

/// The newest entry that touches a deleted zone is the one that deleted it.
Result<std::optional<DeletedZone>> deletion_of(const LogStore& log, const ZoneId& id) {
  const std::vector<std::uint64_t> newest =
      TRY(log.zone_entries(id, std::numeric_limits<std::uint64_t>::max(), 1));
  if (newest.empty()) {
    return std::nullopt;
  }
  const EncodedEntry encoded = TRY(log.read(newest.front()));
  Entry entry = TRY(decode_entry(encoded.octets));
  for (Change& change : entry.changes) {
    auto* const gone = std::get_if<ZoneDelete>(&change.kind);
    if (change.zone == id && gone != nullptr) {
      return DeletedZone{id, entry.sequence, entry.time, std::move(entry.actor), std::move(*gone)};
    }
  }
  return std::nullopt;
}

Result<std::vector<DeletedZone>> deleted_zones(ReplicatedLog& log) {
  std::vector<DeletedZone> out;
  for (const ZoneId& id : TRY(log.entries().zones())) {
    if (id.is_zero() || log.table().find(id) != nullptr) {
      continue;
    }
    if (auto deleted = TRY(deletion_of(log.entries(), id))) {
      out.push_back(*std::move(deleted));
    }
  }
  std::ranges::sort(out, std::ranges::greater{}, &DeletedZone::sequence);
  return out;
}

}  // namespace tandem
