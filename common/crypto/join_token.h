// How a node becomes a member: a one-time token, carried by a human from the node that invites to
// the one that joins, and what the two then prove to each other. No key is moved: each proves that
// it has the token, over both keys as it sees them in the TLS session and over fresh octets of both
// sides. Whoever stands between them shows another key to at least one of them, and has no token.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/crypto/node_key.h"

namespace tandem {

/// What proofs are made with. It is derived from the token's secret and does not give it away.
using JoinKey = std::array<std::uint8_t, 32>;
using JoinNonce = std::array<std::uint8_t, 32>;
using JoinProof = std::array<std::uint8_t, 32>;

struct JoinToken {
  std::array<std::uint8_t, 32> secret{};
  KeyPin inviter;  // the only key that the joining node listens to

  friend bool operator==(const JoinToken&, const JoinToken&) = default;
  /// A new one, from the kernel's random octets.
  static JoinToken make(const KeyPin& inviter);
  /// One word of letters and digits. Its last octets show a slip of the pen.
  [[nodiscard]] std::string to_text() const;
  /// Fails: kInvalid. The text, which is a secret, is not repeated.
  static Result<JoinToken> from_text(std::string_view text);

  [[nodiscard]] JoinKey key() const;
};

enum class JoinSide : std::uint8_t { kInviter = 1, kJoiner = 2 };

/// Both keys as the TLS session shows them to whoever makes or checks a proof, and both sides'
/// fresh octets.
struct JoinExchange {
  KeyPin inviter;
  KeyPin joiner;
  JoinNonce inviter_nonce{};
  JoinNonce joiner_nonce{};
};

/// What `side` sends to show that it has the token. The two sides' proofs are not the same, so that
/// none can be sent back to who made it.
[[nodiscard]] JoinProof join_proof(const JoinKey& key, JoinSide side, const JoinExchange& exchange);

/// Whether `proof` is that of `side`; in constant time.
[[nodiscard]] bool is_join_proof(const JoinProof& proof, const JoinKey& key, JoinSide side,
                                 const JoinExchange& exchange);

}  // namespace tandem
