#include "common/node/zone_history.h"

#include <algorithm>
#include <limits>
#include <ranges>
#include <utility>

#include "common/zone/zone_builder.h"

namespace tandem {
namespace {

// What was a zone once stays one, whatever its limits are today.
constexpr ZoneLimits kAnySets{.rrset_records = 65535, .types_per_name = 65535};

std::optional<Serial> serial_of(const std::optional<ImageRef>& image) {
  return image ? std::optional(image->serial) : std::nullopt;
}

/// The serial before a change that left the zone with `after`; none: without content.
struct SerialBefore {
  std::optional<Serial> after;

  std::optional<Serial> operator()(const RecordChange& change) const {
    return serial_before(change, after);
  }

  std::optional<Serial> operator()(const ZoneReplace& change) const {
    return serial_of(change.before);
  }

  std::optional<Serial> operator()(const ZoneDelete& change) const {
    return serial_of(change.last);
  }

  std::optional<Serial> operator()(const ZoneCreate& /*change*/) const { return std::nullopt; }

  template <class Other>
  std::optional<Serial> operator()(const Other& /*change*/) const {
    return after;
  }
};

}  // namespace

/// From where a content is found by taking changes back, and what these come to.
struct ZoneHistory::Rewound {
  ZoneId zone;
  ZonePtr content;                // the present one
  std::optional<ImageRef> image;  // or that of a later entry
  NoteSet notes;
  NetChange since;
  Status status;  // of taking notes back

  void start_at(const std::optional<ImageRef>& at) {
    content = nullptr;
    image = at;
    since.clear();
  }

  void operator()(const RecordChange& change) { since.undo(change); }

  void operator()(const ZoneReplace& change) { start_at(change.before); }

  void operator()(const ZoneDelete& change) { start_at(change.last); }

  void operator()(const ZoneCreate& /*change*/) {
    start_at(std::nullopt);
    notes = {};
  }

  void operator()(const ZoneNotesChange& change) {
    auto before = notes.changed(change.added, change.removed);
    if (before) {
      notes = *std::move(before);
    } else if (status) {
      status = std::unexpected(std::move(before).error());
    }
  }

