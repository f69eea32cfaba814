// Log entries as lines: one for each entry, and the records beneath it when asked for. Pure.
#pragma once

#include <cstdint>
#include <string>

#include <boost/json/value.hpp>

#include "ctl/table.h"

namespace tandem {

enum class Detail : std::uint8_t { kSummary, kRecords };

/// What one entry did: `example.com. -1 +2; example.net. created`.
[[nodiscard]] std::string change_summary(const boost::json::value& entry);

enum class Header : std::uint8_t { kShown, kLeftOut };

/// A table of the entries in the order of the array.
[[nodiscard]] std::string log_lines(const boost::json::array& entries, Detail detail, Header header,
                                    TableStyle style);

}  // namespace tandem
