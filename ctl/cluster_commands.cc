// `tandemctl cluster ...`: the nodes of the cluster.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

std::string state_of(const json::value& member) {
  if (is_true(member, "connected")) {
    return "connected";
  }
  const std::string seen = text_of(member, "last_contact");
  return seen.empty() ? "not seen" : "last seen " + seen;
}

/// The keys of a member as one word; a second one is there while it changes its key.
std::string keys_of(const json::value& member) {
  std::vector<std::string> keys;
  for (const json::value& key : list_of(member, "keys")) {
    keys.push_back(key.is_string() ? std::string(key.as_string()) : std::string());
  }
  return fmt::format("{}", fmt::join(keys, ","));
}

}  // namespace

CommandResult cluster_list(const Arguments& arguments) {
  return show_answer(arguments, api_target({"cluster"}), [](const json::value& answer) {
    Table members({"NODE", "ROLE", "DIALLED AT", "NS NAME", "FROM", "STATE", "KEY"});
    for (const json::value& member : list_of(answer, "members")) {
      members.add({text_of(member, "node"), text_of(member, "role"), text_of(member, "dial"),
                   text_of(member, "ns"), text_of(member, "source"), state_of(member),
                   keys_of(member)});
    }
    print_table(members);
    Table invitations({"INVITED AT", "NS NAME", "UNTIL", "TRIES LEFT", "DETAIL"});
    for (const json::value& invitation : list_of(answer, "invitations")) {
      invitations.add({text_of(invitation, "at"), text_of(invitation, "ns"),
                       text_of(invitation, "until"), text_of(invitation, "tries_left"),
                       text_of(invitation, "detail")});
    }
    if (!invitations.is_empty()) {
      print("\n");
      print_table(invitations);
    }
  });
}

CommandResult cluster_invite(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(
      session.ask(json_request("POST", api_target({"cluster", "invitations"}),
                               json::object{{"at", arguments.address}, {"ns", arguments.name}})));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value answer = TRY(parse_json(body));
  print(text_of(answer, "token") + "\n");
  fmt::print(stderr,
             "good once, until {}; it is not shown again. There:\n"
             "  tandem-secondary join - --link ADDR:PORT --data DIR --listen ADDR:53\n",
             safe_text(text_of(answer, "until")));
  return ExitCode::kDone;
}

CommandResult cluster_rotate(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body =
      TRY(session.ask({.method = "POST", .target = api_target({"cluster", "rotate"})}));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value answer = TRY(parse_json(body));
  print("this node's key is now " + text_of(answer, "key") + "\n");
  return ExitCode::kDone;
}

CommandResult cluster_remove(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.ask(
      {.method = "DELETE", .target = api_target({"cluster", "members", arguments.name})}));
  if (arguments.json) {
    print_json(body);
  } else {
    print(arguments.name + ": removed\n");
  }
  return ExitCode::kDone;
}

}  // namespace tandem
