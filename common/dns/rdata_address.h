// IP addresses as text and back, without copies: dotted quads, and IPv6 by RFC 4291 s2.2 in, RFC
// 5952 out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tandem {

using Ipv4Octets = std::array<std::uint8_t, 4>;
using Ipv6Octets = std::array<std::uint8_t, 16>;

/// Four decimal numbers up to 255 without leading zeros; nothing for anything else.
[[nodiscard]] std::optional<Ipv4Octets> ipv4_from_text(std::string_view text) noexcept;
/// All forms of RFC 4291 s2.2, a dotted quad at the end included; no zone index.
[[nodiscard]] std::optional<Ipv6Octets> ipv6_from_text(std::string_view text) noexcept;

void append_ipv4_text(std::span<const std::uint8_t, 4> address, std::string& to);
/// RFC 5952 s4, with s5 for addresses that map IPv4.
void append_ipv6_text(std::span<const std::uint8_t, 16> address, std::string& to);

}  // namespace tandem
