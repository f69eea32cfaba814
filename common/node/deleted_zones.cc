#include "common/node/deleted_zones.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/log/codec.h"

namespace tandem {

namespace {

/// What the entry that deletes a zone takes away beforehand.
Result<NoteSet> notes_taken(const Entry& entry, const ZoneId& id) {
  for (const Change& change : entry.changes) {
    const auto* const notes = std::get_if<ZoneNotesChange>(&change.kind);
    if (change.zone == id && notes != nullptr) {
      return NoteSet::from(notes->removed);
    }
  }
  return NoteSet();
}

}  // namespace

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
      NoteSet notes = TRY(notes_taken(entry, id));
      return DeletedZone{id,
                         entry.sequence,
                         entry.time,
                         std::move(entry.actor),
                         std::move(*gone),
                         std::move(notes)};
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
