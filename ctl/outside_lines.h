// What the node says of servers outside of the cluster, as people read it.
#pragma once

#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "ctl/table.h"

namespace tandem {

/// A row for each outside secondary and server of it, of the answer of /secondaries.
[[nodiscard]] Table secondaries_table(const boost::json::value& answer);
/// The zones in the same answer.
[[nodiscard]] Table followed_table(const boost::json::value& answer);
/// Of the answer of /xfr.
[[nodiscard]] Table told_table(const boost::json::value& answer);
[[nodiscard]] Table pulled_table(const boost::json::value& answer);
/// All about one zone of it. Requires: an element of "pulled".
[[nodiscard]] Table pulled_zone_table(const boost::json::value& zone);
/// Of the answer of a check.
[[nodiscard]] Table checked_table(const boost::json::value& answer);

/// Who has a change, a line each, of a receipt that waited; none otherwise.
[[nodiscard]] std::vector<std::string> waited_lines(const boost::json::value& receipt);

}  // namespace tandem
