// RocksStore when the disk is full, refuses to sync, or loses power: what it says, and what it
// still does.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/log/content_digest.h"
#include "common/store/image.h"
#include "common/store/log_store.h"
#include "common/store/rocks_store.h"
#include "tests/unit/log/sample_entries.h"
#include "tests/unit/store/log_fixture.h"
#include "tests/unit/store/store_fixture.h"

namespace tandem {
namespace {

using testing::FaultyFileSystem;
using testing::put_row;
using testing::rows_of;
using testing::zone_id;

class RocksFaults : public ::testing::Test {
 protected:
  RocksFaults() : files_(std::make_unique<FaultyFileSystem>(folder_.path(), 7)) { open(); }

  void open() {
    auto opened = open_rocks_store({folder_.path(), files_->seam()});
    ASSERT_TRUE(opened) << opened.error().detail;
    state_ = opened->state;
    store_ = std::move(opened->store);
  }

  /// Cuts the power now and opens what is on the disk.
  void cut_power() {
    files_->cut_power_after(0);
    store_.reset();
    files_->restore(testing::Tail::kCut);
    open();
  }

  [[nodiscard]] std::size_t row_count() const { return rows_of(*store_, Family::kLog).size(); }

  testing::TempFolder folder_;
  std::unique_ptr<FaultyFileSystem> files_;
  std::unique_ptr<Store> store_;
  OpenState state_ = OpenState::kClean;
};

TEST_F(RocksFaults, SaysThatTheDiskIsFull) {
  files_->set_space(10);
  const Status written = put_row(*store_, "a", "1");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::kNoSpace);
}

TEST_F(RocksFaults, TakesNoWriteAfterOneFailedUntilItIsOpenedAgain) {
  ASSERT_TRUE(put_row(*store_, "a", "1"));
  files_->set_space(10);
  EXPECT_FALSE(put_row(*store_, "b", "2"));
  files_->set_space_unlimited();
  for (int i = 0; i < 3; ++i) {
    const Status refused = put_row(*store_, "c", "3");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::kUnavailable);
  }
  ASSERT_TRUE(store_->reopen());
  EXPECT_TRUE(put_row(*store_, "d", "4"));
}

TEST_F(RocksFaults, StillReadsAfterAWriteFailed) {
  ASSERT_TRUE(put_row(*store_, "a", "1"));
  files_->set_space(10);
  EXPECT_FALSE(put_row(*store_, "b", "2"));
  EXPECT_TRUE(**store_->get(Family::kLog, as_octets("a")) == to_octets(as_octets("1")));
  EXPECT_EQ(row_count(), 1U);
}

TEST_F(RocksFaults, KeepsWhatWasWrittenBeforeTheDiskWasFull) {
  std::size_t written = 0;
  files_->set_space(20'000);
  while (put_row(*store_, fmt::format("{:04}", written), std::string(100, 'x'))) {
    ++written;
  }
  EXPECT_GT(written, 50U);
  files_->set_space_unlimited();
  ASSERT_TRUE(store_->reopen());
  EXPECT_GE(row_count(), written);
  EXPECT_LE(row_count(), written + 1);  // the one that failed may be there
}

TEST_F(RocksFaults, MayBeOpenedAgainAsOftenAsItTakes) {
  ASSERT_TRUE(put_row(*store_, "a", "1"));
  files_->set_space(0);
  EXPECT_FALSE(put_row(*store_, "b", "2"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(store_->reopen());
    EXPECT_EQ(row_count(), 1U) << "reading goes on";
    EXPECT_EQ(put_row(*store_, "c", "3").error().code, Errc::kUnavailable);
  }
  files_->set_space_unlimited();
  ASSERT_TRUE(store_->reopen());
  EXPECT_EQ(row_count(), 1U);
  EXPECT_TRUE(put_row(*store_, "d", "4"));
}

TEST_F(RocksFaults, TakesAFailedSyncForAFailedWrite) {
  ASSERT_TRUE(put_row(*store_, "a", "1"));
  files_->fail_sync(1);
  const Status written = put_row(*store_, "b", "2");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::kIo);
  EXPECT_EQ(put_row(*store_, "c", "3").error().code, Errc::kUnavailable);
  ASSERT_TRUE(store_->reopen());
  EXPECT_TRUE(put_row(*store_, "d", "4"));
  cut_power();
  EXPECT_TRUE(*store_->get(Family::kLog, as_octets("a")));
  EXPECT_FALSE(*store_->get(Family::kLog, as_octets("c")));
  EXPECT_TRUE(*store_->get(Family::kLog, as_octets("d")));
}

TEST_F(RocksFaults, WaitsForReadersBeforeItOpensAgain) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(put_row(*store_, fmt::format("{:04}", i), "x"));
  }
  files_->set_space(10);
  EXPECT_FALSE(put_row(*store_, "more", "x"));
  files_->set_space_unlimited();
  std::jthread reopener;
  std::size_t seen = 0;
  EXPECT_TRUE(store_->scan(Family::kLog, {}, {}, [&](OctetSpan /*key*/, OctetSpan /*value*/) {
    if (seen++ == 0) {
      reopener = std::jthread([&] { EXPECT_TRUE(store_->reopen()); });
    }
    return ScanNext::kContinue;
  }));
  reopener.join();
  EXPECT_EQ(seen, 100U);
  EXPECT_EQ(row_count(), 100U);
}

