#include "common/log/request_key.h"

#include <algorithm>

#include "common/crypto/digest.h"

namespace tandem {

RequestKey request_key(const Actor& actor, OctetSpan request_id) {
  const auto credential = sha256(as_octets(actor.credential));
  const auto digest = sha256(credential, request_id);
  RequestKey key;
  std::ranges::copy_n(digest.begin(), key.octets.size(), key.octets.begin());
  return key;
}

}  // namespace tandem
