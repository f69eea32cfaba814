// Keys for TSIG (RFC 8945): names of algorithms, keys from and to text, new ones.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/name.h"

namespace tandem {

enum class TsigHash : std::uint8_t { kMd5, kSha1, kSha224, kSha256, kSha384, kSha512 };

/// Octets of the hash's output.
[[nodiscard]] std::size_t hash_octets(TsigHash hash) noexcept;
/// No shorter MAC is one (RFC 8945 s5.2.2.1).
[[nodiscard]] std::size_t min_mac_octets(TsigHash hash) noexcept;

/// An HMAC and how much of it is sent. `hmac-sha256-128` is SHA-256 with 16 octets of 32
/// (RFC 8945 s6, RFC 4635 s3.1).
struct TsigAlgorithm {
  TsigHash hash = TsigHash::kSha256;
  std::size_t mac_octets = 32;

  friend bool operator==(const TsigAlgorithm&, const TsigAlgorithm&) = default;
};

/// `hmac-sha256`, `hmac-md5.sig-alg.reg.int` or `hmac-md5`, `hmac-sha256-128`, any truncation by
/// whole octets that RFC 8945 s5.2.2.1 allows, in any case, with or without the final dot. Nothing
/// for others.
[[nodiscard]] std::optional<TsigAlgorithm> tsig_algorithm_from_text(std::string_view text);
/// As key files write it: the truncation is in it, the long form of MD5 is not.
[[nodiscard]] std::string to_text(TsigAlgorithm algorithm);
/// As TSIG records name it. The truncation is only in the three names that IANA lists.
[[nodiscard]] Name wire_name(TsigAlgorithm algorithm);
[[nodiscard]] std::optional<TsigAlgorithm> tsig_algorithm_from_wire(NameView name);

/// MD5 and SHA-1 are answered because clients still default to them, and warned of.
[[nodiscard]] constexpr bool is_weak(TsigAlgorithm algorithm) noexcept {
  return algorithm.hash == TsigHash::kMd5 || algorithm.hash == TsigHash::kSha1;
}

/// What every tool's key files can carry: letters, digits, `-` and `_` in the labels; not the root.
/// Fails: kInvalid.
Status check_key_name(NameView name);

struct TsigKey {
  Name name;
  TsigAlgorithm algorithm;
  Octets secret;
};

/// A key that stays usable while an answer is on its way, whatever becomes of it meanwhile.
using TsigKeyPtr = std::shared_ptr<const TsigKey>;

/// `ALGORITHM:NAME:BASE64`, as dig and nsupdate take it; without the algorithm it is hmac-sha256.
/// Fails: kInvalid, without the secret in the text.
Result<TsigKey> tsig_key_from_text(std::string_view text);

/// The same, always with the algorithm.
[[nodiscard]] std::string to_text(const TsigKey& key);

/// A new key of as many random octets as the hash has (RFC 8945 s8).
[[nodiscard]] TsigKey new_tsig_key(const Name& name, TsigAlgorithm algorithm);

}  // namespace tandem
