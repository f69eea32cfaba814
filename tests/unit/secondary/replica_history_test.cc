// When the histories of leader and follower differ: disks put back, machines that lost their
// newest writes, a promotion. Nothing acknowledged is lost in silence.
#include <algorithm>
#include <functional>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/support/zone_text.h"
#include "tests/unit/secondary/pair.h"

namespace tandem::test {
namespace {

class ReplicaHistory : public ::testing::Test {
 protected:
  /// A leader and two followers in step, then apart: each goes on from its disk as it is.
  void SetUp() override {
    start_leader();
    leader_->create_zone();
    start_followers();
    plug_all();
    ASSERT_TRUE(all_in_step());
    leader_->set("b", "192.0.2.10");
    ASSERT_TRUE(all_in_step());
  }

  void TearDown() override { stop_all(); }

  void start_leader(LeaderNode::Trust trust = LeaderNode::Trust::kWhole) {
    leader_ = std::make_unique<LeaderNode>(leader_disk_, clock_, trust);
  }

  void start_followers() {
    first_ = std::make_unique<FollowerNode>(first_disk_, clock_, 2);
    second_ = std::make_unique<FollowerNode>(second_disk_, clock_, 3);
  }

  void plug_all() {
    first_cable_ = std::make_unique<Cable>(*leader_, *first_);
    second_cable_ = std::make_unique<Cable>(*leader_, *second_);
  }

  void unplug() {
    first_cable_.reset();
    second_cable_.reset();
  }

  void stop_all() {
    unplug();
    first_.reset();
    second_.reset();
    leader_.reset();
  }

  [[nodiscard]] bool first_in_step() {
    return eventually([this] { return in_step(*leader_, *first_); });
  }

  [[nodiscard]] bool all_in_step() {
    return eventually([this] { return in_step(*leader_, *first_) && in_step(*leader_, *second_); });
  }

  /// Some changes more, that both followers get.
  void change_more(int count) {
    for (int i = 0; i < count; ++i) {
      leader_->set("b", fmt::format("192.0.2.{}", 100 + i));
    }
    ASSERT_TRUE(all_in_step());
  }

  /// Stops everything and puts the leader's disk back to where `before` was.
  void put_leader_back(const Store& before) {
    stop_all();
    copy_store(before, leader_disk_);
  }

  /// Makes changes, then puts the leader's disk back to before them. Returns where it stood.
  Position lose(const std::function<void()>& changes) {
    MemoryStore before;
    copy_store(leader_disk_, before);
    changes();
    const Position lost = leader_->log()->table().position();
    put_leader_back(before);
    return lost;
  }

  /// The leader went on from an old disk and made changes of its own: `own` of them.
  void diverge(int lost, int own) {
    lose([&] { change_more(lost); });
    start_leader();
    for (int i = 0; i < own; ++i) {
      leader_->set("own", fmt::format("192.0.2.{}", 200 + i));
    }
  }

  [[nodiscard]] bool is_stopped() {
    return eventually([this] { return !leader_->writer().read_only_reason().empty(); });
  }

  /// Both followers wait for the operator's choice.
  [[nodiscard]] bool both_wait() {
    return eventually([this] {
      const auto peers = leader_->hub().peers();
      return std::ranges::count(peers, "diverged", &PeerStatus::detail) == 2;
    });
  }

