// What clients send as JSON, read and checked: every finding names the member that it is about.
// Everything here fails with kInvalid.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "common/net/http_server.h"
#include "common/node/plans.h"

namespace tandem {

Result<boost::json::object> parse_object(const HttpRequest& request);
/// Refuses members that are not among `known`.
Status check_members(const boost::json::object& object,
                     std::initializer_list<std::string_view> known);

/// One member each; `missing`, nothing or an empty list when it is not there.
Result<std::string> text_member(const boost::json::object& object, std::string_view name,
                                std::string_view missing);
Result<std::optional<std::uint32_t>> number_member(const boost::json::object& object,
                                                   std::string_view name);
Result<std::vector<std::string>> text_list(const boost::json::object& object,
                                           std::string_view name);

/// Sets those of a zone's options that the body names.
Status read_options(const boost::json::object& body, ZoneOptions& options);

/// The "changes" of a body: edits of records of `zone`. Durations count from `now`, in seconds
/// since 1970.
Result<std::vector<RecordEdit>> read_edits(const HttpRequest& request, const Name& zone,
                                           std::int64_t now);

}  // namespace tandem
