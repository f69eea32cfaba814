// Certificates for names, made for one test.
#pragma once

#include <string>
#include <string_view>

namespace tandem::test {

struct TlsCertificate {
  std::string key_pem;
  std::string pem;  // self-signed: its own CA too
};

[[nodiscard]] TlsCertificate make_tls_certificate(std::string_view dns_name);

}  // namespace tandem::test
