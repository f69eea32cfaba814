// The planned switch on the link: what the follower is told, and when.
#include <future>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/unit/secondary/pair.h"

namespace tandem::test {
namespace {

class HandOver : public ::testing::Test {
 protected:
  void SetUp() override {
    leader_ = std::make_unique<LeaderNode>(leader_disk_, clock_);
    leader_->create_zone();
    follower_ = std::make_unique<FollowerNode>(follower_disk_, clock_);
  }

  void plug() {
    cable_ = std::make_unique<Cable>(*leader_, *follower_);
    ASSERT_TRUE(eventually([this] { return in_step(*leader_, *follower_); }));
  }

  /// What the follower hears.
  Status ask() {
    auto told = std::make_shared<std::promise<Status>>();
    auto outcome = told->get_future();
    follower_->replica().ask_hand_over(
        [told](Status status) { told->set_value(std::move(status)); });
    return outcome.get();
  }

  ManualClock clock_;
  MemoryStore leader_disk_;
  MemoryStore follower_disk_;
  std::unique_ptr<LeaderNode> leader_;
  std::unique_ptr<FollowerNode> follower_;
  std::unique_ptr<Cable> cable_;
};

TEST_F(HandOver, WithoutALeaderThereIsNobodyToAsk) {
  EXPECT_EQ(ask().error().code, Errc::kUnavailable);
}

TEST_F(HandOver, TheFollowerHearsOnceItHasAllThatTheLeaderTook) {
  plug();
  for (int i = 0; i < 50; ++i) {
    leader_->set("a", fmt::format("192.0.2.{}", i));
  }
  ASSERT_TRUE(ask());
  EXPECT_EQ(follower_->log()->entries().head(), leader_->log()->entries().head());
  EXPECT_FALSE(change(leader_->writer(), set_address(kZone, "a", "192.0.2.99")))
      << "the leader takes no more";
}

TEST_F(HandOver, ALeaderThatDoesNotIsToldOf) {
  plug();
  leader_->refuse_hand_over("it has reasons");
  const Status asked = ask();
  ASSERT_FALSE(asked);
  EXPECT_NE(asked.error().detail.find("it has reasons"), std::string::npos);
  EXPECT_TRUE(change(leader_->writer(), set_address(kZone, "a", "192.0.2.99")));
}

TEST_F(HandOver, GivenUpTheLeaderHearsOfIt) {
  plug();
  ASSERT_TRUE(ask());
  follower_->replica().give_up_hand_over();
  EXPECT_TRUE(eventually([this] { return leader_->writer().read_only_reason().empty(); }));
}

TEST_F(HandOver, ALinkThatBreaksEndsTheQuestion) {
  plug();
  leader_->ignore_hand_over();
  auto told = std::make_shared<std::promise<Status>>();
  auto outcome = told->get_future();
  follower_->replica().ask_hand_over([told](Status status) { told->set_value(std::move(status)); });
  cable_.reset();
  EXPECT_EQ(outcome.get().error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace tandem::test
