// What goes on behind the changes: images, trimming, sweeping. The keeper's seconds are
// milliseconds here.
#include "common/node/keeper.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "common/dns/rdata.h"
#include "common/node/plans.h"
#include "primary/writer.h"
#include "tests/support/faulty_store.h"
#include "tests/support/zone_text.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

constexpr std::string_view kZone = "example.";

class KeeperTest : public ::testing::Test {
 protected:
  KeeperTest() {
    options_.second = std::chrono::milliseconds(1);
    start_writer();
  }

  void TearDown() override {
    if (writer_ != nullptr) {
      stop();
    }
  }

  void start_writer() {
    writer_ = std::make_unique<Writer>(*log_, sealer_of_node(1), node_id(1));
    EXPECT_TRUE(writer_->bootstrap(cluster_id(7)));
    writer_->start();
  }

  void start_keeper() {
    keeper_ = std::make_unique<Keeper>(*log_, options_);
    keeper_->start();
  }

  void stop() {
    if (keeper_ != nullptr) {
      keeper_->stop();
    }
    writer_->stop();
  }

  /// Takes everything down and up again on what the store holds.
  void restart() {
    stop();
    writer_.reset();
    keeper_.reset();
    log_.restart();
  }

  void create() {
    ASSERT_TRUE(change(*writer_, plan_create(name(kZone), {}, zone("a A 192.0.2.1\n"))));
  }

  /// A change of about `octets`.
  void change_much(int i, std::size_t octets) {
    const std::string text(200, 'x');
    std::vector<RecordEdit> edits;
    for (std::size_t n = 0; n * 220 < octets; ++n) {
      RecordEdit edit;
      edit.operation = RecordEdit::Operation::kSet;
      edit.owner = *Name::from_text(fmt::format("n{}", n), name(kZone));
      edit.type = RrType::kTxt;
      edit.rdatas = {*rdata_from_text(RrType::kTxt, fmt::format("\"{}{}\"", i, text))};
      edits.push_back(edit);
    }
    ASSERT_TRUE(change(*writer_, plan_edits(name(kZone), edits)));
  }

  [[nodiscard]] std::optional<Checkpoint> checkpoint_of(const ZoneId& id) const {
    const auto checkpoints = read_checkpoints(store_, LogId::kCluster);
    EXPECT_TRUE(checkpoints);
    for (const auto& [zone, checkpoint] : *checkpoints) {
      if (zone == id) {
        return checkpoint;
      }
    }
    return std::nullopt;
  }

  /// Zone and digest of every image in the store.
  [[nodiscard]] std::set<Octets> images() const {
    std::set<Octets> images;
    EXPECT_TRUE(store_.scan(Family::kImage, {}, {}, [&](OctetSpan key, OctetSpan) {
      images.insert(to_octets(key.first(key.size() - 4)));
      return ScanNext::kContinue;
    }));
    return images;
  }

  ManualClock clock_;
  MemoryStore memory_;
  testing::FaultyStore store_{memory_};
  TestLog log_{store_, clock_};
  Keeper::Options options_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Keeper> keeper_;
};

