// Making and matching the node's key and certificate as PEM texts. Internal to common/crypto.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tandem {

/// A new private key on P-256 (PKCS #8, not encrypted).
[[nodiscard]] std::string make_private_key_pem();

/// A self-signed certificate for the key; nothing when the text is no P-256 key.
[[nodiscard]] std::optional<std::string> make_certificate_pem(std::string_view private_key_pem);

[[nodiscard]] bool is_certificate_of(std::string_view certificate_pem,
                                     std::string_view private_key_pem);

}  // namespace tandem
