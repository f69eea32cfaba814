// Octets as the network and the store carry them: spans, big-endian integers, views as text.
// The only place (with the socket calls) where reinterpret_cast is used.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem {

using Octets = std::vector<std::uint8_t>;
using OctetSpan = std::span<const std::uint8_t>;

/// std::byteswap, which GCC 12 has and clang with the same library does not see.
template <class T>
[[nodiscard]] constexpr T byteswap(T value) noexcept {
  if constexpr (sizeof(T) == 2) {
    return __builtin_bswap16(value);
  } else if constexpr (sizeof(T) == 4) {
    return __builtin_bswap32(value);
  } else {
    static_assert(sizeof(T) == 8);
    return __builtin_bswap64(value);
  }
}

/// Reads an unsigned integer of type `T` in network byte order. Requires: sizeof(T) readable
/// octets.
template <class T>
[[nodiscard]] inline T load_be(const std::uint8_t* from) noexcept {
  T value = 0;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::little && sizeof(T) > 1) {
    value = byteswap(value);
  }
  return value;
}

/// Writes `value` in network byte order. Requires: sizeof(T) writable octets.
template <class T>
inline void store_be(std::uint8_t* to, T value) noexcept {
  if constexpr (std::endian::native == std::endian::little && sizeof(T) > 1) {
    value = byteswap(value);
  }
  std::memcpy(to, &value, sizeof value);
}

[[nodiscard]] inline std::uint16_t load_be16(const std::uint8_t* from) noexcept {
  return load_be<std::uint16_t>(from);
}

[[nodiscard]] inline std::uint32_t load_be32(const std::uint8_t* from) noexcept {
  return load_be<std::uint32_t>(from);
}

[[nodiscard]] inline std::uint64_t load_be64(const std::uint8_t* from) noexcept {
  return load_be<std::uint64_t>(from);
}

inline void store_be16(std::uint8_t* to, std::uint16_t value) noexcept {
  store_be(to, value);
}

inline void store_be32(std::uint8_t* to, std::uint32_t value) noexcept {
  store_be(to, value);
}

inline void store_be64(std::uint8_t* to, std::uint64_t value) noexcept {
  store_be(to, value);
}

/// Reads a value of a trivially copyable type as this machine stores it: memory formats, never the
/// wire.
template <class T>
[[nodiscard]] inline T load_native(const std::uint8_t* from) noexcept {
  T value{};
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
inline void store_native(std::uint8_t* to, const T& value) noexcept {
  std::memcpy(to, &value, sizeof value);
}

/// Appends `value` in network byte order.
template <class T>
inline void append_be(Octets& to, T value) {
  const std::size_t at = to.size();
  to.resize(at + sizeof value);
  store_be(to.data() + at, value);
}

inline void append(Octets& to, OctetSpan more) {
  to.insert(to.end(), more.begin(), more.end());
}

[[nodiscard]] inline std::string_view as_text(OctetSpan octets) noexcept {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

[[nodiscard]] inline OctetSpan as_octets(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

[[nodiscard]] inline Octets to_octets(OctetSpan from) {
  return {from.begin(), from.end()};
}

[[nodiscard]] inline bool equal(OctetSpan a, OctetSpan b) noexcept {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Lower case of one octet by the rule of RFC 4343 s3.2: A-Z only, everything else as it is.
[[nodiscard]] constexpr std::uint8_t to_lower(std::uint8_t c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c + ('a' - 'A')) : c;
}

}  // namespace tandem
