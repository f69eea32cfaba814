#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/dns/name.h"
#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/receipt.h"
#include "ctl/rule_text.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

Result<std::string> policy_target(
    const Arguments& arguments,
    const std::vector<std::pair<std::string_view, std::string>>& query = {}) {
  return api_target({"zones", TRY(Name::from_text(arguments.zone)).to_text(), "policy"}, query);
}

std::string rule_words(const Arguments& arguments) {
  return fmt::format("{}", fmt::join(arguments.words, " "));
}

/// The rule of the log that `policy list` shows with this number. Fails: kNotFound.
Result<std::string> numbered_rule(const Arguments& arguments, const Session& session) {
  const std::string target = TRY(policy_target(arguments));
  const json::value answer = TRY(session.ask_json({.target = target}));
  for (const json::value& rule : list_of(answer, "rules")) {
    if (text_of(rule, "source") == "log" && number_of(rule, "number") == arguments.count) {
      return text_of(rule, "rule");
    }
  }
  return fail(Errc::kNotFound, "the zone {} has no rule {} in the log", arguments.zone,
              arguments.count);
}

/// Who the rule is of, beside where it is from.
std::string zone_of(const json::value& rule) {
  const std::string zone = text_of(rule, "zone");
  return zone.empty() ? "all" : zone;
}

}  // namespace

CommandResult policy_list(const Arguments& arguments) {
  const std::string target =
      arguments.zone.empty() ? api_target({"policy"}) : TRY(policy_target(arguments));
  return show_answer(arguments, target, [&](const json::value& answer) {
    Table table({"ZONE", "NUMBER", "FROM", "RULE"});
    for (const json::value& rule : list_of(answer, "rules")) {
      table.add({zone_of(rule), text_of(rule, "number"), text_of(rule, "source"),
                 shown_rule(text_of(rule, "rule"))});
      if (!is_true(rule, "counts")) {
        print_warning(
            fmt::format("{}: this version cannot read the rule, and it allows nothing: {}",
                        zone_of(rule), text_of(rule, "rule")));
      }
    }
    print_table(table);
  });
}

CommandResult policy_add(const Arguments& arguments) {
  const json::object asked{{"rules", json::array{json::string(rule_words(arguments))}}};
  const std::string target = TRY(policy_target(arguments));
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.ask(json_request("POST", target, asked)));
  print_receipt(arguments, body, TRY(parse_json(body)));
  return ExitCode::kDone;
}

CommandResult policy_remove(const Arguments& arguments) {
  const bool has_number = arguments.count != 0;
  if (has_number != arguments.words.empty()) {
    return usage_error(arguments, "policy remove", "say the rule's words, or --number N");
  }
  const Session session = TRY(Session::open(arguments));
  const std::string rule =
      has_number ? TRY(numbered_rule(arguments, session)) : rule_words(arguments);
  const std::string target = TRY(policy_target(arguments, {{"rule", rule}}));
  const auto body = session.ask({.method = "DELETE", .target = target});
  if (!body && (body.error().code == Errc::kNotFound || body.error().code == Errc::kInvalid)) {
    return fail(body.error().code,
                "{} (`tandemctl policy list {}` shows the rules; `--number N` takes one of them)",
                body.error().detail, arguments.zone);
  }
  const std::string answer = TRY(body);
  print_receipt(arguments, answer, TRY(parse_json(answer)));
  return ExitCode::kDone;
}

CommandResult policy_test(const Arguments& arguments) {
  if (arguments.key.empty() && arguments.address.empty()) {
    return usage_error(arguments, "policy test", "say who: --key NAME, --from ADDRESS, or both");
  }
  json::object asked{{"name", arguments.name}, {"type", arguments.type}};
  if (!arguments.key.empty()) {
    asked["key"] = arguments.key;
  }
  if (!arguments.address.empty()) {
    asked["from"] = arguments.address;
  }
  const std::string target = TRY(policy_target(arguments)) + "/test";
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.ask(json_request("POST", target, asked)));
  const json::value answer = TRY(parse_json(body));
  const bool is_allowed = is_true(answer, "allowed");
  if (arguments.json) {
    print_json(body);
  } else {
    print_warnings(answer);
    print(safe_text(policy_test_line(answer)) + "\n");
  }
  return is_allowed ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace tandem
