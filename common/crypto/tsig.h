// Transaction signatures (RFC 8945): what a message's TSIG record is worth, and records for ours.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/crypto/tsig_key.h"
#include "common/dns/tsig_record.h"
#include "common/dns/types.h"

namespace tandem {

constexpr std::uint16_t kTsigFudge = 300;  // RFC 8945 s10

/// The time as TSIG has it: seconds since 1970.
[[nodiscard]] std::uint64_t tsig_time(const Clock& clock) noexcept;

/// What came of a signed request.
struct TsigVerdict {
  Rcode rcode = Rcode::kNoError;  // FORMERR: the record makes no sense, and the answer has none
  TsigError error = TsigError::kNone;

  [[nodiscard]] bool is_good() const noexcept { return rcode == Rcode::kNoError; }
};

/// Judges `message`, whose TSIG record `record` starts at `at`, in the order of RFC 8945 s5.2: key,
/// MAC, time, truncation. `key`: the one of that name; null: there is none. `now`: seconds since
/// 1970. In constant time as far as the MAC is concerned.
[[nodiscard]] TsigVerdict verify_tsig(OctetSpan message, std::size_t at, const TsigRecord& record,
                                      const TsigKey* key, std::uint64_t now);

/// Signs the answers to one request: the answer itself, or the envelopes of a transfer one after
/// the other, each of which continues the one before (RFC 8945 s5.3.1).
class TsigSigner {
 public:
  /// `request`: as it was received, with a verdict that `verdict` says. `key`: null with BADKEY.
  /// Requires: verdict.rcode is not FORMERR.
  TsigSigner(const TsigRecord& request, TsigKeyPtr key, TsigVerdict verdict);

  /// Octets that the record will take behind the answer.
  [[nodiscard]] std::size_t octets() const noexcept;

  /// Appends the record to `message` and counts it in its header. Unsigned with BADKEY and BADSIG
  /// (RFC 8945 s5.3.2). `now`: seconds since 1970. Requires: octets() more are no more than a
  /// message holds.
  void sign(Octets& message, std::uint64_t now);

 private:
  TsigKeyPtr key_;     // null: answers are not signed
  TsigRecord record_;  // of the next answer; MAC and other data are made when it is signed
  Octets prior_mac_;
  bool has_signed_ = false;
};

}  // namespace tandem
