#include "common/dns/rdata_field.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "common/dns/name.h"
#include "common/dns/rdata_address.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxTextOctets = 255;  // RFC 1035 s3.3: one length octet

// ---- integers and addresses

template <class T>
Status parse_integer(TokenCursor& from, Octets& to) {
  append_be(to, static_cast<T>(TRY(take_number(from, std::numeric_limits<T>::max()))));
  return {};
}

template <class T>
void print_integer(OctetSpan field, std::string& to) {
  fmt::format_to(std::back_inserter(to), "{}", load_be<T>(field.data()));
}

Status parse_seconds(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  if (token.kind == TokenKind::kPlain) {
    constexpr auto kMax = std::numeric_limits<std::uint32_t>::max();
    if (const auto seconds = seconds_from_text(token.text, kMax)) {
      append_be(to, *seconds);
      return {};
    }
  }
  return from.needs("a time in seconds or units such as 1h30m");
}

Status parse_ipv4(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  if (token.kind == TokenKind::kPlain) {
    if (const auto address = ipv4_from_text(token.text)) {
      append(to, *address);
      return {};
    }
  }
  return from.needs("an IPv4 address");
}

void print_ipv4(OctetSpan field, std::string& to) {
  append_ipv4_text(field.first<4>(), to);
}

Status parse_ipv6(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  if (token.kind == TokenKind::kPlain) {
    if (const auto address = ipv6_from_text(token.text)) {
      append(to, *address);
      return {};
    }
  }
  return from.needs("an IPv6 address");
}

void print_ipv6(OctetSpan field, std::string& to) {
  append_ipv6_text(field.first<16>(), to);
}

void print_name(OctetSpan field, std::string& to) {
  to += NameView::unchecked(field).to_text();
}

// ---- character-strings

Status parse_text(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  if (token.kind == TokenKind::kEnd) {
    return from.needs("a string");
  }
  const std::size_t length_at = to.size();
  to.push_back(0);
  if (!append_unescaped(token.text, to)) {
    return from.needs("one character or three digits up to 255 after each backslash");
  }
  const std::size_t length = to.size() - length_at - 1;
  if (length > kMaxTextOctets) {
    return fail(
        Errc::kInvalid,
        "{} record has a string of {} octets, at most 255 fit: split it into several strings",
        to_text(from.type()), length);
  }
  to[length_at] = static_cast<std::uint8_t>(length);
  return {};
}

void print_text(OctetSpan field, std::string& to) {
  append_quoted(field.subspan(1), to);
}

Status check_texts(OctetSpan field) {
  if (field.empty()) {
    return fail(Errc::kInvalid, "has no string, expected at least one");
  }
  while (!field.empty()) {
    const std::size_t octets = 1U + field[0];
    if (octets > field.size()) {
      return fail(Errc::kInvalid, "has a string of {} octets with {} left", octets - 1,
                  field.size() - 1);
    }
    field = field.subspan(octets);
  }
  return {};
}

Status parse_texts(TokenCursor& from, Octets& to) {
  do {
    TRYV(parse_text(from, to));
  } while (!from.at_end());
  return {};
}

void print_texts(OctetSpan field, std::string& to) {
  while (!field.empty()) {
    const std::size_t octets = 1U + field[0];
    print_text(field.first(octets), to);
    field = field.subspan(octets);
    if (!field.empty()) {
      to += ' ';
    }
  }
}

