// What is known of servers outside of the cluster, as JSON in the shapes of docs/http_api.md.
#pragma once

#include <boost/json/object.hpp>

#include "common/node/notifier.h"
#include "common/node/secondary_check.h"

namespace tandem {

/// `log` or `configuration`.
[[nodiscard]] std::string_view source_of(bool is_logged) noexcept;

[[nodiscard]] boost::json::object outside_zone_json(const OutsideZone& zone);
[[nodiscard]] boost::json::object checked_zone_json(const CheckedZone& zone);

}  // namespace tandem
