#include "common/crypto/tsig_mac.h"

#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/dns/header.h"
#include "common/dns/types.h"

namespace tandem {
namespace {

const EVP_MD* digest_of(TsigHash hash) noexcept {
  switch (hash) {
    case TsigHash::kMd5:
      return EVP_md5();
    case TsigHash::kSha1:
      return EVP_sha1();
    case TsigHash::kSha224:
      return EVP_sha224();
    case TsigHash::kSha256:
      return EVP_sha256();
    case TsigHash::kSha384:
      return EVP_sha384();
    case TsigHash::kSha512:
      return EVP_sha512();
  }
  return nullptr;
}

}  // namespace

Octets tsig_hmac(const TsigKey& key, OctetSpan octets) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  const auto* const made =
      HMAC(digest_of(key.algorithm.hash), key.secret.data(), static_cast<int>(key.secret.size()),
           octets.data(), octets.size(), out.data(), &size);
  return made == nullptr ? Octets() : Octets(out.begin(), out.begin() + size);
}

void append_u48(Octets& to, std::uint64_t value) {
  append_be(to, static_cast<std::uint16_t>(value >> 32U));
  append_be(to, static_cast<std::uint32_t>(value));
}

void append_tsig_variables(Octets& to, const TsigRecord& record, TsigVariables which) {
  if (which == TsigVariables::kAll) {
    append(to, record.key.lower().wire());
    append_be(to, static_cast<std::uint16_t>(RrClass::kAny));
    append_be(to, std::uint32_t{0});  // TTL
    append(to, record.algorithm.lower().wire());
  }
  append_u48(to, record.time_signed);
  append_be(to, record.fudge);
  if (which == TsigVariables::kAll) {
    append_be(to, static_cast<std::uint16_t>(record.error));
    append_be(to, static_cast<std::uint16_t>(record.other.size()));
    append(to, record.other);
  }
}

void append_prior_mac(Octets& to, OctetSpan mac) {
  append_be(to, static_cast<std::uint16_t>(mac.size()));
  append(to, mac);
}

void append_unsigned(Octets& to, OctetSpan message, std::size_t at, const TsigRecord& record) {
  const std::size_t start = to.size();
  append(to, message.first(at));
  Header header = load_header(to.data() + start);
  header.id = record.original_id;
  --header.additional_count;
  store_header(to.data() + start, header);
}

bool is_in_time(const TsigRecord& record, std::uint64_t now) noexcept {
  const std::uint64_t apart =
      now > record.time_signed ? now - record.time_signed : record.time_signed - now;
  return apart <= record.fudge;
}

}  // namespace tandem
