// `tandemctl zone pull`, `tandemctl zone unpull` and `tandemctl xfr ...`: zones taken from
// elsewhere.
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

Result<std::string> source_target(const Arguments& arguments) {
  return api_target({"zones", TRY(Name::from_text(arguments.zone)).to_text(), "source"});
}

/// Sends one change of a source and shows its receipt as `done`.
CommandResult send(const Arguments& arguments, ApiRequest request, std::string_view done) {
  request.content_type = "application/json";
  const Session session = TRY(Session::open(arguments));
  const std::string answer = TRY(session.ask(request));
  print_key_receipt(arguments, answer, TRY(parse_json(answer)), done);
  return ExitCode::kDone;
}

}  // namespace

CommandResult zone_pull(const Arguments& arguments) {
  json::object body{{"primaries", json::array(arguments.words.begin(), arguments.words.end())}};
  const std::string target = TRY(source_target(arguments));
  return send(arguments, {.method = "PUT", .target = target, .body = json::serialize(body)},
              arguments.zone + " is pulled");
}

CommandResult zone_unpull(const Arguments& arguments) {
  return send(arguments, {.method = "DELETE", .target = TRY(source_target(arguments))},
              arguments.zone + " is not pulled any more");
}

CommandResult xfr_retransfer(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body =
      TRY(session.ask({.method = "POST",
                       .target = api_target({"xfr", "retransfer"}),
                       .content_type = "application/json",
                       .body = json::serialize(json::object{{"zone", arguments.zone}})}));
  if (arguments.json) {
    print_json(body);
  } else {
    print(safe_text(arguments.zone + ": begun; `tandemctl xfr status " + arguments.zone +
                    "` shows how it ends") +
          "\n");
  }
  return ExitCode::kDone;
}

}  // namespace tandem
