#include "common/api/note_json.h"

#include <ranges>
#include <vector>

#include "common/base/json_members.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxShown = 1000;

}  // namespace

json::array notes_json(const std::vector<RecordNote>& notes, bool& is_cut) {
  json::array out;
  for (const RecordNote& note : notes | std::views::take(kMaxShown)) {
    out.push_back(note_json(note));
  }
  is_cut = is_cut || out.size() < notes.size();
  return out;
}

void add_note_change(const ZoneNotesChange& change, json::object& to) {
  bool is_cut = false;
  to["notes_removed"] = notes_json(change.removed, is_cut);
  to["notes_added"] = notes_json(change.added, is_cut);
  if (is_cut) {
    to["diff_cut"] = true;
  }
}

Result<NoteEdit> read_note_edit(const json::object& edit, std::int64_t now) {
  NoteEdit note;
  if (edit.contains("comment")) {
    note.comment = TRY(text_member(edit, "comment", ""));
  }
  if (edit.contains("expires")) {
    const std::string text = TRY(text_member(edit, "expires", ""));
    note.expires = TRY(expiry_from_text(text, now));
  }
  note.disabled = TRY(bool_member(edit, "disabled"));
  return note;
}

}  // namespace tandem
