// What each record type's rdata is made of: one row per type, a list of fields. Every walk over
// rdata (wire in, wire out, text in, text out, canonical form) reads this table and nothing else
// about the type. Immutable; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/types.h"

namespace tandem {

/// The kinds of field. Which octets a kind takes and how it reads and prints is its row in
/// rdata_field.cc.
enum class FieldKind : std::uint8_t {
  kU8,
  kU16,
  kU32,
  kSeconds,    // 32 bits, TTL units accepted in text
  kTime,       // 32 bits, YYYYMMDDHHmmSS in text
  kType,       // 16 bits, a type's mnemonic in text
  kAlgorithm,  // 8 bits, DNSSEC algorithm
  kCertType,   // 16 bits, RFC 4398 s2.1
  kIpv4,
  kIpv6,
  // Names differ in what RFC 3597 s4 and RFC 4034 s6.2 (with RFC 6840 s5.1) let be done with them:
  kCompressibleName,  // compressed when sent, decompressed when received, folded in canonical form
  kDecompressedName,  // decompressed when received, folded
  kFoldedName,        // never compressed, folded
  kPlainName,         // never compressed, case kept
  kText,              // one character-string
  kTexts,             // one or more, to the end
  kTag,               // character-string of letters and digits (CAA)
  kValue,             // text to the end, without a length (CAA)
  kTarget,            // the same, not empty (URI)
  kHex,               // to the end, not empty
  kBase64,            // to the end, not empty
  kSalt,              // length and octets, hex or "-" in text (NSEC3)
  kHash,              // length and octets, not empty, base32hex in text (NSEC3)
  kTypes,             // type bitmap, to the end
  kTypesOrNone,       // the same, may be empty
  kLocator64,         // 64 bits as four groups of hex digits (RFC 6742)
  kEui48,
  kEui64,
  // Rdata whose layout depends on its own values, to the end:
  kLocation,  // LOC
  kPrefixes,  // APL
  kIpsecKey,
  kHostIdentity,  // HIP
  kServiceParams  // SVCB, HTTPS
};

constexpr std::size_t kFieldKinds = static_cast<std::size_t>(FieldKind::kServiceParams) + 1;

class FieldList {
 public:
  static constexpr std::size_t kMaxFields = 9;  // RRSIG

  constexpr FieldList(std::initializer_list<FieldKind> kinds) {
    for (const FieldKind kind : kinds) {
      kinds_[count_++] = kind;
    }
  }

  [[nodiscard]] constexpr const FieldKind* begin() const noexcept { return kinds_.data(); }

  [[nodiscard]] constexpr const FieldKind* end() const noexcept { return kinds_.data() + count_; }

 private:
  std::array<FieldKind, kMaxFields> kinds_{};
  std::size_t count_ = 0;
};

/// Whether the type's last name is one whose addresses belong in the additional section.
enum class AdditionalUse : std::uint8_t { kNone, kLastName };

struct TypeSchema {
  RrType type{};
  FieldList fields;
  AdditionalUse additional = AdditionalUse::kNone;
  /// What no single field can see; the fields are known to be good. Null: nothing.
  Status (*check)(OctetSpan rdata) = nullptr;
};

/// The row of `type`; null for types this version takes as opaque octets (RFC 3597).
[[nodiscard]] const TypeSchema* schema_of(RrType type) noexcept;

[[nodiscard]] constexpr bool is_name(FieldKind kind) noexcept {
  return kind >= FieldKind::kCompressibleName && kind <= FieldKind::kPlainName;
}

/// RFC 3597 s4: names in which received compression is followed.
[[nodiscard]] constexpr bool may_be_compressed(FieldKind kind) noexcept {
  return kind == FieldKind::kCompressibleName || kind == FieldKind::kDecompressedName;
}

/// RFC 4034 s6.2: names that canonical form folds to lower case.
[[nodiscard]] constexpr bool is_folded(FieldKind kind) noexcept {
  return is_name(kind) && kind != FieldKind::kPlainName;
}

/// All rows, for tests and tools that go through every type.
[[nodiscard]] std::span<const TypeSchema> all_schemas() noexcept;

}  // namespace tandem
