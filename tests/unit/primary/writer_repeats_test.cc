// Requests that come again: made once, answered with the first outcome, for a day.
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

using Repeats = WriterTest;

TEST_F(Repeats, GetTheFirstOutcomeWhateverBecameOfItSince) {
  start_with_zone();
  const auto first = change(*writer_, set_address(kZone, "a", "192.0.2.2"), "r1");
  ASSERT_TRUE(first);
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.3")));
  const std::uint64_t head = log_.head();
  const auto again = change(*writer_, set_address(kZone, "a", "192.0.2.2"), "r1");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->changed);
  EXPECT_EQ(again->position, first->position);
  EXPECT_EQ(again->serial, first->serial);
  EXPECT_EQ(again->zone, first->zone);
  EXPECT_EQ(again->zone_name, first->zone_name);
  EXPECT_EQ(log_.head(), head) << "no entry";
  EXPECT_EQ(log_.lines(kZone)[1], "a.example. 3600 IN A 192.0.2.3");
}

TEST_F(Repeats, InOneGroupJoinTheOneThatIsMade) {
  start_with_zone();
  const auto release = hold_writer();
  auto first = submit(set_address(kZone, "a", "192.0.2.2"), "r1");
  auto again = submit(set_address(kZone, "a", "192.0.2.2"), "r1");
  auto other = submit(set_address(kZone, "b", "192.0.2.2"), "r2");
  release->set_value();
  EXPECT_EQ(first.get()->position, again.get()->position);
  EXPECT_EQ(other.get()->position.sequence, log_.head());
  EXPECT_EQ(log_.head(), 4U);
}

TEST_F(Repeats, OfAGroupHaveTheSerialOfItsEnd) {
  start_with_zone();
  const auto release = hold_writer();
  auto first = submit(set_address(kZone, "a", "192.0.2.2"), "r1");
  auto second = submit(set_address(kZone, "b", "192.0.2.2"), "r2");
  release->set_value();
  const Serial made = second.get()->serial;
  EXPECT_EQ(first.get()->serial, made);
  ASSERT_TRUE(change(*writer_, set_address(kZone, "c", "192.0.2.2")));
  EXPECT_EQ(change(*writer_, set_address(kZone, "a", "192.0.2.2"), "r1")->serial, made);
}

TEST_F(Repeats, AreKnownAfterARestart) {
  start_with_zone();
  const auto first = change(*writer_, set_address(kZone, "a", "192.0.2.2"), "r1");
  writer_.reset();
  log_.restart();
  writer_ = std::make_unique<Writer>(*log_, sealer_of_node(1), node_id(1));
  writer_->start();
  const auto again = change(*writer_, set_address(kZone, "a", "192.0.2.2"), "r1");
  EXPECT_EQ(again->position, first->position);
}

TEST_F(Repeats, ByAnotherCredentialAreOtherRequests) {
  start_with_zone();
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2"), "r1"));
  std::promise<Result<Receipt>> promise;
  writer_->submit({{"other", "tsig:other.", "there", ""},
                   to_octets(as_octets("r1")),
                   set_address(kZone, "a", "192.0.2.3"),
                   [&promise](Result<Receipt> result) { promise.set_value(std::move(result)); }});
  EXPECT_EQ(promise.get_future().get()->position.sequence, log_.head());
  EXPECT_EQ(log_.lines(kZone)[1], "a.example. 3600 IN A 192.0.2.3");
}

TEST_F(Repeats, AfterADayAreNewOnes) {
  start_with_zone();
  const auto first = change(*writer_, set_address(kZone, "a", "192.0.2.2"), "r1");
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.3")));
  clock_.advance(std::chrono::hours(25));
  const auto again = change(*writer_, set_address(kZone, "a", "192.0.2.2"), "r1");
  EXPECT_GT(again->position.sequence, first->position.sequence);
}

TEST_F(Repeats, OfWhatWasRefusedOrChangedNothingAreJudgedAnew) {
  start_with_zone();
  const auto nothing = change(*writer_, set_address(kZone, "a", "192.0.2.1"), "r1");
  EXPECT_FALSE(nothing->changed);
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2")));
  EXPECT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.1"), "r1")->changed);
  EXPECT_FALSE(change(*writer_, set_address("absent.", "a", "192.0.2.1"), "r2"));
  EXPECT_FALSE(change(*writer_, set_address("absent.", "a", "192.0.2.1"), "r2"));
}

TEST_F(Repeats, OfWhatWasTrimmedAreNewOnes) {
  start_with_zone();
  const auto first = change(*writer_, set_address(kZone, "a", "192.0.2.2"), "r1");
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.3"), "r2"));
  ASSERT_TRUE(log_->entries().trim(first->position.sequence));
  EXPECT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2"), "r1")->changed);
  EXPECT_EQ(log_.lines(kZone)[1], "a.example. 3600 IN A 192.0.2.2");
  EXPECT_EQ(change(*writer_, set_address(kZone, "a", "192.0.2.3"), "r2")->position.sequence,
            first->position.sequence + 1);
}

}  // namespace
}  // namespace tandem::test