TEST_F(KeeperTest, AZoneThatChangedMuchGetsAnImageAndARestartBeginsThere) {
  create();
  start_keeper();
  const ZoneId id = log_->table().find(name(kZone))->id;
  EXPECT_FALSE(keeper_->image_age(id));
  EXPECT_TRUE(keeper_->image_ages().empty());
  for (int i = 0; i < 8; ++i) {
    change_much(i, 40'000);
  }
  ASSERT_TRUE(eventually([&] { return checkpoint_of(id).has_value(); }));
  stop();  // what is left may make another image
  clock_.advance(std::chrono::seconds(90));
  EXPECT_EQ(keeper_->image_age(id), std::chrono::seconds(90));
  EXPECT_EQ(keeper_->image_ages().at(id), std::chrono::seconds(90));
  const auto lines = log_.lines(kZone);
  const auto position = log_->table().position();
  restart();
  EXPECT_EQ(log_.lines(kZone), lines);
  EXPECT_EQ(log_->table().position(), position);
  start_keeper();
  clock_.advance(std::chrono::seconds(30));
  EXPECT_EQ(keeper_->image_age(id), std::chrono::seconds(120)) << "also after a restart";
}

TEST_F(KeeperTest, AnImageThatFailedIsMadeAsSoonAsTheStoreIsWell) {
  create();
  const ZoneId id = log_->table().find(name(kZone))->id;
  std::atomic<bool> may_recover = false;
  options_.every_second = [&] {
    if (may_recover) {
      writer_->look_after_store();
    }
  };
  keeper_ = std::make_unique<Keeper>(*log_, options_);
  for (int i = 0; i < 8; ++i) {
    change_much(i, 40'000);
  }
  store_.fail_after(0, Errc::kNoSpace, testing::FaultyStore::Outcome::kNotWritten);
  keeper_->start();
  ASSERT_TRUE(eventually([&] { return log_->is_broken(); })) << "without a change";
  EXPECT_FALSE(checkpoint_of(id));
  may_recover = true;
  EXPECT_TRUE(eventually([&] { return checkpoint_of(id).has_value(); }));
}

TEST_F(KeeperTest, GarbageOfOldVersionsIsCompactedWithoutAnEntry) {
  create();
  start_keeper();
  change_much(0, 200'000);
  const std::size_t once = log_.answered(kZone)->memory().arena_octets;
  for (int i = 1; i < 20; ++i) {
    change_much(i, 200'000);
  }
  const std::uint64_t changed_at = log_->table().find(name(kZone))->sequence;
  ASSERT_TRUE(change(*writer_, plan_create(name("other."), {}, nullptr)));
  EXPECT_TRUE(eventually([&] { return log_.answered(kZone)->memory().arena_octets < once * 3; }));
  EXPECT_EQ(content_digest_of(*log_.answered(kZone)), log_->table().find(name(kZone))->digest);
  EXPECT_EQ(log_->table().find(name(kZone))->sequence, changed_at);
  EXPECT_EQ(log_->table().position(), log_->entries().head());
}

TEST_F(KeeperTest, WhatARestartReplayedIsCompactedToo) {
  create();
  change_much(0, 200'000);
  const std::size_t once = log_.answered(kZone)->memory().arena_octets;
  for (int i = 1; i < 10; ++i) {
    change_much(i, 200'000);
  }
  const std::uint64_t changed_at = log_->table().find(name(kZone))->sequence;
  ASSERT_TRUE(change(*writer_, plan_create(name("other."), {}, nullptr)));
  restart();
  EXPECT_EQ(log_->table().find(name(kZone))->sequence, changed_at);
  ASSERT_GT(log_.answered(kZone)->memory().arena_octets, once * 3);
  start_writer();
  start_keeper();
  EXPECT_TRUE(eventually([&] { return log_.answered(kZone)->memory().arena_octets < once * 3; }));
}

TEST_F(KeeperTest, ALittleChangeMakesNoImage) {
  create();
  int seconds = 0;
  std::atomic<int> ticks = 0;
  options_.every_second = [&] { ++ticks; };
  start_keeper();
  change_much(1, 1000);
  ASSERT_TRUE(eventually([&] { return (seconds = ticks) > 20; }));
  EXPECT_FALSE(checkpoint_of(log_->table().find(name(kZone))->id));
}

TEST_F(KeeperTest, TheLogIsTrimmedToItsSizeAndARestartMissesNothing) {
  create();
  ASSERT_TRUE(change(*writer_, plan_create(name("idle."), {}, zone("b A 192.0.2.2\n", "idle."))));
  ASSERT_TRUE(change(*writer_, plan_create(name("empty."), {}, nullptr)));
  options_.keep_octets = 100'000;
  start_keeper();
  for (int i = 0; i < 40; ++i) {
    change_much(i, 10'000);
  }
  ASSERT_TRUE(eventually([&] { return log_->entries().total_octets() <= 110'000; }));
  EXPECT_GT(log_->entries().first_sequence(), 3U);
  const auto lines = log_.lines(kZone);
  restart();
  EXPECT_EQ(log_.lines(kZone), lines);
  EXPECT_EQ(log_.lines("idle.").size(), 3U) << "its entry is gone, its image is not";
  EXPECT_NE(log_->table().find(name("empty.")), nullptr);
}

TEST_F(KeeperTest, ALogThatIsALittleTooLargeIsLeftAlone) {
  create();
  int i = 0;
  while (log_->entries().total_octets() < 101'000) {
    change_much(i++, 2'000);
  }
  options_.keep_octets = 100'000;
  std::atomic<int> ticks = 0;
  options_.every_second = [&] { ++ticks; };
  start_keeper();
  ASSERT_TRUE(eventually([&] { return ticks > 130; }));
  EXPECT_EQ(log_->entries().first_sequence(), 1U);
  while (log_->entries().first_sequence() == 1 && i < 1000) {
    change_much(i++, 2'000);
  }
  EXPECT_TRUE(eventually([&] { return log_->entries().total_octets() <= 110'000; }));
}

TEST_F(KeeperTest, TheLogIsTrimmedByAge) {
  create();
  change_much(1, 1000);
  options_.keep_for = std::chrono::hours(1);
  clock_.advance(std::chrono::hours(26));
  change_much(2, 1000);
  start_keeper();
  ASSERT_TRUE(eventually([&] { return log_->entries().first_sequence() == log_.head(); }));
}

TEST_F(KeeperTest, WhatSomebodyStillWantsIsNotTrimmed) {
  create();
  for (int i = 0; i < 10; ++i) {
    change_much(i, 1000);
  }
  std::atomic<std::uint64_t> wanted = 5;
  options_.keep_octets = 0;
  options_.trim_limit = [&] { return wanted.load(); };
  start_keeper();
  ASSERT_TRUE(eventually([&] { return log_->entries().first_sequence() == 6; }));
  wanted = 8;
  ASSERT_TRUE(eventually([&] { return log_->entries().first_sequence() == 9; }));
}

// The keeper's thread and the writer's both change the log: neither may take back the other's work.
TEST_F(KeeperTest, TrimmingBesideChangesLosesNone) {
  create();
  options_.keep_octets = 5'000;
  start_keeper();
  for (int i = 0; i < 4000; ++i) {
    const auto receipt = change(*writer_, set_address(kZone, fmt::format("n{}", i % 100),
                                                      fmt::format("10.0.{}.{}", i / 250, i % 250)));
    ASSERT_TRUE(receipt) << receipt.error().detail;
    ASSERT_EQ(receipt->position.sequence, static_cast<std::uint64_t>(i) + 3);
    if (i % 50 == 0) {
      const auto trimmed = log_->trim(log_.head() - 1, [] { return false; });
      ASSERT_TRUE(trimmed) << trimmed.error().detail;
    }
  }
  const auto lines = log_.lines(kZone);
  const auto position = log_->entries().head();
  EXPECT_GT(log_->entries().first_sequence(), 3000U);
  stop();
  ASSERT_TRUE(log_->entries().reload());
  EXPECT_EQ(log_->entries().head(), position);
}

TEST_F(KeeperTest, ImagesThatNothingRefersToAreSweptUnlessTheyAreInUse) {
  create();
  const ZoneId id = log_->table().find(name(kZone))->id;
  ASSERT_TRUE(write_image(store_, {LogId::kCluster, id, Digest256{1}}, zone("b A 192.0.2.2\n")));
  ASSERT_TRUE(write_image(store_, {LogId::kLocal, id, Digest256{1}}, zone("b A 192.0.2.2\n")));
  std::atomic<int> ticks = 0;
  options_.every_second = [&] { ++ticks; };
  {
    const ImageGate::Use use = log_->images().use();
    start_keeper();
    ASSERT_TRUE(eventually([&] { return ticks > 130; }));
    EXPECT_EQ(images().size(), 2U);
  }
  EXPECT_TRUE(eventually([&] { return images().size() == 1; })) << "the other log's is not ours";
}

TEST_F(KeeperTest, TheLastImageOfADeletedZoneLivesAsLongAsTheEntryThatDeletedIt) {
  create();
  ASSERT_TRUE(change(*writer_, plan_delete(name(kZone))));
  const std::size_t with_last = images().size();
  EXPECT_EQ(with_last, 1U);
  std::atomic<int> ticks = 0;
  options_.every_second = [&] { ++ticks; };
  start_keeper();
  ASSERT_TRUE(eventually([&] { return ticks > 130; }));
  EXPECT_EQ(images().size(), with_last);
  restart();
  start_writer();
  options_.keep_octets = 0;
  ASSERT_TRUE(change(*writer_, plan_create(name("other."), {}, zone("", "other."))));
  ASSERT_TRUE(change(*writer_, set_address("other.", "a", "192.0.2.1")));
  start_keeper();
  ASSERT_TRUE(eventually([&] { return log_->entries().first_sequence() == log_.head(); }));
  EXPECT_TRUE(eventually([&] {
    return std::ranges::none_of(images(), [&](const Octets& key) {
      return checkpoint_of(ZoneId::from(OctetSpan(key).subspan(1, 16))) == std::nullopt;
    });
  }));
}

TEST_F(KeeperTest, ACheckpointOfATableThatWasReplacedMeanwhileIsNotWritten) {
  create();
  const std::uint64_t generation = log_->generation();
  const ZoneId id = log_->table().find(name(kZone))->id;
  WriteBatch batch;
  put_checkpoint(batch, LogId::kCluster, id, {2, {}});
  ZoneTable::Snapshot other;
  other.position = {{1, node_id(1)}, 90, Digest256{9}};
  stop();
  ASSERT_TRUE(log_->install(other, {{{1, node_id(1)}, 1}}, {}));
  EXPECT_EQ(log_->write_checkpoints(batch, generation).error().code, Errc::kConflict);
  EXPECT_FALSE(checkpoint_of(id));
  EXPECT_TRUE(log_->write_checkpoints(batch, log_->generation()));
  EXPECT_TRUE(checkpoint_of(id));
}

}  // namespace
}  // namespace tandem::test
