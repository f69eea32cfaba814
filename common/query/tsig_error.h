// The TSIG record of an answer to a query that was signed with a key unknown here.
#pragma once

#include <cstdint>
#include <span>

#include "common/dns/query_view.h"

namespace tandem {

/// Writes an unsigned TSIG record with error BADKEY (RFC 8945 s5.2.1, s5.3.2). Requires:
/// query.has_tsig(). Returns the octets written: 0 when there is no room.
std::size_t write_bad_key(const QueryView& query, std::span<std::uint8_t> out) noexcept;

}  // namespace tandem
