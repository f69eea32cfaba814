#include "common/base/encoding.h"

#include <array>
#include <cstdint>

namespace tandem {
namespace {

constexpr std::uint8_t kBad = 0xff;

consteval std::array<std::uint8_t, 256> reverse_of(std::string_view alphabet, bool fold_case) {
  std::array<std::uint8_t, 256> table{};
  table.fill(kBad);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    const auto c = static_cast<std::uint8_t>(alphabet[i]);
    table[c] = static_cast<std::uint8_t>(i);
    if (fold_case && c >= 'a' && c <= 'z') {
      table[c - 'a' + 'A'] = static_cast<std::uint8_t>(i);
    }
  }
  return table;
}

constexpr std::string_view kHexAlphabet = "0123456789abcdef";
constexpr std::string_view kHexUpperAlphabet = "0123456789ABCDEF";
constexpr std::string_view kBase32HexAlphabet = "0123456789abcdefghijklmnopqrstuv";
constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Packs groups of `Bits` bits, most significant first: the one shape that all three encodings
/// share.
template <unsigned Bits>
std::string encode(OctetSpan octets, std::string_view alphabet) {
  std::string out;
  out.reserve((octets.size() * 8 + Bits - 1) / Bits);
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const std::uint8_t octet : octets) {
    pending = (pending << 8U) | octet;
    pending_bits += 8;
    while (pending_bits >= Bits) {
      pending_bits -= Bits;
      out += alphabet[(pending >> pending_bits) & ((1U << Bits) - 1)];
    }
  }
  if (pending_bits > 0) {
    out += alphabet[(pending << (Bits - pending_bits)) & ((1U << Bits) - 1)];
  }
  return out;
}

template <unsigned Bits>
std::optional<Octets> decode(std::string_view text, const std::array<std::uint8_t, 256>& table) {
  Octets out;
  out.reserve(text.size() * Bits / 8);
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char c : text) {
    const std::uint8_t value = table[static_cast<std::uint8_t>(c)];
    if (value == kBad) {
      return std::nullopt;
    }
    pending = (pending << Bits) | value;
    pending_bits += Bits;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      out.push_back(static_cast<std::uint8_t>(pending >> pending_bits));
    }
  }
  const bool whole = pending_bits < Bits && (pending & ((1U << pending_bits) - 1)) == 0;
  return whole ? std::optional(std::move(out)) : std::nullopt;
}

constexpr auto kHexTable = reverse_of(kHexAlphabet, true);
constexpr auto kBase32HexTable = reverse_of(kBase32HexAlphabet, true);
constexpr auto kBase64Table = reverse_of(kBase64Alphabet, false);

}  // namespace

std::string to_hex(OctetSpan octets) {
  return encode<4>(octets, kHexAlphabet);
}

std::string to_hex_upper(OctetSpan octets) {
  return encode<4>(octets, kHexUpperAlphabet);
}

std::optional<Octets> from_hex(std::string_view text) {
  return decode<4>(text, kHexTable);
}

std::string to_base64(OctetSpan octets) {
  std::string out = encode<6>(octets, kBase64Alphabet);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<Octets> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
    text.remove_suffix(1);
  }
  return decode<6>(text, kBase64Table);
}

std::string to_base32hex(OctetSpan octets) {
  return encode<5>(octets, kBase32HexAlphabet);
}

std::optional<Octets> from_base32hex(std::string_view text) {
  return decode<5>(text, kBase32HexTable);
}

}  // namespace tandem
