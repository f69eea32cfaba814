// Receipts that wait for followers: who is waited for, for how long, and what the receipt says.
#include "primary/receipt_waits.h"

#include <future>
#include <optional>

#include <gtest/gtest.h>

namespace tandem {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{600'000};
const NodeId kNear{{1}};
const NodeId kFar{{2}};

/// A writer that makes every request at once, entry after entry.
class Maker final : public ChangeSink {
 public:
  void submit(ChangeRequest request) override {
    if (refuses) {
      request.done(fail(Errc::kUnavailable, "not now"));
      return;
    }
    Receipt receipt;
    receipt.changed = true;
    receipt.position.sequence = ++sequence;
    receipt.zone = zone;
    receipt.serial = 7;
    request.done(receipt);
  }

  std::uint64_t sequence = 10;
  bool refuses = false;
  ZoneId zone = {{3}};
};

/// Knows outside secondaries as a test says.
class Outside final : public OutsideWatch {
 public:
  void await(const ZoneId& zone, Serial serial, MonotonicTime deadline, Reached reached) override {
    asked.push_back({zone, serial, deadline, std::move(reached)});
  }

  struct Asked {
    ZoneId zone;
    Serial serial;
    MonotonicTime deadline;
    Reached reached;
  };

  std::vector<Asked> asked;
};

class ReceiptWaitsTest : public ::testing::Test {
 protected:
  /// Asks for a change that waits so long for the followers.
  std::future<Result<Receipt>> change(milliseconds at_most = kLong,
                                      Wait::Nodes nodes = Wait::Nodes::kSecondary) {
    auto promise = std::make_shared<std::promise<Result<Receipt>>>();
    auto future = promise->get_future();
    ChangeRequest request;
    request.done = [promise](Result<Receipt> receipt) { promise->set_value(std::move(receipt)); };
    request.wait = {nodes, at_most};
    waits_.submit(std::move(request));
    return future;
  }

  static bool is_there(const std::future<Result<Receipt>>& future) {
    return future.wait_for(milliseconds(0)) == std::future_status::ready;
  }

