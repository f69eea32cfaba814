// IPSECKEY (RFC 4025 s2, s3) and HIP (RFC 8005 s5, s6): keys whose place depends on octets before
// them.
//   IPSECKEY := precedence u8, gateway type u8, algorithm u8, gateway, key
//   gateway  := nothing (type 0) | IPv4 (1) | IPv6 (2) | uncompressed name (3)
//   HIP      := HIT length u8, algorithm u8, key length u16, HIT, key, rendezvous server name*
#include <iterator>
#include <limits>

#include "common/base/encoding.h"
#include "common/dns/name.h"
#include "common/dns/rdata_field.h"

namespace tandem {
namespace {

constexpr std::size_t kIpsecHeadOctets = 3;
constexpr std::size_t kHostHeadOctets = 4;
constexpr std::uint8_t kGatewayTypes = 4;

/// The field that stands for a gateway of each type but 0. Requires: type from 1 to 3.
FieldKind gateway_kind(std::uint8_t gateway_type) noexcept {
  switch (gateway_type) {
    case 1:
      return FieldKind::kIpv4;
    case 2:
      return FieldKind::kIpv6;
    default:
      return FieldKind::kPlainName;
  }
}

std::size_t gateway_octets(std::uint8_t gateway_type, OctetSpan rest) noexcept {
  return gateway_type == 0 ? 0 : field_octets(gateway_kind(gateway_type), rest);
}

Status parse_gateway(TokenCursor& from, std::uint8_t gateway_type, Octets& to) {
  if (gateway_type != 0) {
    return codec_of(gateway_kind(gateway_type)).parse(from, to);
  }
  const Token token = from.take();
  return token.kind == TokenKind::kPlain && token.text == "."
             ? Status{}
             : from.needs("a single dot for gateway type 0");
}

/// One token of base64 or hex that is not empty.
Status append_one(TokenCursor& from, std::optional<Octets> (*decode)(std::string_view),
                  std::size_t max_octets, std::string_view what, Octets& to) {
  const Token token = from.take();
  const auto octets = token.kind == TokenKind::kPlain ? decode(token.text) : std::nullopt;
  if (!octets || octets->empty() || octets->size() > max_octets) {
    return from.needs(what);
  }
  append(to, *octets);
  return {};
}

}  // namespace

Status check_ipsec_key(OctetSpan field) {
  if (field.size() < kIpsecHeadOctets || field[1] >= kGatewayTypes) {
    return fail(Errc::kInvalid, "is too short or has a gateway type above 3");
  }
  const OctetSpan rest = field.subspan(kIpsecHeadOctets);
  const std::size_t octets = gateway_octets(field[1], rest);
  if (octets == kDoesNotFit) {
    return fail(Errc::kInvalid, "has no whole gateway of type {}", field[1]);
  }
  if (field[2] == 0 && octets < rest.size()) {
    return fail(Errc::kInvalid, "has a key, but algorithm 0 says that there is none");
  }
  return {};
}

Status parse_ipsec_key(TokenCursor& from, Octets& to) {
  const std::uint32_t precedence = TRY(take_number(from, 255));
  const std::uint32_t gateway_type = TRY(take_number(from, kGatewayTypes - 1));
  const std::uint32_t algorithm = TRY(take_number(from, 255));
  to.push_back(static_cast<std::uint8_t>(precedence));
  to.push_back(static_cast<std::uint8_t>(gateway_type));
  to.push_back(static_cast<std::uint8_t>(algorithm));
  TRYV(parse_gateway(from, static_cast<std::uint8_t>(gateway_type), to));
  // RFC 4025 s3.1: the key is optional. With algorithm 0 none is there (s2.4), and one would be
  // left over.
  return algorithm == 0 || from.at_end() ? Status{} : parse_base64(from, to);
}

void print_ipsec_key(OctetSpan field, std::string& to) {
  fmt::format_to(std::back_inserter(to), "{} {} {} ", field[0], field[1], field[2]);
  const OctetSpan rest = field.subspan(kIpsecHeadOctets);
  const std::size_t octets = gateway_octets(field[1], rest);
  if (octets == 0) {
    to += '.';
  } else {
    codec_of(gateway_kind(field[1])).print(rest.first(octets), to);
  }
  if (octets < rest.size()) {
    to += ' ';
    print_base64(rest.subspan(octets), to);
  }
}

Status check_host_identity(OctetSpan field) {
  if (field.size() < kHostHeadOctets) {
    return fail(Errc::kInvalid, "ends before its identity");
  }
  const std::size_t tag_octets = field[0];
  const std::size_t key_octets = load_be16(field.data() + 2);
  OctetSpan rest = field.subspan(kHostHeadOctets);
  if (tag_octets == 0 || key_octets == 0 || tag_octets + key_octets > rest.size()) {
    return fail(Errc::kInvalid, "has an identity tag of {} and a key of {} octets in {}",
                tag_octets, key_octets, rest.size());
  }
  rest = rest.subspan(tag_octets + key_octets);
  while (!rest.empty()) {
    const std::size_t name_octets = wire_name_octets(rest);
    if (name_octets == 0) {
      return fail(Errc::kInvalid, "has a rendezvous server that is no domain name");
    }
    rest = rest.subspan(name_octets);
  }
  return {};
}

Status parse_host_identity(TokenCursor& from, Octets& to) {
  const std::size_t start = to.size();
  const std::uint32_t algorithm = TRY(take_number(from, 255));
  to.resize(start + kHostHeadOctets);
  TRYV(append_one(from, from_hex, 255, "an identity tag as pairs of hex digits", to));
  const std::size_t tag_octets = to.size() - start - kHostHeadOctets;
  TRYV(append_one(from, from_base64, std::numeric_limits<std::uint16_t>::max(),
                  "a public key in base64 without spaces", to));
  const std::size_t key_octets = to.size() - start - kHostHeadOctets - tag_octets;
  to[start] = static_cast<std::uint8_t>(tag_octets);
  to[start + 1] = static_cast<std::uint8_t>(algorithm);
  store_be16(to.data() + start + 2, static_cast<std::uint16_t>(key_octets));
  while (!from.at_end()) {
    TRYV(append_name(from, to));
  }
  return {};
}

void print_host_identity(OctetSpan field, std::string& to) {
  const std::size_t tag_octets = field[0];
  const std::size_t key_octets = load_be16(field.data() + 2);
  fmt::format_to(std::back_inserter(to), "{} ", field[1]);
  print_hex(field.subspan(kHostHeadOctets, tag_octets), to);
  to += ' ';
  print_base64(field.subspan(kHostHeadOctets + tag_octets, key_octets), to);
  OctetSpan rest = field.subspan(kHostHeadOctets + tag_octets + key_octets);
  while (!rest.empty()) {
    const OctetSpan name = rest.first(wire_name_octets(rest));
    to += ' ';
    to += NameView::unchecked(name).to_text();
    rest = rest.subspan(name.size());
  }
}

}  // namespace tandem
