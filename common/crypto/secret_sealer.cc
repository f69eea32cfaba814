// sealed := version:u8 nonce:12 ciphertext tag:16        AES-256-GCM (NIST SP 800-38D), the context
// as additional data; the key is HKDF-SHA-256 (RFC 5869) over the private scalar. Nonces are
// random: 2^32 seals stay safe.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>

#include "common/base/check.h"
#include "common/base/random.h"
#include "common/crypto/node_key.h"
#include "common/crypto/openssl_handles.h"

namespace tandem {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kNonceOctets = 12;
constexpr std::size_t kTagOctets = 16;
constexpr std::size_t kHeadOctets = 1 + kNonceOctets;
constexpr std::size_t kMaxSecretOctets = std::size_t{1} << 20U;
constexpr std::string_view kPurpose = "tandem secrets at rest, version 1";

std::array<std::uint8_t, 32> private_scalar(EVP_PKEY* key) {
  BIGNUM* raw = nullptr;
  CHECK(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &raw) == 1);
  const BignumPtr number(raw);
  std::array<std::uint8_t, 32> out{};
  CHECK(BN_bn2binpad(number.get(), out.data(), static_cast<int>(out.size())) ==
        static_cast<int>(out.size()));
  return out;
}

int size_of(OctetSpan octets) {
  CHECK(octets.size() <= kMaxSecretOctets);
  return static_cast<int>(octets.size());
}

}  // namespace

SecretSealer::SecretSealer(const NodeKey& key) {
  const PkeyPtr parsed = read_p256_key(key.private_key_pem);
  CHECK(parsed != nullptr);
  auto scalar = private_scalar(parsed.get());
  const PkeyContextPtr kdf(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr));
  const OctetSpan purpose = as_octets(kPurpose);
  std::size_t octets = key_.size();
  CHECK(kdf != nullptr && EVP_PKEY_derive_init(kdf.get()) == 1 &&
        EVP_PKEY_CTX_set_hkdf_md(kdf.get(), EVP_sha256()) == 1 &&
        EVP_PKEY_CTX_set1_hkdf_key(kdf.get(), scalar.data(), size_of(scalar)) == 1 &&
        EVP_PKEY_CTX_add1_hkdf_info(kdf.get(), purpose.data(), size_of(purpose)) == 1 &&
        EVP_PKEY_derive(kdf.get(), key_.data(), &octets) == 1);
  OPENSSL_cleanse(scalar.data(), scalar.size());
}

Octets SecretSealer::seal(OctetSpan secret, std::string_view context) const {
  Octets out(kHeadOctets + secret.size() + kTagOctets);
  out[0] = kVersion;
  random_octets(std::span(out).subspan(1, kNonceOctets));
  const CipherPtr cipher(EVP_CIPHER_CTX_new());
  const OctetSpan bound = as_octets(context);
  int octets = 0;
  int rest = 0;
  CHECK(EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key_.data(), out.data() + 1,
                            nullptr) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &octets, bound.data(), size_of(bound)) == 1 &&
        EVP_EncryptUpdate(cipher.get(), out.data() + kHeadOctets, &octets, secret.data(),
                          size_of(secret)) == 1 &&
        EVP_EncryptFinal_ex(cipher.get(), out.data() + kHeadOctets + octets, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagOctets,
                            out.data() + kHeadOctets + secret.size()) == 1);
  return out;
}

Result<Octets> SecretSealer::open(OctetSpan sealed, std::string_view context) const {
  if (sealed.size() < kHeadOctets + kTagOctets || sealed[0] != kVersion ||
      sealed.size() > kMaxSecretOctets) {
    return fail(Errc::kCorrupt, "a stored secret of {} octets is malformed", sealed.size());
  }
  const OctetSpan text = sealed.subspan(kHeadOctets, sealed.size() - kHeadOctets - kTagOctets);
  std::array<std::uint8_t, kTagOctets> tag{};
  std::memcpy(tag.data(), sealed.last(kTagOctets).data(), kTagOctets);
  const CipherPtr cipher(EVP_CIPHER_CTX_new());
  const OctetSpan bound = as_octets(context);
  Octets out(text.size() + 1);  // never empty, so that data() is not null
  int octets = 0;
  int rest = 0;
  const bool opened =
      EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key_.data(), sealed.data() + 1,
                          nullptr) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &octets, bound.data(), size_of(bound)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out.data(), &octets, text.data(), size_of(text)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagOctets, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), out.data() + octets, &rest) == 1;
  if (!opened) {
    return fail(Errc::kCorrupt,
                "a stored secret does not open: it was sealed with another node's key, or for "
                "another place");
  }
  out.resize(text.size());
  return out;
}

}  // namespace tandem
