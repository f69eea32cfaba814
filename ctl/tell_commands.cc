#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/log_lines.h"
#include "ctl/session.h"

namespace tandem {

namespace json = boost::json;

CommandResult tell_test(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body =
      TRY(session.ask(json_request("POST", api_target({"tell", "test"}), json::object{})));
  const json::value answer = TRY(parse_json(body));
  if (arguments.json) {
    print_json(body);
  }
  ExitCode exit = ExitCode::kDone;
  for (const json::value& place : list_of(answer, "places")) {
    const bool is_taken = is_true(place, "taken");
    exit = is_taken ? exit : ExitCode::kFailed;
    if (!arguments.json) {
      print(safe_text(fmt::format("{} {}: {}", text_of(place, "kind"), text_of(place, "name"),
                                  is_taken ? "told" : text_of(place, "error"))) +
            "\n");
    }
  }
  return exit;
}

}  // namespace tandem
