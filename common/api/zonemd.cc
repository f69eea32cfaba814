#include "common/api/zonemd.h"

#include <algorithm>
#include <vector>

#include "common/crypto/digest.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

bool is_left_out(const PackedRecord& record, NameView origin) {
  if (record.owner != origin) {
    return false;
  }
  const bool covers_zonemd =
      record.type == RrType::kRrsig && load_be16(record.rdata.data()) == number(RrType::kZonemd);
  return record.type == RrType::kZonemd || covers_zonemd;
}

}  // namespace

std::array<std::uint8_t, 48> zonemd_simple_sha384(const Zone& zone) {
  Sha384 digest;
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

}  // namespace tandem
