#include "common/api/note_json.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/api/request_body.h"
#include "common/dns/master_file.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::string_view kLineMark = "; @note ";

std::string utc_text(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  std::array<char, 32> text{};
  ::gmtime_r(&time, &parts);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::optional<std::int64_t> utc_from(const std::string& text) {
  for (const char* const form : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"}) {
    std::tm parts{};
    const char* const rest = ::strptime(text.c_str(), form, &parts);
    if (rest != nullptr && *rest == '\0') {
      const std::time_t time = ::timegm(&parts);
      return time > 0 ? std::optional(std::int64_t{time}) : std::nullopt;
    }
  }
  return std::nullopt;
}

Result<std::optional<bool>> bool_member(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr) {
    return std::optional<bool>();
  }
  if (!value->is_bool()) {
    return fail(Errc::kInvalid, "\"{}\" needs true or false", name);
  }
  return std::optional(value->as_bool());
}

Result<RecordNote> note_from(std::string_view text, NameView zone) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) {
    return fail(Errc::kInvalid, "no JSON object{}{}", error ? ": " : "",
                error ? error.message() : "");
  }
  const json::object& object = value.as_object();
  TRYV(check_members(object,
                     {"name", "type", "data", "ttl", "comment", "expires", "disabled", "address"}));
  const std::string name = TRY(text_member(object, "name", ""));
  const std::string type_text = TRY(text_member(object, "type", ""));
  const std::string data = TRY(text_member(object, "data", ""));
  const Name owner = TRY(Name::from_text(name));
  const auto type = rr_type_from_text(type_text);
  if (!type || !owner.is_subdomain_of(zone)) {
    return fail(Errc::kInvalid, "{} {} is no record of {}", name, type_text, zone.to_text());
  }
  const std::string expires = TRY(text_member(object, "expires", "never"));
  RecordNote note{owner,
                  *type,
                  TRY(rdata_from_text(*type, data)),
                  TRY(text_member(object, "comment", "")),
                  TRY(expiry_from_text(expires, std::nullopt)),
                  std::nullopt,
                  TRY(text_member(object, "address", ""))};
  if (TRY(bool_member(object, "disabled")).value_or(false)) {
    note.disabled_ttl = TRY(number_member(object, "ttl")).value_or(kDefaultTtl);
  }
  TRYV(check_note(note));
  return note;
}

}  // namespace

json::object note_json(const RecordNote& note) {
  json::object out{{"name", note.owner.to_text()},
                   {"type", to_text(note.type)},
                   {"data", rdata_to_text(note.type, note.rdata)}};
  if (!note.comment.empty()) {
    out["comment"] = note.comment;
  }
  if (note.expires != 0) {
    out["expires"] = utc_text(note.expires);
  }
  if (note.disabled_ttl) {
    out["disabled"] = true;
    out["ttl"] = *note.disabled_ttl;
  }
  if (!note.address.empty()) {
    out["address"] = note.address;
  }
  return out;
}

Result<std::int64_t> expiry_from_text(std::string_view text, std::optional<std::int64_t> now) {
  if (text == "never") {
    return 0;
  }
  if (const auto time = utc_from(std::string(text))) {
    if (now && *time <= *now) {
      return fail(Errc::kInvalid, "\"expires\" is over already: {}", text);
    }
    return *time;
  }
  if (const auto duration = ttl_from_text(text); now && duration && *duration > 0) {
    return *now + *duration;
  }
  return fail(Errc::kInvalid,
              "\"expires\" is never, {}or a time such as 2026-12-31T23:59:59Z, not \"{}\"",
              now ? "a duration such as 12h or 30d, " : "", text);
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

std::string note_lines(const NoteSet& notes) {
  std::string lines;
  for (const NoteSet::Item& note : notes.all()) {
    lines += kLineMark;
    lines += json::serialize(note_json(*note));
    lines += '\n';
  }
  return lines;
}

Result<std::optional<NoteSet>> notes_in(std::string_view text, NameView zone) {
  std::vector<RecordNote> notes;
  for (std::size_t at = text.find(kLineMark); at != std::string_view::npos;
       at = text.find(kLineMark, at + 1)) {
    if (at != 0 && text[at - 1] != '\n') {
      continue;
    }
    std::string_view line = text.substr(at + kLineMark.size());
    line = line.substr(0, line.find('\n'));
    auto note = note_from(line, zone);
    if (!note) {
      return fail(Errc::kInvalid, "line {}: the note: {}",
                  1 + std::ranges::count(text.substr(0, at), '\n'), note.error().detail);
    }
    notes.push_back(*std::move(note));
  }
  if (notes.empty()) {
    return std::optional<NoteSet>();
  }
  std::ranges::sort(notes, stands_before);
  return std::optional(TRY(NoteSet::from(std::move(notes))));
}

}  // namespace tandem
