// A leader and a follower: from the first copy to being in step, again after every kind of absence.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/support/faulty_store.h"
#include "tests/support/zone_text.h"
#include "tests/unit/secondary/pair.h"

namespace tandem::test {
namespace {

/// Some chunks of an image.
ZonePtr large_zone(std::string_view text, std::string_view origin = kZone) {
  std::string lines;
  for (int i = 0; i < 5000; ++i) {
    lines += fmt::format("n{} TXT \"{}{}\"\n", i, text, std::string(180, 'x'));
  }
  return zone(lines, origin);
}

class ReplicaPair : public ::testing::Test {
 protected:
  void start_leader(LeaderNode::Trust trust = LeaderNode::Trust::kWhole) {
    leader_ = std::make_unique<LeaderNode>(leader_disk_, clock_, trust);
  }

  void start_follower() { follower_ = std::make_unique<FollowerNode>(follower_disk_, clock_); }

  void plug() { cable_ = std::make_unique<Cable>(*leader_, *follower_); }

  void unplug() { cable_.reset(); }

  [[nodiscard]] bool come_in_step() {
    return eventually([this] { return in_step(*leader_, *follower_); });
  }

  /// A pair in step about one small zone.
  void start_pair() {
    start_leader();
    leader_->create_zone();
    start_follower();
    plug();
    ASSERT_TRUE(come_in_step());
  }

  [[nodiscard]] std::uint64_t follower_first() {
    return follower_->log()->entries().first_sequence();
  }