bool is_tag_octet(std::uint8_t c) noexcept {
  return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

/// RFC 8659 s4.1: at least one letter or digit, and nothing else.
Status check_tag(OctetSpan field) {
  if (field.size() < 2 || !std::ranges::all_of(field.subspan(1), is_tag_octet)) {
    return fail(Errc::kInvalid, "has a tag that is not of letters and digits");
  }
  return {};
}

Status parse_tag(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  const OctetSpan tag = as_octets(token.text);
  if (tag.empty() || tag.size() > kMaxTextOctets || !std::ranges::all_of(tag, is_tag_octet)) {
    return from.needs("a tag of letters and digits");
  }
  to.push_back(static_cast<std::uint8_t>(tag.size()));
  append(to, tag);
  return {};
}

void print_tag(OctetSpan field, std::string& to) {
  to += as_text(field.subspan(1));
}

Status parse_value(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  if (token.kind == TokenKind::kEnd) {
    return from.needs("a value");
  }
  if (!append_unescaped(token.text, to)) {
    return from.needs("one character or three digits up to 255 after each backslash");
  }
  return {};
}

Status check_not_empty(OctetSpan field) {
  return field.empty() ? fail(Errc::kInvalid, "ends before its last field") : Status{};
}

/// RFC 7553 s4.4: the target must not be empty.
Status parse_target(TokenCursor& from, Octets& to) {
  const std::size_t before = to.size();
  TRYV(parse_value(from, to));
  return to.size() == before ? from.needs("a URI") : Status{};
}

/// RFC 5155 s3.1.7: a hash has at least one octet.
Status check_hash(OctetSpan field) {
  return field.size() < 2 ? fail(Errc::kInvalid, "has an empty hash") : Status{};
}

// ---- the table

constexpr FieldExtent fixed(std::uint8_t octets) {
  return {FieldExtent::Shape::kFixed, octets};
}

constexpr FieldExtent kName{FieldExtent::Shape::kName};
constexpr FieldExtent kCounted{FieldExtent::Shape::kCounted};
constexpr FieldExtent kRest{FieldExtent::Shape::kRest};

using Kind = FieldKind;

constexpr std::array<FieldCodec, kFieldKinds> kCodecs = {{
    {Kind::kU8, fixed(1), nullptr, parse_integer<std::uint8_t>, print_integer<std::uint8_t>},
    {Kind::kU16, fixed(2), nullptr, parse_integer<std::uint16_t>, print_integer<std::uint16_t>},
    {Kind::kU32, fixed(4), nullptr, parse_integer<std::uint32_t>, print_integer<std::uint32_t>},
    {Kind::kSeconds, fixed(4), nullptr, parse_seconds, print_integer<std::uint32_t>},
    {Kind::kTime, fixed(4), nullptr, parse_time, print_time},
    {Kind::kType, fixed(2), nullptr, parse_type, print_type},
    {Kind::kAlgorithm, fixed(1), nullptr, parse_algorithm, print_integer<std::uint8_t>},
    {Kind::kCertType, fixed(2), nullptr, parse_cert_type, print_integer<std::uint16_t>},
    {Kind::kIpv4, fixed(4), nullptr, parse_ipv4, print_ipv4},
    {Kind::kIpv6, fixed(16), nullptr, parse_ipv6, print_ipv6},
    {Kind::kCompressibleName, kName, nullptr, append_name, print_name},
    {Kind::kDecompressedName, kName, nullptr, append_name, print_name},
    {Kind::kFoldedName, kName, nullptr, append_name, print_name},
    {Kind::kPlainName, kName, nullptr, append_name, print_name},
    {Kind::kText, kCounted, nullptr, parse_text, print_text},
    {Kind::kTexts, kRest, check_texts, parse_texts, print_texts},
    {Kind::kTag, kCounted, check_tag, parse_tag, print_tag},
    {Kind::kValue, kRest, nullptr, parse_value, append_quoted},
    {Kind::kTarget, kRest, check_not_empty, parse_target, append_quoted},
    {Kind::kHex, kRest, check_not_empty, parse_hex, print_hex},
    {Kind::kBase64, kRest, check_not_empty, parse_base64, print_base64},
    {Kind::kSalt, kCounted, nullptr, parse_salt, print_salt},
    {Kind::kHash, kCounted, check_hash, parse_hash, print_hash},
    {Kind::kTypes, kRest, check_types, parse_types, print_types},
    {Kind::kTypesOrNone, kRest, check_types_or_none, parse_types_or_none, print_types},
    {Kind::kLocator64, fixed(8), nullptr, parse_locator64, print_locator64},
    {Kind::kEui48, fixed(6), nullptr, parse_eui48, print_eui},
    {Kind::kEui64, fixed(8), nullptr, parse_eui64, print_eui},
    {Kind::kLocation, kRest, check_location, parse_location, print_location},
    {Kind::kPrefixes, kRest, check_prefixes, parse_prefixes, print_prefixes},
    {Kind::kIpsecKey, kRest, check_ipsec_key, parse_ipsec_key, print_ipsec_key},
    {Kind::kHostIdentity, kRest, check_host_identity, parse_host_identity, print_host_identity},
    {Kind::kServiceParams, kRest, check_service_params, parse_service_params, print_service_params},
}};

consteval bool rows_are_in_order() {
  for (std::size_t i = 0; i < kFieldKinds; ++i) {
    if (kCodecs[i].kind != static_cast<FieldKind>(i)) {
      return false;
    }
  }
  return true;
}

static_assert(rows_are_in_order(), "codec_of() indexes the table by kind");

}  // namespace

const FieldCodec& codec_of(FieldKind kind) noexcept {
  return kCodecs[static_cast<std::size_t>(kind)];
}

std::size_t field_octets(FieldKind kind, OctetSpan rest) noexcept {
  const FieldExtent extent = codec_of(kind).extent;
  std::size_t octets = rest.size();
  switch (extent.shape) {
    case FieldExtent::Shape::kFixed:
      octets = extent.octets;
      break;
    case FieldExtent::Shape::kName:
      octets = wire_name_octets(rest);
      return octets == 0 ? kDoesNotFit : octets;
    case FieldExtent::Shape::kCounted:
      octets = rest.empty() ? 1 : 1U + rest[0];
      break;
    case FieldExtent::Shape::kRest:
      break;
  }
  return octets > rest.size() ? kDoesNotFit : octets;
}

}  // namespace tandem
