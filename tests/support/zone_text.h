// Zones from text and back for tests: `zone("a A 192.0.2.1\n...")`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/zone/changeset.h"
#include "common/zone/zone.h"
#include "common/zone/zone_builder.h"

namespace tandem::test {

inline constexpr std::string_view kApex =
    "@ 3600 IN SOA ns1 hostmaster 1 900 300 604800 600\n"
    "@ 3600 IN NS ns1\n"
    "ns1 3600 IN A 192.0.2.1\n";

/// A name from text; aborts on a bad one.
[[nodiscard]] Name name(std::string_view text);

/// What the builder makes of the lines, errors included.
[[nodiscard]] ZoneBuilder::Outcome build(std::string_view text,
                                         std::string_view origin = "example.");

/// A good zone: kApex and the lines. Aborts, saying what is wrong, when it is none.
[[nodiscard]] ZonePtr zone(std::string_view lines, std::string_view origin = "example.");

/// All records as lines in canonical order.
[[nodiscard]] std::vector<std::string> lines_of(const Zone& zone);

/// What turns `from` into `to`, however much it is.
[[nodiscard]] Changeset difference(const Zone* from, const Zone& to);

/// Packed records from lines `owner ttl IN type rdata`.
[[nodiscard]] Octets packed(std::string_view lines, std::string_view origin = "example.");
[[nodiscard]] Changeset changeset(std::string_view removed, std::string_view added,
                                  std::string_view origin = "example.");

}  // namespace tandem::test
