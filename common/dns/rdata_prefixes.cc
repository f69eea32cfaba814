// APL (RFC 3123 s4, s5):
//   rdata := item*,  item := family u16 (1 or 2), prefix u8, negation bit and length u8, address
//   octets text  := [!]family:address/prefix ...
#include <algorithm>
#include <array>
#include <iterator>

#include "common/dns/rdata_address.h"
#include "common/dns/rdata_field.h"

namespace tandem {
namespace {

constexpr std::size_t kItemHeadOctets = 4;
constexpr std::uint16_t kFamilyIpv4 = 1;
constexpr std::uint16_t kFamilyIpv6 = 2;
constexpr std::uint8_t kNegationBit = 0x80;
constexpr std::uint8_t kLengthBits = 0x7f;

/// Octets of a whole address; 0 for a family that has no text form (RFC 3123 s4 knows two).
std::size_t address_octets(std::uint16_t family) noexcept {
  switch (family) {
    case kFamilyIpv4:
      return 4;
    case kFamilyIpv6:
      return 16;
    default:
      return 0;
  }
}

/// Octets of the item at the start of `rest`; 0 when it is no good one.
std::size_t item_octets(OctetSpan rest) noexcept {
  if (rest.size() < kItemHeadOctets) {
    return 0;
  }
  const std::size_t whole = address_octets(load_be16(rest.data()));
  const std::size_t length = rest[3] & kLengthBits;
  const std::size_t octets = kItemHeadOctets + length;
  const bool fits = length <= whole && rest[2] <= whole * 8 && octets <= rest.size();
  if (!fits || whole == 0 || (length > 0 && rest[octets - 1] == 0)) {
    return 0;
  }
  return octets;
}

/// The address without the zero octets at its end.
OctetSpan significant(OctetSpan address) noexcept {
  while (!address.empty() && address.back() == 0) {
    address = address.first(address.size() - 1);
  }
  return address;
}

/// One `[!]family:address/prefix`; false when it is none.
bool append_item(std::string_view text, Octets& to) {
  const bool is_negated = text.starts_with('!');
  text.remove_prefix(is_negated ? 1 : 0);
  const std::size_t colon = text.find(':');
  const std::size_t slash = text.rfind('/');
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon) {
    return false;
  }
  const auto family = number_from_text(text.substr(0, colon), kFamilyIpv6);
  const std::string_view address_text = text.substr(colon + 1, slash - colon - 1);
  const auto ipv4 = family == kFamilyIpv4 ? ipv4_from_text(address_text) : std::nullopt;
  const auto ipv6 = family == kFamilyIpv6 ? ipv6_from_text(address_text) : std::nullopt;
  if (!ipv4 && !ipv6) {
    return false;
  }
  const OctetSpan whole = ipv4 ? OctetSpan(*ipv4) : OctetSpan(*ipv6);
  const auto prefix =
      number_from_text(text.substr(slash + 1), static_cast<std::uint32_t>(whole.size() * 8));
  if (!prefix) {
    return false;
  }
  const OctetSpan address = significant(whole);
  append_be(to, static_cast<std::uint16_t>(*family));
  to.push_back(static_cast<std::uint8_t>(*prefix));
  to.push_back(static_cast<std::uint8_t>(address.size() | (is_negated ? kNegationBit : 0U)));
  append(to, address);
  return true;
}

void print_item(OctetSpan item, std::string& to) {
  std::array<std::uint8_t, 16> address{};
  std::ranges::copy(item.subspan(kItemHeadOctets), address.begin());
  const std::uint16_t family = load_be16(item.data());
  fmt::format_to(std::back_inserter(to), "{}{}:", (item[3] & kNegationBit) != 0 ? "!" : "", family);
  if (family == kFamilyIpv4) {
    append_ipv4_text(std::span(address).first<4>(), to);
  } else {
    append_ipv6_text(address, to);
  }
  fmt::format_to(std::back_inserter(to), "/{}", item[2]);
}

}  // namespace

Status check_prefixes(OctetSpan field) {
  while (!field.empty()) {
    const std::size_t octets = item_octets(field);
    if (octets == 0) {
      return fail(Errc::kInvalid, "has an address prefix of an unknown family or a wrong length");
    }
    field = field.subspan(octets);
  }
  return {};
}

Status parse_prefixes(TokenCursor& from, Octets& to) {
  while (!from.at_end()) {
    const Token token = from.take();
    if (token.kind != TokenKind::kPlain || !append_item(token.text, to)) {
      return from.needs("address prefixes such as 1:192.0.2.0/24 or !2:2001:db8::/32");
    }
  }
  return {};
}

void print_prefixes(OctetSpan field, std::string& to) {
  std::string_view separator;
  while (!field.empty()) {
    const std::size_t octets = item_octets(field);
    to += separator;
    print_item(field.first(octets), to);
    separator = " ";
    field = field.subspan(octets);
  }
}

}  // namespace tandem
