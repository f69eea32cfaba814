#include "common/crypto/join_token.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/random.h"
#include "common/crypto/digest.h"

namespace tandem {
namespace {

// The 1 is the version of everything here: of the form, of the key and of the proofs.
constexpr std::string_view kPrefix = "tandem1_";
constexpr std::string_view kKeyLabel = "tandem join key 1";
constexpr std::string_view kProofLabel = "tandem join proof 1";
constexpr std::size_t kSumOctets = 4;
constexpr std::size_t kTokenOctets = 32 + 32 + kSumOctets;

Octets with_sum(Octets octets) {
  const auto sum = sha256(octets);
  append(octets, OctetSpan(sum).first(kSumOctets));
  return octets;
}

}  // namespace

JoinToken JoinToken::make(const KeyPin& inviter) {
  return {.secret = random_array<32>(), .inviter = inviter};
}

std::string JoinToken::to_text() const {
  Octets octets;
  append(octets, secret);
  append(octets, inviter.digest);
  return std::string(kPrefix) + to_base32hex(with_sum(std::move(octets)));
}

Result<JoinToken> JoinToken::from_text(std::string_view text) {
  if (text.starts_with(kPrefix)) {
    const auto octets = from_base32hex(text.substr(kPrefix.size()));
    if (octets && octets->size() == kTokenOctets) {
      const OctetSpan body = OctetSpan(*octets).first(kTokenOctets - kSumOctets);
      if (with_sum(to_octets(body)) != *octets) {
        return fail(Errc::kInvalid, "the token has a wrong or missing letter: copy it again");
      }
      JoinToken token;
      std::ranges::copy(body.first(token.secret.size()), token.secret.begin());
      std::ranges::copy(body.last(token.inviter.digest.size()), token.inviter.digest.begin());
      return token;
    }
  }
  return fail(Errc::kInvalid,
              "a token is one word that begins with {}, as `tandemctl cluster invite` prints it",
              kPrefix);
}

JoinKey JoinToken::key() const {
  Octets text = to_octets(as_octets(kKeyLabel));
  append(text, inviter.digest);
  return hmac_sha256(secret, text);
}

JoinProof join_proof(const JoinKey& key, JoinSide side, const JoinExchange& exchange) {
  Octets text = to_octets(as_octets(kProofLabel));
  text.push_back(static_cast<std::uint8_t>(side));
  append(text, exchange.inviter.digest);
  append(text, exchange.joiner.digest);
  append(text, exchange.inviter_nonce);
  append(text, exchange.joiner_nonce);
  return hmac_sha256(key, text);
}

bool is_join_proof(const JoinProof& proof, const JoinKey& key, JoinSide side,
                   const JoinExchange& exchange) {
  return equal_in_constant_time(proof, join_proof(key, side, exchange));
}

}  // namespace tandem
