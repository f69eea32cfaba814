// What is noted about a zone's records, held to the records that there are: after changes of them
// alone, for content that comes from elsewhere or from another time. Pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/node/zone_table.h"

namespace tandem {

/// What a change of records, `records`, that made `zone` does to notes: those on records that are
/// gone go, and what was disabled and is there is not disabled any more. Null: everything may have
/// changed. `warnings`: as append_unbound() has them.
[[nodiscard]] ZoneNotesChange settle_notes(const NoteSet& notes, const Zone& zone,
                                           const Changeset* records,
                                           std::vector<std::string>& warnings);

/// The notes as `edit` leaves each of them; those that say nothing then go.
Result<NoteSet> edited_notes(const NoteSet& notes, const std::function<void(RecordNote&)>& edit);

/// Whether the record that the note is on is in the zone.
[[nodiscard]] bool is_in(const Zone& zone, const RecordNote& note);

/// From one set to another. Empty when they are equal.
[[nodiscard]] ZoneNotesChange difference_of(const NoteSet& from, const NoteSet& to);

/// Content and notes that belong together.
struct NotedContent {
  ZonePtr zone;
  NoteSet notes;
};

/// The notes without times that are over at `now`: what is brought back is not to go at once.
/// `warnings`: of each record that comes so.
[[nodiscard]] NoteSet without_past(const NotedContent& content, std::int64_t now,
                                   std::vector<std::string>& warnings);

/// The same with notes only on what is there or disabled, and with what `book` says of addresses in
/// the records that follow them. In a zone signed elsewhere no record follows or expires: that
/// would break its signatures. Fails: as Zone::apply().
Result<NotedContent> settled(NotedContent content, const AddressBook& book,
                             const ZoneLimits& limits, std::vector<std::string>& warnings);

}  // namespace tandem
