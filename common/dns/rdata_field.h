// How each kind of rdata field behaves: which octets it takes, whether they are good, text in, text
// out. One row per kind; the walks in rdata.cc know nothing more. Immutable; any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/rdata_schema.h"
#include "common/dns/rdata_text.h"

namespace tandem {

/// How many octets a field takes of those that are left.
struct FieldExtent {
  enum class Shape : std::uint8_t { kFixed, kName, kCounted, kRest };

  Shape shape = Shape::kRest;
  std::uint8_t octets = 0;  // of kFixed
};

struct FieldCodec {
  FieldKind kind{};
  FieldExtent extent;
  /// Whether octets of the right extent are good. Null: always. Fails: kInvalid.
  Status (*check)(OctetSpan field) = nullptr;
  /// Takes the field's tokens and appends its octets. Fails: kInvalid; `to` may have grown then.
  Status (*parse)(TokenCursor& from, Octets& to) = nullptr;
  /// Appends presentation form, nothing for an empty list. Requires: a good field.
  void (*print)(OctetSpan field, std::string& to) = nullptr;
};

[[nodiscard]] const FieldCodec& codec_of(FieldKind kind) noexcept;

constexpr std::size_t kDoesNotFit = std::numeric_limits<std::size_t>::max();

/// Octets of the field of `kind` at the start of `rest`; kDoesNotFit when `rest` ends before it
/// does.
[[nodiscard]] std::size_t field_octets(FieldKind kind, OctetSpan rest) noexcept;

// The kinds with a file of their own. Each triple is check, parse, print of one kind.

Status check_types(OctetSpan field);
Status check_types_or_none(OctetSpan field);
Status parse_types(TokenCursor& from, Octets& to);
Status parse_types_or_none(TokenCursor& from, Octets& to);
void print_types(OctetSpan field, std::string& to);

Status check_location(OctetSpan field);
Status parse_location(TokenCursor& from, Octets& to);
void print_location(OctetSpan field, std::string& to);

Status check_prefixes(OctetSpan field);
Status parse_prefixes(TokenCursor& from, Octets& to);
void print_prefixes(OctetSpan field, std::string& to);

Status check_ipsec_key(OctetSpan field);
Status parse_ipsec_key(TokenCursor& from, Octets& to);
void print_ipsec_key(OctetSpan field, std::string& to);

Status check_host_identity(OctetSpan field);
Status parse_host_identity(TokenCursor& from, Octets& to);
void print_host_identity(OctetSpan field, std::string& to);

Status check_service_params(OctetSpan field);
Status parse_service_params(TokenCursor& from, Octets& to);
void print_service_params(OctetSpan field, std::string& to);

// rdata_binary.cc: octets shown in a base.

Status parse_hex(TokenCursor& from, Octets& to);
void print_hex(OctetSpan field, std::string& to);
Status parse_base64(TokenCursor& from, Octets& to);
void print_base64(OctetSpan field, std::string& to);
Status parse_salt(TokenCursor& from, Octets& to);
void print_salt(OctetSpan field, std::string& to);
Status parse_hash(TokenCursor& from, Octets& to);
void print_hash(OctetSpan field, std::string& to);
Status parse_locator64(TokenCursor& from, Octets& to);
void print_locator64(OctetSpan field, std::string& to);
Status parse_eui48(TokenCursor& from, Octets& to);
Status parse_eui64(TokenCursor& from, Octets& to);
void print_eui(OctetSpan field, std::string& to);

// rdata_number.cc: integers that text shows in another way.

Status parse_time(TokenCursor& from, Octets& to);
void print_time(OctetSpan field, std::string& to);
Status parse_type(TokenCursor& from, Octets& to);
void print_type(OctetSpan field, std::string& to);
Status parse_algorithm(TokenCursor& from, Octets& to);
Status parse_cert_type(TokenCursor& from, Octets& to);

}  // namespace tandem
