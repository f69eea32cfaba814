#include "ctl/migration_run.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "ctl/json_view.h"
#include "ctl/receipt.h"

namespace tandem {
namespace {

namespace json = boost::json;
using State = ZonePlan::State;

std::vector<std::string> texts_of(const json::value& object, std::string_view name) {
  std::vector<std::string> out;
  for (const json::value& line : list_of(object, name)) {
    if (const auto* const text = line.if_string()) {
      out.push_back(safe_text(*text));
    }
  }
  return out;
}

std::string records(std::uint64_t count) {
  return fmt::format("{} record{}", count, count == 1 ? "" : "s");
}

std::string plan_line(const ZonePlan& plan) {
  const MovedZone& zone = plan.zone;
  const std::string name = zone.name.to_text();
  switch (plan.state) {
    case State::kNew:
      return fmt::format("{}: new, {}, serial {}", name, records(zone.records), zone.serial);
    case State::kSame:
      return fmt::format("{}: is here with this content", name);
    case State::kDiffers:
      return fmt::format("{}: is here with other content: {} to add, {} to remove{}", name,
                         plan.added, plan.removed, plan.is_diff_cut ? " (not all shown)" : "");
    case State::kImported:
      return fmt::format("{}: {}, serial {}{}", name, records(zone.records), plan.serial,
                         plan.serial == zone.source_serial
                             ? ", the other server's"
                             : fmt::format(", the other server's is {}", zone.source_serial));
    case State::kFailed:
      return fmt::format("{}: cannot come: {}", name, plan.why);
  }
  return {};
}

std::string_view word_of(State state) {
  switch (state) {
    case State::kNew:
      return "new";
    case State::kSame:
      return "same";
    case State::kDiffers:
      return "differs";
    case State::kImported:
      return "imported";
    case State::kFailed:
      return "failed";
  }
  return {};
}

json::array left_out_json(const std::vector<LeftOut>& left_out) {
  json::array out;
  for (const LeftOut& one : left_out) {
    out.push_back(json::object{{"what", one.what}, {"why", one.why}});
  }
  return out;
}

json::object plan_json(const ZonePlan& plan) {
  const MovedZone& zone = plan.zone;
  json::object out{{"zone", zone.name.to_text()},
                   {"from", zone.from},
                   {"state", word_of(plan.state)},
                   {"records", zone.records},
                   {"source_serial", zone.source_serial},
                   {"added", plan.added},
                   {"removed", plan.removed},
                   {"diff", json::array(plan.diff.begin(), plan.diff.end())},
                   {"notes", json::array(zone.notes.begin(), zone.notes.end())},
                   {"warnings", json::array(plan.warnings.begin(), plan.warnings.end())},
                   {"left_out", left_out_json(zone.left_out)}};
  if (plan.is_diff_cut) {
    out["diff_cut"] = true;
  }
  if (plan.state == State::kImported) {
    out["serial"] = plan.serial;
  }
  if (plan.state == State::kFailed) {
    out["why"] = plan.why;
  }
  return out;
}

/// `text` without its findings, which stand behind the first line.
std::string joined(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
    text.replace(at, 1, "; ");
  }
  return safe_text(text);
}

}  // namespace

bool is_from_server(const Arguments& arguments) {
  const std::array<const std::string*, 5> sources = {
      &arguments.from_axfr, &arguments.from_named_conf, &arguments.from_powerdns,
      &arguments.from_technitium, &arguments.from_folder};
  return std::ranges::any_of(sources, [](const std::string* source) { return !source->empty(); });
}

MigrationRun::MigrationRun(const Arguments& arguments, const Session& session, Migration migration)
    : arguments_(arguments), session_(session), left_out_(std::move(migration.left_out)) {
  for (MovedZone& zone : migration.zones) {
    plans_.emplace_back().zone = std::move(zone);
  }
}

CommandResult MigrationRun::run() {
  plan_all();
  if (!arguments_.json) {
    show();
  }
  if (is_agreed()) {
    import_all();
    is_done_ = true;
  }
  if (arguments_.json) {
    print_json(to_json());
  } else if (is_done_) {
    show_end();
  }
  const bool has_failed = std::ranges::any_of(plans_, [this](const ZonePlan& plan) {
    return plan.state == State::kFailed || (is_done_ && plan.state == State::kDiffers);
  });
  return has_failed ? ExitCode::kFailed : ExitCode::kDone;
}

void MigrationRun::plan_all() {
  for (ZonePlan& one : plans_) {
    if (!one.zone.problems.empty()) {
      one.why = one.zone.problems.front();
      if (one.zone.problems.size() > 1) {
        one.why += fmt::format("; and {} more", one.zone.problems.size() - 1);
      }
      one.why = safe_text(one.why);
    } else if (const Status planned = plan(one); !planned) {
      one.state = State::kFailed;
      one.why = joined(planned.error().detail);
    }
  }
}

Status MigrationRun::plan(ZonePlan& plan) const {
  const auto found = session_.get(api_target({"zones", plan.zone.name.to_text()}));
  if (!found && found.error().code != Errc::kNotFound) {
    return std::unexpected(found.error());
  }
  plan.is_new = !found;
  const json::value answer = TRY(session_.ask_json(import_request(plan, Trial::kDry)));
  std::ranges::move(repeat_lines(answer, plan.zone.name), std::back_inserter(plan.zone.notes));
  plan.added = number_of(answer, "added");
  plan.removed = number_of(answer, "removed");
  plan.diff = texts_of(answer, "diff");
  plan.is_diff_cut = is_true(answer, "diff_cut");
  plan.warnings = texts_of(answer, "warnings");
  plan.state = plan.is_new                      ? State::kNew
               : plan.added + plan.removed == 0 ? State::kSame
                                                : State::kDiffers;
  return {};
}

