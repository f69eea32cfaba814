// What clients send as JSON, read and checked: every finding names the member that it is about.
// Everything here fails with kInvalid.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/json/object.hpp>

#include "common/base/json_members.h"
#include "common/base/result.h"
#include "common/net/http_server.h"
#include "common/node/plans.h"

namespace tandem {

Result<boost::json::object> parse_object(const HttpRequest& request);

/// Sets those of a zone's options that the body names.
Status read_options(const boost::json::object& body, ZoneOptions& options);

/// The "changes" of a body: edits of records of `zone`. Durations count from `now`, in seconds
/// since 1970.
Result<std::vector<RecordEdit>> read_edits(const HttpRequest& request, const Name& zone,
                                           std::int64_t now);

}  // namespace tandem
