// Transaction signatures from the client's side (RFC 8945): a request that we sign, and the answers
// to it, of which a transfer has many and signs not every one.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/crypto/tsig_key.h"

namespace tandem {

/// So many messages in a row may go unsigned in a series (RFC 8945 s5.3.1).
constexpr std::size_t kMaxUnsignedMessages = 99;

/// Appends a TSIG record to `request` and counts it in its header. `now`: seconds since 1970.
/// Returns the MAC, which the answer's is made over.
[[nodiscard]] Octets sign_tsig_request(Octets& request, const TsigKey& key, std::uint64_t now);

/// Verifies the messages that answer one signed request, in their order. One thread.
class TsigVerifier {
 public:
  TsigVerifier(TsigKey key, Octets request_mac)
      : key_(std::move(key)), prior_mac_(std::move(request_mac)) {}

  /// Takes the next message. Until end() says so, what unsigned messages hold is not proven yet.
  /// `now`: seconds since 1970. Fails: kRefused with what the server has against the request
  /// (another secret, an unknown key, another time), kCorrupt when the signature is missing or
  /// wrong.
  Status take(OctetSpan message, std::uint64_t now);

  /// Octets of the message taken last that stand in front of its TSIG record; all of them when it
  /// has none.
  [[nodiscard]] std::size_t octets_before_tsig() const noexcept { return octets_before_tsig_; }

  /// To be asked behind the last message. Fails: kCorrupt when that one is not signed.
  [[nodiscard]] Status end() const;

 private:
  Status take_unsigned(OctetSpan message);

  TsigKey key_;
  Octets prior_mac_;
  Octets pending_;  // the messages since the last signed one
  std::size_t unsigned_count_ = 0;
  std::size_t octets_before_tsig_ = 0;
  bool has_signed_ = false;  // some message was
};

}  // namespace tandem
