// `tandemctl catalog ...`: zones that list zones (RFC 9432).
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/receipt.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

Table catalogs_table(const json::value& answer) {
  Table table({"CATALOG", "KIND", "SERIAL", "ZONES", "WORDS", "PROBLEM"});
  for (const json::value& catalog : list_of(answer, "catalogs")) {
    table.add({text_of(catalog, "name"), text_of(catalog, "kind"),
               or_dash(text_of(catalog, "serial")), or_dash(text_of(catalog, "members")),
               text_of(catalog, "words"), or_dash(text_of(catalog, "problem"))});
  }
  return table;
}

Table members_table(const json::value& answer) {
  Table table({"ZONE", "GROUP", "GOES TO", "LABEL"});
  for (const json::value& zone : list_of(answer, "zones")) {
    std::string groups;
    for (const json::value& group : list_of(zone, "groups")) {
      const auto* const text = group.if_string();
      groups += (groups.empty() ? "" : ", ") + (text != nullptr ? std::string(*text) : "");
    }
    table.add({text_of(zone, "zone"), or_dash(groups), or_dash(text_of(zone, "coo")),
               text_of(zone, "label")});
  }
  return table;
}

/// Asks for a change and prints its receipt.
CommandResult change(const Arguments& arguments, const std::string& method,
                     const std::string& target, const json::object& body, ReceiptOf what) {
  const Session session = TRY(Session::open(arguments));
  const std::string answer = TRY(session.ask({.method = method,
                                              .target = target,
                                              .content_type = "application/json",
                                              .body = json::serialize(body)}));
  print_receipt(arguments, answer, TRY(parse_json(answer)), what);
  return ExitCode::kDone;
}

CommandResult change_member(const Arguments& arguments, const json::object& body) {
  return change(arguments, "PUT", api_target({"zones", arguments.zone, "catalog"}), body,
                ReceiptOf::kContent);
}

}  // namespace

CommandResult catalog_list(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.get(api_target({"catalogs"})));
  if (arguments.json) {
    print_json(body);
  } else {
    print_table(catalogs_table(TRY(parse_json(body))));
  }
  return ExitCode::kDone;
}

CommandResult catalog_show(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.get(api_target({"catalogs", arguments.catalog})));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value answer = TRY(parse_json(body));
  if (const std::string problem = text_of(answer, "problem"); !problem.empty()) {
    print_warning(problem);
  }
  for (const json::value& clash : list_of(answer, "clashes")) {
    const auto* const zone = clash.if_string();
    print_warning(fmt::format("{} is here already, and not from this catalog",
                              zone != nullptr ? std::string(*zone) : ""));
  }
  print_table(members_table(answer));
  return ExitCode::kDone;
}

CommandResult catalog_create(const Arguments& arguments) {
  std::string words = "make";
  if (arguments.only_named) {
    words += " members:named";
  }
  if (!arguments.group.empty()) {
    words += " group:" + arguments.group;
  }
  return change(arguments, "PUT", api_target({"catalogs", arguments.catalog}),
                json::object{{"words", words}}, ReceiptOf::kContent);
}

CommandResult catalog_follow(const Arguments& arguments) {
  const std::string words = fmt::format("follow {}", fmt::join(arguments.words, " "));
  return change(arguments, "PUT", api_target({"catalogs", arguments.catalog}),
                json::object{{"words", words}}, ReceiptOf::kContent);
}

CommandResult catalog_remove(const Arguments& arguments) {
  return change(arguments, "DELETE", api_target({"catalogs", arguments.catalog}), {},
                ReceiptOf::kDeletion);
}

CommandResult catalog_set_group(const Arguments& arguments) {
  return change_member(arguments, {{"group", arguments.group}});
}

CommandResult catalog_put_in(const Arguments& arguments) {
  return change_member(arguments, {{"catalog", arguments.catalog}});
}

CommandResult catalog_leave_out(const Arguments& arguments) {
  return change_member(arguments, {{"catalog", "none"}});
}

CommandResult catalog_move(const Arguments& arguments) {
  return change(arguments, "POST", api_target({"zones", arguments.zone, "catalog", "move"}),
                json::object{{"to", arguments.catalog}}, ReceiptOf::kContent);
}

}  // namespace tandem
