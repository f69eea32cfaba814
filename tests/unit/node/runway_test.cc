// How much of its time something has used up, and which of all ends first.
#include "common/node/runway.h"

#include <gtest/gtest.h>

#include "common/node/node_watch.h"
#include "common/node/signature_dates.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

constexpr WallTime kNow{seconds(1'750'000'000)};

TEST(Runway, OfAZoneItIsThePartOfExpireSinceTheLastContact) {
  EXPECT_EQ(expire_runway("z.", 1000, 1000, kNow).level(), 0U);
  EXPECT_EQ(expire_runway("z.", 1000, 501, kNow).level(), 0U);
  EXPECT_EQ(expire_runway("z.", 1000, 500, kNow).level(), 50U);
  EXPECT_EQ(expire_runway("z.", 1000, 251, kNow).level(), 50U);
  EXPECT_EQ(expire_runway("z.", 1000, 250, kNow).level(), 75U);
  EXPECT_EQ(expire_runway("z.", 1000, 100, kNow).level(), 90U);
  const Runway over = expire_runway("z.", 1000, 0, kNow);
  EXPECT_EQ(over.used, 100U);
  EXPECT_EQ(over.end, kNow);
  EXPECT_EQ(expire_runway("z.", 0, 0, kNow).used, 100U);
  EXPECT_NE(over.to_text().find("zone z. expires"), std::string::npos) << over.to_text();
}

TEST(Runway, OfWhatIsRenewedItIsThePartOfTheLastThird) {
  const auto after = [](seconds time) {
    return dated_runway(RunwayKind::kSignature, "z.", kNow, kNow + days(30), kNow + time);
  };
  EXPECT_EQ(after(days(0)).used, 0U);
  EXPECT_EQ(after(days(20)).used, 0U) << "two thirds: signers and ACME clients renew here";
  EXPECT_EQ(after(days(24)).level(), 0U);
  EXPECT_EQ(after(days(25)).level(), 50U);
  EXPECT_EQ(after(days(27) + hours(12)).level(), 75U);
  EXPECT_EQ(after(days(29)).level(), 90U);
  EXPECT_EQ(after(days(31)).used, 100U);
  EXPECT_LT(after(days(31)).left, seconds(0));
  EXPECT_NE(after(days(29) + hours(1)).to_text().find("in 23h 0m"), std::string::npos);
}

TEST(Runways, TheShortestIsTheOneThatEndsFirst) {
  Runways runways;
  EXPECT_EQ(runways.shortest(), nullptr);
  runways.add(expire_runway("a.", 1000, 400, kNow));
  runways.add(expire_runway("b.", 1000, 900, kNow));
  runways.add(expire_runway("c.", 1000, 50, kNow));
  runways.add(dated_runway(RunwayKind::kCertificate, "f", kNow, kNow + days(90), kNow));
  ASSERT_NE(runways.shortest(), nullptr);
  EXPECT_EQ(runways.shortest()->what, "c.");
  EXPECT_EQ(runways.shortest(RunwayKind::kCertificate)->what, "f");
  EXPECT_FALSE(runways.shortest(RunwayKind::kSignature));
  const auto low = runways.short_ones();
  ASSERT_EQ(low.size(), 2U);
  EXPECT_EQ(low[0].what, "c.");
  EXPECT_EQ(low[1].what, "a.");
}

constexpr std::string_view kSigned = R"(
@ 60 RRSIG SOA 13 1 60 20250701000000 20250601000000 1 example. AAAA
@ 60 RRSIG NS 13 1 60 20250620000000 20250602000000 1 example. AAAA
)";

TEST(SignatureDates, TheFirstSignatureCountsWhateverItCovers) {
  const auto first = first_signature(*zone(kSigned), kNow);
  ASSERT_TRUE(first);
  EXPECT_EQ(to_text(first->expiration), "2025-06-20T00:00:00.000000Z");
  EXPECT_EQ(to_text(first->inception), "2025-06-02T00:00:00.000000Z");
  EXPECT_FALSE(first_signature(*zone(""), kNow));
}

TEST(SignatureDates, AZoneIsReadAgainWhenItIsAnotherVersion) {
  ManualClock clock(kNow);
  SignatureDates dates;
  ZoneRecord record;
  record.id.octets.fill(1);
  record.zone = zone(kSigned);
  record.digest = content_digest_of(*record.zone);
  ASSERT_TRUE(dates.of(record, clock));
  record.zone = zone("@ 60 RRSIG SOA 13 1 60 20250619000000 20250601000000 1 example. AAAA\n");
  EXPECT_EQ(to_text(dates.of(record, clock)->expiration), "2025-06-20T00:00:00.000000Z")
      << "the digest says that it is the same";
  record.digest = content_digest_of(*record.zone);
  EXPECT_EQ(to_text(dates.of(record, clock)->expiration), "2025-06-19T00:00:00.000000Z");
  record.zone = zone("");
  EXPECT_FALSE(dates.of(record, clock)) << "it is not signed elsewhere";
}

TEST(Disk, ItIsLowBelowTheSmallerLimitAndUntilThereIsAQuarterMore) {
  constexpr std::uint64_t kMiB = 1U << 20U;
  EXPECT_FALSE(is_disk_low(10'000 * kMiB, 500 * kMiB, false));
  EXPECT_TRUE(is_disk_low(10'000 * kMiB, 499 * kMiB, false));
  EXPECT_TRUE(is_disk_low(10'000 * kMiB, 624 * kMiB, true));
  EXPECT_FALSE(is_disk_low(10'000 * kMiB, 625 * kMiB, true));
  EXPECT_TRUE(is_disk_low(1'000'000 * kMiB, 1'023 * kMiB, false));
  EXPECT_FALSE(is_disk_low(1'000'000 * kMiB, 1'024 * kMiB, false));
}

}  // namespace
}  // namespace tandem::test
