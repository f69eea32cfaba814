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

}  // namespace

CommandResult zone_pull(const Arguments& arguments) {
  const json::object body{
      {"primaries", json::array(arguments.words.begin(), arguments.words.end())}};
  return send_change(arguments, json_request("PUT", TRY(source_target(arguments)), body),
                     arguments.zone + " is pulled");
}

CommandResult zone_unpull(const Arguments& arguments) {
  return send_change(arguments, {.method = "DELETE", .target = TRY(source_target(arguments))},
                     arguments.zone + " is not pulled any more");
}

CommandResult xfr_retransfer(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.ask(json_request("POST", api_target({"xfr", "retransfer"}),
                                                        json::object{{"zone", arguments.zone}})));
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
