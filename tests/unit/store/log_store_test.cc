// The log in the store: appended whole, read in groups, trimmed, cut back, restarted; and what it
// refuses.
#include "common/store/log_store.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/log/codec.h"
#include "common/store/memory_store.h"
#include "tests/support/faulty_store.h"
#include "tests/unit/log/sample_entries.h"
#include "tests/unit/store/log_fixture.h"

namespace tandem {
namespace {

using testing::append_up_to;
using testing::GroupMaker;
using testing::zone_id;

const ZoneId kZone = zone_id(0x21);
const ZoneId kOther = zone_id(0x22);

class LogStoreTest : public ::testing::Test {
 protected:
  LogStoreTest() : log_(opened()), maker_(testing::maker_at(*log_)) {}

  std::unique_ptr<LogStore> opened(LogId id = LogId::kCluster) {
    auto log = LogStore::open(store_, id);
    EXPECT_TRUE(log) << log.error().detail;
    return log ? *std::move(log) : nullptr;
  }

  void append(const std::vector<EncodedEntry>& entries, WriteBatch with = {}) {
    const Status appended = log_->append(entries, std::move(with));
    ASSERT_TRUE(appended) << appended.error().detail;
  }

  /// Sequences of what read_after gives.
  static std::vector<std::uint64_t> sequences(const LogStore& log, std::uint64_t after,
                                              std::size_t octets) {
    std::vector<std::uint64_t> out;
    const auto entries = log.read_after(after, octets);
    EXPECT_TRUE(entries) << entries.error().detail;
    for (const EncodedEntry& entry : entries.value_or(std::vector<EncodedEntry>())) {
      out.push_back(entry.sequence);
    }
    return out;
  }

  std::size_t row_count(Family family) {
    std::size_t count = 0;
    EXPECT_TRUE(store_.scan(family, {}, {}, [&](OctetSpan /*key*/, OctetSpan /*value*/) {
      ++count;
      return ScanNext::kContinue;
    }));
    return count;
  }

  /// The log reads the same from memory and from the store.
  void expect_as_stored() {
    const auto again = opened();
    ASSERT_NE(again, nullptr);
    EXPECT_EQ(again->head(), log_->head());
    EXPECT_EQ(again->first_sequence(), log_->first_sequence());
    EXPECT_EQ(again->epochs(), log_->epochs());
    EXPECT_EQ(again->total_octets(), log_->total_octets());
  }

  MemoryStore memory_;
  testing::FaultyStore store_{memory_};
  std::unique_ptr<LogStore> log_;
  GroupMaker maker_;
};

using Sequences = std::vector<std::uint64_t>;
constexpr std::size_t kMuch = std::size_t{1} << 30U;

TEST_F(LogStoreTest, IsAtTheStartWhenNew) {
  const auto local = opened(LogId::kLocal);
  EXPECT_EQ(local->head(), Position{});
  EXPECT_EQ(local->first_sequence(), 1U);
  EXPECT_TRUE(local->epochs().empty());
  EXPECT_TRUE(sequences(*local, 0, kMuch).empty());
}

TEST_F(LogStoreTest, StandsAtTheLastEntryAppended) {
  append(maker_.group(3, kZone));
  EXPECT_EQ(log_->head(), maker_.at());
  EXPECT_EQ(log_->head().sequence, 4U);
  expect_as_stored();
}

TEST_F(LogStoreTest, TakesNothingThatDoesNotFollowItsEnd) {
  GroupMaker other = maker_;
  append(maker_.group(1, kZone));
  const auto late = log_->append(other.group(1, kZone), {});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::kConflict);
  EXPECT_EQ(log_->head(), maker_.at());
  append(maker_.group(1, kZone));
  expect_as_stored();
}

TEST_F(LogStoreTest, KeepsTwoLogsApart) {
  const auto local = opened(LogId::kLocal);
  append(maker_.group(3, kZone));
  EXPECT_EQ(local->head(), Position{});
  EXPECT_EQ(opened(LogId::kLocal)->head(), Position{});
}

TEST_F(LogStoreTest, WritesWhatComesWithAGroupInTheSameBatch) {
  WriteBatch with;
  with.put(Family::kSecret, as_octets("key"), as_octets("value"));
  const std::uint64_t writes = store_.writes();
  append(maker_.group(5, kZone), std::move(with));
  EXPECT_EQ(store_.writes(), writes + 1);
  EXPECT_TRUE(*store_.get(Family::kSecret, as_octets("key")));
}

TEST_F(LogStoreTest, GivesBackTheOctetsAndWhatTheySay) {
  const auto group = maker_.group(2, kZone);
  append(group);
  const auto from_store = opened();
  for (const LogStore* log : {log_.get(), from_store.get()}) {
    const auto read = log->read_after(1, kMuch);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ((*read)[i].octets, group[i].octets);
      EXPECT_EQ((*read)[i].chain, group[i].chain);
      EXPECT_EQ((*read)[i].group_end, i == 1);
      EXPECT_EQ((*read)[i].zones, std::vector<ZoneId>{kZone});
      EXPECT_FALSE((*read)[i].starts_epoch);
    }
  }
}

