// SOA serial numbers: RFC 1982 arithmetic and the policies by which we choose the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/bytes.h"
#include "common/base/clock.h"

namespace tandem {

using Serial = std::uint32_t;

/// True when `a` is newer than `b` (RFC 1982 s3.2). Serials 2^31 apart are not ordered: false both
/// ways.
[[nodiscard]] constexpr bool is_newer(Serial a, Serial b) noexcept {
  const std::uint32_t distance = a - b;
  return distance != 0 && distance < 0x8000'0000U;
}

/// The five numbers that end the rdata of an SOA record (RFC 1035 s3.3.13), the serial first.
constexpr std::size_t kSoaNumbersOctets = 20;

/// Requires: rdata of an SOA record, here and below.
[[nodiscard]] inline Serial soa_serial(OctetSpan rdata) noexcept {
  return load_be32(rdata.data() + rdata.size() - kSoaNumbersOctets);
}

inline void set_soa_serial(std::span<std::uint8_t> rdata, Serial serial) noexcept {
  store_be32(rdata.data() + rdata.size() - kSoaNumbersOctets, serial);
}

enum class SerialPolicy : std::uint8_t {
  kIncrement = 0,  // old + 1
  kUnixTime = 1,   // seconds since 1970
  kDate = 2,       // YYYYMMDDnn
};

/// The serial after `current` by `policy`: what the policy names for `now` when that is strictly
/// newer, else current + 1. Zero is skipped, because some secondaries take it for "unset".
[[nodiscard]] Serial next_serial(Serial current, SerialPolicy policy, WallTime now) noexcept;

}  // namespace tandem