  ManualClock clock_;
  MemoryStore leader_disk_;
  MemoryStore follower_memory_;
  testing::FaultyStore follower_disk_{follower_memory_};
  std::unique_ptr<LeaderNode> leader_;
  std::unique_ptr<FollowerNode> follower_;
  std::unique_ptr<Cable> cable_;
};

TEST_F(ReplicaPair, TheFirstCopyIsImagesOfEverything) {
  start_leader();
  leader_->create_zone();
  const SecretChange secret = secret_change("key.", "the secret");
  ASSERT_TRUE(change(leader_->writer(), [secret](const TableDraft&) -> Result<Plan> {
    return Plan{{secret}, {}, {}};
  }));
  ASSERT_TRUE(
      change(leader_->writer(), plan_create(name("large."), {}, large_zone("one", "large."))));
  ASSERT_TRUE(change(leader_->writer(), plan_create(name("empty."), {}, nullptr)));
  start_follower();
  plug();
  ASSERT_TRUE(come_in_step());
  EXPECT_EQ(follower_first(), follower_->log().head() + 1) << "images alone";
  // Told once the copy is in the table, which is what being in step looks at.
  EXPECT_TRUE(eventually([this] { return !follower_->cluster().is_zero(); }));
  EXPECT_EQ(follower_->cluster(), cluster_id(7));
  EXPECT_EQ(follower_->log().lines("large.").size(), 5002U);
  EXPECT_EQ(follower_->log().lines(kZone), leader_->log().lines(kZone));
  EXPECT_NE(follower_->log()->table().find(name("empty.")), nullptr);
  const Octets sealed = **follower_disk_.get(Family::kSecret, secret.info.id.octets);
  EXPECT_EQ(*sealer_of_node(2).open(sealed, secret.info.id.to_text()), secret.secret);
}

TEST_F(ReplicaPair, ChangesFollowAsEntriesAndAreAcknowledged) {
  start_pair();
  const std::uint64_t first = follower_first();
  for (int i = 0; i < 20; ++i) {
    leader_->set("b", fmt::format("192.0.2.{}", i));
  }
  ASSERT_TRUE(come_in_step());
  EXPECT_EQ(follower_first(), first) << "no second copy";
  EXPECT_EQ(follower_->log()->entries().head().chain, leader_->log()->entries().head().chain);
  EXPECT_EQ(follower_->log().lines(kZone)[2], "b.example. 3600 IN A 192.0.2.19");
  EXPECT_TRUE(eventually([&] {
    const auto peers = leader_->hub().peers();
    return peers.size() == 1 && peers[0].position == leader_->log()->table().position();
  }));
  EXPECT_TRUE(eventually(
      [&] { return leader_->pusher().members().trim_limit() == leader_->log().head(); }));
  EXPECT_EQ(follower_->alarms(), 0);
}

TEST_F(ReplicaPair, ALargeContentAndASecretComeWithTheEntriesThatNameThem) {
  start_pair();
  const std::uint64_t first = follower_first();
  ASSERT_TRUE(
      change(leader_->writer(), plan_import(name(kZone), large_zone("two"), IfMissing::kRefuse)));
  const SecretChange secret = secret_change("later.", "another secret");
  ASSERT_TRUE(change(leader_->writer(), [secret](const TableDraft&) -> Result<Plan> {
    return Plan{{secret}, {}, {}};
  }));
  leader_->set("b", "192.0.2.77");
  ASSERT_TRUE(come_in_step());
  EXPECT_EQ(follower_first(), first);
  EXPECT_EQ(follower_->log().lines(kZone).size(), 5003U);
  ASSERT_EQ(follower_->log()->table().secrets().size(), 1U);
  const Octets sealed = **follower_disk_.get(Family::kSecret, secret.info.id.octets);
  EXPECT_EQ(*sealer_of_node(2).open(sealed, secret.info.id.to_text()), secret.secret);
}

TEST_F(ReplicaPair, TheFollowerKeepsImagesOfWhatItsLogTakesAway) {
  start_pair();
  const auto image_now = [&] {
    const ZoneRecordPtr record = follower_->log()->table().find(name(kZone));
    return ImageKey{LogId::kCluster, record->id, record->digest.value()};
  };
  const ImageKey replaced = image_now();
  ASSERT_TRUE(
      change(leader_->writer(), plan_import(name(kZone), large_zone("two"), IfMissing::kRefuse)));
  leader_->set("b", "192.0.2.77");
  ASSERT_TRUE(come_in_step());
  const ImageKey deleted = image_now();
  ASSERT_TRUE(change(leader_->writer(), plan_delete(name(kZone))));
  ASSERT_TRUE(come_in_step());
  EXPECT_GT(*image_chunks_present(follower_disk_, replaced), 0U);
  EXPECT_GT(*image_chunks_present(follower_disk_, deleted), 0U);
}

TEST_F(ReplicaPair, ZonesGoAndComeAgainUnderTheSameName) {
  start_pair();
  ASSERT_TRUE(change(leader_->writer(), plan_delete(name(kZone))));
  ASSERT_TRUE(come_in_step());
  EXPECT_EQ(follower_->log().answered(kZone), nullptr);
  leader_->create_zone();
  ASSERT_TRUE(come_in_step());
  EXPECT_NE(follower_->log().answered(kZone), nullptr);
}

TEST_F(ReplicaPair, WhatChangedDuringAnAbsenceFollowsAsEntries) {
  start_pair();
  const std::uint64_t first = follower_first();
  unplug();
  for (int i = 0; i < 20; ++i) {
    leader_->set("b", fmt::format("192.0.2.{}", i));
  }
  EXPECT_LT(follower_->log().head(), leader_->log().head());
  plug();
  ASSERT_TRUE(come_in_step());
  EXPECT_EQ(follower_first(), first);
}

TEST_F(ReplicaPair, BothGoOnAfterARestart) {
  start_pair();
  leader_->set("b", "192.0.2.7");
  ASSERT_TRUE(come_in_step());
  const std::uint64_t first = follower_first();
  const auto lines = follower_->log().lines(kZone);
  unplug();
  follower_.reset();
  leader_.reset();
  start_leader();
  start_follower();
  EXPECT_EQ(follower_->log().lines(kZone), lines) << "answered before any leader is met";
  EXPECT_EQ(follower_->cluster(), cluster_id(7));
  leader_->set("b", "192.0.2.8");
  plug();
  ASSERT_TRUE(come_in_step());
  EXPECT_EQ(follower_first(), first);
}

TEST_F(ReplicaPair, AnEmptiedFollowerGetsEverythingAgain) {
  start_pair();
  unplug();
  follower_.reset();
  copy_store(MemoryStore(), follower_memory_);
  start_follower();
  EXPECT_EQ(follower_->log().head(), 0U);
  plug();
  ASSERT_TRUE(come_in_step());
  EXPECT_EQ(follower_->log().lines(kZone), leader_->log().lines(kZone));
}

TEST_F(ReplicaPair, AFollowerBehindTheTrimmedLogGetsImages) {
  start_pair();
  unplug();
  for (int i = 0; i < 20; ++i) {
    leader_->set("b", fmt::format("192.0.2.{}", i));
  }
  // Images cover the whole log only in the keeper's world; here the leader is not restarted.
  ASSERT_TRUE(leader_->log()->entries().trim(leader_->log().head() - 3));
  plug();
  ASSERT_TRUE(come_in_step());
  EXPECT_EQ(follower_first(), follower_->log().head() + 1);
  EXPECT_EQ(orphans_of(follower_disk_), 0U);
}

TEST_F(ReplicaPair, AnotherContentDigestIsAnAlarmAndImagesSettleIt) {
  start_pair();
  unplug();
  spoil_zone(follower_->log(), kZone, zone("a A 192.0.2.66\nghost A 192.0.2.67\n"));
  plug();
  leader_->set("b", "192.0.2.7");
  ASSERT_TRUE(come_in_step());
  EXPECT_EQ(follower_->log().lines(kZone), leader_->log().lines(kZone));
  EXPECT_GE(follower_->alarms(), 1);
  EXPECT_TRUE(eventually([&] { return follower_->alarm().empty(); }));
  EXPECT_EQ(orphans_of(follower_disk_), 0U) << "the log was the leader's all the time";
  leader_->set("b", "192.0.2.8");
  EXPECT_TRUE(come_in_step());
}

TEST_F(ReplicaPair, AnotherContentDigestWhileChangesStreamIn) {
  start_pair();
  unplug();
  spoil_zone(follower_->log(), kZone, zone("a A 192.0.2.66\n"));
  for (int i = 0; i < 50; ++i) {
    leader_->set("b", fmt::format("192.0.2.{}", i));
  }
  plug();
  for (int i = 0; i < 50; ++i) {
    leader_->set("c", fmt::format("192.0.2.{}", i));
  }
  ASSERT_TRUE(come_in_step());
  EXPECT_TRUE(eventually([&] { return follower_->alarm().empty(); }));
}

TEST_F(ReplicaPair, AnIdleLeaderInStepIsContact) {
  start_pair();
  const int before = follower_->contacts();
  EXPECT_TRUE(eventually([&] { return follower_->contacts() > before + 3; }));
}

TEST_F(ReplicaPair, AFollowersStoreThatFailsIsOpenedAnewAndNothingIsMissing) {
  start_pair();
  for (const auto outcome :
       {testing::FaultyStore::Outcome::kNotWritten, testing::FaultyStore::Outcome::kWritten}) {
    follower_disk_.fail_after(0, Errc::kNoSpace, outcome);
    leader_->set("b",
                 outcome == testing::FaultyStore::Outcome::kWritten ? "192.0.2.7" : "192.0.2.8");
    ASSERT_TRUE(come_in_step());
    EXPECT_TRUE(eventually([&] { return !follower_->log()->is_broken(); }));
  }
}

TEST_F(ReplicaPair, AFollowersStoreThatStaysBrokenIsAnAlarmUntilItIsWell) {
  start_pair();
  follower_disk_.fail_reopen(Errc::kIo);
  follower_disk_.fail_after(0, Errc::kNoSpace, testing::FaultyStore::Outcome::kNotWritten);
  leader_->set("b", "192.0.2.7");
  ASSERT_TRUE(come_in_step());
  EXPECT_GE(follower_->alarms(), 1);
  EXPECT_TRUE(eventually([&] { return follower_->alarm().empty(); }));
}

TEST_F(ReplicaPair, AnAlarmEndsAlsoWhenWhatFailedWasWritten) {
  start_pair();
  follower_disk_.fail_reopen(Errc::kIo);
  follower_disk_.fail_after(0, Errc::kNoSpace, testing::FaultyStore::Outcome::kWritten);
  leader_->set("b", "192.0.2.7");
  ASSERT_TRUE(come_in_step());
  EXPECT_GE(follower_->alarms(), 1);
  EXPECT_TRUE(eventually([&] { return follower_->alarm().empty(); }));
}

TEST_F(ReplicaPair, AStoreThatFailedWithoutAFrameIsOpenedAnewAllTheSame) {
  start_pair();
  follower_disk_.fail_after(0, Errc::kNoSpace, testing::FaultyStore::Outcome::kNotWritten);
  WriteBatch batch;
  batch.put(Family::kMeta, as_octets("row"), as_octets("1"));
  EXPECT_FALSE(follower_disk_.write(batch, Durability::kSynced));
  EXPECT_TRUE(follower_->log()->is_broken());
  follower_->look_after_store();
  EXPECT_TRUE(eventually([&] { return !follower_->log()->is_broken(); }));
  leader_->set("b", "192.0.2.7");
  ASSERT_TRUE(come_in_step());
  EXPECT_EQ(follower_->alarms(), 0);
}

TEST_F(ReplicaPair, AFollowerIsToldThatItHasLostNothing) {
  start_pair();
  const int before = follower_->in_steps();
  EXPECT_TRUE(eventually([&] { return follower_->in_steps() > before; }));
}

TEST_F(ReplicaPair, ABadChunkOfAnEarlierTryIsFetchedAgain) {
  start_pair();
  unplug();
  ASSERT_TRUE(
      change(leader_->writer(), plan_import(name(kZone), large_zone("x"), IfMissing::kRefuse)));
  const ZoneRecordPtr record = leader_->log()->table().find(name(kZone));
  const ImageKey key{LogId::kCluster, record->id, record->digest.value()};
  ImageMaker other(zone("a A 192.0.2.66\n"));
  ASSERT_TRUE(put_image_chunk(follower_disk_, key, 0, *other.next()));
  plug();
  EXPECT_TRUE(come_in_step());
}

TEST_F(ReplicaPair, AChunkThatNobodyAskedForIsRefused) {
  start_pair();
  unplug();
  CutReceiver receiver(*follower_->log(), sealer_of_node(2));
  ImageMaker maker(zone("a A 192.0.2.66\n"));
  EXPECT_EQ(receiver.on_chunk({ZoneId{}, Digest256{1}, 0, *maker.next()}).error().code,
            Errc::kCorrupt);
}

TEST_F(ReplicaPair, AKindOfChangeThatAFollowerDoesNotKnowStopsItAndItSaysSo) {
  start_pair();
  const Position before = follower_->log()->table().position();
  // A change of kind 99 at the end of the entry: field 6, 5 octets long; in it field 99, empty.
  ZoneId id;
  id.octets.fill(5);
  const Change known{id, ZoneCreate{name("other."), {}}};
  commit_entry(leader_->log(), before.epoch, known,
               [](Octets& octets) { append(octets, Octets{0x32, 0x03, 0x9a, 0x06, 0x00}); });
  EXPECT_TRUE(eventually([&] { return cable_->ended() >= 2; })) << "it goes on trying";
  EXPECT_TRUE(eventually([&] { return !follower_->alarm().empty(); }));
  EXPECT_EQ(follower_->log()->table().position(), before);
  EXPECT_EQ(follower_->log().lines(kZone), leader_->log().lines(kZone)) << "and answers";
}

TEST_F(ReplicaPair, TwoFollowersAreServedApart) {
  start_pair();
  MemoryStore disk;
  FollowerNode second(disk, clock_, 3);
  const Cable cable(*leader_, second);
  ASSERT_TRUE(eventually([&] { return in_step(*leader_, second); }));
  unplug();
  leader_->set("b", "192.0.2.7");
  ASSERT_TRUE(eventually([&] { return in_step(*leader_, second); }));
  EXPECT_LT(follower_->log().head(), leader_->log().head());
  EXPECT_LT(leader_->pusher().members().trim_limit(), leader_->log().head())
      << "the absent one holds";
  clock_.advance(std::chrono::hours(24 * 8));
  leader_->set("b", "192.0.2.8");
  EXPECT_TRUE(eventually([&] {
    return leader_->pusher().members().trim_limit() == leader_->log().head();
  })) << "until a week is over";
  plug();
  EXPECT_TRUE(come_in_step());
}

}  // namespace
}  // namespace tandem::test
