#include "ctl/outside_lines.h"

#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "ctl/json_view.h"
#include "ctl/status_page.h"

namespace tandem {
namespace {

namespace json = boost::json;

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

Table empty_told_table() {
  return Table(
      {"ZONE", "SECONDARY", "ADDRESS", "STATE", "SERIAL", "OURS", "SEEN", "NOTIFIED", "PROBLEM"});
}

void add_told(Table& to, const json::value& zone) {
  std::string problem = text_of(zone, "problem");
  if (const std::string refusal = text_of(zone, "refusal"); !refusal.empty()) {
    problem += fmt::format("{}NOTIFY: {}", problem.empty() ? "" : "; ", refusal);
  }
  to.add({text_of(zone, "zone"), text_of(zone, "secondary"), text_of(zone, "address"),
          text_of(zone, "state"), or_dash(text_of(zone, "serial")), text_of(zone, "ours"),
          or_dash(short_time(text_of(zone, "seen"))),
          or_dash(short_time(text_of(zone, "notified"))), or_dash(problem)});
}

std::string state_of(const json::value& server) {
  if (!is_true(server, "answers")) {
    return "does not answer";
  }
  const std::uint64_t behind = number_of(server, "behind");
  return behind != 0                       ? fmt::format("behind with {}", behind)
         : number_of(server, "asked") == 0 ? "not asked yet"
                                           : "in step";
}

/// `3600` is `in 3600 s`; what is over says so.
std::string time_left(const json::value& zone, std::string_view name) {
  const std::string seconds = text_of(zone, name);
  if (seconds.empty()) {
    return "-";
  }
  return seconds.starts_with('-') ? "over" : "in " + seconds + " s";
}

std::string pulled_state(const json::value& zone) {
  const std::string error = text_of(zone, "error");
  return !error.empty() ? error : is_true(zone, "busy") ? "asking" : "good";
}

}  // namespace

Table secondaries_table(const json::value& answer) {
  Table table({"NAME", "FROM", "ADDRESS", "ZONES", "STATE", "WORDS"});
  for (const json::value& secondary : list_of(answer, "secondaries")) {
    const std::string name = text_of(secondary, "name");
    const json::array& servers = list_of(secondary, "servers");
    if (servers.empty()) {
      table.add({name, text_of(secondary, "source"), "-", "-", "not told from here",
                 text_of(secondary, "words")});
    }
    for (const json::value& server : servers) {
      table.add({name, text_of(secondary, "source"), text_of(server, "address"),
                 text_of(server, "asked"), state_of(server), text_of(secondary, "words")});
    }
  }
  return table;
}

Table followed_table(const json::value& answer) {
  Table table = empty_told_table();
  for (const json::value& secondary : list_of(answer, "secondaries")) {
    for (const json::value& server : list_of(secondary, "servers")) {
      for (const json::value& zone : list_of(server, "zones")) {
        add_told(table, zone);
      }
    }
  }
  return table;
}

Table told_table(const json::value& answer) {
  Table table = empty_told_table();
  for (const json::value& zone : list_of(answer, "told")) {
    add_told(table, zone);
  }
  return table;
}

Table checked_table(const json::value& answer) {
  Table table({"ZONE", "ADDRESS", "SERIAL", "OURS", "FINDING"});
  for (const json::value& zone : list_of(answer, "zones")) {
    const std::string problem = text_of(zone, "problem");
    table.add({text_of(zone, "zone"), text_of(zone, "address"), or_dash(text_of(zone, "serial")),
               text_of(zone, "ours"), problem.empty() ? "in step" : problem});
  }
  return table;
}

std::vector<std::string> waited_lines(const json::value& receipt) {
  std::vector<std::string> lines;
  for (const json::value& node : list_of(receipt, "followers")) {
    lines.push_back(fmt::format("node {} {}", text_of(node, "node"),
                                is_true(node, "has_it") ? "has it" : "does not have it yet"));
  }
  for (const json::value& server : list_of(receipt, "outside")) {
    const std::string serial = text_of(server, "serial");
    lines.push_back(fmt::format("{} at {} {}, {}", text_of(server, "secondary"),
                                text_of(server, "address"),
                                is_true(server, "has_it") ? "has it" : "does not have it yet",
                                serial.empty() ? "serial unknown" : "serial " + serial));
  }
  return lines;
}

Table pulled_table(const json::value& answer) {
  Table table({"ZONE", "SERIAL", "BY", "FROM", "LAST GOOD", "NEXT", "EXPIRES", "STATE"});
  for (const json::value& zone : list_of(answer, "pulled")) {
    table.add({text_of(zone, "zone"), text_of(zone, "serial"), text_of(zone, "by"),
               text_of(zone, "from"), short_time(text_of(zone, "contact")),
               time_left(zone, "next_check_s"), time_left(zone, "expires_s"), pulled_state(zone)});
  }
  return table;
}

Table pulled_zone_table(const json::value& zone) {
  static constexpr std::array<std::array<std::string_view, 2>, 11> kRows = {
      {{"zone", "zone"},
       {"pulled from", "source"},
       {"serial", "serial"},
       {"last answer from", "from"},
       {"how it came", "by"},
       {"last asked", "checked"},
       {"last good answer", "contact"},
       {"last transfer", "received"},
       {"its records", "records"},
       {"its octets", "octets"},
       {"its time, ms", "took_ms"}}};
  Table table({"FIELD", "VALUE"});
  for (const auto& [label, key] : kRows) {
    table.add({std::string(label), text_of(zone, key)});
  }
  table.add({"asked next", time_left(zone, "next_check_s")});
  table.add({"expires", time_left(zone, "expires_s")});
  table.add({"state", pulled_state(zone)});
  return table;
}

}  // namespace tandem