ApiRequest MigrationRun::import_request(const ZonePlan& plan, Trial trial) const {
  std::vector<std::pair<std::string_view, std::string>> query = {{"create", "true"},
                                                                 {"file", plan.zone.from}};
  if (arguments_.rrset_records_max && plan.is_new) {
    query.emplace_back("rrset_records_max", std::to_string(*arguments_.rrset_records_max));
  }
  if (trial == Trial::kDry) {
    query.emplace_back("dry_run", "true");
  }
  return {.method = "POST",
          .target = api_target({"zones", plan.zone.name.to_text(), "import"}, query),
          .content_type = "text/plain",
          .body = plan.zone.text};
}

bool MigrationRun::will_import(const ZonePlan& plan) const {
  return plan.state == State::kNew || (plan.state == State::kDiffers && arguments_.replace);
}

void MigrationRun::show() const {
  for (const ZonePlan& plan : plans_) {
    show(plan);
  }
  show_left_out();
}

void MigrationRun::show(const ZonePlan& plan) const {
  if (plan.state == State::kDiffers || (plan.state == State::kNew && arguments_.dry_run)) {
    for (const std::string& line : plan.diff) {
      print(line + "\n");
    }
  }
  print(plan_line(plan) + "\n");
  for (const std::string& note : plan.zone.notes) {
    print("  note: " + safe_text(note) + "\n");
  }
  for (const std::string& warning : plan.warnings) {
    print("  warning: " + warning + "\n");
  }
  if (plan.state == State::kDiffers && !arguments_.replace) {
    print("  stays as it is here; --replace takes the other server's\n");
  }
}

void MigrationRun::show_left_out() const {
  std::string lines;
  for (const ZonePlan& plan : plans_) {
    for (const LeftOut& one : plan.zone.left_out) {
      lines += fmt::format("  {}: {}: {}\n", plan.zone.name.to_text(), safe_text(one.what),
                           safe_text(one.why));
    }
  }
  for (const LeftOut& one : left_out_) {
    lines += fmt::format("  {}: {}\n", safe_text(one.what), safe_text(one.why));
  }
  print(lines.empty() ? "everything comes over\n" : "does not come over:\n" + lines);
}

bool MigrationRun::is_agreed() const {
  const auto count =
      std::ranges::count_if(plans_, [this](const ZonePlan& plan) { return will_import(plan); });
  std::string why_not;
  if (arguments_.dry_run) {
    why_not = "nothing was changed";
  } else if (count == 0) {
    why_not = "there is nothing to import";
  } else if (!arguments_.is_agreed && (arguments_.json || ::isatty(STDIN_FILENO) != 1)) {
    why_not = "nothing was changed; --yes imports what is shown";
  }
  if (!why_not.empty()) {
    if (!arguments_.json) {
      print(why_not + "\n");
    }
    return false;
  }
  if (arguments_.is_agreed) {
    return true;
  }
  fmt::print(stderr, "Import {} zone{}? [y/N] ", count, count == 1 ? "" : "s");
  std::array<char, 16> answer{};
  const bool is_yes =
      std::fgets(answer.data(), static_cast<int>(answer.size()), stdin) != nullptr &&
      (answer[0] == 'y' || answer[0] == 'Y');
  if (!is_yes) {
    print("nothing was changed\n");
  }
  return is_yes;
}

void MigrationRun::import_all() {
  for (ZonePlan& plan : plans_) {
    if (!will_import(plan)) {
      continue;
    }
    if (const Status done = import_zone(plan); !done) {
      plan.state = State::kFailed;
      plan.why = joined(done.error().detail);
    }
  }
}

Status MigrationRun::import_zone(ZonePlan& plan) const {
  const json::value receipt = TRY(session_.ask_json(import_request(plan, Trial::kReal)));
  plan.serial = static_cast<Serial>(number_of(receipt, "serial"));
  plan.state = State::kImported;
  if (plan.serial != plan.zone.source_serial && !is_newer(plan.serial, plan.zone.source_serial)) {
    plan.zone.notes.push_back(
        fmt::format("has serial {} here, which is not ahead of the other server's {} (RFC 1982): "
                    "secondaries that had it from there need a full transfer by hand",
                    plan.serial, plan.zone.source_serial));
  }
  return {};
}

void MigrationRun::show_end() const {
  print("\n");
  for (const ZonePlan& plan : plans_) {
    if (plan.state == State::kImported || plan.state == State::kFailed) {
      print((plan.state == State::kImported ? "imported " : "") + plan_line(plan) + "\n");
    }
  }
  const auto came = std::ranges::count(plans_, State::kImported, &ZonePlan::state);
  const auto same = std::ranges::count(plans_, State::kSame, &ZonePlan::state);
  print(fmt::format("{} imported, {} as they were, {} not; zones and settings that stay: {}\n",
                    came, same, std::ssize(plans_) - came - same, left_out_.size()));
}

std::string MigrationRun::to_json() const {
  json::array zones;
  for (const ZonePlan& plan : plans_) {
    zones.push_back(plan_json(plan));
  }
  return json::serialize(json::object{
      {"changed", is_done_}, {"zones", std::move(zones)}, {"left_out", left_out_json(left_out_)}});
}

}  // namespace tandem
