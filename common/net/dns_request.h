// A request to another server as it is sent, and what tells its answers from other messages.
// Internal to the DNS client. Immutable but for the readers, each of which is one thread's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/crypto/tsig_answer.h"
#include "common/crypto/tsig_key.h"

namespace tandem {

/// Verifies the messages that answer a request, in their order; lets all pass when it is not
/// signed.
class DnsAnswerReader {
 public:
  /// `mac`: the request's. Requires: `clock` outlives it.
  DnsAnswerReader(const TsigKeyPtr& key, const Octets& mac, const Clock& clock);

  /// The message without its signature. Fails: kRefused and kCorrupt as TsigVerifier::take().
  Result<OctetSpan> take(std::span<std::uint8_t> message);
  /// Behind the last message. Fails: kCorrupt when that is not signed.
  [[nodiscard]] Status end() const;

 private:
  const Clock& clock_;
  std::optional<TsigVerifier> verifier_;  // none: nothing is signed
};

class DnsRequest {
 public:
  /// `message`: with an id, without a signature. Fails: kInvalid when it is no whole request with
  /// one question, kTooLarge when it and its signature are more than a message holds.
  static Result<DnsRequest> make(Octets message, TsigKeyPtr key, const Clock& clock);

  /// As it is sent.
  [[nodiscard]] OctetSpan octets() const noexcept { return octets_; }

  /// Whether `message` answers this one: id, opcode and question. An error may be told without the
  /// question.
  [[nodiscard]] bool is_answered_by(OctetSpan message) const;

  [[nodiscard]] DnsAnswerReader reader() const;

 private:
  DnsRequest(Octets octets, TsigKeyPtr key, const Clock& clock)
      : octets_(std::move(octets)), key_(std::move(key)), clock_(&clock) {}

  Octets octets_;
  TsigKeyPtr key_;
  const Clock* clock_;
  Octets mac_;
};

}  // namespace tandem
