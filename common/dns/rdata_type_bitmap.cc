// Type bitmaps of NSEC, NSEC3 and CSYNC (RFC 4034 s4.1.2, RFC 5155 s3.2.1, RFC 7477 s2.1.1.2):
//   bitmap := (window u8, length u8 of 1..32, octets)+, windows ascending, no trailing zero octet.
#include <algorithm>
#include <array>
#include <vector>

#include "common/dns/rdata_field.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxWindowOctets = 32;
constexpr std::size_t kWindowHeadOctets = 2;

/// Appends the windows of `types`, sorted and without duplicates.
void append_bitmap(const std::vector<std::uint16_t>& types, Octets& to) {
  for (auto at = types.begin(); at != types.end();) {
    const auto window = static_cast<std::uint8_t>(*at >> 8U);
    std::array<std::uint8_t, kMaxWindowOctets> bits{};
    std::size_t octets = 0;
    for (; at != types.end() && *at >> 8U == window; ++at) {
      const std::size_t low = *at & 0xffU;
      octets = low / 8 + 1;
      bits[low / 8] = static_cast<std::uint8_t>(bits[low / 8] | (0x80U >> (low % 8)));
    }
    to.push_back(window);
    to.push_back(static_cast<std::uint8_t>(octets));
    append(to, {bits.data(), octets});
  }
}

}  // namespace

Status check_types_or_none(OctetSpan field) {
  int previous_window = -1;
  while (!field.empty()) {
    const std::size_t octets = field.size() < kWindowHeadOctets ? 0 : field[1];
    if (octets == 0 || octets > kMaxWindowOctets || kWindowHeadOctets + octets > field.size()) {
      return fail(Errc::kInvalid, "has a type bitmap window of a wrong length, expected 1 to 32");
    }
    if (field[0] <= previous_window) {
      return fail(Errc::kInvalid, "has type bitmap windows out of order");
    }
    if (field[kWindowHeadOctets + octets - 1] == 0) {
      return fail(Errc::kInvalid, "has a type bitmap window that ends with a zero octet");
    }
    previous_window = field[0];
    field = field.subspan(kWindowHeadOctets + octets);
  }
  return {};
}

Status check_types(OctetSpan field) {
  return field.empty() ? fail(Errc::kInvalid, "has no types, expected at least one")
                       : check_types_or_none(field);
}

Status parse_types_or_none(TokenCursor& from, Octets& to) {
  std::vector<std::uint16_t> types;
  while (!from.at_end()) {
    const Token token = from.take();
    const auto type =
        token.kind == TokenKind::kPlain ? rr_type_from_text(token.text) : std::nullopt;
    if (!type) {
      return from.needs("record types");
    }
    types.push_back(number(*type));
  }
  std::ranges::sort(types);
  types.erase(std::ranges::unique(types).begin(), types.end());
  append_bitmap(types, to);
  return {};
}

Status parse_types(TokenCursor& from, Octets& to) {
  if (from.at_end()) {
    static_cast<void>(from.take());
    return from.needs("at least one record type");
  }
  return parse_types_or_none(from, to);
}

void print_types(OctetSpan field, std::string& to) {
  std::string_view separator;
  while (!field.empty()) {
    const std::size_t octets = field[1];
    for (std::size_t bit = 0; bit < octets * 8; ++bit) {
      if ((field[kWindowHeadOctets + bit / 8] & (0x80U >> (bit % 8))) != 0) {
        to += separator;
        to += to_text(static_cast<RrType>(field[0] * std::size_t{256} + bit));
        separator = " ";
      }
    }
    field = field.subspan(kWindowHeadOctets + octets);
  }
}

}  // namespace tandem
