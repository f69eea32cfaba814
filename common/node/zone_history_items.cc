// What a zone's history shows of each entry.
#include <algorithm>
#include <utility>

#include "common/log/content_digest.h"
#include "common/node/zone_history.h"

namespace tandem {
namespace {

std::uint64_t count_of(const Octets& packed) {
  RrUnpacker records(packed);
  std::uint64_t count = 0;
  while (records.next()) {
    ++count;
  }
  return count;
}

std::uint64_t count_of(const std::optional<ImageRef>& image) {
  return image ? image->record_count : 0;
}

/// Adds what one change asked for.
struct CountRecords {
  HistoryItem& item;

  void operator()(const RecordChange& change) const {
    item.removed += count_of(change.authored.removed);
    item.added += count_of(change.authored.added);
  }

  void operator()(const ZoneReplace& change) const {
    item.removed += count_of(change.before);
    item.added += count_of(change.after);
  }

  void operator()(const ZoneDelete& change) const { item.removed += count_of(change.last); }

  template <class Other>
  void operator()(const Other& /*change*/) const {}
};

template <class Kind>
bool has(const Entry& entry) {
  return std::ranges::any_of(entry.changes, [](const Change& change) {
    return std::holds_alternative<Kind>(change.kind);
  });
}

/// Of the content that the entry gives a zone that had none.
ContentDigest digest_of_first(const Entry& entry) {
  ContentDigest digest;
  for (const Change& change : entry.changes) {
    if (const auto* const records = std::get_if<RecordChange>(&change.kind)) {
      digest.apply(records->authored);
      digest.apply(records->derived);
    } else if (const auto* const replace = std::get_if<ZoneReplace>(&change.kind);
               replace != nullptr && replace->after) {
      digest = ContentDigest(replace->after->content_digest);
    }
  }
  return digest;
}

}  // namespace

std::string_view to_text(HistoryKind kind) noexcept {
  switch (kind) {
    case HistoryKind::kCreated:
      return "created";
    case HistoryKind::kRestored:
      return "restored";
    case HistoryKind::kRecords:
      return "records";
    case HistoryKind::kReplaced:
      return "replaced";
    case HistoryKind::kOptions:
      return "options";
    case HistoryKind::kRules:
      return "rules";
    case HistoryKind::kNotes:
      return "notes";
    case HistoryKind::kDeleted:
      return "deleted";
  }
  return "records";
}

/// Requires: the entry creates the zone.
bool ZoneHistory::is_restored(const Entry& entry) const {
  const auto before = std::ranges::find_if(
      deleted_, [&](const DeletedZone& gone) { return gone.sequence < entry.sequence; });
  if (before == deleted_.end()) {
    return false;
  }
  const std::optional<ImageRef>& last = before->gone.last;
  return last && digest_of_first(entry).value() == last->content_digest;
}

HistoryKind ZoneHistory::kind_of(const Entry& entry) const {
  if (has<ZoneDelete>(entry)) {
    return HistoryKind::kDeleted;
  }
  if (has<ZoneCreate>(entry)) {
    return is_restored(entry) ? HistoryKind::kRestored : HistoryKind::kCreated;
  }
  if (has<ZoneReplace>(entry)) {
    return HistoryKind::kReplaced;
  }
  if (has<RecordChange>(entry)) {
    return HistoryKind::kRecords;
  }
  if (has<ZoneNotesChange>(entry)) {
    return HistoryKind::kNotes;
  }
  return has<ZoneRulesChange>(entry) ? HistoryKind::kRules : HistoryKind::kOptions;
}

Result<std::vector<HistoryItem>> ZoneHistory::items(std::uint64_t before, std::size_t limit) const {
  std::vector<HistoryItem> items;
  ZoneEntryWalk walk = walk_before(before);
  GroupEnds ends(log_.entries());
  while (items.size() < limit) {
    std::optional<Entry> entry = TRY(walk.next());
    if (!entry) {
      break;
    }
    HistoryItem item{{}, kind_of(*entry), TRY(ends.of(entry->sequence))->serial_of(walk.zone())};
    for (const Change& change : entry->changes) {
      std::visit(CountRecords{item}, change.kind);
    }
    item.entry = *std::move(entry);
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace tandem
