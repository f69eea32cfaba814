// Orphaned entries as lines: what each did, whether it could be made again, what became of it.
// Pure.
#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "ctl/log_lines.h"
#include "ctl/table.h"

namespace tandem {

/// The answer of /orphans, or what a discard threw away.
[[nodiscard]] std::string orphan_list(const boost::json::array& orphans, Detail detail,
                                      TableStyle style);
/// The answer of /orphans/diff: each entry, and below it what it did, record by record.
[[nodiscard]] std::string orphan_diff(const boost::json::value& answer);
/// The answer of /orphans/apply, a line each.
[[nodiscard]] std::string orphan_results(const boost::json::value& answer);
/// Whether one of them was refused.
[[nodiscard]] bool has_refusal(const boost::json::value& answer);

}  // namespace tandem
