#include "tests/unit/net/tls_certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/base/check.h"
#include "common/crypto/openssl_handles.h"

namespace tandem::test {
namespace {

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long octets = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(octets)};
}

}  // namespace

TlsCertificate make_tls_certificate(std::string_view dns_name) {
  const PkeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  const std::string names = "DNS:" + std::string(dns_name);
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  constexpr int kDays = 2;
  const bool made =
      extension != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
      X509_time_adj_ex(X509_getm_notBefore(certificate.get()), -kDays, 0, nullptr) != nullptr &&
      X509_time_adj_ex(X509_getm_notAfter(certificate.get()), kDays, 0, nullptr) != nullptr &&
      X509_set_pubkey(certificate.get(), key.get()) == 1 &&
      X509_add_ext(certificate.get(), extension, -1) == 1 &&
      X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0;
  X509_EXTENSION_free(extension);
  CHECK(made);
  const BioPtr key_out(BIO_new(BIO_s_mem()));
  const BioPtr out(BIO_new(BIO_s_mem()));
  CHECK(PEM_write_bio_PKCS8PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) == 1 &&
        PEM_write_bio_X509(out.get(), certificate.get()) == 1);
  return {text_of(key_out.get()), text_of(out.get())};
}

}  // namespace tandem::test
