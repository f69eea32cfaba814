// What a secondary asks a primary with: SOA, AXFR (RFC 5936 s2.1), IXFR (RFC 1995 s3), each
// with an OPT record that asks for the time the zone has left (EXPIRE, RFC 7314 s4).
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/dns/name.h"
#include "common/dns/rr_set.h"

namespace tandem {

/// Which version of `zone` there is (RFC 1034 s4.3.5). Not signed.
[[nodiscard]] Octets soa_request(const Name& zone, std::uint16_t id);

/// All of `zone`. Not signed.
[[nodiscard]] Octets axfr_request(const Name& zone, std::uint16_t id);

/// What is new since the version whose SOA record this is. Not signed. Requires: one record.
[[nodiscard]] Octets ixfr_request(const RrSet& soa, std::uint16_t id);

}  // namespace tandem
