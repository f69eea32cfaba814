// OpenSSL's objects with owners. Internal to common/crypto and common/net/tls*.cc.
#pragma once

#include <memory>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "common/crypto/node_key.h"

namespace tandem {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using PkeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslFree<X509_free>>;
using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_clear_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslFree<EVP_CIPHER_CTX_free>>;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>>;

/// The key in `pem`; null unless it is an unencrypted private key on P-256.
[[nodiscard]] PkeyPtr read_p256_key(std::string_view pem);

/// The first certificate in `pem`; null when there is none.
[[nodiscard]] X509Ptr read_certificate(std::string_view pem);

[[nodiscard]] KeyPin pin_of(const X509* certificate);

}  // namespace tandem