  template <class Other>
  void operator()(const Other& /*change*/) {}
};

ZoneHistory::ZoneHistory(ReplicatedLog& log, const Name& zone)
    : log_(log),
      zone_(zone),
      generation_(log.generation()),
      first_sequence_(log.entries().first_sequence()),
      present_(log.table().find(zone)),
      end_(present_ != nullptr ? present_->sequence + 1
                               : std::numeric_limits<std::uint64_t>::max()) {}

Result<ZoneHistory> ZoneHistory::open(ReplicatedLog& log, const Name& zone) {
  ZoneHistory history(log, zone);
  for (DeletedZone& deleted : TRY(deleted_zones(log))) {
    if (deleted.gone.name == zone && deleted.sequence < history.end_) {
      history.deleted_.push_back(std::move(deleted));
    }
  }
  if (history.present_ == nullptr && history.deleted_.empty()) {
    return fail(Errc::kNotFound, "there is no zone {}, and none is in the log", zone.to_text());
  }
  return history;
}

std::optional<Serial> ZoneHistory::serial() const noexcept {
  return present_ != nullptr && present_->zone != nullptr ? std::optional(present_->zone->serial())
                                                          : std::nullopt;
}

ZoneEntryWalk ZoneHistory::walk_before(std::uint64_t end) const {
  std::vector<ZoneId> ids;
  if (present_ != nullptr) {
    ids.push_back(present_->id);
  }
  for (const DeletedZone& deleted : deleted_) {
    ids.push_back(deleted.id);
  }
  return {log_.entries(), std::move(ids), std::min(end, end_)};
}

/// For what was read in several steps.
Status ZoneHistory::check_same_log() const {
  if (log_.generation() != generation_ || log_.entries().first_sequence() != first_sequence_) {
    return fail(Errc::kConflict, "the log was trimmed or replaced meanwhile: ask again");
  }
  return {};
}

Result<std::uint64_t> ZoneHistory::state_with(Serial serial) const {
  ZoneEntryWalk walk = walk_before(end_);
  GroupEnds ends(log_.entries());
  std::optional<Serial> at = this->serial();  // in the state to which the walk has come back
  std::optional<Serial> oldest;
  std::uint64_t group = 0;
  while (const std::optional<Entry> entry = TRY(walk.next())) {
    const std::uint64_t end = TRY(ends.of(entry->sequence))->sequence;
    if (end != group) {
      if (at == serial) {
        return end;
      }
      oldest = at ? at : oldest;
      group = end;
    }
    for (const Change& change : entry->changes | std::views::reverse) {
      at = std::visit(SerialBefore{at}, change.kind);
    }
  }
  if (at == serial) {
    return first_sequence_ - 1;
  }
  return std::unexpected(unknown(serial, at ? at : oldest, at.has_value()));
}

Result<std::uint64_t> ZoneHistory::state_after(std::uint64_t entry) const {
  const std::uint64_t newest = log_.table().position().sequence;
  if (entry < first_sequence_ || entry > newest) {
    return fail(Errc::kNotFound, "the log has no entry {}: it has those from {} to {}", entry,
                first_sequence_, newest);
  }
  GroupEnds ends(log_.entries());
  return TRY(ends.of(entry))->sequence;
}

Error ZoneHistory::unknown(Serial serial, std::optional<Serial> oldest, bool is_trimmed) const {
  const std::string zone = zone_.to_text();
  if (!oldest) {
    return {Errc::kNotFound, fmt::format("no content of {} is known: it never had any", zone)};
  }
  if (const auto newest = this->serial(); newest && is_newer(serial, *newest)) {
    return {Errc::kNotFound,
            fmt::format("{} has not had the serial {}: it is at {}", zone, serial, *newest)};
  }
  return {Errc::kNotFound,
          fmt::format("no content of {} with the serial {} is known; the oldest serial still known "
                      "is {}{}",
                      zone, serial, *oldest,
                      is_trimmed ? ", what was before is not in the log any more" : "")};
}

Result<ZonePtr> ZoneHistory::content_of(const ZoneId& id, const ImageRef& image) const {
  const ImageGate::Use use = log_.images().use();
  auto content = read_image(log_.store(), log_.id(), id, image, zone_, kAnySets);
  if (!content) {
    return fail(Errc::kNotFound,
                "{} was replaced or deleted as a whole, and the image of what it was then, serial "
                "{}, cannot be read: {}",
                zone_.to_text(), image.serial, content.error().detail);
  }
  return content;
}

/// All that came after the state taken back.
Result<ZoneHistory::Rewound> ZoneHistory::rewound_to(std::uint64_t state) const {
  Rewound past{{},           present_ != nullptr ? present_->zone : nullptr,
               std::nullopt, present_ != nullptr ? present_->notes : NoteSet(),
               {},           {}};
  ZoneEntryWalk walk = walk_before(end_);
  while (const std::optional<Entry> entry = TRY(walk.next())) {
    if (entry->sequence <= state) {
      break;
    }
    past.zone = walk.zone();
    for (const Change& change : entry->changes | std::views::reverse) {
      std::visit(past, change.kind);
    }
  }
  TRYV(check_same_log());
  TRYV(past.status);
  return past;
}

Result<NotedContent> ZoneHistory::content_after(std::uint64_t state) const {
  Rewound past = TRY(rewound_to(state));
  ZonePtr content = past.image ? TRY(content_of(past.zone, *past.image)) : past.content;
  if (content == nullptr) {
    return fail(Errc::kNotFound, "the zone {} had no content then", zone_.to_text());
  }
  if (past.since.empty()) {
    return NotedContent{std::move(content), std::move(past.notes)};
  }
  if (!past.image) {
    content = compacted(*content, kAnySets);  // the writer makes the next versions of the present
  }
  const Changeset back = past.since.back();
  return NotedContent{TRY(content->apply(std::span(&back, 1), kAnySets)), std::move(past.notes)};
}

Result<NotedContent> ZoneHistory::content_at(Serial serial) const {
  return content_after(TRY(state_with(serial)));
}

struct ZoneHistory::Between {
  NetChange net;
  bool has_notes = false;  // some were changed
};

/// What lies between two states, when that leaves the zone what it is; else nothing.
Result<std::optional<ZoneHistory::Between>> ZoneHistory::between(std::uint64_t after,
                                                                 std::uint64_t up_to) const {
  Between out;
  ZoneEntryWalk walk = walk_before(up_to + 1);
  while (const std::optional<Entry> entry = TRY(walk.next())) {
    if (entry->sequence <= after) {
      break;
    }
    for (const Change& change : entry->changes | std::views::reverse) {
      if (const auto* const records = std::get_if<RecordChange>(&change.kind)) {
        out.net.undo(*records);
      } else if (std::holds_alternative<ZoneNotesChange>(change.kind)) {
        out.has_notes = true;
      } else if (!std::holds_alternative<ZoneOptionsChange>(change.kind) &&
                 !std::holds_alternative<ZoneRulesChange>(change.kind) && !is_of_address(change)) {
        return std::nullopt;
      }
    }
  }
  TRYV(check_same_log());
  return out;
}

Result<Serial> ZoneHistory::present_serial() const {
  if (const auto newest = serial()) {
    return *newest;
  }
  return fail(Errc::kNotFound, "the zone {} has no content now: say up to which serial",
              zone_.to_text());
}

Result<ZoneDifference> ZoneHistory::difference(std::uint64_t from, std::uint64_t to,
                                               std::size_t most) const {
  DifferenceCollector found(most);
  const auto [early, late] = std::minmax(from, to);
  if (const auto change = TRY(between(early, late))) {
    change->net.visit([&](DiffSide side, const PackedRecord& record) {
      const bool is_added = (side == DiffSide::kAdded) == (from <= to);
      found.add(is_added ? DiffSide::kAdded : DiffSide::kRemoved, record);
      return true;
    });
    ZoneDifference difference = found.take();
    if (change->has_notes) {
      difference.notes = difference_of(TRY(rewound_to(from)).notes, TRY(rewound_to(to)).notes);
    }
    return difference;
  }
  const NotedContent old_content = TRY(content_after(from));
  const NotedContent new_content = TRY(content_after(to));
  visit_difference(old_content.zone.get(), *new_content.zone,
                   [&](DiffSide side, const PackedRecord& record) {
                     found.add(side, record);
                     return true;
                   });
  ZoneDifference difference = found.take();
  difference.notes = difference_of(old_content.notes, new_content.notes);
  return difference;
}

}  // namespace tandem
