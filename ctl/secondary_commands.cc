// `tandemctl secondary ...` and `tandemctl xfr ...`: servers outside of the cluster that follow
// zones.
#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/outside_lines.h"
#include "ctl/receipt.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

Result<std::string> ask_check(const Session& session, const std::string& name,
                              const std::string& zone) {
  json::object body;
  if (!zone.empty()) {
    body["zone"] = zone;
  }
  return session.ask(json_request("POST", api_target({"secondaries", name, "check"}), body));
}

/// Prints what was found.
void show_check(const json::value& answer) {
  if (list_of(answer, "zones").empty()) {
    print("there is no zone yet that it follows\n");
  } else {
    print_table(checked_table(answer));
  }
}

}  // namespace

CommandResult secondary_list(const Arguments& arguments) {
  return show_answer(arguments, api_target({"secondaries"}), [&](const json::value& answer) {
    print_table(secondaries_table(answer));
    if (const Table zones = followed_table(answer); !zones.is_empty()) {
      print("\n");
      print_table(zones);
    }
  });
}

CommandResult secondary_add(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string words = fmt::format("{}", fmt::join(arguments.words, " "));
  const std::string body = TRY(session.ask(json_request(
      "PUT", api_target({"secondaries", arguments.name}), json::object{{"words", words}})));
  print_key_receipt(arguments, body, TRY(parse_json(body)), arguments.name + " follows");
  if (arguments.is_unchecked || arguments.json) {
    return ExitCode::kDone;
  }
  // It is there whatever comes of this: often it is the other side's turn now.
  if (const auto checked = ask_check(session, arguments.name, ""); !checked) {
    print_warning("not checked: " + checked.error().detail);
  } else {
    show_check(TRY(parse_json(*checked)));
  }
  return ExitCode::kDone;
}

CommandResult secondary_remove(const Arguments& arguments) {
  return send_change(arguments,
                     {.method = "DELETE", .target = api_target({"secondaries", arguments.name})},
                     arguments.name + " removed");
}

CommandResult secondary_check(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(ask_check(session, arguments.name, arguments.zone));
  if (arguments.json) {
    print_json(body);
  }
  const json::value answer = TRY(parse_json(body));
  if (!arguments.json) {
    show_check(answer);
  }
  const bool is_good = std::ranges::all_of(list_of(answer, "zones"), [](const json::value& zone) {
    return text_of(zone, "problem").empty();
  });
  return is_good ? ExitCode::kDone : ExitCode::kFailed;
}

CommandResult xfr_status(const Arguments& arguments) {
  const std::string target = arguments.zone.empty()
                                 ? api_target({"xfr"})
                                 : api_target({"xfr"}, {{"zone", arguments.zone}});
  return show_answer(arguments, target, [&](const json::value& answer) {
    const json::array& pulled = list_of(answer, "pulled");
    const bool is_told = !list_of(answer, "told").empty();
    if (!pulled.empty()) {
      print_table(arguments.zone.empty() ? pulled_table(answer)
                                         : pulled_zone_table(pulled.front()));
      print(is_told ? "\n" : "");
    }
    if (is_told || pulled.empty()) {
      print_table(told_table(answer));
    }
  });
}

CommandResult xfr_notify(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  json::object asked{{"zone", arguments.zone}};
  if (!arguments.name.empty()) {
    asked["secondary"] = arguments.name;
  }
  const std::string body =
      TRY(session.ask(json_request("POST", api_target({"xfr", "notify"}), asked)));
  if (arguments.json) {
    print_json(body);
  } else {
    print(safe_text(arguments.zone + ": told; `tandemctl xfr status " + arguments.zone +
                    "` shows what came of it") +
          "\n");
  }
  return ExitCode::kDone;
}

}  // namespace tandem
