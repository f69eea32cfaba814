// Query lists of the load tools: text lines `name type [do]`, turned into octets once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/types.h"

namespace tandem::bench {

/// One question with message id 0; with EDNS (1232 octets, DO) when `wants_dnssec`. Fails: kInvalid
/// for what is no name or no type.
Result<Octets> query_octets(std::string_view name, std::string_view type,
                            bool wants_dnssec = false);

/// All queries of a file. Fails: kIo, kInvalid with the line's number.
Result<std::vector<Octets>> read_queries(const std::string& file);

}  // namespace tandem::bench
