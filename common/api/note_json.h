// Notes on records as JSON: in answers, in edits, and in the comments of an exported zone, from
// which an import has them again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "common/log/record_note.h"
#include "common/node/noted_edit.h"

namespace tandem {

[[nodiscard]] boost::json::object note_json(const RecordNote& note);

/// The members of an edit that are about notes: "comment", "expires", "disabled". Times count from
/// `now`, in seconds since 1970. Fails: kInvalid.
Result<NoteEdit> read_note_edit(const boost::json::object& edit, std::int64_t now);

/// `never`, `2026-12-31` or `2026-12-31T23:59:59Z`, and with `now` a duration from then such as
/// `12h`, and nothing before it. Fails: kInvalid.
Result<std::int64_t> expiry_from_text(std::string_view text, std::optional<std::int64_t> now);

/// Each note as a line of a master file that is a comment.
[[nodiscard]] std::string note_lines(const NoteSet& notes);

/// The notes in such lines of a master file of `zone`. Nothing: there is no such line. Fails:
/// kInvalid with the line's number, or what is wrong with all of them.
Result<std::optional<NoteSet>> notes_in(std::string_view text, NameView zone);

}  // namespace tandem
