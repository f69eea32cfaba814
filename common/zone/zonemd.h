// The digest of a whole zone that other servers and tools can compare with: ZONEMD (RFC 8976),
// scheme SIMPLE.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/zone/zone.h"

namespace tandem {

/// Hash algorithms of ZONEMD records (RFC 8976 s5.3); any value may arrive.
enum class ZonemdHash : std::uint8_t { kSha384 = 1, kSha512 = 2 };

/// Over all records of the zone in canonical form and order, without ZONEMD at the apex and the
/// RRSIGs over it, each record once (RFC 8976 s3.3.1).
[[nodiscard]] Octets zonemd_simple(const Zone& zone, ZonemdHash hash);

/// Rdata of a ZONEMD record for the zone as it is, with SHA-384 (RFC 8976 s2.2).
[[nodiscard]] Octets zonemd_rdata(const Zone& zone);

/// Whether the zone is what its ZONEMD records say (RFC 8976 s4 without DNSSEC). One record that
/// fits is enough; schemes and hashes that are not known say nothing, so a zone with none of the
/// known ones is good. Fails: kCorrupt when none fits: another digest, another serial, or the same
/// scheme and hash twice.
Status check_zonemd(const Zone& zone);

}  // namespace tandem
