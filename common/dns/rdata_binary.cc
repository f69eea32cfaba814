// Octets that text shows in a base: hex, base64, base32hex, and the dashed and colon-grouped hex of
// identifiers.
#include <array>
#include <iterator>

#include "common/base/encoding.h"
#include "common/dns/rdata_field.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxCountedOctets = 255;

/// Appends octets that a decoder gave, refusing none and nothing.
Status append_decoded(TokenCursor& from, const std::optional<Octets>& decoded,
                      std::string_view what, Octets& to) {
  if (!decoded || decoded->empty()) {
    return from.needs(what);
  }
  append(to, *decoded);
  return {};
}

/// One length octet and the octets.
Status append_counted(TokenCursor& from, const std::optional<Octets>& decoded,
                      std::string_view what, Octets& to) {
  if (!decoded || decoded->size() > kMaxCountedOctets) {
    return from.needs(what);
  }
  to.push_back(static_cast<std::uint8_t>(decoded->size()));
  append(to, *decoded);
  return {};
}

/// Pairs of hex digits joined by dashes, `count` of them (RFC 7043 s3.2, s4.2).
Status parse_eui(TokenCursor& from, std::size_t count, std::string_view what, Octets& to) {
  const Token token = from.take();
  if (token.kind != TokenKind::kPlain || token.text.size() != 3 * count - 1) {
    return from.needs(what);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto octet = from_hex(token.text.substr(3 * i, 2));
    const bool is_dashed = i + 1 == count || token.text[3 * i + 2] == '-';
    if (!octet || !is_dashed) {
      return from.needs(what);
    }
    append(to, *octet);
  }
  return {};
}

}  // namespace

Status parse_hex(TokenCursor& from, Octets& to) {
  constexpr std::string_view kWhat = "octets as pairs of hex digits";
  const std::string text = TRY(take_rest(from, kWhat));
  return append_decoded(from, from_hex(text), kWhat, to);
}

void print_hex(OctetSpan field, std::string& to) {
  to += to_hex_upper(field);
}

Status parse_base64(TokenCursor& from, Octets& to) {
  constexpr std::string_view kWhat = "octets in base64";
  const std::string text = TRY(take_rest(from, kWhat));
  return append_decoded(from, from_base64(text), kWhat, to);
}

void print_base64(OctetSpan field, std::string& to) {
  to += to_base64(field);
}

Status parse_salt(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  constexpr std::string_view kWhat = "a salt of at most 255 octets as pairs of hex digits, or -";
  if (token.kind != TokenKind::kPlain) {
    return from.needs(kWhat);
  }
  return append_counted(from, token.text == "-" ? Octets() : from_hex(token.text), kWhat, to);
}

void print_salt(OctetSpan field, std::string& to) {
  to += field.size() == 1 ? "-" : to_hex_upper(field.subspan(1));
}

Status parse_hash(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  constexpr std::string_view kWhat = "a hash of at most 255 octets in base32hex";
  if (token.kind != TokenKind::kPlain) {
    return from.needs(kWhat);
  }
  return append_counted(from, from_base32hex(token.text), kWhat, to);
}

void print_hash(OctetSpan field, std::string& to) {
  to += to_base32hex(field.subspan(1));
}

Status parse_locator64(TokenCursor& from, Octets& to) {
  constexpr std::string_view kWhat = "four groups of hex digits such as 2001:db8:1140:1000";
  const Token token = from.take();
  std::string_view text = token.kind == TokenKind::kPlain ? token.text : std::string_view();
  for (std::size_t i = 0; i < 4; ++i) {
    const bool is_last = i == 3;
    const std::size_t digits = is_last ? text.size() : text.find(':');
    if (digits == 0 || digits > 4) {
      return from.needs(kWhat);
    }
    const auto group = from_hex(std::string(4 - digits, '0').append(text.substr(0, digits)));
    if (!group) {
      return from.needs(kWhat);
    }
    append(to, *group);
    text.remove_prefix(is_last ? digits : digits + 1);
  }
  return {};
}

void print_locator64(OctetSpan field, std::string& to) {
  const auto group = [field](std::size_t i) { return load_be16(field.data() + 2 * i); };
  fmt::format_to(std::back_inserter(to), "{:04x}:{:04x}:{:04x}:{:04x}", group(0), group(1),
                 group(2), group(3));
}

Status parse_eui48(TokenCursor& from, Octets& to) {
  return parse_eui(from, 6, "six octets such as 00-00-5e-00-53-2a", to);
}

Status parse_eui64(TokenCursor& from, Octets& to) {
  return parse_eui(from, 8, "eight octets such as 00-00-5e-ef-10-00-00-2a", to);
}

void print_eui(OctetSpan field, std::string& to) {
  for (std::size_t i = 0; i < field.size(); ++i) {
    fmt::format_to(std::back_inserter(to), "{}{:02x}", i == 0 ? "" : "-", field[i]);
  }
}

}  // namespace tandem