TEST_F(LogStoreTest, ReadsWholeGroupsAndAtLeastOne) {
  append(maker_.group(3, kZone));   // 2 3 4
  append(maker_.group(2, kZone));   // 5 6
  append(maker_.group(1, kOther));  // 7
  const std::size_t octets = (*log_->read_after(6, 1))[0].octets.size();
  const auto from_store = opened();
  for (const LogStore* log : {log_.get(), from_store.get()}) {
    EXPECT_EQ(sequences(*log, 1, 1), (Sequences{2, 3, 4}));
    EXPECT_EQ(sequences(*log, 1, 4 * octets), (Sequences{2, 3, 4}));
    EXPECT_EQ(sequences(*log, 1, 5 * octets), (Sequences{2, 3, 4, 5, 6}));
    EXPECT_EQ(sequences(*log, 1, kMuch), (Sequences{2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(sequences(*log, 6, kMuch), Sequences{7});
    EXPECT_EQ(sequences(*log, 7, kMuch), Sequences{});
  }
}

TEST_F(LogStoreTest, ReadsBehindWhatItKeepsInMemory) {
  for (int i = 0; i < 5; ++i) {
    append(maker_.group(1, kZone, 400'000));  // more than a mebibyte in all
  }
  EXPECT_EQ(sequences(*log_, 0, kMuch), (Sequences{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(sequences(*log_, 5, kMuch), Sequences{6});
}

TEST_F(LogStoreTest, DoesNotReadBehindItsEnd) {
  const auto read = log_->read_after(log_->head().sequence + 1, kMuch);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::kNotFound);
}

TEST_F(LogStoreTest, KnowsTheChainAtEveryEntry) {
  std::vector<Digest256> chains{Digest256{}, log_->head().chain};
  for (int i = 0; i < 4; ++i) {
    const auto group = maker_.group(1, kZone);
    append(group);
    chains.push_back(group[0].chain);
  }
  const auto again = opened();
  for (std::uint64_t sequence = 0; sequence < chains.size(); ++sequence) {
    EXPECT_EQ(**again->chain_at(sequence), chains[sequence]) << sequence;
  }
  EXPECT_FALSE(*again->chain_at(chains.size()));
}

TEST_F(LogStoreTest, FindsTheEntriesOfAZoneNewestFirst) {
  append(maker_.group(1, kZone));   // 2
  append(maker_.group(1, kOther));  // 3
  append(maker_.group(2, kZone));   // 4 5
  const auto find = [&](std::uint64_t before, std::size_t limit) {
    return log_->zone_entries(kZone, before, limit).value_or(Sequences{99});
  };
  EXPECT_EQ(find(100, 10), (Sequences{5, 4, 2}));
  EXPECT_EQ(find(5, 10), (Sequences{4, 2}));
  EXPECT_EQ(find(100, 1), Sequences{5});
  EXPECT_EQ(find(100, 0), Sequences{});
  EXPECT_EQ(find(2, 10), Sequences{});
}

TEST_F(LogStoreTest, KnowsTheZonesOfItsEntries) {
  EXPECT_THAT(*log_->zones(), ::testing::Each(ZoneId{}));
  auto local = opened(LogId::kLocal);
  GroupMaker maker = testing::maker_at(*local);
  append_up_to(*local, maker, 4, kOther);
  append(maker_.group(2, kZone));
  EXPECT_THAT(*log_->zones(), ::testing::Contains(kZone));
  EXPECT_THAT(*log_->zones(), ::testing::Not(::testing::Contains(kOther)));
  append(maker_.group(1, kOther));
  append(maker_.group(1, kZone));
  const std::vector<ZoneId> zones = *log_->zones();
  EXPECT_EQ(std::ranges::count(zones, kZone), 1);
  EXPECT_EQ(std::ranges::count(zones, kOther), 1);
}

TEST_F(LogStoreTest, ReadsOneEntry) {
  append(maker_.group(1, kZone));
  EXPECT_EQ(log_->read(2)->sequence, 2U);
  EXPECT_EQ(opened()->read(2)->sequence, 2U);
  EXPECT_EQ(log_->read(3).error().code, Errc::kNotFound);
}

// --- epochs

TEST_F(LogStoreTest, RemembersWhereEachEpochBegan) {
  append(maker_.group(1, kZone));
  append(maker_.epoch(5));
  append(maker_.group(1, kZone));
  const EpochTable epochs = log_->epochs();
  ASSERT_EQ(epochs.size(), 2U);
  EXPECT_EQ(epochs[0].epoch.number, 1U);
  EXPECT_EQ(epochs[0].sequence, 1U);
  EXPECT_EQ(epochs[1].epoch.number, 5U);
  EXPECT_EQ(epochs[1].sequence, 3U);
  EXPECT_EQ(log_->head().epoch.number, 5U);
  expect_as_stored();
}

Entry entry_after(const Position& at) {
  Entry entry;
  entry.sequence = at.sequence + 1;
  entry.epoch = at.epoch;
  entry.group_end = true;
  return entry;
}

Errc place_error(const Position& at, const Entry& entry) {
  const auto encoded = encode_after(at, entry);
  const auto decoded = decode_after(at, encode_entry(entry));
  EXPECT_FALSE(encoded);
  EXPECT_FALSE(decoded);
  EXPECT_EQ(encoded ? Errc::kInternal : encoded.error().code,
            decoded ? Errc::kInternal : decoded.error().code);
  return encoded ? Errc::kInternal : encoded.error().code;
}

TEST(EntryPlace, IsTheNextSequence) {
  const Position at{{2, {}}, 7, {}};
  for (const std::uint64_t sequence : {1U, 7U, 9U}) {
    Entry entry = entry_after(at);
    entry.sequence = sequence;
    EXPECT_EQ(place_error(at, entry), Errc::kConflict) << sequence;
  }
}

TEST(EntryPlace, IsInTheSameEpochOrStartsALaterOne) {
  Position at{{2, {}}, 7, {}};
  at.epoch.leader.octets.fill(1);
  Entry back = entry_after(at);
  back.epoch.number = 1;
  back.changes = {{ZoneId{}, EpochStart{}}};
  EXPECT_EQ(place_error(at, back), Errc::kConflict);
  Entry silent = entry_after(at);
  silent.epoch.number = 3;
  EXPECT_EQ(place_error(at, silent), Errc::kConflict);
  Entry usurper = entry_after(at);
  usurper.epoch.leader.octets.fill(2);
  usurper.changes = {{ZoneId{}, EpochStart{}}};
  EXPECT_EQ(place_error(at, usurper), Errc::kConflict);
  Entry again = entry_after(at);
  again.changes = {{ZoneId{}, EpochStart{}}};
  EXPECT_EQ(place_error(at, again), Errc::kConflict);
  Entry late = entry_after(at);
  late.epoch.number = 3;
  late.changes = {{kZone, ZoneOptionsChange{}}, {ZoneId{}, EpochStart{}}};
  EXPECT_EQ(place_error(at, late), Errc::kConflict);
  Entry start = entry_after(at);
  start.epoch.number = 3;
  start.changes = {{ZoneId{}, EpochStart{}}};
  EXPECT_TRUE(encode_after(at, start));
}

TEST(EncodeAfter, RefusesWhatIsOverOneMebibyte) {
  Entry entry = entry_after({});
  RecordChange change;
  RrPacker packer(change.authored.added);
  while (change.authored.added.size() < kMaxEntryOctets) {
    packer.add(testing::name_of("a.example."), RrType::kTxt, 60, Octets(65'000, 0));
  }
  entry.changes.push_back({kZone, std::move(change)});
  const auto encoded = encode_after({}, entry);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, Errc::kTooLarge);
}

TEST(EncodeAfter, RefusesWhatNoNodeWouldDecode) {
  Entry entry = entry_after({});
  entry.actor.name = "\xff";
  const auto encoded = encode_after({}, entry);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, Errc::kInvalid);
}

TEST(DecodeAfter, SaysWhatEncodeAfterSaid) {
  Position at;
  GroupMaker maker{Position{}};
  for (const auto& group : {maker.epoch(1), maker.group(2, kZone),
                            maker.change(kOther, ZoneReplace{{}, testing::image_ref(1)})}) {
    for (const EncodedEntry& made : group) {
      const auto decoded = decode_after(at, made.octets);
      ASSERT_TRUE(decoded) << decoded.error().detail;
      EXPECT_EQ(decoded->encoded.sequence, made.sequence);
      EXPECT_EQ(decoded->encoded.octets, made.octets);
      EXPECT_EQ(decoded->encoded.chain, made.chain);
      EXPECT_EQ(decoded->encoded.group_end, made.group_end);
      EXPECT_EQ(decoded->encoded.zones, made.zones);
      EXPECT_EQ(decoded->encoded.starts_epoch, made.starts_epoch);
      EXPECT_EQ(decoded->encoded.refers_to_images, made.refers_to_images);
      at = position_after(at, decoded->encoded);
    }
  }
  EXPECT_EQ(at, maker.at());
}

TEST(DecodeAfter, ChainsToWhateverWasBefore) {
  GroupMaker maker{Position{}};
  const EncodedEntry entry = maker.epoch(1)[0];
  Position other;
  other.chain.fill(9);
  EXPECT_NE(decode_after(other, entry.octets)->encoded.chain, entry.chain);
}

// --- trimming, cutting back, restarting

TEST_F(LogStoreTest, ForgetsWhatIsTrimmed) {
  append_up_to(*log_, maker_, 10, kZone);
  const Digest256 chain = **log_->chain_at(6);
  ASSERT_TRUE(log_->trim(6));
  EXPECT_EQ(log_->first_sequence(), 7U);
  EXPECT_EQ(log_->read_after(5, kMuch).error().code, Errc::kNotFound);
  EXPECT_EQ(sequences(*log_, 6, kMuch), (Sequences{7, 8, 9, 10}));
  EXPECT_EQ(**log_->chain_at(6), chain);
  EXPECT_FALSE(*log_->chain_at(5));
  EXPECT_EQ(**log_->chain_at(0), Digest256{});
  EXPECT_EQ(*log_->zone_entries(kZone, 100, 100), (Sequences{10, 9, 8, 7}));
  EXPECT_EQ(row_count(Family::kLog), 4U);
  EXPECT_EQ(row_count(Family::kZoneLog), 4U);
  expect_as_stored();
}

TEST_F(LogStoreTest, GoesOnAfterTrimming) {
  append_up_to(*log_, maker_, 10, kZone);
  ASSERT_TRUE(log_->trim(9));
  log_ = opened();
  append(maker_.group(2, kZone));
  EXPECT_EQ(sequences(*log_, 9, kMuch), (Sequences{10, 11, 12}));
  expect_as_stored();
}

TEST_F(LogStoreTest, TrimsTwiceAsOnce) {
  append_up_to(*log_, maker_, 10, kZone);
  ASSERT_TRUE(log_->trim(6));
  EXPECT_TRUE(log_->trim(6));
  EXPECT_TRUE(log_->trim(3));
  EXPECT_EQ(log_->first_sequence(), 7U);
}

TEST_F(LogStoreTest, TrimsOnlyAtAGroupsEndBeforeTheHead) {
  append(maker_.group(3, kZone));  // 2 3 4
  append(maker_.group(1, kZone));  // 5
  for (const std::uint64_t sequence : {2U, 3U, 5U, 6U}) {
    EXPECT_EQ(log_->trim(sequence).error().code, Errc::kInvalid) << sequence;
  }
  EXPECT_TRUE(log_->trim(4));
}

TEST_F(LogStoreTest, TrimsALongLogInSteps) {
  append_up_to(*log_, maker_, 2500, kZone);
  const std::uint64_t writes = store_.writes();
  ASSERT_TRUE(log_->trim(2400));
  EXPECT_EQ(store_.writes(), writes + 3);
  EXPECT_EQ(row_count(Family::kLog), 100U);
  expect_as_stored();
}

TEST_F(LogStoreTest, IsWholeWhenTrimmingIsInterrupted) {
  append_up_to(*log_, maker_, 2500, kZone);
  store_.fail_after(1, Errc::kIo, testing::FaultyStore::Outcome::kNotWritten);
  EXPECT_FALSE(log_->trim(2400));
  ASSERT_TRUE(store_.reopen());
  ASSERT_TRUE(log_->reload());
  EXPECT_GT(log_->first_sequence(), 1000U);
  EXPECT_TRUE(log_->trim(2400));
  expect_as_stored();
}

TEST_F(LogStoreTest, CutsBackToAPosition) {
  append_up_to(*log_, maker_, 5, kZone);
  const Position keep = log_->head();
  append(maker_.epoch(2));
  append_up_to(*log_, maker_, 9, kOther);
  WriteBatch with;
  with.put(Family::kMeta, as_octets("orphans"), as_octets("kept"));
  ASSERT_TRUE(log_->truncate_after(keep, std::move(with)));
  EXPECT_EQ(log_->head(), keep);
  EXPECT_EQ(log_->epochs().size(), 1U);
  EXPECT_EQ(sequences(*log_, 0, kMuch), (Sequences{1, 2, 3, 4, 5}));
  EXPECT_TRUE(log_->zone_entries(kOther, 100, 100)->empty());
  EXPECT_TRUE(*store_.get(Family::kMeta, as_octets("orphans")));
  EXPECT_EQ(row_count(Family::kLog), 5U);
  expect_as_stored();
}

TEST_F(LogStoreTest, GoesOnFromWhereItWasCutBack) {
  append_up_to(*log_, maker_, 5, kZone);
  GroupMaker other(log_->head());
  const Position keep = log_->head();
  append_up_to(*log_, maker_, 9, kZone);
  ASSERT_TRUE(log_->truncate_after(keep, {}));
  append(other.epoch(3));
  EXPECT_EQ(log_->head(), other.at());
  EXPECT_EQ(sequences(*log_, 4, kMuch), (Sequences{5, 6}));
  expect_as_stored();
}

TEST_F(LogStoreTest, CutsBackToItsVeryStart) {
  append_up_to(*log_, maker_, 5, kZone);
  ASSERT_TRUE(log_->truncate_after(Position{}, {}));
  EXPECT_EQ(log_->head(), Position{});
  EXPECT_TRUE(log_->epochs().empty());
  EXPECT_EQ(row_count(Family::kLog) + row_count(Family::kZoneLog), 0U);
  expect_as_stored();
}

TEST_F(LogStoreTest, CutsBackOnlyToWhereItStood) {
  append(maker_.group(2, kZone));  // 2 3
  const Position middle{log_->head().epoch, 2, **log_->chain_at(2)};
  append_up_to(*log_, maker_, 6, kZone);
  Position other = log_->head();
  other.chain[0] ^= 1U;
  EXPECT_EQ(log_->truncate_after(other, {}).error().code, Errc::kConflict);
  Position foreign = log_->head();
  foreign.epoch.number = 9;
  EXPECT_EQ(log_->truncate_after(foreign, {}).error().code, Errc::kConflict);
  Position ahead = log_->head();
  ++ahead.sequence;
  EXPECT_EQ(log_->truncate_after(ahead, {}).error().code, Errc::kConflict);
  EXPECT_EQ(log_->truncate_after(middle, {}).error().code, Errc::kInvalid);
  ASSERT_TRUE(log_->trim(4));
  EXPECT_EQ(log_->truncate_after(Position{middle.epoch, 3, {}}, {}).error().code, Errc::kConflict);
  EXPECT_EQ(log_->head(), maker_.at());
}

TEST_F(LogStoreTest, RestartsElsewhereWithoutEntries) {
  append_up_to(*log_, maker_, 5, kZone);
  Position elsewhere{{7, {}}, 1000, {}};
  elsewhere.epoch.leader.octets.fill(7);
  elsewhere.chain.fill(0xee);
  const EpochTable epochs{{{1, {}}, 1}, {elsewhere.epoch, 900}};
  WriteBatch with;
  with.put(Family::kMeta, as_octets("checkpoints"), as_octets("new"));
  ASSERT_TRUE(log_->restart_at(elsewhere, epochs, std::move(with)));
  EXPECT_EQ(log_->head(), elsewhere);
  EXPECT_EQ(log_->first_sequence(), 1001U);
  EXPECT_EQ(log_->epochs(), epochs);
  EXPECT_TRUE(sequences(*log_, 1000, kMuch).empty());
  EXPECT_EQ(log_->read_after(999, kMuch).error().code, Errc::kNotFound);
  EXPECT_EQ(**log_->chain_at(1000), elsewhere.chain);
  EXPECT_EQ(row_count(Family::kLog) + row_count(Family::kZoneLog), 0U);
  EXPECT_TRUE(*store_.get(Family::kMeta, as_octets("checkpoints")));
  expect_as_stored();
  GroupMaker maker(elsewhere);
  append(maker.group(1, kZone));
  EXPECT_EQ(sequences(*log_, 1000, kMuch), Sequences{1001});
  expect_as_stored();
}

TEST_F(LogStoreTest, LeavesTheOtherLogAloneWhenItRestarts) {
  auto local = opened(LogId::kLocal);
  GroupMaker maker = testing::maker_at(*local);
  append_up_to(*local, maker, 4, kOther);
  ASSERT_TRUE(log_->restart_at(Position{{7, {}}, 1000, {}}, {}, {}));
  EXPECT_EQ(sequences(*opened(LogId::kLocal), 0, kMuch), (Sequences{1, 2, 3, 4}));
  EXPECT_EQ(local->zone_entries(kOther, 100, 100)->size(), 3U);
}

// --- what may be trimmed

constexpr WallTime kBefore{};  // nothing is older
constexpr std::uint64_t kAny = ~std::uint64_t{0};

TEST_F(LogStoreTest, CountsTheOctetsOfWhatItKeeps) {
  std::uint64_t octets = log_->total_octets();
  for (int i = 0; i < 5; ++i) {
    const auto group = maker_.group(2, kZone);
    for (const EncodedEntry& entry : group) {
      octets += entry.octets.size();
    }
    append(group);
  }
  EXPECT_EQ(log_->total_octets(), octets);
  ASSERT_TRUE(log_->trim(5));
  EXPECT_LT(log_->total_octets(), octets);
  expect_as_stored();
  const auto kept = log_->read_after(5, kMuch);
  ASSERT_TRUE(kept);
  std::uint64_t sum = 0;
  for (const EncodedEntry& entry : *kept) {
    sum += entry.octets.size();
  }
  EXPECT_EQ(log_->total_octets(), sum);
}

TEST_F(LogStoreTest, TrimsNothingThatIsYoungAndFits) {
  append_up_to(*log_, maker_, 20, kZone);
  EXPECT_EQ(log_->trim_point(kBefore, kAny, kAny), 0U);
}

TEST_F(LogStoreTest, TrimsWhatIsOldButNeverTheHead) {
  append_up_to(*log_, maker_, 20, kZone);
  EXPECT_EQ(log_->trim_point(WallTime::max(), kAny, kAny), 19U);
  EXPECT_EQ(log_->trim_point(WallTime::max(), kAny, 7), 7U);
}

TEST_F(LogStoreTest, TrimsToWholeGroups) {
  append_up_to(*log_, maker_, 10, kZone);
  append(maker_.group(3, kZone));  // 11 to 13
  append_up_to(*log_, maker_, 15, kZone);
  EXPECT_EQ(log_->trim_point(WallTime::max(), kAny, 12), 10U);
}

TEST_F(LogStoreTest, TrimsWhatIsInTheWayOfTheLimit) {
  append_up_to(*log_, maker_, 20, kZone);
  const std::uint64_t each = log_->read_after(19, kMuch)->front().octets.size();
  const auto point = log_->trim_point(kBefore, 5 * each, kAny);
  ASSERT_TRUE(point);
  EXPECT_GE(*point, 15U);
  ASSERT_TRUE(log_->trim(*point));
  EXPECT_LE(log_->total_octets(), 5 * each);
  EXPECT_EQ(log_->trim_point(kBefore, 5 * each, kAny), 0U);
}

// --- failures

TEST_F(LogStoreTest, KnowsAfterAFailedWriteWhatBecameOfIt) {
  using Outcome = testing::FaultyStore::Outcome;
  for (const Outcome outcome : {Outcome::kNotWritten, Outcome::kWritten}) {
    const Position before = log_->head();
    GroupMaker maker(before);
    const auto group = maker.group(2, kZone);
    store_.fail_after(0, Errc::kNoSpace, outcome);
    EXPECT_EQ(log_->append(group, {}).error().code, Errc::kNoSpace);
    EXPECT_EQ(log_->append(group, {}).error().code, Errc::kUnavailable);
    ASSERT_TRUE(store_.reopen());
    ASSERT_TRUE(log_->reload());
    EXPECT_EQ(log_->head(), outcome == Outcome::kWritten ? maker.at() : before);
    expect_as_stored();
  }
}

/// Opens a log whose rows were spoiled by `spoil`.
class SpoiledLog : public LogStoreTest {
 protected:
  SpoiledLog() { append_up_to(*log_, maker_, 40, kZone); }

  Errc error_after(const WriteBatch& spoil) {
    EXPECT_TRUE(memory_.write(spoil, Durability::kSynced));
    const auto log = LogStore::open(store_, LogId::kCluster);
    EXPECT_FALSE(log);
    return log ? Errc::kInternal : log.error().code;
  }

  static Octets key_of(std::uint64_t sequence) {
    Octets key{0};
    append_be(key, sequence);
    return key;
  }

  static Octets meta_key(std::string_view name) {
    Octets key = to_octets(as_octets("log/"));
    key.push_back(0);
    tandem::append(key, as_octets(name));
    return key;
  }
};

TEST_F(SpoiledLog, IsCorruptWhenItsLastEntryIsMissing) {
  WriteBatch batch;
  batch.erase(Family::kLog, key_of(40));
  EXPECT_EQ(error_after(batch), Errc::kCorrupt);
}

TEST_F(SpoiledLog, IsCorruptWhenAnEntryNearItsEndIsMissing) {
  WriteBatch batch;
  batch.erase(Family::kLog, key_of(33));
  EXPECT_EQ(error_after(batch), Errc::kCorrupt);
}

TEST_F(SpoiledLog, IsCorruptWhenThereIsAnEntryBehindItsEnd) {
  WriteBatch batch;
  batch.put(Family::kLog, key_of(41), **memory_.get(Family::kLog, key_of(40)));
  EXPECT_EQ(error_after(batch), Errc::kCorrupt);
}

TEST_F(SpoiledLog, IsCorruptWhenAnEntryHasOtherOctets) {
  Octets value = **memory_.get(Family::kLog, key_of(39));
  value.back() ^= 1U;
  WriteBatch batch;
  batch.put(Family::kLog, key_of(39), value);
  EXPECT_EQ(error_after(batch), Errc::kCorrupt);
}

TEST_F(SpoiledLog, IsCorruptWhenAllEntriesAreMissing) {
  WriteBatch batch;
  batch.erase_range(Family::kLog, key_of(0), key_of(100));
  EXPECT_EQ(error_after(batch), Errc::kCorrupt);
}

TEST_F(SpoiledLog, IsCorruptWhenARowHasAnotherSize) {
  for (const std::string_view name : {"/position", "/epochs"}) {
    const Octets good = **memory_.get(Family::kMeta, meta_key(name));
    WriteBatch batch;
    batch.put(Family::kMeta, meta_key(name), OctetSpan(good).first(good.size() - 1));
    EXPECT_EQ(error_after(batch), Errc::kCorrupt) << name;
    WriteBatch heal;
    heal.put(Family::kMeta, meta_key(name), good);
    EXPECT_TRUE(memory_.write(heal, Durability::kSynced));
  }
}

TEST_F(SpoiledLog, IsCorruptWhenThePositionIsOfAnotherChain) {
  Octets value = **memory_.get(Family::kMeta, meta_key("/position"));
  value.at(value.size() - sizeof(std::uint64_t) - 1) ^=
      1U;  // the sum of octets stands behind the chain
  WriteBatch batch;
  batch.put(Family::kMeta, meta_key("/position"), value);
  EXPECT_EQ(error_after(batch), Errc::kCorrupt);
}

TEST_F(SpoiledLog, IsCorruptWhenItsBaseIsBehindItsHead) {
  Octets value;
  append_be(value, std::uint64_t{41});
  value.resize(40);
  WriteBatch batch;
  batch.put(Family::kMeta, meta_key("/first"), value);
  EXPECT_EQ(error_after(batch), Errc::kCorrupt);
}

TEST_F(SpoiledLog, IsCorruptWhenTheEpochsAreOfAnotherLog) {
  Octets value = **memory_.get(Family::kMeta, meta_key("/epochs"));
  value[7] = 9;  // the number of its epoch
  WriteBatch batch;
  batch.put(Family::kMeta, meta_key("/epochs"), value);
  EXPECT_EQ(error_after(batch), Errc::kCorrupt);
}

TEST_F(SpoiledLog, SaysWhichEntryItCannotRead) {
  WriteBatch batch;
  batch.put(Family::kLog, key_of(5), as_octets("short"));
  EXPECT_TRUE(memory_.write(batch, Durability::kSynced));
  const auto log = opened();  // the damage is far from its end
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->read(5).error().code, Errc::kCorrupt);
  EXPECT_EQ(log->read_after(3, kMuch).error().code, Errc::kCorrupt);
  EXPECT_TRUE(log->read_after(5, kMuch));
}

}  // namespace
}  // namespace tandem
