#include <array>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "common/dns/master_file.h"
#include "ctl/commands.h"
#include "ctl/file_text.h"
#include "ctl/json_view.h"
#include "ctl/log_lines.h"
#include "ctl/receipt.h"
#include "ctl/record_words.h"
#include "ctl/session.h"
#include "ctl/status_page.h"
#include "ctl/zone_source.h"

namespace tandem {
namespace {

namespace json = boost::json;

Result<std::string> zone_target(const Arguments& arguments, std::string_view what = "") {
  const std::string zone = TRY(Name::from_text(arguments.zone)).to_text();
  return what.empty() ? api_target({"zones", zone}) : api_target({"zones", zone, what});
}

/// The zone's text, as it was then when a serial or an entry is given.
Result<std::string> text_of_zone(const Arguments& arguments) {
  const std::string zone = TRY(Name::from_text(arguments.zone)).to_text();
  std::vector<std::pair<std::string_view, std::string>> query;
  if (arguments.serial) {
    query.emplace_back("serial", std::to_string(*arguments.serial));
  }
  if (arguments.entry) {
    query.emplace_back("entry", std::to_string(*arguments.entry));
  }
  return TRY(Session::open(arguments)).get(api_target({"zones", zone, "export"}, query));
}

/// Zones that can be restored.
CommandResult list_deleted(const Arguments& arguments) {
  return show_answer(
      arguments, api_target({"zones"}, {{"deleted", "true"}}), [&](const json::value& answer) {
        Table table({"ZONE", "SERIAL", "RECORDS", "DELETED", "BY", "ENTRY", "LOG", "REASON"});
        for (const json::value& zone : list_of(answer, "zones")) {
          table.add({text_of(zone, "name"), text_of(zone, "serial"), text_of(zone, "records"),
                     short_time(text_of(zone, "time")), who(zone), text_of(zone, "sequence"),
                     text_of(zone, "log"), text_of(member(zone, "actor"), "reason")});
        }
        print_table(table);
      });
}

// The name of a file's text when it makes a zone, in the node's findings.
constexpr std::string_view kTextName = "text";

/// Sends a change and shows its receipt.
CommandResult change(const Arguments& arguments, const ApiRequest& request,
                     ReceiptOf what = ReceiptOf::kContent) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.ask(request));
  print_receipt(arguments, body, TRY(parse_json(body)), what, std::string(kTextName));
  return ExitCode::kDone;
}

/// Puts the options in that were given.
void add_options(const Arguments& arguments, json::object& body) {
  if (!arguments.serial_policy.empty()) {
    body["serial_policy"] = arguments.serial_policy;
  }
  if (!arguments.serve_after_expire.empty()) {
    body["serve_after_expire"] = arguments.serve_after_expire == "yes";
  }
  if (!arguments.zonemd.empty()) {
    body["zonemd"] = arguments.zonemd == "yes";
  }
  if (arguments.rrset_records_max) {
    body["rrset_records_max"] = *arguments.rrset_records_max;
  }
}

/// What the zone begins with; the rest is for the node to choose.
Status add_first_records(const Arguments& arguments, const Name& zone, json::object& body) {
  json::array servers;
  for (const std::string& server : arguments.nameservers) {
    servers.emplace_back(TRY(host_of_zone(server, zone)).to_text());
  }
  body["nameservers"] = std::move(servers);
  if (!arguments.primary.empty()) {
    body["primary"] = TRY(host_of_zone(arguments.primary, zone)).to_text();
  }
  if (!arguments.contact.empty()) {
    const bool is_mail = arguments.contact.find('@') != std::string::npos;
    body["contact"] =
        is_mail ? arguments.contact : TRY(host_of_zone(arguments.contact, zone)).to_text();
  }
  if (const auto ttl = ttl_from_text(arguments.ttl)) {
    body["ttl"] = *ttl;
  }
  return {};
}

}  // namespace