TEST_F(RocksFaults, MayBeOpenedAgainByTwoAtOnce) {
  ASSERT_TRUE(put_row(*store_, "a", "1"));
  files_->set_space(10);
  EXPECT_FALSE(put_row(*store_, "b", "2"));
  EXPECT_FALSE(store_->write_failure().empty());
  files_->set_space_unlimited();
  {
    const std::jthread other([&] { EXPECT_TRUE(store_->reopen()); });
    EXPECT_TRUE(store_->reopen());
  }
  EXPECT_TRUE(store_->write_failure().empty());
  EXPECT_TRUE(put_row(*store_, "c", "3"));
}

TEST_F(RocksFaults, CanBeReadOnADiskThatIsFullAtTheStart) {
  ASSERT_TRUE(put_row(*store_, "a", "1"));
  store_.reset();
  files_->set_space(0);
  open();
  EXPECT_EQ(state_, OpenState::kReadOnly);
  EXPECT_EQ(row_count(), 1U);
  EXPECT_EQ(put_row(*store_, "b", "2").error().code, Errc::kUnavailable);
  EXPECT_FALSE(open_rocks_store({folder_.path(), files_->seam()})) << "nobody else may change it";
  EXPECT_FALSE(store_->reopen());
  EXPECT_EQ(row_count(), 1U);
  files_->set_space_unlimited();
  ASSERT_TRUE(store_->reopen());
  EXPECT_TRUE(put_row(*store_, "c", "3"));
  EXPECT_EQ(row_count(), 2U);
}

TEST_F(RocksFaults, ADoubtFromBeforeTheStartIsNoReasonToRefuse) {
  ASSERT_TRUE(put_row(*store_, "a", "1"));
  store_.reset();
  testing::write_file(folder_.path() / "doubtful-000004.log", "what was damaged");
  open();
  ASSERT_EQ(state_, OpenState::kDoubtful);
  files_->set_space(10);
  EXPECT_FALSE(put_row(*store_, "b", "2"));
  files_->set_space_unlimited();
  const Status opened = store_->reopen();
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_TRUE(put_row(*store_, "c", "3"));
}

TEST_F(RocksFaults, KeepsSyncedRowsOverAPowerCut) {
  ASSERT_TRUE(put_row(*store_, "a", "1"));
  WriteBatch buffered;
  buffered.put(Family::kMeta, as_octets("b"), as_octets("2"));
  ASSERT_TRUE(store_->write(buffered, Durability::kBuffered));
  ASSERT_TRUE(put_row(*store_, "c", "3"));
  cut_power();
  EXPECT_EQ(state_, OpenState::kClean);
  EXPECT_TRUE(*store_->get(Family::kLog, as_octets("a")));
  EXPECT_TRUE(*store_->get(Family::kMeta, as_octets("b")));
  EXPECT_TRUE(*store_->get(Family::kLog, as_octets("c")));
}

ZonePtr zone_of(int hosts) {
  const Name origin = testing::name_of("example.org.");
  ZoneBuilder builder(origin, {});
  std::string lines = "example.org. 60 SOA a. b. 1 1 1 1 1\nexample.org. 60 NS a.\n";
  for (int i = 0; i < hosts; ++i) {
    lines += fmt::format("h{}.example.org. 60 TXT \"{:0100}\"\n", i, i);
  }
  const Octets records = testing::packed(lines);
  RrUnpacker unpacker(records);
  while (const auto record = unpacker.next()) {
    builder.add(*record);
  }
  return builder.build().zone;
}

