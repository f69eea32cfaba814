#include <algorithm>
#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/log_lines.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownEntries = 20;
constexpr std::uint64_t kWaitSeconds = 30;

std::string limit_of(const Arguments& arguments) {
  return std::to_string(arguments.count == 0 ? kShownEntries : arguments.count);
}

TableStyle style() {
  return is_terminal() ? TableStyle::kAligned : TableStyle::kTabs;
}

Detail detail_of(const Arguments& arguments) {
  return arguments.show_records ? Detail::kRecords : Detail::kSummary;
}

/// The log as it grows. Ends with the node, or with whoever started it.
class Follower {
 public:
  Follower(const Arguments& arguments, const Session& session)
      : arguments_(arguments), session_(session) {}

  CommandResult run() {
    json::value answer = TRY(read({{"limit", limit_of(arguments_)}}));
    after_ = number_of(answer, "head");
    show(list_of(answer, "entries"), TableHeader::kShown);
    for (;;) {
      answer = TRY(read({{"after", std::to_string(after_)}, {"wait", std::to_string(wait())}}));
      const json::array& entries = list_of(answer, "entries");
      if (!entries.empty()) {
        after_ = number_of(entries.back(), "sequence");
        show(entries, TableHeader::kLeftOut);
      }
    }
  }

 private:
  using Query = std::vector<std::pair<std::string_view, std::string>>;

  Result<json::value> read(const Query& query) const {
    return session_.ask_json({.target = api_target({"log"}, query)});
  }

  /// Shorter than the patience with a node that says nothing.
  [[nodiscard]] std::uint64_t wait() const {
    const std::uint64_t patience = arguments_.timeout_seconds;
    return patience == 0 ? kWaitSeconds : std::min(kWaitSeconds, patience / 2);
  }

  void show(const json::array& entries, TableHeader header) const {
    if (arguments_.json) {
      for (const json::value& entry : entries) {
        print(json::serialize(entry) + "\n");
      }
    } else {
      print(log_lines(entries, detail_of(arguments_), header, style()));
    }
    static_cast<void>(std::fflush(stdout));
  }

  const Arguments& arguments_;
  const Session& session_;
  std::uint64_t after_ = 0;
};

CommandResult show_entries(const Arguments& arguments, const Session& session) {
  const std::string body = TRY(session.get(api_target({"log"}, {{"limit", limit_of(arguments)}})));
  if (arguments.json) {
    print_json(body);
    return ExitCode::kDone;
  }
  const json::value answer = TRY(parse_json(body));
  print(log_lines(list_of(answer, "entries"), detail_of(arguments), TableHeader::kShown, style()));
  return ExitCode::kDone;
}

}  // namespace

CommandResult show_log(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  if (arguments.follow) {
    return Follower(arguments, session).run();
  }
  return show_entries(arguments, session);
}

}  // namespace tandem
