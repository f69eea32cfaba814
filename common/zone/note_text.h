// Notes on records as text: each is a JSON object, in the answers of the API and in the comments of
// an exported zone, from which an import has them again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "common/dns/master_file.h"
#include "common/zone/record_note.h"

namespace tandem {

constexpr std::string_view kNoteMark = "; @note ";  // a line that has a note begins so

[[nodiscard]] boost::json::object note_json(const RecordNote& note);

/// `never`, `2026-12-31` or `2026-12-31T23:59:59Z`, and with `now` a duration from then such as
/// `12h`, and nothing before it. Fails: kInvalid.
Result<std::int64_t> expiry_from_text(std::string_view text, std::optional<std::int64_t> now);

/// Each note as a line of a master file that is a comment.
[[nodiscard]] std::string note_lines(const NoteSet& notes);

/// Those lines of a master file, as they are.
[[nodiscard]] std::string note_lines_of(std::string_view text);

struct NotesInText {
  std::optional<NoteSet> notes;      // nothing: no line has one
  std::vector<Diagnostic> findings;  // errors, with their lines
};

/// The notes in such lines of a master file of `zone`; none when there are findings. `file`: its
/// name in these.
[[nodiscard]] NotesInText notes_in(std::string_view text, NameView zone, const std::string& file);

}  // namespace tandem
