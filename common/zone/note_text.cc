#include "common/zone/note_text.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/base/json_members.h"
#include "common/dns/rdata.h"
#include "common/dns/rr_set.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxNoteErrors = 100;

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
              now ? "a duration such as 600 (seconds), 12h or 30d, " : "", text);
}

std::string note_lines(const NoteSet& notes) {
  std::string lines;
  for (const NoteSet::Item& note : notes.all()) {
    lines += kNoteMark;
    lines += json::serialize(note_json(*note));
    lines += '\n';
  }
  return lines;
}

std::string note_lines_of(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    text.remove_prefix(line.size());
    if (line.starts_with(kNoteMark)) {
      lines += line;
      lines += line.ends_with('\n') ? "" : "\n";
    }
  }
  return lines;
}

NotesInText notes_in(std::string_view text, NameView zone, const std::string& file) {
  NotesInText found;
  std::vector<std::pair<RecordNote, std::uint32_t>> notes;  // with their lines
  const auto add_error = [&](std::uint32_t line, std::string what) {
    found.findings.push_back({Diagnostic::Severity::kError, file, line, 1, std::move(what)});
  };
  std::uint32_t line_number = 0;
  while (!text.empty() && found.findings.size() < kMaxNoteErrors) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++line_number;
    if (!line.starts_with(kNoteMark)) {
      continue;
    }
    if (auto note = note_from(line.substr(kNoteMark.size()), zone)) {
      notes.emplace_back(*std::move(note), line_number);
    } else {
      add_error(line_number, "the note: " + note.error().detail);
    }
  }
  std::ranges::sort(notes, [](const auto& a, const auto& b) {
    const int order = compare_records(a.first, b.first);
    return order != 0 ? order < 0 : a.second < b.second;
  });
  std::vector<RecordNote> sorted;
  for (auto& [note, line] : notes) {
    if (!sorted.empty() && compare_records(sorted.back(), note) == 0) {
      add_error(line, fmt::format("a second note on {} {} {}", note.owner.to_text(),
                                  to_text(note.type), rdata_to_text(note.type, note.rdata)));
      continue;
    }
    sorted.push_back(std::move(note));
  }
  if (!found.findings.empty() || sorted.empty()) {
    return found;
  }
  if (auto set = NoteSet::from(std::move(sorted))) {
    found.notes = *std::move(set);
  } else {
    add_error(0, set.error().detail);
  }
  return found;
}

}  // namespace tandem
