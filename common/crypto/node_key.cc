// Keys, certificates and pins as PEM in memory; node_key_file.cc keeps them on disk.
#include "common/crypto/node_key.h"

#include <algorithm>
#include <climits>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/random.h"
#include "common/crypto/digest.h"
#include "common/crypto/node_key_pem.h"
#include "common/crypto/openssl_handles.h"

namespace tandem {
namespace {

constexpr std::string_view kPinPrefix = "SHA256:";
constexpr int kDaysBefore = 1;  // a peer whose clock is behind would show a certificate of tomorrow
constexpr int kDaysAfter = 100 * 365;  // nobody looks at the dates, so nothing may ever expire

/// Never a question on the terminal: an encrypted key is no key of ours.
int no_password(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*data*/) {
  return -1;
}

BioPtr reader_of(std::string_view text) {
  if (text.size() > INT_MAX) {
    return nullptr;
  }
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long octets = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(octets)};
}

}  // namespace

X509Ptr read_certificate(std::string_view pem) {
  const BioPtr bio = reader_of(pem);
  X509Ptr found(bio == nullptr ? nullptr
                               : PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  return found;
}

KeyPin pin_of(const X509* certificate) {
  unsigned char* der = nullptr;
  const int octets = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  CHECK(octets > 0);
  KeyPin pin{sha256(OctetSpan(der, static_cast<std::size_t>(octets)))};
  OPENSSL_free(der);
  return pin;
}

PkeyPtr read_p256_key(std::string_view pem) {
  const BioPtr bio = reader_of(pem);
  PkeyPtr key(bio == nullptr ? nullptr
                             : PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "EC") != 1) {
    return nullptr;
  }
  std::array<char, 64> group{};
  std::size_t octets = 0;
  if (EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.data(),
                                     group.size(), &octets) != 1 ||
      std::string_view(group.data(), octets) != SN_X9_62_prime256v1) {
    ERR_clear_error();
    return nullptr;
  }
  return key;
}

std::string make_private_key_pem() {
  const PkeyPtr key(EVP_EC_gen("P-256"));
  CHECK(key != nullptr);
  const BioPtr out(BIO_new(BIO_s_mem()));
  CHECK(PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) == 1);
  return text_of(out.get());
}

std::optional<std::string> make_certificate_pem(std::string_view private_key_pem) {
  const PkeyPtr key = read_p256_key(private_key_pem);
  if (key == nullptr) {
    return std::nullopt;
  }
  const X509Ptr certificate(X509_new());
  auto serial = random_array<8>();
  serial[0] &= 0x7fU;  // a serial number is positive (RFC 5280 s4.1.2.2)
  const BignumPtr number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  static constexpr std::string_view kCommonName = "tandem node";
  const auto common_name = as_octets(kCommonName);
  const bool made =
      X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr &&
      X509_time_adj_ex(X509_getm_notBefore(certificate.get()), -kDaysBefore, 0, nullptr) !=
          nullptr &&
      X509_time_adj_ex(X509_getm_notAfter(certificate.get()), kDaysAfter, 0, nullptr) != nullptr &&
      X509_set_pubkey(certificate.get(), key.get()) == 1 &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name.data(),
                                 static_cast<int>(common_name.size()), -1, 0) == 1 &&
      X509_set_issuer_name(certificate.get(), name) == 1 &&
      X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0;
  CHECK(made);
  const BioPtr out(BIO_new(BIO_s_mem()));
  CHECK(PEM_write_bio_X509(out.get(), certificate.get()) == 1);
  return text_of(out.get());
}

bool is_certificate_of(std::string_view certificate_pem, std::string_view private_key_pem) {
  const X509Ptr certificate = read_certificate(certificate_pem);
  const PkeyPtr key = read_p256_key(private_key_pem);
  const bool fits = certificate != nullptr && key != nullptr &&
                    X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return fits;
}

std::string KeyPin::to_text() const {
  return std::string(kPinPrefix) + to_base64(digest);
}

Result<KeyPin> KeyPin::from_text(std::string_view text) {
  KeyPin pin;
  if (text.starts_with(kPinPrefix)) {
    const auto octets = from_base64(text.substr(kPinPrefix.size()));
    if (octets && octets->size() == pin.digest.size()) {
      std::ranges::copy(*octets, pin.digest.begin());
      return pin;
    }
  }
  return fail(Errc::kInvalid,
              "a key pin is {} and the base64 of 32 octets, as `tandemctl node key` shows it; got "
              "\"{}\"",
              kPinPrefix, text.substr(0, 80));
}

Result<KeyPin> KeyPin::of_certificate(std::string_view pem) {
  const X509Ptr certificate = read_certificate(pem);
  if (certificate == nullptr) {
    return fail(Errc::kInvalid, "the text holds no certificate in PEM form");
  }
  return pin_of(certificate.get());
}

}  // namespace tandem
