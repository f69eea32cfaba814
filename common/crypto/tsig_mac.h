// What a TSIG's MAC is made over (RFC 8945 s4.3), for both sides of an exchange.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/crypto/tsig_key.h"
#include "common/dns/tsig_record.h"

namespace tandem {

/// Which of a TSIG record's fields are hashed: all of them, or the timers alone, which is all that
/// messages of a series behind its first have (RFC 8945 s5.3.1).
enum class TsigVariables : std::uint8_t { kAll, kTimers };

/// All octets of the HMAC. Fails only where the library has no such hash (MD5 in a FIPS provider):
/// then nothing comes out, and nothing is equal to it.
[[nodiscard]] Octets tsig_hmac(const TsigKey& key, OctetSpan octets);

/// Appends 48 bits of `value` in network byte order.
void append_u48(Octets& to, std::uint64_t value);
/// Appends the variables that are hashed behind the message (RFC 8945 s4.3.3).
void append_tsig_variables(Octets& to, const TsigRecord& record, TsigVariables which);
/// Appends a MAC as the next message's MAC is made over it: with its length in front.
void append_prior_mac(Octets& to, OctetSpan mac);
/// Appends the message as it was before `record`, which starts at `at`, was added, with the ID that
/// it had then (RFC 8945 s4.3.2).
void append_unsigned(Octets& to, OctetSpan message, std::size_t at, const TsigRecord& record);

/// Whether the record was made within its fudge of `now`, seconds since 1970.
[[nodiscard]] bool is_in_time(const TsigRecord& record, std::uint64_t now) noexcept;

}  // namespace tandem
