#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/receipt.h"
#include "ctl/record_table.h"
#include "ctl/record_words.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// Sends one change of records and shows its receipt, which it gives.
Result<json::value> sent(const Arguments& arguments, const Name& zone, json::object change) {
  const Session session = TRY(Session::open(arguments));
  const json::object body{{"changes", json::array{std::move(change)}}};
  const std::string answer = TRY(
      session.ask(json_request("POST", api_target({"zones", zone.to_text(), "records"}), body)));
  json::value receipt = TRY(parse_json(answer));
  print_receipt(arguments, answer, receipt);
  return receipt;
}

CommandResult send(const Arguments& arguments, const Name& zone, json::object change) {
  TRYV(sent(arguments, zone, std::move(change)));
  return ExitCode::kDone;
}

/// What the flags say about the records.
void add_note(const Arguments& arguments, json::object& change) {
  if (arguments.comment) {
    change["comment"] = *arguments.comment;
  }
  if (arguments.expires) {
    change["expires"] = *arguments.expires;
  }
  if (arguments.disable || arguments.enable) {
    change["disabled"] = arguments.disable;
  }
}

CommandResult put(const Arguments& arguments, std::string_view operation) {
  const std::string command = "record " + std::string(operation);
  const Name zone = TRY(Name::from_text(arguments.zone));
  const auto owner = name_in_zone(arguments.name, zone);
  if (!owner) {
    return usage_error(arguments, command, owner.error().detail);
  }
  const auto words = record_words(arguments.words, zone);
  if (!words) {
    return usage_error(arguments, command, words.error().detail);
  }
  for (const std::string& warning : words->warnings) {
    print_warning(warning);
  }
  json::object change{{"op", operation},
                      {"name", owner->to_text()},
                      {"type", to_text(words->type)},
                      {"data", json::array(words->data.begin(), words->data.end())}};
  if (const std::optional<std::uint32_t> ttl = words->ttl) {
    change["ttl"] = *ttl;
  }
  add_note(arguments, change);
  return send(arguments, zone, std::move(change));
}

/// A change of `operation` that names a set, or some of its records; without words a whole name.
Result<json::object> named_records(const Arguments& arguments, const Name& zone,
                                   std::string_view operation) {
  const Name owner = TRY(name_in_zone(arguments.name, zone));
  json::object change{{"op", operation}, {"name", owner.to_text()}};
  if (!arguments.words.empty()) {
    const RrType type = TRY(record_type(arguments.words.front()));
    change["type"] = to_text(type);
    const auto data_words = std::span(arguments.words).subspan(1);
    if (!data_words.empty()) {
      const std::vector<std::string> data = TRY(record_data(type, data_words, zone));
      change["data"] = json::array(data.begin(), data.end());
    }
  }
  return change;
}

}  // namespace

CommandResult record_list(const Arguments& arguments) {
  const Name zone = TRY(Name::from_text(arguments.zone));
  std::vector<std::pair<std::string_view, std::string>> query;
  if (!arguments.name.empty()) {
    const auto owner = name_in_zone(arguments.name, zone);
    if (!owner) {
      return usage_error(arguments, "record list", owner.error().detail);
    }
    query.emplace_back("name", owner->to_text());
  }
  if (!arguments.type.empty()) {
    const auto type = record_type(arguments.type);
    if (!type) {
      return usage_error(arguments, "record list", type.error().detail);
    }
    query.emplace_back("type", to_text(*type));
  }
  return show_answer(arguments, api_target({"zones", zone.to_text(), "records"}, query),
                     [&](const json::value& answer) { print_table(record_table(answer)); });
}

CommandResult record_add(const Arguments& arguments) {
  return put(arguments, "add");
}

CommandResult record_set(const Arguments& arguments) {
  return put(arguments, "set");
}

CommandResult record_delete(const Arguments& arguments) {
  const Name zone = TRY(Name::from_text(arguments.zone));
  auto change = named_records(arguments, zone, "delete");
  if (!change) {
    return usage_error(arguments, "record delete", change.error().detail);
  }
  const json::value receipt = TRY(sent(arguments, zone, *std::move(change)));
  // Who deletes by hand has mistyped the name; who cleans up says so.
  return is_true(receipt, "changed") || arguments.if_exists ? ExitCode::kDone : ExitCode::kFailed;
}

CommandResult record_note(const Arguments& arguments) {
  const Name zone = TRY(Name::from_text(arguments.zone));
  auto change = named_records(arguments, zone, "note");
  if (!change) {
    return usage_error(arguments, "record note", change.error().detail);
  }
  if (!arguments.comment && !arguments.expires && !arguments.disable && !arguments.enable) {
    return usage_error(arguments, "record note",
                       "say what: --comment, --expires, --disable or --enable");
  }
  add_note(arguments, *change);
  return send(arguments, zone, *std::move(change));
}

}  // namespace tandem
