// Changes that lost against another history: shown, made again, thrown away.
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/orphan_lines.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

TableStyle table_style() {
  return is_terminal() ? TableStyle::kAligned : TableStyle::kTabs;
}

/// Sends what is to become of the orphans that are named, or of all that are open.
Result<std::string> decide(const Arguments& arguments, std::string_view what) {
  json::object body{{"all", arguments.all}};
  if (!arguments.all) {
    body["ids"] = json::array(arguments.ids.begin(), arguments.ids.end());
  }
  if (what == "apply") {
    body["force"] = arguments.force;
  }
  const Session session = TRY(Session::open(arguments));
  return session.ask(json_request("POST", api_target({"orphans", what}), body));
}

void print_open(const json::value& answer) {
  if (const std::uint64_t open = number_of(answer, "open"); open > 0) {
    print(fmt::format("{} open\n", open));
  }
}

}  // namespace

CommandResult list_orphans(const Arguments& arguments) {
  return show_answer(arguments, api_target({"orphans"}), [&](const json::value& answer) {
    const json::array& orphans = list_of(answer, "orphans");
    print(orphan_list(orphans, arguments.show_records ? Detail::kRecords : Detail::kSummary,
                      table_style()));
    if (number_of(answer, "count") > orphans.size()) {
      print(fmt::format("and {} more\n", number_of(answer, "count") - orphans.size()));
    }
  });
}

CommandResult diff_orphans(const Arguments& arguments) {
  std::string ids;
  for (const std::string& id : arguments.ids) {
    ids += (ids.empty() ? "" : ",") + id;
  }
  return show_answer(arguments, api_target({"orphans", "diff"}, {{"ids", ids}}),
                     [](const json::value& answer) { print(orphan_diff(answer)); });
}

CommandResult apply_orphans(const Arguments& arguments) {
  if (arguments.ids.empty() != arguments.all) {
    return usage_error(arguments, "orphans apply", "name some: ID..., or --all");
  }
  const std::string body = TRY(decide(arguments, "apply"));
  const json::value answer = TRY(parse_json(body));
  if (arguments.json) {
    print_json(body);
  } else {
    print(orphan_results(answer));
    print_open(answer);
  }
  return has_refusal(answer) ? ExitCode::kFailed : ExitCode::kDone;
}

CommandResult discard_orphans(const Arguments& arguments) {
  if (arguments.ids.empty() != arguments.all) {
    return usage_error(arguments, "orphans discard", "name some: ID..., or --all");
  }
  const std::string body = TRY(decide(arguments, "discard"));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value answer = TRY(parse_json(body));
  print(orphan_list(list_of(answer, "discarded"), Detail::kRecords, table_style()));
  print_open(answer);
  return ExitCode::kDone;
}

}  // namespace tandem
