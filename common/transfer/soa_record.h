// The SOA record of one version of a zone, as transfers name versions by it.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/zone/serial.h"
#include "common/zone/zone.h"

namespace tandem {

/// Its owner is the origin.
struct SoaRecord {
  std::uint32_t ttl = 0;
  Octets rdata;

  /// Of that version of a zone.
  static SoaRecord of(const Zone& zone);

  [[nodiscard]] Serial serial() const noexcept { return soa_serial(rdata); }

  /// Whether that is the same data, letter case and the TTL apart, which some primaries lower for
  /// one of two.
  [[nodiscard]] bool is_like(OctetSpan other) const;

  friend bool operator==(const SoaRecord&, const SoaRecord&) = default;
};

}  // namespace tandem
