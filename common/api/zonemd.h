// The digest of RFC 8976 that other servers and tools can compare with: scheme SIMPLE, SHA-384.
#pragma once

#include <array>
#include <cstdint>

#include "common/zone/zone.h"

namespace tandem {

/// Over all records of the zone in canonical form and order, without ZONEMD at the apex and the
/// RRSIGs over it, each record once (RFC 8976 s3.3.1).
[[nodiscard]] std::array<std::uint8_t, 48> zonemd_simple_sha384(const Zone& zone);

}  // namespace tandem
