#include "ctl/doctor_lines.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "ctl/table.h"

namespace tandem {
namespace {

namespace json = boost::json;

struct SeverityWords {
  Severity severity;
  std::string_view heading;
  std::string_view one;
  std::string_view many;
};

constexpr std::array kSeverities = {
    SeverityWords{Severity::kError, "ERRORS", "error", "errors"},
    SeverityWords{Severity::kWarning, "WARNINGS", "warning", "warnings"},
    SeverityWords{Severity::kNote, "NOTES", "note", "notes"}};

bool is_of(const Finding& finding, Severity severity) {
  return kind_text(finding.kind).severity == severity;
}

std::size_t count_of(const std::vector<Finding>& findings, Severity severity) {
  return static_cast<std::size_t>(std::ranges::count_if(
      findings, [severity](const Finding& finding) { return is_of(finding, severity); }));
}

std::string lines_of(const Finding& finding, const Name& zone) {
  const KindText& text = kind_text(finding.kind);
  const std::string head =
      finding.server.empty() ? finding.what : finding.server + ": " + finding.what;
  return fmt::format("{}\n    why: {}\n    do:  {}\n", safe_text(head), text.why,
                     safe_text(action_text(finding, zone)));
}

}  // namespace

std::string doctor_text(const DoctorFacts& facts, const std::vector<Finding>& findings) {
  std::string out;
  std::string counts;
  for (const SeverityWords& words : kSeverities) {
    const std::size_t count = count_of(findings, words.severity);
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count,
                          count == 1 ? words.one : words.many);
    if (count == 0) {
      continue;
    }
    out += fmt::format("{}\n", words.heading);
    for (const Finding& finding : findings) {
      if (is_of(finding, words.severity)) {
        out += lines_of(finding, facts.zone);
      }
    }
    out += "\n";
  }
  return out + fmt::format("{}: {} (asked: {} of the parent, {} of the zone)\n",
                           facts.zone.to_text(), counts, facts.parents.size(),
                           facts.servers.size());
}

json::object doctor_json(const DoctorFacts& facts, const std::vector<Finding>& findings) {
  json::array parents;
  for (const ParentFacts& parent : facts.parents) {
    parents.emplace_back(to_text(parent.place));
  }
  json::array servers;
  for (const ServerFacts& server : facts.servers) {
    json::object shown_server{{"name", server.name.to_text()},
                              {"address", to_text(server.place)},
                              {"answers", server.is_good()}};
    if (const auto serial = server.serial()) {
      shown_server["serial"] = *serial;
    }
    servers.emplace_back(std::move(shown_server));
  }
  json::array found;
  for (const Finding& finding : findings) {
    const KindText& text = kind_text(finding.kind);
    const auto words = std::ranges::find(kSeverities, text.severity, &SeverityWords::severity);
    found.emplace_back(json::object{{"severity", words->one},
                                    {"kind", text.word},
                                    {"server", finding.server},
                                    {"what", finding.what},
                                    {"why", text.why},
                                    {"do", action_text(finding, facts.zone)}});
  }
  json::object out{{"zone", facts.zone.to_text()},
                   {"parents", std::move(parents)},
                   {"servers", std::move(servers)},
                   {"findings", std::move(found)}};
  for (const SeverityWords& words : kSeverities) {
    out[words.many] = count_of(findings, words.severity);
  }
  return out;
}

bool is_healthy(const std::vector<Finding>& findings) {
  return std::ranges::all_of(
      findings, [](const Finding& finding) { return is_of(finding, Severity::kNote); });
}

}  // namespace tandem
