#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "common/dns/name.h"
#include "ctl/commands.h"
#include "ctl/history_lines.h"
#include "ctl/json_view.h"
#include "ctl/log_lines.h"
#include "ctl/receipt.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

using Query = std::vector<std::pair<std::string_view, std::string>>;

constexpr std::size_t kShownEntries = 50;

Result<std::string> target_of(const Arguments& arguments, std::string_view what,
                              const Query& query = {}) {
  return api_target({"zones", TRY(Name::from_text(arguments.zone)).to_text(), what}, query);
}

/// Puts a state into a query: by its serial or by an entry.
void add_state(std::string_view serial_name, const std::optional<std::uint32_t>& serial,
               std::string_view entry_name, const std::optional<std::uint64_t>& entry, Query& to) {
  if (serial) {
    to.emplace_back(serial_name, std::to_string(*serial));
  }
  if (entry) {
    to.emplace_back(entry_name, std::to_string(*entry));
  }
}

/// Sends a change and shows its receipt.
CommandResult change(const Arguments& arguments, std::string_view what, const json::object& asked) {
  const std::string target = TRY(target_of(arguments, what));
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.ask(json_request("POST", target, asked)));
  print_receipt(arguments, body, TRY(parse_json(body)));
  return ExitCode::kDone;
}

}  // namespace

CommandResult zone_history(const Arguments& arguments) {
  const std::size_t limit = arguments.count == 0 ? kShownEntries : arguments.count;
  Query query{{"limit", std::to_string(limit)}};
  if (arguments.before) {
    query.emplace_back("before", std::to_string(*arguments.before));
  }
  const std::string target = TRY(target_of(arguments, "history", query));
  return show_answer(arguments, target, [&](const json::value& answer) {
    print(history_lines(list_of(answer, "entries"),
                        arguments.show_records ? Detail::kRecords : Detail::kSummary,
                        is_terminal() ? TableStyle::kAligned : TableStyle::kTabs));
  });
}

CommandResult zone_diff(const Arguments& arguments) {
  if (!arguments.from && !arguments.from_entry) {
    return usage_error(arguments, "zone diff", "say from where: --from SERIAL or --from-entry N");
  }
  Query query;
  add_state("from", arguments.from, "from_entry", arguments.from_entry, query);
  add_state("to", arguments.to, "to_entry", arguments.to_entry, query);
  const std::string target = TRY(target_of(arguments, "diff", query));
  return show_answer(arguments, target, [&](const json::value& found) {
    for (const json::value& line : list_of(found, "diff")) {
      if (const auto* const text = line.if_string()) {
        print(safe_text(*text) + "\n");
      }
    }
    print(note_change_lines(found));
    if (is_true(found, "diff_cut")) {
      print_warning(fmt::format("not all shown: {} records go, {} come",
                                number_of(found, "removed"), number_of(found, "added")));
    }
  });
}

CommandResult zone_revert(const Arguments& arguments) {
  if (!arguments.to && !arguments.to_entry) {
    return usage_error(arguments, "zone revert", "say to what: --to SERIAL or --to-entry N");
  }
  return arguments.to ? change(arguments, "revert", {{"to", *arguments.to}})
                      : change(arguments, "revert", {{"to_entry", *arguments.to_entry}});
}

CommandResult zone_restore(const Arguments& arguments) {
  return change(arguments, "restore", {});
}

}  // namespace tandem
