// The TSIG record at the end of a message (RFC 8945 s4.2): its fields, both ways. Who made it, and
// whether it is right, is common/crypto/tsig.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/base/bytes.h"
#include "common/dns/name.h"

namespace tandem {

struct TsigRecord {
  Name key;
  Name algorithm;
  std::uint64_t time_signed = 0;  // seconds since 1970; 48 bits
  std::uint16_t fudge = 0;        // seconds that clocks may differ by
  OctetSpan mac;                  // in the message it was read from
  std::uint16_t original_id = 0;
  std::uint16_t error = 0;  // extended rcode: BADSIG, BADKEY, BADTIME, BADTRUNC
  OctetSpan other;          // with BADTIME the server's time, six octets
};

constexpr std::uint64_t kMaxTsigTime = (std::uint64_t{1} << 48U) - 1;

/// The record that starts at `at` and ends the message. Nothing when it is no whole TSIG record of
/// class ANY and TTL 0 there, or something stands behind it.
[[nodiscard]] std::optional<TsigRecord> read_tsig(OctetSpan message, std::size_t at);

/// What `record` takes in a message.
[[nodiscard]] std::size_t tsig_octets(const TsigRecord& record) noexcept;

/// Writes the record. Requires: out.size() >= tsig_octets(record). Returns the octets written.
std::size_t write_tsig(const TsigRecord& record, std::span<std::uint8_t> out) noexcept;

}  // namespace tandem
