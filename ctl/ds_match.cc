#include "ctl/ds_match.h"

#include "common/crypto/digest.h"

namespace tandem {
namespace {

// The fields of a DS record in front of its digest: key tag, algorithm, digest type.
constexpr std::size_t kDsAlgorithmAt = 2;
constexpr std::size_t kDsDigestTypeAt = 3;
constexpr std::size_t kDsDigestAt = 4;
// The fields of a DNSKEY record in front of its key: flags, protocol, algorithm.
constexpr std::size_t kKeyAlgorithmAt = 3;
constexpr std::size_t kKeyAt = 4;

// RFC 4034 appendix A.2, RFC 4509, RFC 6605
constexpr std::uint8_t kSha1 = 1;
constexpr std::uint8_t kSha256 = 2;
constexpr std::uint8_t kSha384 = 4;

}  // namespace

std::uint16_t key_tag(OctetSpan dnskey) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < dnskey.size(); ++i) {
    sum += i % 2 == 0 ? std::uint32_t{dnskey[i]} << 8U : std::uint32_t{dnskey[i]};
  }
  sum += sum >> 16U;
  return static_cast<std::uint16_t>(sum);
}

std::uint16_t ds_key_tag(OctetSpan ds) {
  return load_be16(ds.data());
}

bool ds_names_key(const Name& zone, OctetSpan ds, OctetSpan dnskey) {
  if (ds.size() <= kDsDigestAt || dnskey.size() <= kKeyAt || ds_key_tag(ds) != key_tag(dnskey) ||
      ds[kDsAlgorithmAt] != dnskey[kKeyAlgorithmAt]) {
    return false;
  }
  Octets signed_octets = to_octets(zone.lower().wire());
  append(signed_octets, dnskey);
  const OctetSpan digest = ds.subspan(kDsDigestAt);
  switch (ds[kDsDigestTypeAt]) {
    case kSha1:
      return equal(digest, sha1(signed_octets));
    case kSha256:
      return equal(digest, sha256(signed_octets));
    case kSha384: {
      Sha2 hash(Sha2::Size::k384);
      hash.update(signed_octets);
      return equal(digest, hash.finish());
    }
    default:
      return true;
  }
}

}  // namespace tandem
