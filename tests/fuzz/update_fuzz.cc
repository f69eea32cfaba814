// Any octets as an UPDATE message: what is read has a form that can be planned, and what a plan
// comes to is a zone with its SOA and name servers, or is refused.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "primary/update_plan.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

const Zone& sample() {
  static const ZonePtr zone = test::zone(
      "a 600 A 192.0.2.1\na 600 A 192.0.2.2\na TXT \"text\"\nb.c 60 AAAA 2001:db8::1\n"
      "alias CNAME a\n* MX 10 a\ncut NS ns.cut\nns.cut A 192.0.2.3\nd DNAME e\n");
  return *zone;
}

void try_update(OctetSpan message) {
  const auto update = read_update(message);
  if (!update) {
    CHECK(update.error().rcode != Rcode::kNoError && !update.error().reason.empty());
    return;
  }
  CHECK(update->steps.size() + update->prerequisites.size() <= kMaxUpdateRecords);
  const Zone& zone = sample();
  const auto change = changes_of(*update, zone);
  if (!change) {
    CHECK(change.error().rcode != Rcode::kNoError && !change.error().reason.empty());
    return;
  }
  const auto next = zone.apply(std::span(&*change, 1), ZoneLimits{});
  if (!next) {
    CHECK(next.error().code != Errc::kConflict);  // a plan fits the zone that it was made for
    return;
  }
  CHECK((*next)->find_rrset(zone.origin(), RrType::kNs).has_value());
  CHECK((*next)->soa().rdatas.size() == 1);
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= 65535) {
    tandem::try_update({data, size});
  }
  return 0;
}
