// What a primary says to the question whether it has a newer version of a zone (RFC 1034 s4.3.5)
// and how long it will have it itself (RFC 7314).
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/zone/serial.h"

namespace tandem {

struct RefreshAnswer {
  Serial serial = 0;
  std::optional<std::uint32_t> expire;  // seconds, when the primary says
};

/// Fails: as serial_of_answer().
Result<RefreshAnswer> read_refresh_answer(OctetSpan answer, NameView zone);

}  // namespace tandem
