#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/session.h"
#include "ctl/status_page.h"

namespace tandem {
namespace {

namespace json = boost::json;

std::string leader_line(const json::value& answer) {
  const json::value& leader = member(answer, "leader");
  if (!leader.is_object()) {
    return "no leader is known";
  }
  const json::value& position = member(leader, "position");
  return fmt::format("the leader {} {}, at entry {} of epoch {} when it was heard last, {}",
                     text_of(leader, "node"),
                     is_true(leader, "connected") ? "is connected" : "is not connected",
                     text_of(position, "sequence"), text_of(position, "epoch"),
                     short_time(text_of(leader, "last_contact")));
}

std::string missing_line(const json::value& answer) {
  const std::uint64_t missing = number_of(answer, "missing");
  const std::string known = missing == 0
                                ? "nothing is known to be missing here"
                                : fmt::format("{} entries are known to be missing here", missing);
  return known + "; what the leader took after it was heard last, it keeps as orphans";
}

std::string dry_run_page(const json::value& answer) {
  const json::value& here = member(answer, "position");
  const std::string obstacle = text_of(answer, "obstacle");
  std::vector<std::string> lines = {
      fmt::format("this node is a {}, at entry {} of epoch {}", text_of(answer, "role"),
                  text_of(here, "sequence"), text_of(here, "epoch")),
      leader_line(answer), missing_line(answer)};
  if (is_true(answer, "doubtful")) {
    lines.emplace_back("this node may have lost its newest changes");
  }
  if (is_true(answer, "filling")) {
    lines.emplace_back("this node is in the middle of a copy of everything");
  }
  lines.push_back(obstacle.empty()
                      ? fmt::format("it can lead, in epoch {}", text_of(answer, "epoch"))
                      : fmt::format("this would be refused: {}", obstacle));
  std::string page;
  for (const std::string& line : lines) {
    page += safe_text(line) + "\n";
  }
  return page;
}

}  // namespace

CommandResult promote_node(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body =
      TRY(session.ask(json_request("POST", api_target({"promote"}),
                                   json::object{{"planned", arguments.planned},
                                                {"force", arguments.force},
                                                {"dry_run", arguments.dry_run}})));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value answer = TRY(parse_json(body));
  print(arguments.dry_run
            ? dry_run_page(answer)
            : fmt::format("this node leads, in epoch {}\n", text_of(answer, "epoch")));
  return ExitCode::kDone;
}

}  // namespace tandem
