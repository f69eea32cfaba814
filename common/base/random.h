// Random octets for ids, keys and tokens, from the kernel.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace tandem {

/// Fills `out` by getrandom(2). Aborts when the kernel has none to give, which does not happen
/// after boot.
void random_octets(std::span<std::uint8_t> out) noexcept;

template <std::size_t N>
[[nodiscard]] std::array<std::uint8_t, N> random_array() noexcept {
  std::array<std::uint8_t, N> out{};
  random_octets(out);
  return out;
}

/// For the id of a DNS message.
[[nodiscard]] std::uint16_t random_u16() noexcept;

}  // namespace tandem
