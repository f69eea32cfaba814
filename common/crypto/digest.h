// Cryptographic hashes. The one-shot functions allocate nothing and may be called on the data
// plane.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "common/base/bytes.h"

namespace tandem {

[[nodiscard]] std::array<std::uint8_t, 20> sha1(OctetSpan octets) noexcept;
[[nodiscard]] std::array<std::uint8_t, 32> sha256(OctetSpan octets) noexcept;
/// SHA-256 over two pieces, as if they stood together.
[[nodiscard]] std::array<std::uint8_t, 32> sha256(OctetSpan first, OctetSpan second) noexcept;

/// SHA-384 or SHA-512 over many pieces (ZONEMD, RFC 8976).
class Sha2 {
 public:
  enum class Size : std::uint8_t { k384, k512 };  // of the hash, in bits

  explicit Sha2(Size size);
  Sha2(const Sha2&) = delete;
  Sha2& operator=(const Sha2&) = delete;
  ~Sha2();

  void update(OctetSpan octets) noexcept;
  [[nodiscard]] Octets finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Hash of an owner name for NSEC3 (RFC 5155 s5): SHA-1 over the canonical wire name and the salt,
/// iterated. Requires: `name` in lower case.
[[nodiscard]] std::array<std::uint8_t, 20> nsec3_hash(OctetSpan name, OctetSpan salt,
                                                      std::uint16_t iterations) noexcept;

/// HMAC-SHA-256 (RFC 2104).
[[nodiscard]] std::array<std::uint8_t, 32> hmac_sha256(OctetSpan key, OctetSpan octets);

/// Equality in time that does not depend on where the difference is.
[[nodiscard]] bool equal_in_constant_time(OctetSpan a, OctetSpan b) noexcept;

/// Of the library that all of this folder is done with.
[[nodiscard]] std::string_view openssl_version() noexcept;

}  // namespace tandem
