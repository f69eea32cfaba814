#include <algorithm>
#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/log_lines.h"
#include "ctl/migration_run.h"
#include "ctl/receipt.h"
#include "ctl/session.h"
#include "ctl/zone_source.h"

namespace tandem {
namespace {

namespace json = boost::json;

std::size_t errors_of(const ZoneSource& source) {
  return static_cast<std::size_t>(
      std::ranges::count(source.findings, Diagnostic::Severity::kError, &Diagnostic::severity));
}

std::string check_json(const Arguments& arguments, const ZoneSource& source) {
  json::array findings;
  for (const Diagnostic& finding : source.findings) {
    findings.emplace_back(finding.to_line());
  }
  const std::size_t errors = errors_of(source);
  return json::serialize(json::object{{"file", arguments.file},
                                      {"zone", source.origin.to_text()},
                                      {"errors", errors},
                                      {"warnings", source.findings.size() - errors},
                                      {"records", source.record_count},
                                      {"serial", source.serial},
                                      {"findings", std::move(findings)}});
}

/// The FILE or NAME=FILE of an import.
struct ImportWhat {
  std::optional<Name> zone;
  std::string file;
};

Result<ImportWhat> import_what(const std::string& text) {
  const std::size_t equals = text.find('=');
  // A path may have an equals sign in it; a zone's name before one has no slash but an escaped one.
  if (equals == std::string::npos || text.find('/') < equals) {
    return ImportWhat{std::nullopt, text};
  }
  return ImportWhat{TRY(Name::from_text(text.substr(0, equals))), text.substr(equals + 1)};
}

/// One import on its way.
class Import {
 public:
  Import(const Arguments& arguments, const Session& session, ZoneSource source, std::string file)
      : arguments_(arguments),
        session_(session),
        source_(std::move(source)),
        file_(std::move(file)) {}

  CommandResult run() {
    if (arguments_.dry_run) {
      return show_difference();
    }
    if (!arguments_.replace && TRY(exists())) {
      const std::string answer = TRY(send(Trial::kDry));
      const json::value planned = TRY(parse_json(answer));
      const std::uint64_t added = number_of(planned, "added");
      const std::uint64_t removed = number_of(planned, "removed");
      if (added + removed > 0) {
        return fail(Errc::kExists,
                    "{} is there with other content: {} records more, {} fewer (--dry-run shows "
                    "them, --replace takes the file)",
                    source_.origin.to_text(), added, removed);
      }
    }
    const std::string body = TRY(send(Trial::kReal));
    const json::value receipt = TRY(parse_json(body));
    print_receipt(arguments_, body, receipt, ReceiptOf::kContent, file_);
    for (const std::string& line : repeat_lines(receipt, source_.origin)) {
      print(arguments_.json ? "" : line + "\n");
    }
    return ExitCode::kDone;
  }

 private:
  enum class Trial : std::uint8_t { kReal, kDry };

  [[nodiscard]] Result<bool> exists() const {
    const auto found = session_.get(api_target({"zones", source_.origin.to_text()}));
    if (!found && found.error().code != Errc::kNotFound) {
      return std::unexpected(found.error());
    }
    return found.has_value();
  }

  [[nodiscard]] Result<std::string> send(Trial trial) const {
    std::vector<std::pair<std::string_view, std::string>> query = {{"create", "true"},
                                                                   {"file", file_}};
    if (arguments_.rrset_records_max) {
      query.emplace_back("rrset_records_max", std::to_string(*arguments_.rrset_records_max));
    }
    if (trial == Trial::kDry) {
      query.emplace_back("dry_run", "true");
    }
    return session_.ask({.method = "POST",
                         .target = api_target({"zones", source_.origin.to_text(), "import"}, query),
                         .content_type = "text/plain",
                         .body = source_.text});
  }

  CommandResult show_difference() {
    const std::string body = TRY(send(Trial::kDry));
    if (arguments_.json) {
      print_json(body);
      return ExitCode::kDone;
    }
    const json::value planned = TRY(parse_json(body));
    for (const json::value& line : list_of(planned, "diff")) {
      if (const auto* const text = line.if_string()) {
        print(safe_text(*text) + "\n");
      }
    }
    print(note_change_lines(planned));
    print_warnings(planned, file_);
    for (const std::string& line : repeat_lines(planned, source_.origin)) {
      print(line + "\n");
    }
    print(fmt::format("{}: {} to add, {} to remove{}; nothing was changed\n",
                      source_.origin.to_text(), number_of(planned, "added"),
                      number_of(planned, "removed"),
                      is_true(planned, "diff_cut") ? " (not all shown)" : ""));
    return ExitCode::kDone;
  }

  const Arguments& arguments_;
  const Session& session_;
  ZoneSource source_;
  std::string file_;
};

}  // namespace

CommandResult zone_check(const Arguments& arguments) {
  std::optional<Name> origin;
  if (!arguments.origin.empty()) {
    origin = TRY(Name::from_text(arguments.origin));
  }
  ZoneLimits limits;
  if (arguments.rrset_records_max.value_or(0) != 0) {
    limits.rrset_records = *arguments.rrset_records_max;
  }
  ZoneSource source = TRY(read_zone_source(arguments.file, origin, limits));
  for (std::string& remark : source.remarks) {
    source.findings.push_back(
        {Diagnostic::Severity::kWarning, source.file, 0, 0, std::move(remark)});
  }
  if (arguments.json) {
    print_json(check_json(arguments, source));
  } else {
    print_findings(source, stdout);
  }
  if (!source.is_good) {
    return ExitCode::kFailed;
  }
  if (!arguments.json) {
    print(fmt::format("{}: zone {} is good: serial {}, {} records\n", arguments.file,
                      source.origin.to_text(), source.serial, source.record_count));
  }
  return ExitCode::kDone;
}

CommandResult zone_import(const Arguments& arguments) {
  if (is_from_server(arguments)) {
    return zone_import_from_server(arguments);
  }
  if (arguments.file.empty()) {
    return usage_error(arguments, "zone import", "say which file, or --from-... which server");
  }
  if (arguments.is_unsigned || !arguments.zones.empty()) {
    return usage_error(arguments, "zone import", "--unsigned and --zone go with --from-...");
  }
  const auto what = import_what(arguments.file);
  if (!what) {
    return usage_error(arguments, "zone import", what.error().detail);
  }
  ZoneSource source = TRY(read_zone_source(what->file, what->zone, kNoLimits));
  TRYV(take_findings(source, arguments, "nothing was imported"));
  const Session session = TRY(Session::open(arguments));
  return Import(arguments, session, std::move(source), what->file).run();
}

}  // namespace tandem