  [[nodiscard]] bool takes_changes() {
    return eventually([this] { return leader_->writer().read_only_reason().empty(); });
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

TEST_F(ReplicaHistory, ADoubtfulLeaderThatLostNothingTakesChangesOnceAFollowerShowsIt) {
  stop_all();
  start_leader(LeaderNode::Trust::kDoubtful);
  EXPECT_FALSE(change(leader_->writer(), set_address(kZone, "c", "192.0.2.3")));
  start_followers();
  plug_all();
  ASSERT_TRUE(takes_changes());
  EXPECT_FALSE(leader_->pusher().is_doubtful());
  leader_->set("c", "192.0.2.3");
  EXPECT_TRUE(all_in_step());
}

TEST_F(ReplicaHistory, ADoubtfulLeaderTakesItsTailBackFromOneFollower) {
  const Position lost = lose([this] { change_more(30); });
  start_leader(LeaderNode::Trust::kDoubtful);
  start_followers();
  first_cable_ = std::make_unique<Cable>(*leader_, *first_);
  ASSERT_TRUE(takes_changes());
  EXPECT_EQ(leader_->log()->table().position(), lost);
  EXPECT_EQ(leader_->log().lines(kZone)[2], "b.example. 3600 IN A 192.0.2.129");
  leader_->set("c", "192.0.2.3");
  ASSERT_TRUE(first_in_step());
  EXPECT_EQ(orphans_of(leader_disk_) + orphans_of(first_disk_), 0U);
}

TEST_F(ReplicaHistory, ADoubtfulLeaderTakesItsTailBackFromTwoFollowersAtOnce) {
  const Position lost = lose([this] { change_more(30); });
  start_leader(LeaderNode::Trust::kDoubtful);
  start_followers();
  plug_all();
  ASSERT_TRUE(takes_changes());
  EXPECT_EQ(leader_->log()->table().position(), lost);
  leader_->set("c", "192.0.2.3");
  EXPECT_TRUE(all_in_step());
}

TEST_F(ReplicaHistory, TheTailComesBackWithTheImagesAndSecretsThatItNames) {
  std::string lines;
  for (int i = 0; i < 4000; ++i) {
    lines += fmt::format("n{} TXT \"{}\"\n", i, std::string(180, 'x'));
  }
  const SecretChange secret = secret_change("key.", "the secret");
  const Position lost = lose([&] {
    ASSERT_TRUE(
        change(leader_->writer(), plan_import(name(kZone), zone(lines), IfMissing::kRefuse)));
    ASSERT_TRUE(change(leader_->writer(), [secret](const TableDraft&) -> Result<Plan> {
      return Plan{{secret}, {}, {}};
    }));
    change_more(3);
  });
  start_leader(LeaderNode::Trust::kDoubtful);
  start_followers();
  plug_all();
  ASSERT_TRUE(takes_changes()) << leader_->writer().read_only_reason();
  EXPECT_EQ(leader_->log()->table().position(), lost);
  EXPECT_TRUE(all_in_step());
  const Octets sealed = **leader_disk_.get(Family::kSecret, secret.info.id.octets);
  EXPECT_EQ(*sealer_of_node(1).open(sealed, secret.info.id.to_text()), secret.secret);
}

TEST_F(ReplicaHistory, ALeaderPutBackWithoutAMarkOfDoubtStopsAndAsks) {
  diverge(5, 0);
  start_followers();
  plug_all();
  ASSERT_TRUE(is_stopped());
  EXPECT_FALSE(change(leader_->writer(), set_address(kZone, "c", "192.0.2.3")));
  EXPECT_EQ(first_->log().lines(kZone)[2], "b.example. 3600 IN A 192.0.2.104");
  EXPECT_EQ(orphans_of(first_disk_), 0U);
}

TEST_F(ReplicaHistory, KeepingTheLeadersHistoryMakesTheFollowersTailOrphans) {
  diverge(5, 2);
  start_followers();
  plug_all();
  ASSERT_TRUE(both_wait());
  leader_->pusher().keep(Pusher::Keep::kOurs);
  leader_->writer().set_read_only("");
  ASSERT_TRUE(all_in_step());
  EXPECT_EQ(orphans_of(first_disk_), 5U);
  EXPECT_EQ(orphans_of(second_disk_), 5U);
  EXPECT_EQ(orphans_of(leader_disk_), 0U);
  EXPECT_EQ(first_->log().lines(kZone).back(), "own.example. 3600 IN A 192.0.2.201");
  leader_->set("c", "192.0.2.3");
  EXPECT_TRUE(all_in_step());
}

TEST_F(ReplicaHistory, KeepingTheFollowersHistoryMakesTheLeadersTailOrphans) {
  diverge(5, 2);
  start_followers();
  first_cable_ = std::make_unique<Cable>(*leader_, *first_);
  ASSERT_TRUE(is_stopped());
  leader_->pusher().keep(Pusher::Keep::kPeers);
  ASSERT_TRUE(takes_changes());
  ASSERT_TRUE(first_in_step());
  EXPECT_EQ(orphans_of(leader_disk_), 2U);
  EXPECT_EQ(orphans_of(first_disk_), 0U);
  EXPECT_EQ(leader_->log().lines(kZone)[2], "b.example. 3600 IN A 192.0.2.104");
  leader_->set("c", "192.0.2.3");
  ASSERT_TRUE(first_in_step());
  second_cable_ = std::make_unique<Cable>(*leader_, *second_);
  EXPECT_TRUE(all_in_step()) << "the second has that history too";
  EXPECT_EQ(orphans_of(second_disk_), 0U);
}

class ReplicaHistoryAfterImages : public ReplicaHistory {
 protected:
  /// The followers begin with images of a log that is not short, then the histories part.
  void SetUp() override {
    ReplicaHistory::SetUp();
    change_more(20);
    unplug();
    first_.reset();
    second_.reset();
    copy_store(MemoryStore(), first_disk_);
    copy_store(MemoryStore(), second_disk_);
    start_followers();
    plug_all();
    ASSERT_TRUE(all_in_step());
    diverge(5, 2);
    start_followers();
    first_cable_ = std::make_unique<Cable>(*leader_, *first_);
    ASSERT_TRUE(is_stopped());
  }
};

TEST_F(ReplicaHistoryAfterImages, TheFollowersTailBecomesOrphans) {
  leader_->pusher().keep(Pusher::Keep::kOurs);
  ASSERT_TRUE(first_in_step());
  EXPECT_EQ(orphans_of(first_disk_), 5U);
  EXPECT_EQ(orphans_of(leader_disk_), 0U);
}

TEST_F(ReplicaHistoryAfterImages, TheLeadersTailBecomesOrphansAndMoreWhereTheForkIsNotToBeSeen) {
  leader_->pusher().keep(Pusher::Keep::kPeers);
  ASSERT_TRUE(takes_changes());
  ASSERT_TRUE(first_in_step());
  EXPECT_GE(orphans_of(leader_disk_), 2U);
  EXPECT_EQ(orphans_of(first_disk_), 0U);
}

TEST_F(ReplicaHistory, AFollowerOnTheHistoryThatIsGivenUpGetsTheOther) {
  diverge(5, 0);
  MemoryStore lost;
  copy_store(first_disk_, lost);
  copy_store(leader_disk_, second_disk_);  // the second was put back with the leader
  start_followers();
  second_cable_ = std::make_unique<Cable>(*leader_, *second_);
  for (int i = 0; i < 9; ++i) {
    leader_->set("own", fmt::format("192.0.2.{}", 200 + i));
  }
  ASSERT_TRUE(eventually([&] { return in_step(*leader_, *second_); }));
  first_cable_ = std::make_unique<Cable>(*leader_, *first_);
  ASSERT_TRUE(is_stopped());
  leader_->pusher().keep(Pusher::Keep::kPeers);
  ASSERT_TRUE(takes_changes());
  EXPECT_TRUE(all_in_step()) << "without another change";
  EXPECT_TRUE(leader_->writer().read_only_reason().empty()) << "it is not asked about again";
  EXPECT_EQ(orphans_of(leader_disk_), 9U);
}

TEST_F(ReplicaHistory, AChoiceIsForOneForkAlone) {
  diverge(5, 2);
  start_followers();
  first_cable_ = std::make_unique<Cable>(*leader_, *first_);
  ASSERT_TRUE(is_stopped());
  leader_->pusher().keep(Pusher::Keep::kOurs);
  leader_->writer().set_read_only("");
  ASSERT_TRUE(first_in_step());
  unplug();
  MemoryStore before;
  copy_store(leader_disk_, before);
  leader_->set("b", "192.0.2.55");
  first_cable_ = std::make_unique<Cable>(*leader_, *first_);
  ASSERT_TRUE(first_in_step());
  put_leader_back(before);
  start_leader();
  leader_->set("b", "192.0.2.56");
  start_followers();
  first_cable_ = std::make_unique<Cable>(*leader_, *first_);
  EXPECT_TRUE(is_stopped()) << "the next one is asked again";
}

TEST_F(ReplicaHistory, AChoiceThatNoForkWaitedForDecidesAboutNoLaterOne) {
  stop_all();
  start_leader(LeaderNode::Trust::kDoubtful);
  leader_->pusher().keep(Pusher::Keep::kOurs);
  ASSERT_TRUE(takes_changes());
  leader_->set("c", "192.0.2.3");
  start_followers();
  plug_all();
  ASSERT_TRUE(all_in_step());
  unplug();
  first_.reset();
  {
    TestLog other(first_disk_, clock_);
    ZoneId id;
    id.octets.fill(9);
    commit_entry(other, Epoch{1, node_id(1)}, {id, ZoneCreate{name("other."), {}}});
  }
  leader_->set("c", "192.0.2.4");
  first_ = std::make_unique<FollowerNode>(first_disk_, clock_, 2);
  first_cable_ = std::make_unique<Cable>(*leader_, *first_);
  EXPECT_TRUE(is_stopped());
  EXPECT_NE(first_->log()->table().find(name("other.")), nullptr);
}

TEST_F(ReplicaHistory, AHigherEpochsLeaderKeepsAndTheFollowersTailBecomesOrphans) {
  MemoryStore before;
  copy_store(leader_disk_, before);
  change_more(4);
  put_leader_back(before);
  TestLog promoted(leader_disk_, clock_);
  commit_entry(promoted, Epoch{2, node_id(1)}, {ZoneId{}, EpochStart{cluster_id(7)}});
  start_leader();
  leader_->set("own", "192.0.2.200");
  start_followers();
  plug_all();
  ASSERT_TRUE(all_in_step());
  EXPECT_TRUE(leader_->writer().read_only_reason().empty());
  EXPECT_EQ(orphans_of(first_disk_), 4U);
  EXPECT_EQ(orphans_of(second_disk_), 4U);
  EXPECT_EQ(first_->log()->entries().epochs().size(), 2U);
}

TEST_F(ReplicaHistory, ALeaderOfAnOlderEpochStops) {
  stop_all();
  TestLog promoted(first_disk_, clock_);
  commit_entry(promoted, Epoch{2, node_id(2)}, {ZoneId{}, EpochStart{cluster_id(7)}});
  const Position position = promoted->table().position();
  start_leader();
  start_followers();
  first_cable_ = std::make_unique<Cable>(*leader_, *first_);
  ASSERT_TRUE(is_stopped());
  EXPECT_EQ(first_->log()->table().position(), position);
}

}  // namespace
}  // namespace tandem::test
