// The serials after a promotion: which zones get one, how far, and that a restart goes on.
#include "primary/serial_jump.h"

#include <gtest/gtest.h>

#include "primary/epoch_begin.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

TEST(JumpedSerial, IsAboveTheOldOneAndWhatThePolicySays) {
  const WallTime now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 29};
  EXPECT_EQ(jumped_serial(1, SerialPolicy::kIncrement, now), 10'001U);
  EXPECT_EQ(jumped_serial(2025010100, SerialPolicy::kDate, now), 2026112900U);
  EXPECT_EQ(jumped_serial(2026112907, SerialPolicy::kDate, now), 2026122907U);
  EXPECT_EQ(jumped_serial(0xffff'ffff, SerialPolicy::kIncrement, now), 9'999U);
  EXPECT_EQ(jumped_serial(0U - kSerialJump, SerialPolicy::kIncrement, now), 1U) << "never zero";
}

class SerialJumpTest : public WriterTest {
 protected:
  bool has_mark() { return store_.get(Family::kMeta, as_octets("serial-jump"))->has_value(); }

  void mark() {
    WriteBatch batch;
    SerialJump::put_mark(batch);
    ASSERT_TRUE(store_.write(batch, Durability::kSynced));
  }

  void jump(ZoneSources sources = {}) {
    SerialJump::make(*log_, *writer_, std::move(sources))->start();
    ASSERT_TRUE(eventually([this] { return !has_mark(); }));
  }
};

TEST_F(SerialJumpTest, RaisesEveryZoneOnce) {
  start_with_zone();
  ASSERT_TRUE(change(*writer_, plan_create(name("other."), {}, zone("a A 192.0.2.1\n", "other."))));
  const Serial before = serial();
  const Serial other = log_.answered("other.")->serial();
  const std::uint64_t head = log_.head();
  mark();
  jump();
  EXPECT_EQ(serial(), before + kSerialJump);
  EXPECT_EQ(log_.answered("other.")->serial(), other + kSerialJump);
  EXPECT_EQ(log_.head(), head + 2);
  EXPECT_EQ(entry(head + 1).actor.reason, "serials after a promotion");
  ASSERT_TRUE(change(*writer_, set_address(kZone, "b", "192.0.2.2")));
  EXPECT_EQ(serial(), before + kSerialJump + 1) << "and on from there";
}

TEST_F(SerialJumpTest, WithoutAMarkNothingIsRaised) {
  start_with_zone();
  const std::uint64_t head = log_.head();
  SerialJump::make(*log_, *writer_, {})->start();
  ASSERT_TRUE(change(*writer_, set_address(kZone, "b", "192.0.2.2")));
  EXPECT_EQ(log_.head(), head + 1);
}

TEST_F(SerialJumpTest, ZonesFromElsewhereKeepTheirSerial) {
  start_with_zone();
  const Serial before = serial();
  mark();
  jump(ZoneSources({{std::string("example."), "192.0.2.1"}}));
  EXPECT_EQ(serial(), before);
}

TEST_F(SerialJumpTest, WhereNoChangesAreTakenTheMarkStays) {
  start_with_zone();
  mark();
  writer_->set_read_only("the disk is full");
  SerialJump::make(*log_, *writer_, {})->start();
  EXPECT_TRUE(has_mark());
  writer_->set_read_only("");
  const Serial before = serial();
  jump();
  EXPECT_EQ(serial(), before + kSerialJump);
}

TEST_F(SerialJumpTest, AnEpochBeginsWithItsOwnEntryAndAllThatComesWithIt) {
  start_with_zone();
  writer_->stop();
  const std::uint64_t head = log_.head();
  WriteBatch with;
  SerialJump::put_mark(with);
  ASSERT_TRUE(begin_epoch(*log_, sealer_of_node(1), {5, node_id(2)}, cluster_id(7), "test", with));
  EXPECT_TRUE(has_mark());
  EXPECT_EQ(log_->entries().head().epoch, (Epoch{5, node_id(2)}));
  EXPECT_EQ(log_->entries().epochs().back(), (EpochStartPoint{{5, node_id(2)}, head + 1}));
  const Status older =
      begin_epoch(*log_, sealer_of_node(1), {4, node_id(3)}, cluster_id(7), "test", {});
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, Errc::kConflict);
  EXPECT_EQ(log_.head(), head + 1);
}

}  // namespace
}  // namespace tandem::test
