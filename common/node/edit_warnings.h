// What people should know about an edit of records beside that it was done: what went with it, what
// it did not find. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "common/node/noted_edit.h"
#include "common/node/plans.h"

namespace tandem {

/// Tells of comments and times to go that went because other data took the place of their record,
/// unless the edit said such a thing itself, and of disabled records that went so. `zone`: with the
/// edits.
void append_lost_notes(const std::vector<RecordEdit>& edits, const ZoneNotesChange& change,
                       const Zone& zone, std::vector<std::string>& warnings);

/// Tells of records that resolvers may keep for longer than they have left. `zone`: with the edits.
void append_long_ttls(const std::vector<RecordEdit>& edits, const Zone& zone,
                      std::vector<std::string>& warnings);

/// What is there instead of the records that an edit names and the zone has not: other data,
/// other types, a name like it. Empty when they are all there.
[[nodiscard]] std::string missing_records(const RecordEdit& edit, const Zone& zone,
                                          const NoteSet& notes, const AddressBook& book);

}  // namespace tandem
