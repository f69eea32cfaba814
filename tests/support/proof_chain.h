// NSEC and NSEC3 chains for zones of tests, without signatures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/random_zone.h"

namespace tandem::test {

/// The hash of `name` in base 32. `parameters` is the rdata of an NSEC3PARAM.
[[nodiscard]] std::string nsec3_hash_text(NameView name, OctetSpan parameters);

/// Gives the records of a zone an NSEC chain over its authoritative names (RFC 4034 s4), without
/// signatures.
void add_nsec_chain(std::vector<PlainRecord>& records, NameView origin);

/// The same with NSEC3 (RFC 5155 s7.1), without opt-out, and its NSEC3PARAM. There may be a chain
/// with another salt already.
void add_nsec3_chain(std::vector<PlainRecord>& records, NameView origin, std::string_view salt,
                     std::uint16_t iterations);

}  // namespace tandem::test
