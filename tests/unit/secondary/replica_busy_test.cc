// While a copy of everything is made or installed, which takes as long as it takes, nobody else
// waits: not the leader's changes, not the other followers, not the streams.
#include <future>

#include <gtest/gtest.h>

#include "tests/support/held_store.h"
#include "tests/support/zone_text.h"
#include "tests/unit/secondary/pair.h"

namespace tandem::test {
namespace {

/// More than a change takes on a loaded machine.
constexpr std::chrono::seconds kPatience{20};

class ReplicaBusy : public ::testing::Test {
 protected:
  void SetUp() override {
    leader_ = std::make_unique<LeaderNode>(leader_disk_, clock_);
    leader_->create_zone();
    follower_ = std::make_unique<FollowerNode>(follower_disk_, clock_, 2);
  }

  /// Whatever a test found, nothing waits when it ends.
  void TearDown() override {
    leader_disk_.let_go();
    follower_disk_.let_go();
    cable_.reset();
  }

  void plug() { cable_ = std::make_unique<Cable>(*leader_, *follower_); }

  /// True when the change is acknowledged while a disk is held.
  [[nodiscard]] bool takes_a_change(std::string_view address) {
    auto done = std::make_shared<std::promise<void>>();
    auto taken = done->get_future();
    leader_->writer().submit({{"test", "self", "test", ""},
                              {},
                              set_address(kZone, "b", address),
                              [done](const auto& /*receipt*/) { done->set_value(); }});
    return taken.wait_for(kPatience) == std::future_status::ready;
  }

  ManualClock clock_;
  MemoryStore leader_memory_;
  MemoryStore follower_memory_;
  testing::HeldStore leader_disk_{leader_memory_};
  testing::HeldStore follower_disk_{follower_memory_};
  std::unique_ptr<LeaderNode> leader_;
  std::unique_ptr<FollowerNode> follower_;
  std::unique_ptr<Cable> cable_;
};

TEST_F(ReplicaBusy, ChangesGoOnWhileAFollowersFirstCopyIsMade) {
  MemoryStore disk;
  FollowerNode other(disk, clock_, 3);
  const Cable cable(*leader_, other);
  ASSERT_TRUE(eventually([&] { return in_step(*leader_, other); }));
  leader_->set("b", "192.0.2.1");  // so that there is an image to write
  leader_disk_.hold(Family::kImage);
  plug();
  ASSERT_TRUE(eventually([&] { return leader_disk_.waiting() > 0; }));
  for (const char* const address : {"192.0.2.2", "192.0.2.3", "192.0.2.4"}) {
    ASSERT_TRUE(takes_a_change(address));
  }
  EXPECT_TRUE(eventually([&] { return in_step(*leader_, other); })) << "others have it at once";
  EXPECT_EQ(leader_disk_.waiting(), 1);
  leader_disk_.let_go();
  EXPECT_TRUE(eventually([&] { return in_step(*leader_, *follower_); }));
  ASSERT_TRUE(takes_a_change("192.0.2.5"));
  EXPECT_TRUE(eventually([&] { return in_step(*leader_, *follower_); }));
}

TEST_F(ReplicaBusy, AStreamIsReadWhileItsCopyIsMade) {
  leader_disk_.hold(Family::kImage);
  plug();
  ASSERT_TRUE(eventually([&] { return leader_disk_.waiting() > 0; }));
  clock_.advance(std::chrono::seconds(5));
  EXPECT_TRUE(eventually([&] {
    const auto peers = leader_->hub().peers();
    return peers.size() == 1 && peers[0].last_contact == clock_.wall();
  })) << "heartbeats are heard";
}

TEST_F(ReplicaBusy, AFollowerHearsItsLeaderWhileItInstallsACopy) {
  follower_disk_.hold(Family::kMeta);
  plug();
  ASSERT_TRUE(eventually([&] { return follower_disk_.waiting() > 0; }));
  clock_.advance(std::chrono::seconds(5));
  EXPECT_TRUE(eventually([&] {
    const auto peers = follower_->hub().peers();
    return peers.size() == 1 && peers[0].last_contact == clock_.wall();
  }));
  for (const char* const address : {"192.0.2.2", "192.0.2.3"}) {
    ASSERT_TRUE(takes_a_change(address));
  }
  follower_disk_.let_go();
  EXPECT_TRUE(eventually([&] { return in_step(*leader_, *follower_); }));
  EXPECT_EQ(follower_->alarms(), 0);
  EXPECT_EQ(cable_->ended(), 0);
}

}  // namespace
}  // namespace tandem::test
