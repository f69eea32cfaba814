// The question whether a primary has a newer version of a zone (RFC 1034 s4.3.5), which asks too
// how long the primary itself will have it (RFC 7314).
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/zone/serial.h"

namespace tandem {

[[nodiscard]] Octets refresh_question(NameView zone, std::uint16_t id);

struct RefreshAnswer {
  Serial serial = 0;
  std::optional<std::uint32_t> expire;  // seconds, when the primary says
};

/// Fails: as serial_of_answer().
Result<RefreshAnswer> read_refresh_answer(OctetSpan answer, NameView zone);

}  // namespace tandem
