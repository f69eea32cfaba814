// A zone's history as lines: one for each entry, and the records beneath it when asked for. Pure.
#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "ctl/log_lines.h"
#include "ctl/table.h"

namespace tandem {

/// A table of the entries in the order of the array.
[[nodiscard]] std::string history_lines(const boost::json::array& entries, Detail detail,
                                        TableStyle style);

}  // namespace tandem
