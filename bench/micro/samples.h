// What the micro benchmarks work on: the home lab's zone of tests/data, and a host zone as large as
// asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/dns/types.h"
#include "common/zone/catalog.h"
#include "common/zone/changeset.h"
#include "common/zone/zone.h"

namespace tandem::bench {

inline constexpr std::string_view kHomeOrigin = "infoedu.co.kr.";
inline constexpr std::string_view kHostOrigin = "example.com.";

/// The home zone's text with one delegation added, so that it can give referrals too.
[[nodiscard]] std::string home_text();
/// A zone of `hosts` names hostNNNNNNN with an address each.
[[nodiscard]] std::string host_text(std::size_t hosts);

/// Ends the program, saying why, when the text is no good zone.
[[nodiscard]] ZonePtr zone_of(std::string_view text, std::string_view origin);
/// A zone of a million hosts; built at the first call.
[[nodiscard]] const ZonePtr& million_hosts();

[[nodiscard]] Octets query_of(std::string_view name, RrType type);

/// The change of one host's address from `from` to `to` (the last octet), with a new serial.
[[nodiscard]] Changeset host_change(std::uint32_t host, std::uint8_t from, std::uint8_t to,
                                    Serial serial);

}  // namespace tandem::bench
