// Octets as text and back: base16, base32hex and base64 (RFC 4648). Decoders are strict: no white
// space, no missing or wrong padding, no bits left over.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"

namespace tandem {

[[nodiscard]] std::string to_hex(OctetSpan octets);        // lower case
[[nodiscard]] std::string to_hex_upper(OctetSpan octets);  // as master files show it
[[nodiscard]] std::optional<Octets> from_hex(std::string_view text);

[[nodiscard]] std::string to_base64(OctetSpan octets);
[[nodiscard]] std::optional<Octets> from_base64(std::string_view text);

/// Base 32 with the extended hex alphabet, lower case, without padding (RFC 5155 s3.3).
[[nodiscard]] std::string to_base32hex(OctetSpan octets);
[[nodiscard]] std::optional<Octets> from_base32hex(std::string_view text);

}  // namespace tandem
