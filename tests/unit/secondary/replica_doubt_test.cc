// What a leader remembers of its followers, and what it takes for a proof that it lost nothing.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/unit/secondary/pair.h"

namespace tandem::test {
namespace {

class ReplicaDoubt : public ::testing::Test {
 protected:
  /// A leader and two followers in step, of which the leader keeps what it knows.
  void SetUp() override {
    start_leader();
    leader_->create_zone();
    start_followers();
    plug_first();
    plug_second();
    ASSERT_TRUE(are_in_step());
    ASSERT_TRUE(acknowledged(2));
    ASSERT_TRUE(acknowledged(3));
    leader_->pusher().members().keep(Members::When::kNow);
  }

  void TearDown() override { stop(); }

  void start_leader(LeaderNode::Trust trust = LeaderNode::Trust::kWhole) {
    leader_ = std::make_unique<LeaderNode>(leader_disk_, clock_, trust);
  }

  void start_followers() {
    first_ = std::make_unique<FollowerNode>(first_disk_, clock_, 2);
    second_ = std::make_unique<FollowerNode>(second_disk_, clock_, 3);
  }

  void plug_first() { first_cable_ = std::make_unique<Cable>(*leader_, *first_); }

  void plug_second() { second_cable_ = std::make_unique<Cable>(*leader_, *second_); }

  void stop() {
    first_cable_.reset();
    second_cable_.reset();
    first_.reset();
    second_.reset();
    leader_.reset();
  }

  [[nodiscard]] bool are_in_step() {
    return eventually([this] { return in_step(*leader_, *first_) && in_step(*leader_, *second_); });
  }

  [[nodiscard]] bool acknowledged(std::uint8_t node) {
    return eventually([&] {
      return leader_->pusher().members().acked_by(node_id(node)) ==
             leader_->log()->entries().head();
    });
  }

  void change_some(int count) {
    for (int i = 0; i < count; ++i) {
      leader_->set("b", fmt::format("192.0.2.{}", 100 + i));
    }
  }

  /// The leader's disk goes back to where it is now, after `changes`, that its followers have.
  void lose(const std::function<void()>& changes) {
    MemoryStore before;
    copy_store(leader_disk_, before);
    changes();
    stop();
    copy_store(before, leader_disk_);
  }

  [[nodiscard]] bool takes_changes() {
    return eventually([this] { return leader_->writer().read_only_reason().empty(); });
  }

  /// The leader has met so many followers.
  [[nodiscard]] bool has_met(std::ptrdiff_t count) {
    return eventually([&] {
      return std::ranges::count(leader_->hub().peers(), true, &PeerStatus::connected) == count;
    });
  }

