#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/receipt.h"
#include "ctl/record_words.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// Sends one change of records and shows its receipt.
CommandResult send(const Arguments& arguments, const Name& zone, json::object change) {
  const Session session = TRY(Session::open(arguments));
  const json::object body{{"changes", json::array{std::move(change)}}};
  const std::string answer =
      TRY(session.ask({.method = "POST",
                       .target = api_target({"zones", zone.to_text(), "records"}),
                       .content_type = "application/json",
                       .body = json::serialize(body)}));
  print_receipt(arguments, answer, TRY(parse_json(answer)));
  return ExitCode::kDone;
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
  return send(arguments, zone, std::move(change));
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
  const Session session = TRY(Session::open(arguments));
  const std::string body =
      TRY(session.get(api_target({"zones", zone.to_text(), "records"}, query)));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value answer = TRY(parse_json(body));
  Table table({"NAME", "TTL", "TYPE", "DATA"});
  for (const json::value& rrset : list_of(answer, "rrsets")) {
    for (const json::value& data : list_of(rrset, "data")) {
      const json::string* const text = data.if_string();
      table.add({text_of(rrset, "name"), text_of(rrset, "ttl"), text_of(rrset, "type"),
                 text == nullptr ? std::string() : std::string(*text)});
    }
  }
  print_table(table);
  return ExitCode::kDone;
}

CommandResult record_add(const Arguments& arguments) {
  return put(arguments, "add");
}

CommandResult record_set(const Arguments& arguments) {
  return put(arguments, "set");
}

CommandResult record_delete(const Arguments& arguments) {
  const Name zone = TRY(Name::from_text(arguments.zone));
  const auto owner = name_in_zone(arguments.name, zone);
  if (!owner) {
    return usage_error(arguments, "record delete", owner.error().detail);
  }
  json::object change{{"op", "delete"}, {"name", owner->to_text()}};
  if (!arguments.words.empty()) {
    const auto type = record_type(arguments.words.front());
    if (!type) {
      return usage_error(arguments, "record delete", type.error().detail);
    }
    change["type"] = to_text(*type);
    const auto data_words = std::span(arguments.words).subspan(1);
    if (!data_words.empty()) {
      const auto data = record_data(*type, data_words, zone);
      if (!data) {
        return usage_error(arguments, "record delete", data.error().detail);
      }
      change["data"] = json::array(data->begin(), data->end());
    }
  }
  return send(arguments, zone, std::move(change));
}

}  // namespace tandem
