// Notes on records in answers and in edits (docs/http_api.md).
#pragma once

#include <cstdint>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/node/noted_edit.h"
#include "common/zone/note_text.h"

namespace tandem {

/// As many as an answer has room for; `is_cut` is set when there are more.
[[nodiscard]] boost::json::array notes_json(const std::vector<RecordNote>& notes, bool& is_cut);
/// What goes and what comes, as members `notes_removed` and `notes_added`.
void add_note_change(const ZoneNotesChange& change, boost::json::object& to);

/// The members of an edit that are about notes: "comment", "expires", "disabled". Times count from
/// `now`, in seconds since 1970. Fails: kInvalid.
Result<NoteEdit> read_note_edit(const boost::json::object& edit, std::int64_t now);

}  // namespace tandem
