// Images: cut into chunks, stored, resumed, read back, checked, swept; checkpoints that refer to
// them.
#include "common/store/image.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/dns/rdata.h"
#include "common/log/content_digest.h"
#include "common/store/memory_store.h"
#include "tests/support/faulty_store.h"
#include "tests/unit/log/sample_entries.h"

namespace tandem {
namespace {

using testing::image_ref;
using testing::name_of;
using testing::zone_id;

const Name kOrigin = name_of("example.org.");
const ZoneId kZone = zone_id(0x31);

Octets rdata_of(RrType type, std::string_view text) {
  const auto rdata = rdata_from_text(type, text);
  EXPECT_TRUE(rdata) << text;
  return rdata.value_or(Octets());
}

ZonePtr built(ZoneBuilder& builder) {
  builder.add({kOrigin, RrType::kSoa, 3600,
               rdata_of(RrType::kSoa, "ns.example.org. admin.example.org. 7 3600 600 604800 300")});
  builder.add({kOrigin, RrType::kNs, 3600, rdata_of(RrType::kNs, "ns.example.org.")});
  builder.add({name_of("ns.example.org."), RrType::kA, 300, rdata_of(RrType::kA, "192.0.2.1")});
  auto outcome = builder.build();
  EXPECT_NE(outcome.zone, nullptr);
  return outcome.zone;
}

ZonePtr zone_of(int hosts) {
  ZoneBuilder builder(kOrigin, {});
  for (int i = 0; i < hosts; ++i) {
    const Name owner = name_of(fmt::format("Host{:05}.example.org.", i));
    builder.add({owner, RrType::kA, 300,
                 rdata_of(RrType::kA, fmt::format("10.0.{}.{}", i / 256 % 256, i % 256))});
    builder.add({owner, RrType::kTxt, 60, rdata_of(RrType::kTxt, "\"some text\" \"and more\"")});
  }
  return built(builder);
}

ImageKey key_of(const Zone& zone) {
  return {LogId::kCluster, kZone, content_digest_of(zone).value()};
}

std::vector<Octets> chunks_of(const ZonePtr& zone) {
  std::vector<Octets> chunks;
  ImageMaker maker(zone);
  while (auto chunk = maker.next()) {
    chunks.push_back(*std::move(chunk));
  }
  EXPECT_FALSE(maker.next());
  return chunks;
}

TEST(ImageMaker, MakesChunksOfAboutTheirSize) {
  const auto chunks = chunks_of(zone_of(10'000));
  ASSERT_GT(chunks.size(), 2U);
  for (std::size_t i = 0; i + 1 < chunks.size(); ++i) {
    EXPECT_GE(chunks[i].size(), kImageChunkOctets) << i;
    EXPECT_LT(chunks[i].size(), kImageChunkOctets + 1000) << i;
  }
}

TEST(ImageMaker, NeverCutsAnRrset) {
  std::optional<std::pair<std::string, RrType>> last;
  for (const Octets& chunk : chunks_of(zone_of(10'000))) {
    RrUnpacker records(OctetSpan(chunk).subspan(1));
    bool is_first = true;
    while (const auto record = records.next()) {
      const std::pair here{record->owner.to_text(), record->type};
      EXPECT_FALSE(is_first && here == last) << here.first;
      is_first = false;
      last = here;
    }
    EXPECT_TRUE(records.ok());
  }
}

TEST(ImageMaker, PutsALargeNameIntoSeveralChunks) {
  ZoneBuilder builder(kOrigin, {});
  const Octets blob(60'000, 0x55);
  for (std::uint16_t type = 65'300; type < 65'310; ++type) {
    builder.add({name_of("big.example.org."), static_cast<RrType>(type), 60, blob});
  }
  const ZonePtr zone = built(builder);
  const auto chunks = chunks_of(zone);
  EXPECT_EQ(chunks.size(), 3U);
  for (const Octets& chunk : chunks) {
    EXPECT_LT(chunk.size(), kImageChunkOctets + blob.size() + 100);
  }
}

TEST(ImageMaker, GivesTheSameChunksForTheSameZone) {
  const ZonePtr zone = zone_of(5000);
  EXPECT_EQ(chunks_of(zone), chunks_of(zone));
  EXPECT_EQ(chunks_of(zone), chunks_of(compacted(*zone, {})));
  const Changeset change{.removed = {}, .added = testing::packed("x.example.org. 1 A 192.0.2.9\n")};
  const auto there = *zone->apply(std::span(&change, 1), {});
  const Changeset undo = Changeset(change).inverted();
  EXPECT_EQ(chunks_of(*there->apply(std::span(&undo, 1), {})), chunks_of(zone));
}

class ImageTest : public ::testing::Test {
 protected:
  ImageRef written(const ZonePtr& zone) {
    const auto ref = write_image(store_, key_of(*zone), zone);
    EXPECT_TRUE(ref) << ref.error().detail;
    return ref.value_or(ImageRef{});
  }

  Result<ZonePtr> read(const ImageRef& ref) {
    return read_image(store_, LogId::kCluster, kZone, ref, kOrigin, {});
  }

  Errc read_error(const ImageRef& ref) {
    const auto zone = read(ref);
    EXPECT_FALSE(zone);
    return zone ? Errc::kInternal : zone.error().code;
  }

  static Octets row_key(const ImageRef& ref, std::uint32_t chunk) {
    Octets key{0};
    append(key, kZone.octets);
    append(key, ref.content_digest);
    append_be(key, chunk);
    return key;
  }

  void put_row(const ImageRef& ref, std::uint32_t chunk, OctetSpan value) {
    WriteBatch batch;
    batch.put(Family::kImage, row_key(ref, chunk), value);
    ASSERT_TRUE(memory_.write(batch, Durability::kSynced));
  }

  Octets row(const ImageRef& ref, std::uint32_t chunk) {
    return **memory_.get(Family::kImage, row_key(ref, chunk));
  }

  void erase_row(const ImageRef& ref, std::uint32_t chunk) {
    WriteBatch batch;
    batch.erase(Family::kImage, row_key(ref, chunk));
    ASSERT_TRUE(memory_.write(batch, Durability::kSynced));
  }

  MemoryStore memory_;
  testing::FaultyStore store_{memory_};
};

TEST_F(ImageTest, ReadsBackTheZone) {
  const ZonePtr zone = zone_of(5000);
  const ImageRef ref = written(zone);
  EXPECT_EQ(ref.content_digest, key_of(*zone).content_digest);
  EXPECT_EQ(ref.chunk_count, chunks_of(zone).size());
  EXPECT_EQ(ref.record_count, zone->record_count());
  EXPECT_EQ(ref.serial, 7U);
  const auto again = read(ref);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(chunks_of(*again), chunks_of(zone));  // letter case and all
}

TEST_F(ImageTest, ReadsBackTheSmallestZone) {
  const ZonePtr zone = zone_of(0);
  const ImageRef ref = written(zone);
  EXPECT_EQ(ref.chunk_count, 1U);
  EXPECT_TRUE(read(ref));
}

TEST_F(ImageTest, WritesAFewChunksAtATime) {
  const ZonePtr zone = zone_of(10'000);
  const std::uint64_t before = store_.writes();
  const ImageRef ref = written(zone);
  EXPECT_EQ(store_.writes() - before, (ref.chunk_count + 3) / 4);
}

TEST_F(ImageTest, WritesNothingTwice) {
  const ZonePtr zone = zone_of(10'000);
  const ImageRef ref = written(zone);
  const std::uint64_t before = store_.writes();
  EXPECT_EQ(written(zone), ref);
  EXPECT_EQ(store_.writes(), before);
}

TEST_F(ImageTest, IsFinishedWhereItWasCut) {
  const ZonePtr zone = zone_of(20'000);
  store_.fail_after(1, Errc::kNoSpace, testing::FaultyStore::Outcome::kNotWritten);
  const auto cut = write_image(store_, key_of(*zone), zone);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::kNoSpace);
  EXPECT_EQ(*image_chunks_present(store_, key_of(*zone)), 4U);
  ASSERT_TRUE(store_.reopen());
  const std::uint64_t before = store_.writes();
  const ImageRef ref = written(zone);
  EXPECT_EQ(store_.writes() - before, (ref.chunk_count - 4 + 3) / 4);
  EXPECT_TRUE(read(ref));
}

TEST_F(ImageTest, IsTheSameWhenItsChunksComeOverTheLink) {
  const ZonePtr zone = zone_of(5000);
  const auto chunks = chunks_of(zone);
  const ImageKey key = key_of(*zone);
  for (std::uint32_t i = 0; i < chunks.size(); ++i) {
    EXPECT_EQ(*image_chunks_present(store_, key), i);
    ASSERT_TRUE(put_image_chunk(store_, key, i, chunks[i]));
  }
  const ImageRef ref{key.content_digest, static_cast<std::uint32_t>(chunks.size()),
                     zone->record_count(), zone->serial()};
  EXPECT_TRUE(read(ref));
}

TEST_F(ImageTest, CountsChunksUpToTheFirstGap) {
  const ZonePtr zone = zone_of(10'000);
  const ImageRef ref = written(zone);
  erase_row(ref, 2);
  EXPECT_EQ(*image_chunks_present(store_, key_of(*zone)), 2U);
  erase_row(ref, 0);
  EXPECT_EQ(*image_chunks_present(store_, key_of(*zone)), 0U);
}

TEST_F(ImageTest, RefusesAChunkOfAnotherKind) {
  EXPECT_EQ(put_image_chunk(store_, {LogId::kCluster, kZone, {}}, 0, Octets{2, 0}).error().code,
            Errc::kCorrupt);
  EXPECT_EQ(put_image_chunk(store_, {LogId::kCluster, kZone, {}}, 0, {}).error().code,
            Errc::kCorrupt);
  EXPECT_EQ(put_image_chunk(store_, {LogId::kCluster, ZoneId{}, {}}, 0, Octets{1}).error().code,
            Errc::kCorrupt);
  EXPECT_EQ(
      put_image_chunk(store_, {LogId::kCluster, kZone, {}}, 0xffff'ffffU, Octets{1}).error().code,
      Errc::kCorrupt);
}

TEST_F(ImageTest, IsCorruptWhenAnyChunkIsMissing) {
  const ImageRef ref = written(zone_of(10'000));
  for (std::uint32_t chunk = 0; chunk < ref.chunk_count; ++chunk) {
    const Octets kept = row(ref, chunk);
    erase_row(ref, chunk);
    EXPECT_EQ(read_error(ref), Errc::kCorrupt) << chunk;
    put_row(ref, chunk, kept);
  }
  EXPECT_TRUE(read(ref));
}

TEST_F(ImageTest, IsCorruptWhenTheReferenceSaysOtherwise) {
  const ImageRef good = written(zone_of(10'000));
  ImageRef bad = good;
  ++bad.chunk_count;
  EXPECT_EQ(read_error(bad), Errc::kCorrupt);
  bad = good;
  --bad.chunk_count;
  EXPECT_EQ(read_error(bad), Errc::kCorrupt);
  bad = good;
  ++bad.record_count;
  EXPECT_EQ(read_error(bad), Errc::kCorrupt);
  bad = good;
  ++bad.serial;
  EXPECT_EQ(read_error(bad), Errc::kCorrupt);
}

TEST_F(ImageTest, IsCorruptWhenAChunkIsMalformed) {
  const ImageRef ref = written(zone_of(100));
  const Octets good = row(ref, 0);
  Octets other_section = good;
  other_section[0] = 2;
  const Octets cut(good.begin(), good.end() - 1);
  for (const Octets& bad : {Octets(), Octets{1}, other_section, cut}) {
    put_row(ref, 0, bad);
    EXPECT_EQ(read_error(ref), Errc::kCorrupt) << bad.size();
  }
}

TEST_F(ImageTest, IsCorruptWhenItHoldsRecordsOfAnotherZone) {
  const ImageRef ref = written(zone_of(100));
  const auto zone = read_image(store_, LogId::kCluster, kZone, ref, name_of("example.net."), {});
  ASSERT_FALSE(zone);
  EXPECT_EQ(zone.error().code, Errc::kCorrupt);
}

TEST_F(ImageTest, IsCorruptWhenItHasAnotherContentThanItsDigest) {
  const ZonePtr zone = zone_of(100);
  ImageRef ref = written(zone);
  ImageKey elsewhere = key_of(*zone);
  elsewhere.content_digest[0] ^= 1U;
  put_row({elsewhere.content_digest}, 0, row(ref, 0));
  ref.content_digest = elsewhere.content_digest;
  EXPECT_EQ(read_error(ref), Errc::kCorrupt);
}

TEST_F(ImageTest, IsReadUndigestedWithoutThatCheckAlone) {
  const ZonePtr zone = zone_of(100);
  ImageRef ref = written(zone);
  const auto read_fast = [&] {
    return read_image_undigested(store_, LogId::kCluster, kZone, ref, kOrigin, {});
  };
  EXPECT_TRUE(read_fast());
  const Octets chunk = row(ref, 0);
  ref.content_digest[0] ^= 1U;
  put_row(ref, 0, chunk);
  EXPECT_TRUE(read_fast());
  ++ref.record_count;
  EXPECT_FALSE(read_fast());
}

TEST_F(ImageTest, IsKeptApartFromThatOfTheOtherLog) {
  const ZonePtr zone = zone_of(100);
  ImageKey key = key_of(*zone);
  key.log = LogId::kLocal;
  const auto ref = write_image(store_, key, zone);
  ASSERT_TRUE(ref);
  EXPECT_EQ(read_error(*ref), Errc::kCorrupt);
  EXPECT_TRUE(read_image(store_, LogId::kLocal, kZone, *ref, kOrigin, {}));
}

TEST_F(ImageTest, OfManyChunksIsCorruptWhenOneInTheMiddleIsMalformedOrOutOfOrder) {
  const ImageRef ref = written(zone_of(20'000));
  ASSERT_GT(ref.chunk_count, 5U);
  EXPECT_TRUE(read(ref));
  const Octets third = row(ref, 2);
  const Octets fourth = row(ref, 3);
  put_row(ref, 2, Octets(third.begin(), third.end() - 1));
  EXPECT_EQ(read_error(ref), Errc::kCorrupt);
  put_row(ref, 2, fourth);
  put_row(ref, 3, third);
  EXPECT_EQ(read_error(ref), Errc::kCorrupt);
  put_row(ref, 2, third);
  put_row(ref, 3, fourth);
  EXPECT_TRUE(read(ref));
}

// --- the state of a log

LogState state_of(std::uint32_t zones) {
  LogState state;
  for (std::uint32_t i = 1; i <= zones; ++i) {
    ZoneId id;
    store_be32(id.octets.data(), i);
    state.zones.push_back({id, name_of(fmt::format("zone{}.example.", i)), {}, true});
  }
  state.secrets.push_back(testing::secret_info());
  return state;
}

TEST_F(ImageTest, ReadsBackTheStateOfALog) {
  for (const LogState& state : {LogState{}, state_of(3), state_of(20'000)}) {
    const auto ref = write_state_image(store_, LogId::kCluster, state);
    ASSERT_TRUE(ref);
    EXPECT_GE(ref->chunk_count, 1U);
    const auto again = read_state_image(store_, LogId::kCluster, *ref);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(*again, state);
  }
}

TEST_F(ImageTest, IsCorruptWhenTheStateHasAnotherDigest) {
  auto ref = write_state_image(store_, LogId::kCluster, state_of(3));
  ASSERT_TRUE(ref);
  Octets key{0};
  key.resize(17);
  append(key, ref->content_digest);
  append_be(key, std::uint32_t{0});
  Octets chunk = **memory_.get(Family::kImage, key);
  chunk.back() ^= 1U;
  WriteBatch batch;
  batch.put(Family::kImage, key, chunk);
  ASSERT_TRUE(memory_.write(batch, Durability::kSynced));
  EXPECT_EQ(read_state_image(store_, LogId::kCluster, *ref).error().code, Errc::kCorrupt);
}

// --- checkpoints and sweeping

using Checkpoints = std::map<std::string, std::pair<std::uint64_t, ImageRef>>;

Checkpoints checkpoints_of(const Store& store, LogId log) {
  Checkpoints out;
  const auto found = read_checkpoints(store, log);
  EXPECT_TRUE(found);
  for (const auto& [zone, checkpoint] : *found) {
    out[zone.to_text()] = {checkpoint.sequence, checkpoint.image};
  }
  return out;
}

TEST_F(ImageTest, KeepsTheNewestCheckpointOfEachZone) {
  WriteBatch batch;
  put_checkpoint(batch, LogId::kCluster, zone_id(1), {5, image_ref(1)});
  put_checkpoint(batch, LogId::kCluster, zone_id(1), {9, image_ref(2)});
  put_checkpoint(batch, LogId::kCluster, zone_id(2), {6, image_ref(3)});
  put_checkpoint(batch, LogId::kCluster, ZoneId{}, {6, image_ref(4)});
  put_checkpoint(batch, LogId::kLocal, zone_id(1), {7, image_ref(5)});
  put_checkpoint(batch, LogId::kCluster, zone_id(3), {8, image_ref(6)});
  erase_checkpoint(batch, LogId::kCluster, zone_id(3));
  ASSERT_TRUE(store_.write(batch, Durability::kSynced));
  EXPECT_EQ(checkpoints_of(store_, LogId::kCluster),
            (Checkpoints{{zone_id(1).to_text(), {9, image_ref(2)}},
                         {zone_id(2).to_text(), {6, image_ref(3)}},
                         {ZoneId{}.to_text(), {6, image_ref(4)}}}));
  EXPECT_EQ(checkpoints_of(store_, LogId::kLocal),
            (Checkpoints{{zone_id(1).to_text(), {7, image_ref(5)}}}));
}

TEST_F(ImageTest, SaysWhenTheImageOfACheckpointWasMade) {
  const WallTime time(std::chrono::microseconds(1'800'000'000'000'001));
  WriteBatch batch;
  put_checkpoint(batch, LogId::kCluster, kZone, {5, image_ref(1), time});
  ASSERT_TRUE(store_.write(batch, Durability::kSynced));
  const auto checkpoint = read_checkpoint(store_, LogId::kCluster, kZone);
  ASSERT_TRUE(checkpoint && *checkpoint);
  EXPECT_EQ((*checkpoint)->time, time);
  EXPECT_EQ((*checkpoint)->image, image_ref(1));
  EXPECT_FALSE(*read_checkpoint(store_, LogId::kLocal, kZone));
}

TEST(Checkpoint, WaitsForTheChunksOfItsImage) {
  WriteBatch batch;
  EXPECT_FALSE(batch.requires_buffered());
  put_checkpoint(batch, LogId::kCluster, kZone, {5, image_ref(1)});
  EXPECT_TRUE(batch.requires_buffered());
}

TEST_F(ImageTest, FindsAMalformedCheckpointCorrupt) {
  WriteBatch batch;
  Octets key = to_octets(as_octets("checkpoint/"));
  key.push_back(0);
  append(key, kZone.octets);
  batch.put(Family::kMeta, key, as_octets("short"));
  ASSERT_TRUE(store_.write(batch, Durability::kSynced));
  EXPECT_EQ(read_checkpoints(store_, LogId::kCluster).error().code, Errc::kCorrupt);
}

TEST_F(ImageTest, SweepsWhatNothingRefersTo) {
  const ZonePtr wanted = zone_of(10'000);
  const ZonePtr unwanted = zone_of(9'000);
  const ImageRef kept = written(wanted);
  const ImageRef swept = written(unwanted);
  ImageKey other_log = key_of(*unwanted);
  other_log.log = LogId::kLocal;
  ASSERT_TRUE(write_image(store_, other_log, unwanted));
  std::vector<std::string> asked;
  WriteBatch batch;
  ASSERT_TRUE(sweep_images(
      store_, LogId::kCluster,
      [&](const ZoneId& zone, const Digest256& digest) {
        asked.push_back(zone.to_text() + to_hex(digest));
        return digest == kept.content_digest;
      },
      batch));
  ASSERT_TRUE(store_.write(batch, Durability::kSynced));
  EXPECT_EQ(asked.size(), 2U);
  EXPECT_TRUE(read(kept));
  EXPECT_EQ(*image_chunks_present(store_, key_of(*unwanted)), 0U);
  EXPECT_EQ(*image_chunks_present(store_, other_log), swept.chunk_count);
}

TEST_F(ImageTest, SweepsNothingInAnEmptyStore) {
  WriteBatch batch;
  ASSERT_TRUE(sweep_images(
      store_, LogId::kCluster, [](const ZoneId&, const Digest256&) { return false; }, batch));
  EXPECT_TRUE(batch.empty());
}

}  // namespace
}  // namespace tandem
