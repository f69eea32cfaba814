// SOA serial numbers: RFC 1982 arithmetic and the policies by which we choose the next one.
#pragma once

#include <cstdint>

#include "common/base/clock.h"

namespace tandem {

using Serial = std::uint32_t;

/// True when `a` is newer than `b` (RFC 1982 s3.2). Serials 2^31 apart are not ordered: false both
/// ways.
[[nodiscard]] constexpr bool is_newer(Serial a, Serial b) noexcept {
  const std::uint32_t distance = a - b;
  return distance != 0 && distance < 0x8000'0000U;
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
