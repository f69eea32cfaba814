// Any octets as the messages of a transfer: what they come to is a valid zone that its steps, in
// their order, make of the version before; or it is refused.
//
//   input := kind:u8 (length:u16 message)*       kind: odd for IXFR, else AXFR
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/log/content_digest.h"
#include "common/transfer/transfer_reader.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

constexpr std::uint16_t kId = 7;  // of the messages in the corpus

/// Every input begins with the same version, for what one appends to its memory would last.
ZonePtr sample() {
  return test::zone(
      "a 60 A 192.0.2.1\na 60 TXT text\nb.c AAAA 2001:db8::1\nsub NS ns.sub\n"
      "ns.sub A 192.0.2.2\n* MX 10 a\nd DNAME e\n");
}

void check_whole(const Zone& zone) {
  CHECK(zone.soa().rdatas.size() == 1);
  CHECK(zone.find_rrset(zone.origin(), RrType::kNs).has_value());
}

void check_steps(const Zone& have, const TransferSteps& steps) {
  check_whole(*steps.zone);
  CHECK(is_newer(steps.zone->serial(), have.serial()));
  ContentDigest digest = content_digest_of(have);
  for (const Changeset& change : steps.changes) {
    CHECK(validate_packed(change.removed, have.origin()).has_value());
    CHECK(validate_packed(change.added, have.origin()).has_value());
    digest.apply(change);
  }
  CHECK(digest == content_digest_of(*steps.zone));
}

void try_transfer(OctetSpan input) {
  const bool is_ixfr = input[0] % 2 == 1;
  const ZonePtr have = is_ixfr ? sample() : nullptr;
  TransferReader reader(test::name("example."), is_ixfr ? RrType::kIxfr : RrType::kAxfr, kId, have,
                        {.records = 5'000, .octets = 200'000});
  OctetSpan rest = input.subspan(1);
  while (rest.size() >= 2) {
    const std::size_t octets = std::min<std::size_t>(load_be16(rest.data()), rest.size() - 2);
    const bool was_done = reader.is_done();
    const Status taken = reader.take(rest.subspan(2, octets));
    CHECK(!was_done || !taken);
    CHECK(taken || !taken.error().detail.empty());
    rest = rest.subspan(2 + octets);
  }
  const bool is_done = reader.is_done();
  const auto outcome = reader.finish();
  if (!outcome) {
    return;
  }
  CHECK(is_done || std::holds_alternative<TransferOverTcp>(outcome->content));
  if (const auto* const whole = std::get_if<TransferWhole>(&outcome->content)) {
    check_whole(*whole->zone);
  } else if (const auto* const steps = std::get_if<TransferSteps>(&outcome->content)) {
    check_steps(*have, *steps);
  }
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0 && size <= 65535) {
    tandem::try_transfer({data, size});
  }
  return 0;
}
