// The writer when it cannot go on as it likes: a store that fails, reasons to refuse, a full queue,
// memory that fills up with old versions.
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

using Outcome = testing::FaultyStore::Outcome;

TEST_F(WriterTest, AFailedWriteIsAnsweredAndNothingOfItIsVisible) {
  start_with_zone();
  const auto lines = log_.lines(kZone);
  store_.fail_reopen(Errc::kNoSpace);
  store_.fail_after(0, Errc::kNoSpace, Outcome::kNotWritten);
  const auto receipt = change(*writer_, set_address(kZone, "a", "192.0.2.2"));
  ASSERT_FALSE(receipt);
  EXPECT_EQ(receipt.error().code, Errc::kNoSpace);
  EXPECT_EQ(log_.lines(kZone), lines);
  EXPECT_EQ(writer_->stats().failed.value(), 1U);
  EXPECT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.3"))) << "opened anew at once";
  EXPECT_EQ(entry(log_.head()).sequence, 3U);
}

TEST_F(WriterTest, AWriteThatFailedIsTriedAgainWhenTheStoreIsWellAtOnce) {
  start_with_zone();
  store_.fail_after(0, Errc::kNoSpace, Outcome::kNotWritten);
  const auto receipt = change(*writer_, set_address(kZone, "a", "192.0.2.2"));
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->position.sequence, 3U);
  EXPECT_EQ(log_.lines(kZone)[1], "a.example. 3600 IN A 192.0.2.2");
  EXPECT_EQ(writer_->stats().failed.value(), 0U);
}

TEST_F(WriterTest, AStoreThatFailedOtherwiseIsOpenedAnewBeforeTheNextChange) {
  start_with_zone();
  store_.fail_after(0, Errc::kNoSpace, Outcome::kNotWritten);
  EXPECT_FALSE(write_image(store_, {LogId::kCluster, ZoneId{}, {}}, zone("a A 192.0.2.1\n")));
  EXPECT_FALSE(writer_->read_only_reason().empty()) << "nobody is told that all is well";
  writer_->look_after_store();
  EXPECT_TRUE(eventually([&] { return writer_->read_only_reason().empty(); }));
  EXPECT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2")));
}

TEST_F(WriterTest, AWriteThatFailedAndIsThereAllTheSameCountsAndIsAnnounced) {
  start_with_zone();
  std::vector<std::uint64_t> announced;
  writer_->stop();
  writer_ = std::make_unique<Writer>(*log_, sealer_of_node(1), node_id(1));
  log_->add_listener(
      [&](const CommittedGroup& group) { announced.push_back(group.position.sequence); });
  writer_->start();
  store_.fail_after(0, Errc::kIo, Outcome::kWritten);
  const auto receipt = change(*writer_, set_address(kZone, "a", "192.0.2.2"));
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->position.sequence, 3U);
  EXPECT_EQ(log_.lines(kZone)[1], "a.example. 3600 IN A 192.0.2.2");
  EXPECT_EQ(announced, (std::vector<std::uint64_t>{3})) << "followers wait for that call";
}

TEST_F(WriterTest, AStoreThatStaysBrokenRefusesAndIsTriedAgainUntilItIsWell) {
  start_with_zone();
  store_.fail_reopen(Errc::kIo);
  store_.fail_after(0, Errc::kNoSpace, Outcome::kNotWritten);
  ASSERT_FALSE(change(*writer_, set_address(kZone, "a", "192.0.2.2")));
  EXPECT_FALSE(writer_->read_only_reason().empty());
  EXPECT_TRUE(eventually([&] { return writer_->read_only_reason().empty(); }))
      << "without a change that asks for it";
  EXPECT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.3")));
}

TEST_F(WriterTest, RequestsAreRefusedWithTheReasonWhileItIsReadOnly) {
  start_with_zone();
  writer_->set_read_only("the operator has to choose");
  const auto refused = change(*writer_, set_address(kZone, "a", "192.0.2.2"));
  EXPECT_EQ(refused.error().code, Errc::kUnavailable);
  EXPECT_EQ(refused.error().detail, "the operator has to choose");
  writer_->set_read_only("");
  EXPECT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2")));
}

TEST_F(WriterTest, WhatWaitsWhenItStopsIsRefusedAndSoIsWhatComesLater) {
  auto waiting = submit(set_address(kZone, "a", "192.0.2.2"));
  writer_->stop();
  writer_->start();  // the thread finds the end and what waits
  EXPECT_EQ(waiting.get().error().code, Errc::kUnavailable);
  EXPECT_EQ(submit(set_address(kZone, "a", "192.0.2.2")).get().error().code, Errc::kUnavailable);
}

TEST_F(WriterTest, TheQueueIsBounded) {
  std::vector<std::future<Result<Receipt>>> waiting;
  for (int i = 0; i < 10'000; ++i) {
    waiting.push_back(submit(set_address(kZone, "a", "192.0.2.2")));
  }
  EXPECT_EQ(submit(set_address(kZone, "a", "192.0.2.2")).get().error().code, Errc::kUnavailable);
  writer_->start();
  for (auto& one : waiting) {
    EXPECT_EQ(one.get().error().code, Errc::kNotFound);
  }
}

}  // namespace
}  // namespace tandem::test