CommandResult zone_list(const Arguments& arguments) {
  if (arguments.show_deleted) {
    return list_deleted(arguments);
  }
  return show_answer(arguments, api_target({"zones"}), [&](const json::value& answer) {
    Table table({"ZONE", "SERIAL", "RECORDS", "STATE", "SIGNED", "LOG"});
    for (const json::value& zone : list_of(answer, "zones")) {
      table.add({text_of(zone, "name"), text_of(zone, "serial"), text_of(zone, "records"),
                 text_of(zone, "state"), text_of(zone, "signed"), text_of(zone, "log")});
    }
    print_table(table);
  });
}

CommandResult zone_show(const Arguments& arguments) {
  if (arguments.serial || arguments.entry) {
    return zone_export(arguments);  // what it was is its text: a state of now it has not
  }
  const Session session = TRY(Session::open(arguments));
  const std::string target = TRY(zone_target(arguments));
  const std::string body = TRY(session.get(target));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value zone = TRY(parse_json(body));
  static constexpr std::array<std::array<std::string_view, 2>, 16> kRows = {
      {{"name", "name"},
       {"id", "id"},
       {"log", "log"},
       {"state", "state"},
       {"serial", "serial"},
       {"records", "records"},
       {"names", "names"},
       {"signed", "signed"},
       {"serial policy", "serial_policy"},
       {"serve after expire", "serve_after_expire"},
       {"records in a set, at most", "rrset_records_max"},
       {"keeps a ZONEMD record", "zonemd"},
       {"loaded from", "loaded_from"},
       {"pulled from", "source"},
       {"newest image, seconds ago", "image_age_s"},
       {"memory, octets", "memory_octets"}}};
  Table table({"FIELD", "VALUE"});
  for (const auto& [label, key] : kRows) {
    table.add({std::string(label), text_of(zone, key)});
  }
  print_table(table);
  return ExitCode::kDone;
}

CommandResult zone_create(const Arguments& arguments) {
  const Name zone = TRY(Name::from_text(arguments.zone));
  json::object body{{"name", zone.to_text()}};
  add_options(arguments, body);
  if (!arguments.file.empty()) {
    const ZoneSource source = TRY(read_zone_source(arguments.file, zone, kNoLimits));
    TRYV(take_findings(source, arguments, "no zone was made"));
    body["text"] = source.text;
  } else if (arguments.nameservers.empty()) {
    return usage_error(arguments, "zone create",
                       "a zone needs --nameserver NAME at least once, or --file FILE");
  } else if (const Status added = add_first_records(arguments, zone, body); !added) {
    return usage_error(arguments, "zone create", added.error().detail);
  }
  return change(arguments, json_request("POST", api_target({"zones"}), body));
}

CommandResult zone_options(const Arguments& arguments) {
  json::object body;
  add_options(arguments, body);
  if (body.empty()) {
    return usage_error(arguments, "zone options", "say what to change");
  }
  return change(arguments, json_request("PATCH", TRY(zone_target(arguments)), body));
}

CommandResult zone_delete(const Arguments& arguments) {
  return change(arguments, {.method = "DELETE", .target = TRY(zone_target(arguments))},
                ReceiptOf::kDeletion);
}

CommandResult zone_export(const Arguments& arguments) {
  const std::string text = TRY(text_of_zone(arguments));
  const bool is_to_file = !arguments.output.empty() && arguments.output != "-";
  if (is_to_file) {
    TRYV(write_file_text(arguments.output, text));
  }
  if (arguments.json) {
    json::object shown{{"zone", TRY(Name::from_text(arguments.zone)).to_text()}};
    if (arguments.serial) {
      shown["serial"] = *arguments.serial;
    }
    if (arguments.entry) {
      shown["entry"] = *arguments.entry;
    }
    shown[is_to_file ? "file" : "text"] = is_to_file ? arguments.output : text;
    print_json(json::serialize(shown));
  } else if (!is_to_file) {
    print(text);
  }
  return ExitCode::kDone;
}

CommandResult zone_digest(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string target = TRY(zone_target(arguments, "digest"));
  const std::string body = TRY(session.get(target));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value digest = TRY(parse_json(body));
  Table table({"FIELD", "VALUE"});
  for (const std::string_view key : {"zone", "serial", "content_digest", "zonemd_sha384"}) {
    table.add({std::string(key), text_of(digest, key)});
  }
  print_table(table);
  return ExitCode::kDone;
}

}  // namespace tandem
