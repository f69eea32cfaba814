#include "ctl/orphan_lines.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "ctl/json_view.h"
#include "ctl/status_page.h"

namespace tandem {
namespace {

namespace json = boost::json;

std::string now_text(const json::value& part) {
  std::string out;
  for (const json::value& line : list_of(part, "now")) {
    if (const auto* const text = line.if_string()) {
      out += (out.empty() ? "" : ", ") + std::string(*text);
    }
  }
  return out.empty() ? "nothing" : out;
}

std::string verdict_text(const json::value& part, std::string_view would, std::string_view there) {
  const std::string verdict = text_of(part, "verdict");
  if (verdict == "would") {
    return std::string(would);
  }
  if (verdict == "there") {
    return std::string(there);
  }
  return verdict == "conflict"
             ? fmt::format("conflicts: {} (now: {})", text_of(part, "reason"), now_text(part))
             : fmt::format("make it by hand: {}", text_of(part, "reason"));
}

std::string part_lines(const json::value& part) {
  std::string out;
  const auto add = [&](std::string_view sign, const json::value& line, const std::string& says) {
    if (const auto* const text = line.if_string()) {
      out += fmt::format("    {} {}  {}\n", sign, safe_text(*text), safe_text(says));
    }
  };
  for (const json::value& line : list_of(part, "removed")) {
    add("-", line, verdict_text(part, "would remove", "is gone already"));
  }
  for (const json::value& line : list_of(part, "added")) {
    add("+", line, verdict_text(part, "would add", "is there already"));
  }
  if (out.empty()) {
    const std::string of = text_of(part, "zone").empty() ? "" : " of " + text_of(part, "zone");
    out = fmt::format("    {}\n",
                      safe_text(fmt::format("{}{}  {}", text_of(part, "what"), of,
                                            verdict_text(part, "would change", "is so already"))));
  }
  return out;
}

}  // namespace

std::string orphan_list(const json::array& orphans, Detail detail, TableStyle style) {
  Table table({"ID", "STATE", "TIME", "WHO", "CHANGES", "REASON"});
  for (const json::value& orphan : orphans) {
    table.add({text_of(orphan, "id"), text_of(orphan, "state"), short_time(text_of(orphan, "time")),
               who(orphan), change_summary(orphan), text_of(member(orphan, "actor"), "reason")});
  }
  const std::string lines = table.to_text(style);
  return detail == Detail::kSummary ? lines : with_records(orphans, lines, 1);
}

std::string orphan_diff(const json::value& answer) {
  std::string out;
  for (const json::value& orphan : list_of(answer, "orphans")) {
    const std::string state = text_of(orphan, "state");
    out += safe_text(fmt::format("{}  {}  {}  {}{}", text_of(orphan, "id"),
                                 short_time(text_of(orphan, "time")), who(orphan),
                                 change_summary(orphan), state == "open" ? "" : "  " + state)) +
           "\n";
    const json::array& parts = list_of(orphan, "parts");
    for (const json::value& part : parts) {
      out += part_lines(part);
    }
    out += parts.empty() ? "    nothing that would have to be made again\n" : "";
  }
  return out;
}

std::string orphan_results(const json::value& answer) {
  std::string out;
  for (const json::value& result : list_of(answer, "results")) {
    const std::string refusal = text_of(result, "refusal");
    const std::string what = !refusal.empty() ? fmt::format("not applied: {}", refusal)
                             : is_true(result, "changed")
                                 ? fmt::format("applied, entry {}", text_of(result, "sequence"))
                                 : "applied: it was there already";
    out += safe_text(fmt::format("{}  {}", text_of(result, "id"), what)) + "\n";
  }
  return out;
}

bool has_refusal(const json::value& answer) {
  return std::ranges::any_of(list_of(answer, "results"), [](const json::value& result) {
    return !text_of(result, "refusal").empty();
  });
}

}  // namespace tandem
