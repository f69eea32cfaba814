#include <array>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "common/dns/master_file.h"
#include "ctl/commands.h"
#include "ctl/file_text.h"
#include "ctl/json_view.h"
#include "ctl/receipt.h"
#include "ctl/session.h"
#include "ctl/zone_source.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::string_view kJson = "application/json";

Result<std::string> zone_target(const Arguments& arguments, std::string_view what = "") {
  const std::string zone = TRY(Name::from_text(arguments.zone)).to_text();
  return what.empty() ? api_target({"zones", zone}) : api_target({"zones", zone, what});
}

/// Sends a change and shows its receipt.
CommandResult change(const Arguments& arguments, const ApiRequest& request) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.ask(request));
  print_receipt(arguments, body, TRY(parse_json(body)));
  return ExitCode::kDone;
}

/// Puts the three options in that were given.
void add_options(const Arguments& arguments, json::object& body) {
  if (!arguments.serial_policy.empty()) {
    body["serial_policy"] = arguments.serial_policy;
  }
  if (!arguments.serve_after_expire.empty()) {
    body["serve_after_expire"] = arguments.serve_after_expire == "yes";
  }
  if (arguments.rrset_records_max) {
    body["rrset_records_max"] = *arguments.rrset_records_max;
  }
}

void add_first_records(const Arguments& arguments, const std::string& zone, json::object& body) {
  json::array servers(arguments.nameservers.begin(), arguments.nameservers.end());
  body["nameservers"] = std::move(servers);
  body["primary"] = arguments.primary.empty() ? arguments.nameservers.front() : arguments.primary;
  body["contact"] = arguments.contact.empty() ? "hostmaster." + zone : arguments.contact;
  if (const auto ttl = ttl_from_text(arguments.ttl)) {
    body["ttl"] = *ttl;
  }
}

}  // namespace

CommandResult zone_list(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.get(api_target({"zones"})));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value answer = TRY(parse_json(body));
  Table table({"ZONE", "SERIAL", "RECORDS", "STATE", "SIGNED", "LOG"});
  for (const json::value& zone : list_of(answer, "zones")) {
    table.add({text_of(zone, "name"), text_of(zone, "serial"), text_of(zone, "records"),
               text_of(zone, "state"), text_of(zone, "signed"), text_of(zone, "log")});
  }
  print_table(table);
  return ExitCode::kDone;
}

CommandResult zone_show(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string target = TRY(zone_target(arguments));
  const std::string body = TRY(session.get(target));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value zone = TRY(parse_json(body));
  static constexpr std::array<std::array<std::string_view, 2>, 14> kRows = {
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
       {"loaded from", "loaded_from"},
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
    const ZoneSource source = TRY(read_zone_source(arguments.file, zone, ZoneLimits{}));
    print_findings(source);
    if (!source.is_good) {
      return ExitCode::kFailed;
    }
    body["text"] = source.text;
  } else if (arguments.nameservers.empty()) {
    return usage_error("zone create",
                       "a zone needs --nameserver NAME at least once, or --file FILE");
  } else {
    add_first_records(arguments, zone.to_text(), body);
  }
  return change(arguments, {.method = "POST",
                            .target = api_target({"zones"}),
                            .content_type = std::string(kJson),
                            .body = json::serialize(body)});
}

CommandResult zone_options(const Arguments& arguments) {
  json::object body;
  add_options(arguments, body);
  if (body.empty()) {
    return usage_error("zone options", "say what to change");
  }
  return change(arguments, {.method = "PATCH",
                            .target = TRY(zone_target(arguments)),
                            .content_type = std::string(kJson),
                            .body = json::serialize(body)});
}

CommandResult zone_delete(const Arguments& arguments) {
  return change(arguments, {.method = "DELETE", .target = TRY(zone_target(arguments))});
}

CommandResult zone_export(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string target = TRY(zone_target(arguments, "export"));
  const std::string text = TRY(session.get(target));
  if (arguments.json) {
    print_json(json::serialize(json::object{{"zone", arguments.zone}, {"text", text}}));
  } else if (arguments.output.empty() || arguments.output == "-") {
    print(text);
  } else {
    TRYV(write_file_text(arguments.output, text));
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
