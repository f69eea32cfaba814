#include "common/zone/zonemd.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/crypto/digest.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

constexpr std::uint8_t kSchemeSimple = 1;
// Where the fields of the rdata are (RFC 8976 s2.2).
constexpr std::size_t kSchemeAt = 4;
constexpr std::size_t kHashAt = 5;
constexpr std::size_t kDigestAt = 6;

bool is_left_out(const PackedRecord& record, NameView origin) {
  if (record.owner != origin) {
    return false;
  }
  const bool covers_zonemd =
      record.type == RrType::kRrsig && load_be16(record.rdata.data()) == number(RrType::kZonemd);
  return record.type == RrType::kZonemd || covers_zonemd;
}

bool is_checkable(OctetSpan rdata) noexcept {
  const auto hash = static_cast<ZonemdHash>(rdata[kHashAt]);
  return rdata[kSchemeAt] == kSchemeSimple &&
         (hash == ZonemdHash::kSha384 || hash == ZonemdHash::kSha512);
}

/// What is wrong with one record of `all`; nothing when it fits.
std::string misfit_of(const Octets& rdata, const std::vector<Octets>& all, const Zone& zone) {
  const auto is_like = [&](const Octets& other) {
    return other[kSchemeAt] == rdata[kSchemeAt] && other[kHashAt] == rdata[kHashAt];
  };
  if (std::ranges::count_if(all, is_like) > 1) {
    return fmt::format("two with scheme {} and hash algorithm {}", rdata[kSchemeAt],
                       rdata[kHashAt]);
  }
  if (const Serial serial = load_be32(rdata.data()); serial != zone.serial()) {
    return fmt::format("of serial {}, the zone has {}", serial, zone.serial());
  }
  const Octets digest = zonemd_simple(zone, static_cast<ZonemdHash>(rdata[kHashAt]));
  return equal(digest, OctetSpan(rdata).subspan(kDigestAt)) ? "" : "the zone has another digest";
}

}  // namespace

Octets zonemd_simple(const Zone& zone, ZonemdHash hash) {
  Sha2 digest(hash == ZonemdHash::kSha384 ? Sha2::Size::k384 : Sha2::Size::k512);
  std::vector<Octets>
      at_owner;  // type and class first, so that octet order is the order of RFC 8976 s3.3.2
  for (Zone::Walker walker = zone.walk(); walker.valid(); walker.next()) {
    at_owner.clear();
    const Name owner = zone.owner_of(walker.node()).lower();
    zone.for_each_record_at(walker.node(), [&](const PackedRecord& record) {
      if (is_left_out(record, zone.origin())) {
        return;
      }
      Octets rdata;
      append_canonical_rdata(record.type, record.rdata, rdata);
      Octets& out = at_owner.emplace_back();
      append_be(out, number(record.type));
      append_be(out, static_cast<std::uint16_t>(RrClass::kIn));
      append_be(out, record.ttl);
      append_be(out, static_cast<std::uint16_t>(rdata.size()));
      append(out, rdata);
    });
    // Inside of an RRset rdata decides, not its length: compare behind the length octets.
    std::ranges::sort(at_owner, [](const Octets& a, const Octets& b) {
      const int head = std::memcmp(a.data(), b.data(), 4);
      return head != 0
                 ? head < 0
                 : std::lexicographical_compare(a.begin() + 10, a.end(), b.begin() + 10, b.end());
    });
    for (const Octets& record : at_owner) {
      digest.update(owner.wire());
      digest.update(record);
    }
  }
  return digest.finish();
}

Octets zonemd_rdata(const Zone& zone) {
  Octets rdata;
  append_be(rdata, zone.serial());
  rdata.push_back(kSchemeSimple);
  rdata.push_back(static_cast<std::uint8_t>(ZonemdHash::kSha384));
  append(rdata, zonemd_simple(zone, ZonemdHash::kSha384));
  return rdata;
}

Status check_zonemd(const Zone& zone) {
  const auto set = zone.find_rrset(zone.origin(), RrType::kZonemd);
  if (!set) {
    return {};
  }
  std::string misfits;
  for (const Octets& rdata : set->rdatas) {
    if (!is_checkable(rdata)) {
      continue;
    }
    const std::string misfit = misfit_of(rdata, set->rdatas, zone);
    if (misfit.empty()) {
      return {};
    }
    misfits += (misfits.empty() ? "" : "; ") + misfit;
  }
  if (misfits.empty()) {
    return {};
  }
  return fail(Errc::kCorrupt, "{} is not what its ZONEMD record says: {}", zone.origin().to_text(),
              misfits);
}

}  // namespace tandem
