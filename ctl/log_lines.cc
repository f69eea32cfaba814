#include "ctl/log_lines.h"

#include <algorithm>
#include <array>

#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "ctl/json_view.h"
#include "ctl/status_page.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// `-3`, or with a plus behind it when the node left some out.
std::string count_of(const json::value& change, std::string_view key, char sign) {
  const std::size_t count = list_of(change, key).size();
  return count == 0 ? std::string()
                    : fmt::format(" {}{}{}", sign, count, is_true(change, "cut") ? " or more" : "");
}

std::string replaced(const json::value& change) {
  return fmt::format(" replaced: {} records, now {}",
                     number_of(member(change, "before"), "record_count"),
                     number_of(member(change, "after"), "record_count"));
}

/// What a change of this kind sets by name; empty: it is of another kind.
std::string_view setting_of(std::string_view kind) {
  constexpr std::string_view kEnd = "_change";
  constexpr std::array<std::string_view, 6> kSettings{"address", "secondary", "source",
                                                      "catalog", "member",    "failover"};
  kind.remove_suffix(kind.ends_with(kEnd) ? kEnd.size() : kind.size());
  return std::ranges::find(kSettings, kind) != kSettings.end() ? kind : std::string_view();
}

/// A TSIG key by its name, the first part of its label (docs/formats/log.md).
std::string of_secret(const json::value& change, std::string_view kind) {
  const std::string label = text_of(change, "label");
  if (text_of(change, "purpose") == "tsig") {
    return fmt::format("key {} {}", label.substr(0, label.find(':')),
                       kind == "secret_named" ? "added" : "deleted");
  }
  return fmt::format("secret {} {}", label, kind == "secret_named" ? "named" : "dropped");
}

/// What became of a zone, behind its name; empty for changes that are of no zone.
std::string zone_summary(const json::value& change, std::string_view kind) {
  const auto counts = [&change] {
    return count_of(change, "removed", '-') + count_of(change, "added", '+');
  };
  if (kind == "record_change") {
    return counts();
  }
  if (kind == "zone_replace") {
    return replaced(change);
  }
  if (kind == "zone_create") {
    return " created";
  }
  if (kind == "zone_delete") {
    return " deleted";
  }
  if (kind == "zone_options_change") {
    return " has other options";
  }
  if (kind == "zone_rules_change") {
    return " rules" + counts();
  }
  return kind == "zone_notes_change" ? " notes" + counts() : std::string();
}

std::string summary_of(const json::value& entry, const json::value& change) {
  const std::string kind = text_of(change, "kind");
  const std::string zone = text_of(change, "zone");
  if (const std::string what = zone_summary(change, kind); !what.empty()) {
    return zone + what;
  }
  if (const std::string_view setting = setting_of(kind); !setting.empty()) {
    return fmt::format("{} {}", setting, setting_summary(change));
  }
  if (kind == "secret_named" || kind == "secret_dropped") {
    return of_secret(change, kind);
  }
  if (kind == "epoch_start") {
    return fmt::format("epoch {} begins", text_of(entry, "epoch"));
  }
  return zone.empty() ? kind : zone + " " + kind;
}

std::string note_line(const json::value& note, char sign) {
  return fmt::format(
      "{} {}\n", sign,
      safe_text(fmt::format("{} {} {}: {}", text_of(note, "name"), text_of(note, "type"),
                            text_of(note, "data"), note_text(note))));
}

std::string record_lines(const json::value& change) {
  std::string out;
  for (const auto& [key, sign] : {std::pair{"removed", '-'}, std::pair{"added", '+'}}) {
    for (const json::value& record : list_of(change, key)) {
      if (const json::string* const text = record.if_string()) {
        out += fmt::format("    {} {}\n", sign, safe_text(*text));
      } else if (record.is_object()) {  // a note
        out += "    " + note_line(record, sign);
      }
    }
  }
  return out;
}

}  // namespace

std::string note_text(const json::value& note) {
  std::string out;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : "; ") + text; };
  if (is_true(note, "disabled")) {
    add("disabled");
  }
  if (const std::string address = text_of(note, "address"); !address.empty()) {
    add("follows " + address);
  }
  if (const std::string expires = text_of(note, "expires"); !expires.empty()) {
    add("expires " + expires);
  }
  if (const std::string comment = text_of(note, "comment"); !comment.empty()) {
    add(comment);
  }
  return out;
}

std::string note_change_lines(const json::value& answer) {
  std::string out;
  for (const auto& [key, sign] : {std::pair{"notes_removed", '-'}, std::pair{"notes_added", '+'}}) {
    for (const json::value& note : list_of(answer, key)) {
      out += note_line(note, sign);
    }
  }
  return out;
}

std::string setting_summary(const json::value& change) {
  const std::string after = text_of(change, "after");
  return fmt::format("{} {}", text_of(change, "name"), after.empty() ? "removed" : "is " + after);
}

std::string who(const json::value& entry) {
  const json::value& actor = member(entry, "actor");
  const std::string name = text_of(actor, "name");
  const std::string source = text_of(actor, "source");
  return source.empty() || source == name ? name : fmt::format("{} ({})", name, source);
}

std::string with_records(const json::array& entries, std::string_view lines, std::size_t headers) {
  std::string out;
  std::size_t line_number = 0;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n') + 1);
    lines.remove_prefix(line.size());
    out += line;
    if (line_number++ >= headers) {
      for (const json::value& change : list_of(entries[line_number - headers - 1], "changes")) {
        out += record_lines(change);
      }
    }
  }
  return out;
}

std::string change_summary(const json::value& entry) {
  std::string out;
  std::string last_zone;
  for (const json::value& change : list_of(entry, "changes")) {
    const std::string zone = text_of(change, "zone");
    std::string summary = summary_of(entry, change);
    const bool is_same_zone = !zone.empty() && zone == last_zone && summary.starts_with(zone);
    if (is_same_zone) {
      summary.erase(0, zone.size());  // it is named already
    }
    out += out.empty() ? "" : is_same_zone ? "," : "; ";
    out += summary;
    last_zone = zone;
  }
  return out;
}

std::string log_lines(const json::array& entries, Detail detail, TableHeader header,
                      TableStyle style) {
  Table table({"ENTRY", "TIME", "WHO", "CHANGES", "REASON"});
  for (const json::value& entry : entries) {
    table.add({text_of(entry, "sequence"), short_time(text_of(entry, "time")), who(entry),
               change_summary(entry), text_of(member(entry, "actor"), "reason")});
  }
  std::string lines = table.to_text(style);
  if (header == TableHeader::kLeftOut) {
    lines.erase(0, lines.find('\n') + 1);
  }
  return detail == Detail::kSummary
             ? lines
             : with_records(entries, lines, header == TableHeader::kShown ? 1 : 0);
}

}  // namespace tandem
