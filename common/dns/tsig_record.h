// The TSIG record at the end of a message (RFC 8945 s4.2): its fields, both ways. Who made it, and
// whether it is right, is common/crypto/tsig.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/base/bytes.h"
#include "common/dns/name.h"
#include "common/dns/wire_reader.h"

namespace tandem {

/// Extended rcodes of TSIG (RFC 8945 s3); any value may arrive.
enum class TsigError : std::uint16_t {
  kNone = 0,
  kBadSig = 16,
  kBadKey = 17,
  kBadTime = 18,
  kBadTrunc = 22,
};

struct TsigRecord {
  Name key;
  Name algorithm;
  std::uint64_t time_signed = 0;  // seconds since 1970; 48 bits
  std::uint16_t fudge = 0;        // seconds that clocks may differ by
  OctetSpan mac;                  // in the message it was read from
  std::uint16_t original_id = 0;
  TsigError error = TsigError::kNone;
  OctetSpan other;  // with BADTIME the server's time, six octets
};

/// The record that starts at `at` and ends the message. Nothing when it is no whole TSIG record of
/// class ANY and TTL 0 there, or something stands behind it.
[[nodiscard]] std::optional<TsigRecord> read_tsig(OctetSpan message, std::size_t at);

/// Reads algorithm to other data from rdata that fills `rdata`, into `record`. False when it is not
/// whole.
[[nodiscard]] bool read_tsig_rdata(WireReader rdata, TsigRecord& record) noexcept;

/// What `record` takes in a message.
[[nodiscard]] std::size_t tsig_octets(const TsigRecord& record) noexcept;

/// Writes the record. Requires: out.size() >= tsig_octets(record). Returns the octets written.
std::size_t write_tsig(const TsigRecord& record, std::span<std::uint8_t> out) noexcept;

}  // namespace tandem
