#include "common/transfer/soa_record.h"

#include <utility>

#include "common/dns/rdata.h"

namespace tandem {

SoaRecord SoaRecord::of(const Zone& zone) {
  RrSet soa = zone.soa();
  return {soa.ttl, std::move(soa.rdatas.front())};
}

bool SoaRecord::is_like(OctetSpan other) const {
  return compare_rdata(RrType::kSoa, rdata, other) == 0;
}

}  // namespace tandem