  ManualClock clock_;
  MemoryStore leader_disk_;
  MemoryStore first_disk_;
  MemoryStore second_disk_;
  std::unique_ptr<LeaderNode> leader_;
  std::unique_ptr<FollowerNode> first_;
  std::unique_ptr<FollowerNode> second_;
  std::unique_ptr<Cable> first_cable_;
  std::unique_ptr<Cable> second_cable_;
};

TEST_F(ReplicaDoubt, AnEmptyFollowerShowsNothing) {
  lose([this] {
    change_some(3);
    ASSERT_TRUE(are_in_step());
  });
  start_leader(LeaderNode::Trust::kDoubtful);
  MemoryStore disk;
  FollowerNode empty(disk, clock_, 4);
  {
    const Cable cable(*leader_, empty);
    ASSERT_TRUE(eventually([&] { return in_step(*leader_, empty); }));
    EXPECT_TRUE(leader_->pusher().is_doubtful());
  }
  start_followers();
  plug_second();
  ASSERT_TRUE(takes_changes());
  EXPECT_EQ(leader_->log().head(), second_->log().head());
}

TEST_F(ReplicaDoubt, AFollowerThatIsBehindShowsNothingWhileAnotherWasNotMet) {
  first_cable_.reset();
  change_some(2);
  lose([this] {
    change_some(3);
    ASSERT_TRUE(eventually([this] { return in_step(*leader_, *second_); }));
  });
  start_leader(LeaderNode::Trust::kDoubtful);
  start_followers();
  plug_first();
  ASSERT_TRUE(eventually([this] { return in_step(*leader_, *first_); }));
  EXPECT_TRUE(leader_->pusher().is_doubtful());
  plug_second();
  ASSERT_TRUE(takes_changes());
  EXPECT_TRUE(are_in_step());
  EXPECT_EQ(orphans_of(second_disk_), 0U);
}

TEST_F(ReplicaDoubt, ALeaderThatHasLessThanWasAcknowledgedDoubtsItself) {
  MemoryStore members;
  lose([&] {
    change_some(3);
    ASSERT_TRUE(are_in_step());
    ASSERT_TRUE(acknowledged(3));
    leader_->pusher().members().keep(Members::When::kNow);
    copy_store(leader_disk_, members);
  });
  // The log lost its end, and what is known of the followers did not.
  const Octets key = [] {
    Octets out = to_octets(as_octets("member/"));
    append(out, node_id(3).octets);
    return out;
  }();
  WriteBatch batch;
  batch.put(Family::kMeta, key, **members.get(Family::kMeta, key));
  ASSERT_TRUE(leader_disk_.write(batch, Durability::kSynced));
  start_leader();
  EXPECT_TRUE(leader_->pusher().is_doubtful());
  EXPECT_FALSE(leader_->writer().read_only_reason().empty());
  start_followers();
  plug_second();
  ASSERT_TRUE(takes_changes());
  EXPECT_EQ(leader_->log().head(), second_->log().head());
}

TEST_F(ReplicaDoubt, ADoubtfulLeaderWithAnotherEndAsksInsteadOfTrying) {
  lose([this] {
    change_some(3);
    ASSERT_TRUE(are_in_step());
  });
  start_leader();
  leader_->set("own", "192.0.2.200");
  leader_.reset();
  start_leader(LeaderNode::Trust::kDoubtful);
  second_ = std::make_unique<FollowerNode>(second_disk_, clock_, 3);
  plug_second();
  ASSERT_TRUE(eventually([this] { return !leader_->pusher().diverged_reason().empty(); }));
  EXPECT_EQ(second_cable_->ended(), 0);
  leader_->pusher().keep(Pusher::Keep::kPeers);
  ASSERT_TRUE(eventually([this] { return in_step(*leader_, *second_); }));
  EXPECT_TRUE(takes_changes());
  EXPECT_EQ(orphans_of(leader_disk_), 1U);
}

TEST_F(ReplicaDoubt, WhatWasKnownOfFollowersIsShownAfterARestart) {
  const Position position = leader_->log()->entries().head();
  const WallTime then = clock_.wall();
  stop();
  clock_.advance(std::chrono::hours(1));
  start_leader();
  const auto peers = leader_->hub().peers();
  ASSERT_EQ(peers.size(), 2U);
  EXPECT_EQ(peers[0].node, node_id(2));
  EXPECT_EQ(peers[0].last_contact, then);
  EXPECT_EQ(peers[0].position, position);
  EXPECT_FALSE(peers[0].connected);
}

TEST_F(ReplicaDoubt, AnAbsentFollowerHasItsHoldOverARestartAndForAWeek) {
  const std::uint64_t acked = leader_->log().head();
  stop();
  start_leader();
  change_some(3);
  EXPECT_EQ(leader_->pusher().members().trim_limit(), acked);
  clock_.advance(std::chrono::hours(24 * 7));
  EXPECT_EQ(leader_->pusher().members().trim_limit(), leader_->log().head());
}

TEST_F(ReplicaDoubt, AFollowerTooFarBehindHasNoHold) {
  second_cable_.reset();
  const std::uint64_t acked = leader_->log().head();
  change_some(20);
  const std::uint64_t octets = leader_->log()->entries().total_octets();
  Members generous(*leader_->log(), octets);
  generous.greeted(node_id(3), second_->log()->entries().head(), Members::Standing::kOnOurHistory,
                   {});
  EXPECT_EQ(generous.trim_limit(), acked);
  Members strict(*leader_->log(), octets / 4);
  strict.greeted(node_id(3), second_->log()->entries().head(), Members::Standing::kOnOurHistory,
                 {});
  strict.greeted(node_id(2), leader_->log()->entries().head(), Members::Standing::kOnOurHistory,
                 {});
  EXPECT_EQ(strict.trim_limit(), leader_->log().head());
}

TEST_F(ReplicaDoubt, AFollowerThatTalksAndDoesNotFollowLosesItsHold) {
  lose([this] {
    change_some(3);
    ASSERT_TRUE(are_in_step());
  });
  start_leader();
  leader_->set("own", "192.0.2.200");
  second_ = std::make_unique<FollowerNode>(second_disk_, clock_, 3);
  plug_second();
  ASSERT_TRUE(eventually([this] { return !second_->alarm().empty(); }));
  leader_->writer().set_read_only("");
  change_some(3);
  clock_.advance(std::chrono::hours(24 * 8));
  const auto heard = [this] {
    const auto peers = leader_->hub().peers();
    return std::ranges::any_of(
        peers, [this](const auto& peer) { return peer.last_contact == clock_.wall(); });
  };
  ASSERT_TRUE(eventually(heard)) << "its heartbeats go on";
  EXPECT_EQ(leader_->pusher().members().trim_limit(), leader_->log().head());
}

TEST_F(ReplicaDoubt, DivergenceIsShownOnBothSidesAndOutlivesARestart) {
  lose([this] {
    change_some(3);
    ASSERT_TRUE(are_in_step());
  });
  start_leader();
  leader_->set("own", "192.0.2.200");
  second_ = std::make_unique<FollowerNode>(second_disk_, clock_, 3);
  plug_second();
  ASSERT_TRUE(eventually([this] { return !leader_->writer().read_only_reason().empty(); }));
  EXPECT_TRUE(eventually([this] { return !second_->alarm().empty(); }));
  second_cable_.reset();
  leader_.reset();
  start_leader();
  EXPECT_FALSE(leader_->writer().read_only_reason().empty());
  EXPECT_TRUE(leader_->pusher().has_choice());
  plug_second();
  ASSERT_TRUE(has_met(1));
  leader_->pusher().keep(Pusher::Keep::kOurs);
  leader_->writer().set_read_only("");
  ASSERT_TRUE(eventually([this] { return in_step(*leader_, *second_); }));
  EXPECT_TRUE(eventually([this] { return second_->alarm().empty(); }));
  EXPECT_EQ(orphans_of(second_disk_), 3U);
  second_cable_.reset();
  leader_.reset();
  start_leader();
  EXPECT_TRUE(leader_->writer().read_only_reason().empty());
}

TEST_F(ReplicaDoubt, ALeaderThatOutranWhatItLostHasItKeptAside) {
  lose([this] {
    change_some(3);
    ASSERT_TRUE(are_in_step());
  });
  start_leader();
  change_some(10);
  ASSERT_TRUE(leader_->log()->entries().trim(leader_->log().head() - 1));
  second_ = std::make_unique<FollowerNode>(second_disk_, clock_, 3);
  plug_second();
  ASSERT_TRUE(eventually([this] { return in_step(*leader_, *second_); }));
  EXPECT_EQ(orphans_of(second_disk_), 3U);
}

TEST_F(ReplicaDoubt, AFollowerThatWasAwayForLongKeepsNothingAside) {
  second_cable_.reset();
  change_some(10);
  stop();
  start_leader();
  ASSERT_TRUE(leader_->log()->entries().trim(leader_->log().head() - 1));
  second_ = std::make_unique<FollowerNode>(second_disk_, clock_, 3);
  plug_second();
  ASSERT_TRUE(eventually([this] { return in_step(*leader_, *second_); }));
  EXPECT_EQ(orphans_of(second_disk_), 0U);
}

}  // namespace
}  // namespace tandem::test
