// `tandemctl address ...`: addresses that records follow by a name.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/receipt.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

using Query = std::vector<std::pair<std::string_view, std::string>>;

/// `3 records begin to follow home4`.
std::string bound_line(std::uint64_t records, const std::string& name) {
  return fmt::format("{} {} to follow {}", records,
                     records == 1 ? "record begins" : "records begin", name);
}

/// All zones of the cluster.
Result<json::array> all_zones(const Session& session) {
  const json::value answer = TRY(session.ask_json({.target = api_target({"zones"})}));
  json::array names;
  for (const json::value& zone : list_of(answer, "zones")) {
    if (text_of(zone, "log") == "cluster") {
      names.emplace_back(text_of(zone, "name"));
    }
  }
  return names;
}

}  // namespace

CommandResult address_list(const Arguments& arguments) {
  return show_answer(arguments, api_target({"addresses"}), [&](const json::value& answer) {
    Table table({"NAME", "VALUE", "RECORDS"});
    for (const json::value& address : list_of(answer, "addresses")) {
      table.add({text_of(address, "name"), text_of(address, "value"), text_of(address, "records")});
    }
    print_table(table);
  });
}

CommandResult address_set(const Arguments& arguments) {
  return send_change(arguments,
                     json_request("PUT", api_target({"addresses", arguments.name}),
                                  {{"value", arguments.address}}),
                     fmt::format("{} is {}", arguments.name, arguments.address));
}

CommandResult address_remove(const Arguments& arguments) {
  return send_change(arguments,
                     {.method = "DELETE", .target = api_target({"addresses", arguments.name})},
                     arguments.name + " removed");
}

CommandResult address_bind(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  json::array zones(arguments.zones.begin(), arguments.zones.end());
  if (zones.empty()) {
    zones = TRY(all_zones(session));
  }
  Query query;
  if (arguments.dry_run) {
    query.emplace_back("dry_run", "true");
  }
  const std::string body =
      TRY(session.ask(json_request("POST", api_target({"addresses", arguments.name, "bind"}, query),
                                   json::object{{"zones", std::move(zones)}})));
  const json::value answer = TRY(parse_json(body));
  const std::uint64_t records = number_of(answer, "records");
  if (!arguments.dry_run) {
    print_key_receipt(arguments, body, answer, bound_line(records, arguments.name));
  } else if (arguments.json) {
    print_json(body);
  } else {
    print_warnings(answer);
    print(fmt::format("{}; nothing was changed\n", bound_line(records, arguments.name)));
  }
  return ExitCode::kDone;
}

}  // namespace tandem