  SystemClock clock_;
  Maker maker_;
  ReceiptWaits waits_{maker_, clock_};
};

TEST_F(ReceiptWaitsTest, WithoutAFollowerItComesAtOnce) {
  auto receipt = change();
  ASSERT_TRUE(is_there(receipt));
  const Result<Receipt> got = receipt.get();
  EXPECT_TRUE(got->has_waited);
  EXPECT_TRUE(got->nodes.empty());
  EXPECT_EQ(waits_.stats().alone, 1U);
}

TEST_F(ReceiptWaitsTest, ItComesWhenTheLastOfThemHasIt) {
  waits_.has(&kNear, kNear, 10);
  waits_.has(&kFar, kFar, 10);
  auto receipt = change();  // entry 11
  EXPECT_FALSE(is_there(receipt));
  waits_.has(&kNear, kNear, 12);
  EXPECT_FALSE(is_there(receipt));
  waits_.has(&kFar, kFar, 11);
  ASSERT_TRUE(is_there(receipt));
  const Result<Receipt> got = receipt.get();
  ASSERT_EQ(got->nodes.size(), 2U);
  EXPECT_TRUE(got->nodes[0].has_it && got->nodes[1].has_it);
  EXPECT_EQ(waits_.stats().in_time, 1U);
}

TEST_F(ReceiptWaitsTest, EachWaitsForItsOwnEntry) {
  waits_.has(&kNear, kNear, 10);
  auto first = change();
  auto second = change();
  waits_.has(&kNear, kNear, 11);
  EXPECT_TRUE(is_there(first));
  EXPECT_FALSE(is_there(second));
  waits_.has(&kNear, kNear, 12);
  EXPECT_TRUE(is_there(second));
}

TEST_F(ReceiptWaitsTest, NobodyWaitsForOneThatIsGone) {
  waits_.has(&kNear, kNear, 10);
  waits_.has(&kFar, kFar, 10);
  auto receipt = change();
  waits_.has(&kNear, kNear, 11);
  waits_.left(&kFar);
  ASSERT_TRUE(is_there(receipt));
  EXPECT_EQ(receipt.get()->nodes.size(), 1U);
}

TEST_F(ReceiptWaitsTest, WhenTheTimeIsUpItSaysWhoHasIt) {
  waits_.has(&kNear, kNear, 10);
  waits_.has(&kFar, kFar, 10);
  auto patient = change();
  auto receipt = change(milliseconds(1));
  waits_.has(&kNear, kNear, 12);
  const Result<Receipt> got = receipt.get();
  ASSERT_EQ(got->nodes.size(), 2U);
  for (const NodeReached& node : got->nodes) {
    EXPECT_TRUE(node.has_it == false || node.node == kNear);
  }
  EXPECT_EQ(waits_.stats().timed_out, 1U);
  EXPECT_FALSE(is_there(patient));
}

TEST_F(ReceiptWaitsTest, WhoDoesNotAskDoesNotWait) {
  waits_.has(&kNear, kNear, 10);
  auto receipt = change(kLong, Wait::Nodes::kNone);
  ASSERT_TRUE(is_there(receipt));
  EXPECT_FALSE(receipt.get()->has_waited);
}

TEST_F(ReceiptWaitsTest, ARefusalDoesNotWait) {
  waits_.has(&kNear, kNear, 10);
  maker_.refuses = true;
  auto receipt = change();
  ASSERT_TRUE(is_there(receipt));
  EXPECT_EQ(receipt.get().error().code, Errc::kUnavailable);
}

TEST_F(ReceiptWaitsTest, TheEndLetsAllGo) {
  waits_.has(&kNear, kNear, 10);
  auto receipt = change();
  waits_.stop();
  ASSERT_TRUE(is_there(receipt));
  EXPECT_FALSE(receipt.get()->nodes.at(0).has_it);
  EXPECT_TRUE(is_there(change())) << "nothing waits after it";
}

TEST_F(ReceiptWaitsTest, OutsideSecondariesComeAfterTheFollowers) {
  Outside outside;
  waits_.set_outside(outside);
  waits_.has(&kNear, kNear, 10);
  auto receipt = change(kLong, Wait::Nodes::kAll);
  EXPECT_TRUE(outside.asked.empty());
  waits_.has(&kNear, kNear, 11);
  ASSERT_EQ(outside.asked.size(), 1U);
  EXPECT_FALSE(is_there(receipt));
  EXPECT_EQ(outside.asked[0].zone, maker_.zone);
  EXPECT_EQ(outside.asked[0].serial, 7U);
  EXPECT_GT(outside.asked[0].deadline, clock_.monotonic());
  outside.asked[0].reached({{"he", "192.0.2.1:53", 7, true}, {"other", "192.0.2.2:53", 6, false}});
  ASSERT_TRUE(is_there(receipt));
  const Result<Receipt> got = receipt.get();
  EXPECT_TRUE(got->nodes.at(0).has_it);
  EXPECT_TRUE(got->has_waited_outside);
  EXPECT_EQ(got->outside.at(0).serial, 7U);
  EXPECT_EQ(waits_.stats().outside_timed_out, 1U);
}

TEST_F(ReceiptWaitsTest, OutsideSecondariesAreWaitedForWithoutAFollowerToo) {
  Outside outside;
  waits_.set_outside(outside);
  auto receipt = change(kLong, Wait::Nodes::kAll);
  ASSERT_EQ(outside.asked.size(), 1U);
  outside.asked[0].reached({});
  EXPECT_TRUE(receipt.get()->outside.empty());
  EXPECT_EQ(waits_.stats().outside_in_time, 1U);
}

TEST_F(ReceiptWaitsTest, WhoDoesNotAskForThemDoesNotWaitForThem) {
  Outside outside;
  waits_.set_outside(outside);
  EXPECT_FALSE(change().get()->has_waited_outside);
  maker_.zone = {};  // the change is about no zone
  EXPECT_FALSE(change(kLong, Wait::Nodes::kAll).get()->has_waited_outside);
  EXPECT_TRUE(outside.asked.empty());
}

}  // namespace
}  // namespace tandem
