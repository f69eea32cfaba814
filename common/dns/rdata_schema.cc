#include "common/dns/rdata_schema.h"

namespace tandem {
namespace {

using enum FieldKind;

/// Octets a digest must have by its algorithm's number; 0 where the number says nothing.
template <std::size_t N>
std::size_t digest_octets(const std::array<std::uint8_t, N>& sizes, std::uint8_t algorithm) {
  return algorithm < N ? sizes[algorithm] : 0;
}

/// RFC 4034 s5.1.4, RFC 4509, RFC 5933, RFC 6605: digests of known types have one length.
Status check_delegation_digest(OctetSpan rdata) {
  constexpr std::array<std::uint8_t, 5> kOctets = {0, 20, 32, 32, 48};
  constexpr std::size_t kDigestTypeAt = 3;
  constexpr std::size_t kDigestAt = 4;
  const std::size_t expected = digest_octets(kOctets, rdata[kDigestTypeAt]);
  const std::size_t actual = rdata.size() - kDigestAt;
  if (expected != 0 && actual != expected) {
    return fail(Errc::kInvalid, "has a digest of {} octets, expected {} for digest type {}", actual,
                expected, rdata[kDigestTypeAt]);
  }
  return {};
}

/// RFC 8976 s2.2: SHA-384 and SHA-512 have their length, no digest is shorter than 12 octets.
Status check_zone_digest(OctetSpan rdata) {
  constexpr std::array<std::uint8_t, 3> kOctets = {0, 48, 64};
  constexpr std::size_t kMinOctets = 12;
  constexpr std::size_t kAlgorithmAt = 5;
  constexpr std::size_t kDigestAt = 6;
  const std::size_t expected = digest_octets(kOctets, rdata[kAlgorithmAt]);
  const std::size_t actual = rdata.size() - kDigestAt;
  if (expected != 0 && actual != expected) {
    return fail(Errc::kInvalid, "has a digest of {} octets, expected {} for hash algorithm {}",
                actual, expected, rdata[kAlgorithmAt]);
  }
  if (actual < kMinOctets) {
    return fail(Errc::kInvalid, "has a digest of {} octets, expected at least {}", actual,
                kMinOctets);
  }
  return {};
}

constexpr auto kFollowed = AdditionalUse::kLastName;
constexpr auto kNoTarget = AdditionalUse::kNone;

constexpr std::array kSchemas = {
    TypeSchema{RrType::kA, {kIpv4}},
    TypeSchema{RrType::kNs, {kCompressibleName}, kFollowed},
    TypeSchema{RrType::kCname, {kCompressibleName}},
    TypeSchema{
        RrType::kSoa,
        {kCompressibleName, kCompressibleName, kU32, kSeconds, kSeconds, kSeconds, kSeconds}},
    TypeSchema{RrType::kPtr, {kCompressibleName}},
    TypeSchema{RrType::kHinfo, {kText, kText}},
    TypeSchema{RrType::kMx, {kU16, kCompressibleName}, kFollowed},
    TypeSchema{RrType::kTxt, {kTexts}},
    TypeSchema{RrType::kRp, {kDecompressedName, kDecompressedName}},
    TypeSchema{RrType::kAfsdb, {kU16, kDecompressedName}, kFollowed},
    TypeSchema{RrType::kAaaa, {kIpv6}},
    TypeSchema{RrType::kLoc, {kLocation}},
    TypeSchema{RrType::kSrv, {kU16, kU16, kU16, kDecompressedName}, kFollowed},
    TypeSchema{RrType::kNaptr, {kU16, kU16, kText, kText, kText, kDecompressedName}, kFollowed},
    TypeSchema{RrType::kKx, {kU16, kFoldedName}, kFollowed},
    TypeSchema{RrType::kCert, {kCertType, kU16, kAlgorithm, kBase64}},
    TypeSchema{RrType::kDname, {kFoldedName}},
    TypeSchema{RrType::kApl, {kPrefixes}},
    TypeSchema{RrType::kDs, {kU16, kAlgorithm, kU8, kHex}, kNoTarget, check_delegation_digest},
    TypeSchema{RrType::kSshfp, {kU8, kU8, kHex}},
    TypeSchema{RrType::kIpseckey, {kIpsecKey}},
    TypeSchema{RrType::kRrsig,
               {kType, kAlgorithm, kU8, kU32, kTime, kTime, kU16, kFoldedName, kBase64}},
    TypeSchema{RrType::kNsec, {kPlainName, kTypes}},
    TypeSchema{RrType::kDnskey, {kU16, kU8, kAlgorithm, kBase64}},
    TypeSchema{RrType::kDhcid, {kBase64}},
    TypeSchema{RrType::kNsec3, {kU8, kU8, kU16, kSalt, kHash, kTypesOrNone}},
    TypeSchema{RrType::kNsec3param, {kU8, kU8, kU16, kSalt}},
    TypeSchema{RrType::kTlsa, {kU8, kU8, kU8, kHex}},
    TypeSchema{RrType::kSmimea, {kU8, kU8, kU8, kHex}},
    TypeSchema{RrType::kHip, {kHostIdentity}},
    TypeSchema{RrType::kCds, {kU16, kAlgorithm, kU8, kHex}, kNoTarget, check_delegation_digest},
    TypeSchema{RrType::kCdnskey, {kU16, kU8, kAlgorithm, kBase64}},
    TypeSchema{RrType::kOpenpgpkey, {kBase64}},
    TypeSchema{RrType::kCsync, {kU32, kU16, kTypesOrNone}},
    TypeSchema{RrType::kZonemd, {kU32, kU8, kU8, kHex}, kNoTarget, check_zone_digest},
    TypeSchema{RrType::kSvcb, {kU16, kPlainName, kServiceParams}, kFollowed},
    TypeSchema{RrType::kHttps, {kU16, kPlainName, kServiceParams}, kFollowed},
    TypeSchema{RrType::kSpf, {kTexts}},
    TypeSchema{RrType::kNid, {kU16, kLocator64}},
    TypeSchema{RrType::kL32, {kU16, kIpv4}},
    TypeSchema{RrType::kL64, {kU16, kLocator64}},
    TypeSchema{RrType::kLp, {kU16, kPlainName}, kFollowed},
    TypeSchema{RrType::kEui48, {kEui48}},
    TypeSchema{RrType::kEui64, {kEui64}},
    TypeSchema{RrType::kUri, {kU16, kU16, kTarget}},
    TypeSchema{RrType::kCaa, {kU8, kTag, kValue}},
};

constexpr std::size_t kIndexedTypes = number(RrType::kCaa) + 1;  // the highest number with a row
constexpr std::uint8_t kNoRow = 0xff;

consteval std::array<std::uint8_t, kIndexedTypes> index_rows() {
  std::array<std::uint8_t, kIndexedTypes> rows{};
  rows.fill(kNoRow);
  for (std::size_t i = 0; i < kSchemas.size(); ++i) {
    rows[number(kSchemas[i].type)] = static_cast<std::uint8_t>(i);
  }
  return rows;
}

constexpr std::array<std::uint8_t, kIndexedTypes> kRowOf = index_rows();

}  // namespace

const TypeSchema* schema_of(RrType type) noexcept {
  const std::size_t index = number(type);
  return index < kIndexedTypes && kRowOf[index] != kNoRow ? &kSchemas[kRowOf[index]] : nullptr;
}

std::span<const TypeSchema> all_schemas() noexcept {
  return kSchemas;
}

}  // namespace tandem
