#include "common/dns/rdata.h"

#include <algorithm>
#include <compare>
#include <iterator>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/dns/master_file_scanner.h"
#include "common/dns/rdata_field.h"
#include "common/dns/rdata_schema.h"
#include "common/dns/rdata_text.h"

namespace tandem {
namespace {

/// Calls `visit(kind, offset, octets)` for each field. Requires: valid rdata.
template <class Visit>
void each_field(const TypeSchema& schema, OctetSpan rdata, Visit visit) {
  std::size_t offset = 0;
  for (const FieldKind kind : schema.fields) {
    const std::size_t octets = field_octets(kind, rdata.subspan(offset));
    CHECK(octets != kDoesNotFit);
    visit(kind, offset, rdata.subspan(offset, octets));
    offset += octets;
  }
}

bool any_field(const TypeSchema& schema, bool (*is)(FieldKind)) {
  return std::ranges::any_of(schema.fields, is);
}

/// The fields one after the other, names decompressed where they may be compressed; the octets are
/// not judged beyond that.
Status decompress(const TypeSchema& schema, WireReader& reader, Octets& out) {
  for (const FieldKind kind : schema.fields) {
    if (may_be_compressed(kind)) {
      append(out, reader.name().wire());
      if (!reader.ok()) {
        return fail(Errc::kInvalid, "{} rdata has no whole domain name where one belongs",
                    to_text(schema.type));
      }
      continue;
    }
    WireReader ahead = reader;
    const std::size_t octets = field_octets(kind, ahead.rest());
    // What does not fit is taken as a whole, for validate_rdata() to refuse with its own words.
    append(out, reader.octets(std::min(octets, reader.left())));
  }
  append(out, reader.rest());
  return {};
}

Status append_generic(TokenCursor& from, Octets& to) {
  const std::size_t start = to.size();
  static_cast<void>(from.take());  // the \#
  const std::uint32_t octets = TRY(take_number(from, kMaxRdataOctets));
  const std::string text = TRY(take_rest(from, "octets as pairs of hex digits"));
  const auto rdata = from_hex(text);
  if (!rdata || rdata->size() != octets) {
    return fail(Errc::kInvalid, "{} record needs {} octets as pairs of hex digits after \\# {}",
                to_text(from.type()), octets, octets);
  }
  append(to, *rdata);
  return validate_rdata(from.type(), OctetSpan(to).subspan(start));
}

std::string generic_text(OctetSpan rdata) {
  return rdata.empty() ? "\\# 0" : fmt::format("\\# {} {}", rdata.size(), to_hex_upper(rdata));
}

Status append_fields(const TypeSchema& schema, TokenCursor& from, Octets& to) {
  const std::size_t start = to.size();
  for (const FieldKind kind : schema.fields) {
    TRYV(codec_of(kind).parse(from, to));
  }
  if (!from.at_end()) {
    static_cast<void>(from.take());
    return from.needs("nothing more");
  }
  const std::size_t octets = to.size() - start;
  if (octets > kMaxRdataOctets) {
    return fail(Errc::kInvalid, "{} record has {} octets of rdata, at most {} fit",
                to_text(from.type()), octets, kMaxRdataOctets);
  }
  if (schema.check == nullptr) {
    return {};
  }
  const Status status = schema.check(OctetSpan(to).subspan(start));
  return status ? Status{}
                : fail(Errc::kInvalid, "{} record {}", to_text(from.type()), status.error().detail);
}

int compare_octets(OctetSpan a, OctetSpan b) noexcept {
  const auto order = std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
  return order < 0 ? -1 : static_cast<int>(order > 0);
}

}  // namespace

Status append_rdata_from_tokens(TokenCursor& from, Octets& to) {
  const Token first = from.peek();
  if (first.kind == TokenKind::kPlain && first.text == "\\#") {
    return append_generic(from, to);
  }
  const TypeSchema* const schema = schema_of(from.type());
  if (schema == nullptr) {
    static_cast<void>(from.take());
    return from.needs("\\#, a length and hex digits, as its form is not known");
  }
  return append_fields(*schema, from, to);
}

Status append_rdata_from_wire(RrType type, WireReader reader, Octets& out) {
  if (!reader.ok()) {
    return fail(Errc::kInvalid, "{} rdata runs over the end of the message", to_text(type));
  }
  const TypeSchema* const schema = schema_of(type);
  const std::size_t start = out.size();
  Status status;
  if (schema != nullptr && any_field(*schema, may_be_compressed)) {
    status = decompress(*schema, reader, out);
  } else {
    append(out, reader.rest());
  }
  if (status) {
    status = validate_rdata(type, OctetSpan(out).subspan(start));
  }
  if (!status) {
    out.resize(start);
  }
  return status;
}

Status validate_rdata(RrType type, OctetSpan rdata) {
  if (rdata.size() > kMaxRdataOctets) {
    return fail(Errc::kInvalid, "{} rdata has {} octets, at most {} fit", to_text(type),
                rdata.size(), kMaxRdataOctets);
  }
  const TypeSchema* const schema = schema_of(type);
  if (schema == nullptr) {
    return {};
  }
  OctetSpan rest = rdata;
  for (const FieldKind kind : schema->fields) {
    const std::size_t octets = field_octets(kind, rest);
    if (octets == kDoesNotFit) {
      return fail(
          Errc::kInvalid, "{} rdata of {} octets {}", to_text(type), rdata.size(),
          is_name(kind) ? "has no whole domain name where one belongs" : "ends inside a field");
    }
    const auto check = codec_of(kind).check;
    const Status status = check != nullptr ? check(rest.first(octets)) : Status{};
    if (!status) {
      return fail(Errc::kInvalid, "{} rdata {}", to_text(type), status.error().detail);
    }
    rest = rest.subspan(octets);
  }
  if (!rest.empty()) {
    return fail(Errc::kInvalid, "{} rdata of {} octets has {} too many", to_text(type),
                rdata.size(), rest.size());
  }
  const Status status = schema->check != nullptr ? schema->check(rdata) : Status{};
  return status ? Status{}
                : fail(Errc::kInvalid, "{} rdata {}", to_text(type), status.error().detail);
}

std::string rdata_to_text(RrType type, OctetSpan rdata) {
  const TypeSchema* const schema = schema_of(type);
  if (schema == nullptr) {
    return generic_text(rdata);
  }
  std::string text;
  each_field(*schema, rdata, [&text](FieldKind kind, std::size_t, OctetSpan field) {
    const bool needs_separator = !text.empty();
    if (needs_separator) {
      text += ' ';
    }
    const std::size_t before = text.size();
    codec_of(kind).print(field, text);
    if (needs_separator && text.size() == before) {
      text.pop_back();
    }
  });
  return text;
}

namespace {

/// Whether a `;` stands outside of quotes and escapes. In a file what follows is for people; in
/// data that stands by itself it was meant, and would be lost.
bool has_comment(std::string_view text) noexcept {
  bool is_quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      is_quoted = !is_quoted;
    } else if (text[at] == ';' && !is_quoted) {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<Octets> rdata_from_text(RrType type, std::string_view text, NameView origin) {
  MasterFileScanner scanner(text);
  const auto found = scanner.next();
  if (found == MasterFileScanner::Found::kProblem) {
    return fail(Errc::kInvalid, "{} record: {}", to_text(type), scanner.problem().text);
  }
  if (has_comment(text)) {
    return fail(Errc::kInvalid, "{} record: `;` begins a comment; quote the text", to_text(type));
  }
  const bool has_tokens = found == MasterFileScanner::Found::kLine;
  TokenCursor cursor(type, has_tokens ? scanner.tokens() : std::span<const Token>(), origin);
  Octets rdata;
  TRYV(append_rdata_from_tokens(cursor, rdata));
  if (has_tokens && scanner.next() != MasterFileScanner::Found::kEnd) {
    return fail(Errc::kInvalid, "{} record goes on after its line, expected one line",
                to_text(type));
  }
  return rdata;
}

void append_canonical_rdata(RrType type, OctetSpan rdata, Octets& out) {
  const std::size_t start = out.size();
  append(out, rdata);
  const TypeSchema* const schema = schema_of(type);
  if (schema == nullptr || !any_field(*schema, is_folded)) {
    return;
  }
  each_field(*schema, rdata, [&](FieldKind kind, std::size_t offset, OctetSpan field) {
    if (is_folded(kind)) {
      fold_case(field, std::span(out).subspan(start + offset, field.size()));
    }
  });
}

int compare_rdata(RrType type, OctetSpan a, OctetSpan b) {
  const TypeSchema* const schema = schema_of(type);
  if (schema == nullptr || !any_field(*schema, is_folded)) {
    return compare_octets(a, b);
  }
  Octets canonical_a;
  Octets canonical_b;
  append_canonical_rdata(type, a, canonical_a);
  append_canonical_rdata(type, b, canonical_b);
  return compare_octets(canonical_a, canonical_b);
}

CompressibleNames compressible_names(RrType type, OctetSpan rdata) noexcept {
  CompressibleNames names;
  const TypeSchema* const schema = schema_of(type);
  if (schema == nullptr) {
    return names;
  }
  each_field(*schema, rdata, [&names](FieldKind kind, std::size_t offset, OctetSpan field) {
    if (kind == FieldKind::kCompressibleName) {
      names.name[names.count++] = {offset, field.size()};
    }
  });
  return names;
}

RdataName target_name(RrType type, OctetSpan rdata) noexcept {
  RdataName target;
  const TypeSchema* const schema = schema_of(type);
  if (schema == nullptr || schema->additional == AdditionalUse::kNone) {
    return target;
  }
  each_field(*schema, rdata, [&target](FieldKind kind, std::size_t offset, OctetSpan field) {
    if (is_name(kind)) {
      target = {offset, field.size()};
    }
  });
  return target;
}

bool is_known_type(RrType type) noexcept {
  return schema_of(type) != nullptr;
}

}  // namespace tandem
