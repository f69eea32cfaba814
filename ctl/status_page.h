// The one page that says how a node is: alarms first, then the node, its log, its peers, its zones.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "ctl/table.h"

namespace tandem {

[[nodiscard]] std::string status_page(const boost::json::value& status, TableStyle style);

/// `2026-11-22T18:04:05.123456Z` without the fraction.
[[nodiscard]] std::string short_time(std::string_view time);

/// `12.3 GiB`.
[[nodiscard]] std::string short_size(std::uint64_t octets);

}  // namespace tandem