/// Images skip the write-ahead log: what refers to them must bring them to the disk first.
class ImagesOverAPowerCut : public RocksFaults {
 protected:
  ImageRef written() {
    const auto ref = write_image(*store_, key_, zone_);
    EXPECT_TRUE(ref) << ref.error().detail;
    return ref.value_or(ImageRef{});
  }

  Result<ZonePtr> read(const ImageRef& ref) {
    return read_image(*store_, LogId::kCluster, key_.zone, ref, zone_->origin(), {});
  }

  const ZonePtr zone_ = zone_of(8000);
  const ImageKey key_{LogId::kCluster, zone_id(1), content_digest_of(*zone_).value()};
};

TEST_F(ImagesOverAPowerCut, AreThereWhenACheckpointIs) {
  const ImageRef ref = written();
  WriteBatch batch;
  put_checkpoint(batch, LogId::kCluster, key_.zone, {1, ref});
  ASSERT_TRUE(store_->write(batch, Durability::kSynced));
  cut_power();
  EXPECT_EQ(read_checkpoints(*store_, LogId::kCluster)->size(), 1U);
  EXPECT_TRUE(read(ref));
}

TEST_F(ImagesOverAPowerCut, AreThereWhenAnEntryIs) {
  auto log = *LogStore::open(*store_, LogId::kCluster);
  testing::GroupMaker maker = testing::maker_at(*log);
  const ImageRef ref = written();
  ASSERT_TRUE(log->append(maker.change(key_.zone, ZoneReplace{std::nullopt, ref}), {}));
  log.reset();
  cut_power();
  EXPECT_EQ((*LogStore::open(*store_, LogId::kCluster))->head(), maker.at());
  EXPECT_TRUE(read(ref));
}

TEST_F(ImagesOverAPowerCut, AreGoneWhenNothingReferredToThem) {
  written();
  ASSERT_TRUE(put_row(*store_, "other", "row"));
  cut_power();
  EXPECT_EQ(*image_chunks_present(*store_, key_), 0U);
  EXPECT_TRUE(read(written()));
}

TEST_F(ImagesOverAPowerCut, AreFlushedAsTheyGatherWhenLarge) {
  Octets chunk(kImageChunkOctets, 1);
  for (std::uint32_t i = 0; i < 40; ++i) {  // 10 MiB
    ASSERT_TRUE(put_image_chunk(*store_, key_, i, chunk));
  }
  cut_power();
  EXPECT_GE(*image_chunks_present(*store_, key_), 30U);
}

TEST_F(ImagesOverAPowerCut, FailTheWriteThatRefersToThemWhenTheyCannotBeStored) {
  const ImageRef ref = written();
  files_->set_space(1000);
  WriteBatch batch;
  put_checkpoint(batch, LogId::kCluster, key_.zone, {1, ref});
  const Status refused = store_->write(batch, Durability::kSynced);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kNoSpace);
  files_->set_space_unlimited();
  ASSERT_TRUE(store_->reopen());
  EXPECT_TRUE(read_checkpoints(*store_, LogId::kCluster)->empty());
}

TEST_F(ImagesOverAPowerCut, AreThereWhenTheStoreWasOpenedAnewMeanwhile) {
  const ImageRef ref = written();
  files_->set_space(10);
  EXPECT_FALSE(put_row(*store_, "a", "1"));
  EXPECT_FALSE(store_->reopen());
  files_->set_space_unlimited();
  ASSERT_TRUE(store_->reopen());
  WriteBatch batch;
  put_checkpoint(batch, LogId::kCluster, key_.zone, {1, ref});
  ASSERT_TRUE(store_->write(batch, Durability::kSynced));
  cut_power();
  EXPECT_TRUE(read(ref));
}

TEST_F(ImagesOverAPowerCut, MayBeWrittenBesideTheLog) {
  auto log = *LogStore::open(*store_, LogId::kCluster);
  testing::GroupMaker maker = testing::maker_at(*log);
  ImageRef ref;
  {
    std::jthread imager([&] { ref = written(); });
    testing::append_up_to(*log, maker, 200, zone_id(2));
  }
  ASSERT_TRUE(log->append(maker.change(key_.zone, ZoneReplace{std::nullopt, ref}), {}));
  log.reset();
  cut_power();
  EXPECT_EQ((*LogStore::open(*store_, LogId::kCluster))->head(), maker.at());
  EXPECT_TRUE(read(ref));
}

}  // namespace
}  // namespace tandem
