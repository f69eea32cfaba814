#include "ctl/status_page.h"

#include <array>

#include <boost/json/array.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

std::string joined(const json::array& texts) {
  std::vector<std::string_view> out;
  for (const json::value& text : texts) {
    if (const json::string* const each = text.if_string()) {
      out.emplace_back(*each);
    }
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

/// A node without a link may still dial one: those are listed apart.
std::string places_line(const json::value& status) {
  const std::string dns = joined(list_of(status, "listen"));
  const std::string tls = joined(list_of(status, "listen_tls"));
  const std::string link = joined(list_of(status, "link_listen"));
  return fmt::format("{}{}{}{}; {}{}", dns.empty() ? "answers no DNS" : "answers DNS at ", dns,
                     tls.empty() ? "" : ", over TLS at ", tls,
                     link.empty() ? "no link listened on" : "link at ", link);
}

std::string alarms_of(const json::value& status) {
  std::string out;
  for (const json::value& alarm : list_of(status, "alarms")) {
    out += safe_text(fmt::format("ALARM since {}: {}", short_time(text_of(alarm, "since")),
                                 text_of(alarm, "what"))) +
           "\n";
  }
  return out;
}

std::string changes_line(const json::value& status) {
  if (is_true(status, "writable")) {
    return "takes changes";
  }
  const std::string reason = text_of(status, "read_only_reason");
  return reason.empty() ? "takes no changes" : "takes no changes: " + reason;
}

std::string role_since(const json::value& status) {
  const std::string since = text_of(status, "role_since");
  return since.empty() ? "" : " since " + short_time(since);
}

std::string node_lines(const json::value& status) {
  const json::value& store = member(status, "store");
  const json::value& position = member(status, "position");
  const std::string detail = text_of(store, "detail");
  const std::array lines = {
      fmt::format("{} {}, {}{}, node {}, running since {}", text_of(status, "program"),
                  text_of(status, "version"), text_of(status, "role"), role_since(status),
                  text_of(status, "node"), short_time(text_of(status, "started"))),
      changes_line(status),
      places_line(status),
      fmt::format("log at epoch {}, entry {}; kept from entry {}", text_of(position, "epoch"),
                  text_of(position, "sequence"), text_of(status, "first_sequence")),
      fmt::format("store {} is {}{}{}, {} free", text_of(store, "folder"), text_of(store, "state"),
                  detail.empty() ? "" : ": ", detail, short_size(number_of(store, "free_octets"))),
      fmt::format("key {}", text_of(status, "key"))};
  std::string out;
  for (const std::string& line : lines) {
    out += safe_text(line) + "\n";
  }
  if (const std::uint64_t orphans = number_of(status, "orphans"); orphans > 0) {
    out += fmt::format(
        "{} orphaned entries: changes that lost against another history: `tandemctl "
        "orphans diff` shows them\n",
        orphans);
  }
  return out;
}

/// What ends first, and who is told of what a human has to know.
std::string watch_of(const json::value& status) {
  std::string out;
  const json::value& runway = member(status, "runway");
  if (runway.is_object()) {
    out += safe_text(fmt::format("runway: {} ({} % used up)", text_of(runway, "text"),
                                 text_of(runway, "used_percent"))) +
           "\n";
  }
  for (const json::value& place : list_of(status, "tell")) {
    const std::string error = text_of(place, "last_error");
    const std::string last = text_of(place, "last_try");
    out += safe_text(fmt::format(
               "tells {} {}: {}, {} waiting{}", text_of(place, "kind"), text_of(place, "name"),
               last.empty() ? "not tried yet" : "last tried " + short_time(last),
               text_of(place, "waiting"), error.empty() ? "" : ", without success: " + error)) +
           "\n";
  }
  return out;
}

/// Nothing where all zones are our own.
std::string pulls_of(const json::value& status) {
  const json::value& pulls = member(status, "pulls");
  const std::uint64_t zones = number_of(pulls, "zones");
  const std::uint64_t failing = number_of(pulls, "failing");
  if (zones == 0) {
    return {};
  }
  return fmt::format("{} zones pulled from elsewhere{}\n", zones,
                     failing == 0 ? ""
                                  : fmt::format(", {} of them without success and {} expired: "
                                                "`tandemctl xfr status` says why",
                                                failing, number_of(pulls, "expired")));
}

std::string catalogs_of(const json::value& status) {
  std::string out;
  for (const json::value& catalog : list_of(status, "catalogs")) {
    const std::string problem = text_of(catalog, "problem");
    out += safe_text(fmt::format(
               "catalog {}: {}", text_of(catalog, "name"),
               problem.empty() ? fmt::format("{} of its zones are here already: `tandemctl catalog "
                                             "show` names them",
                                             number_of(catalog, "clash_count"))
                               : problem)) +
           "\n";
  }
  return out;
}

/// Only what is not as usual.
std::string failovers_of(const json::value& status) {
  std::string out;
  for (const json::value& failover : list_of(status, "failovers")) {
    if (text_of(failover, "health") == "down") {
      out += safe_text(fmt::format(
                 "service of {} {} is down since {}: {} is answered", text_of(failover, "name"),
                 text_of(failover, "type"), short_time(text_of(failover, "since")),
                 text_of(failover, "answers") == "alternative" ? "its alternative"
                                                               : "what the zone has")) +
             "\n";
    }
  }
  return out;
}

std::string xdp_of(const json::value& status) {
  std::string out;
  for (const json::value& state : list_of(status, "xdp")) {
    const std::string mode = text_of(state, "mode");
    out += safe_text(mode.empty()
                         ? fmt::format("no XDP on {}, its sockets answer: {}",
                                       text_of(state, "interface"), text_of(state, "reason"))
                         : fmt::format("XDP on {}, {} mode, {} queues", text_of(state, "interface"),
                                       mode, text_of(state, "queues"))) +
           "\n";
  }
  return out;
}

std::string peers_of(const json::value& status, TableStyle style) {
  const json::array& peers = list_of(status, "peers");
  if (peers.empty()) {
    return {};
  }
  Table table({"PEER", "ADDRESS", "ROLE", "CONNECTED", "LAST CONTACT", "ENTRY", "BEHIND", "LAG MS",
               "STATE"});
  for (const json::value& peer : peers) {
    table.add({text_of(peer, "node"), text_of(peer, "address"), text_of(peer, "role"),
               text_of(peer, "connected"), short_time(text_of(peer, "last_contact")),
               text_of(peer, "sequence"), text_of(peer, "lag_entries"), text_of(peer, "lag_ms"),
               text_of(peer, "state")});
  }
  return "\n" + table.to_text(style);
}

/// Only what does not work: a dial that works is a peer above.
std::string dialling_of(const json::value& status) {
  std::string out;
  for (const json::value& dial : list_of(status, "dialling")) {
    if (!is_true(dial, "connected")) {
      out += safe_text(fmt::format("no link to {}: {}", text_of(dial, "address"),
                                   text_of(dial, "last_error"))) +
             "\n";
    }
  }
  return out.empty() ? out : "\n" + out;
}

std::string zones_of(const json::value& status, TableStyle style) {
  Table table({"ZONE", "SERIAL", "RECORDS", "STATE", "LOG", "ENTRY", "IMAGE AGE S"});
  for (const json::value& zone : list_of(status, "zones")) {
    const std::string age = text_of(zone, "image_age_s");
    table.add({text_of(zone, "name"), text_of(zone, "serial"), text_of(zone, "records"),
               text_of(zone, "state"), text_of(zone, "log"), text_of(zone, "sequence"),
               age.empty() ? "-" : age});
  }
  return "\n" + table.to_text(style);
}

}  // namespace

std::string short_time(std::string_view time) {
  const std::size_t fraction = time.find('.');
  if (fraction == std::string_view::npos || !time.ends_with('Z')) {
    return std::string(time);
  }
  return std::string(time.substr(0, fraction)) + "Z";
}

std::string short_size(std::uint64_t octets) {
  static constexpr std::array<std::string_view, 5> kUnits = {"octets", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(octets);
  std::size_t unit = 0;
  while (size >= 1024 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} octets", octets)
                   : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string status_page(const json::value& status, TableStyle style) {
  return alarms_of(status) + node_lines(status) + watch_of(status) + pulls_of(status) +
         catalogs_of(status) + failovers_of(status) + xdp_of(status) + peers_of(status, style) +
         dialling_of(status) + zones_of(status, style);
}

CommandResult node_status(const Arguments& arguments) {
  return show_answer(arguments, api_target({"status"}), [&](const json::value& answer) {
    print(status_page(answer, is_terminal() ? TableStyle::kAligned : TableStyle::kTabs));
  });
}

}  // namespace tandem
