#include "ctl/history_lines.h"

#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "ctl/json_view.h"
#include "ctl/status_page.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// `-1 +2`; empty where no records were changed.
std::string counts_of(const json::value& entry) {
  const std::uint64_t removed = number_of(entry, "records_removed");
  const std::uint64_t added = number_of(entry, "records_added");
  return removed + added == 0 ? std::string() : fmt::format("-{} +{}", removed, added);
}

/// Who made the change said so, or the address said so that the records follow.
std::string reason_of(const json::value& entry) {
  std::string reason = text_of(member(entry, "actor"), "reason");
  for (const json::value& change : list_of(entry, "changes")) {
    if (text_of(change, "kind") == "address_change") {
      reason += (reason.empty() ? "" : "; ") + setting_summary(change);
    }
  }
  return reason;
}

}  // namespace

std::string history_lines(const json::array& entries, Detail detail, TableStyle style) {
  Table table({"ENTRY", "SERIAL", "TIME", "WHO", "WITH", "WHAT", "RECORDS", "REASON"});
  for (const json::value& entry : entries) {
    const json::value& actor = member(entry, "actor");
    table.add({text_of(entry, "sequence"), text_of(entry, "serial"),
               short_time(text_of(entry, "time")), who(entry), text_of(actor, "credential"),
               text_of(entry, "kind"), counts_of(entry), reason_of(entry)});
  }
  const std::string lines = table.to_text(style);
  return detail == Detail::kSummary ? lines : with_records(entries, lines, 1);
}

}  // namespace tandem
