// What the writer adds at the end of a group: serials, and the digest of the whole zone (RFC 8976).
#include "primary/zone_end.h"

#include "common/zone/zonemd.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

class ZoneEndTest : public WriterTest {
 protected:
  void start_with_digest() {
    ZoneOptions options;
    options.zonemd = true;
    start_with_zone(options);
  }

  void set_zonemd(bool on) {
    ASSERT_TRUE(change(
        *writer_, plan_options(name(kZone), [on](ZoneOptions& options) { options.zonemd = on; })));
  }

  /// A digest that does not fit, by hand.
  void write_zonemd(RecordEdit::Operation operation) {
    RecordEdit edit;
    edit.operation = operation;
    edit.owner = name(kZone);
    edit.type = RrType::kZonemd;
    edit.rdatas = {Octets(54, 1)};
    ASSERT_TRUE(change(*writer_, plan_edits(name(kZone), {edit})));
  }

  std::size_t digests() const {
    const auto set = log_.answered(kZone)->find_rrset(name(kZone), RrType::kZonemd);
    return set ? set->rdatas.size() : 0;
  }

  void expect_one_that_fits() const {
    EXPECT_EQ(digests(), 1U);
    const Status fits = check_zonemd(*log_.answered(kZone));
    EXPECT_TRUE(fits) << fits.error().detail;
  }
};

TEST_F(ZoneEndTest, ANewZoneHasItsDigestAndTheSerialThatItCameWith) {
  start_with_digest();
  expect_one_that_fits();
  EXPECT_EQ(serial(), 1U);
}

TEST_F(ZoneEndTest, EachChangeRenewsItUnderOneNewSerial) {
  start_with_digest();
  const Octets first = log_.answered(kZone)->find_rrset(name(kZone), RrType::kZonemd)->rdatas[0];
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2")));
  expect_one_that_fits();
  EXPECT_EQ(serial(), 2U);
  EXPECT_NE(log_.answered(kZone)->find_rrset(name(kZone), RrType::kZonemd)->rdatas[0], first);
}

TEST_F(ZoneEndTest, ComesAndGoesWithTheOption) {
  start_with_zone();
  EXPECT_EQ(digests(), 0U);
  set_zonemd(true);
  expect_one_that_fits();
  EXPECT_EQ(serial(), 2U);
  set_zonemd(false);
  EXPECT_EQ(digests(), 0U);
  EXPECT_EQ(serial(), 3U);
}

TEST_F(ZoneEndTest, TakesThePlaceOfWhatSomebodyElseWrote) {
  start_with_digest();
  write_zonemd(RecordEdit::Operation::kSet);
  expect_one_that_fits();
}

TEST_F(ZoneEndTest, WithoutTheOptionWhatSomebodyWroteStays) {
  start_with_zone();
  write_zonemd(RecordEdit::Operation::kAdd);
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2")));
  EXPECT_EQ(digests(), 1U);
  EXPECT_FALSE(check_zonemd(*log_.answered(kZone)));
}

TEST_F(ZoneEndTest, ZonesThatAreSignedElsewhereGetNone) {
  writer_->start();
  ZoneOptions options;
  options.zonemd = true;
  const ZonePtr content = zone("@ RRSIG SOA 13 1 60 20300101000000 20200101000000 1 @ AAAA\n");
  ASSERT_TRUE(content->is_presigned());
  ASSERT_TRUE(change(*writer_, plan_create(name(kZone), options, content)));
  EXPECT_EQ(digests(), 0U);
}

TEST_F(ZoneEndTest, ChangesOfOneGroupGetOneDigest) {
  start_with_digest();
  const auto release = hold_writer();
  auto first = submit(set_address(kZone, "a", "192.0.2.2"));
  auto second = submit(set_address(kZone, "b", "192.0.2.3"));
  release->set_value();
  ASSERT_TRUE(first.get() && second.get());
  expect_one_that_fits();
  EXPECT_EQ(serial(), 2U);
}

}  // namespace
}  // namespace tandem::test
