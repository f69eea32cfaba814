// What examine_wal() finds in logs that RocksDB wrote and that were then cut, flipped or blanked.
#include "common/store/wal_check.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/bytes.h"
#include "tests/unit/store/store_fixture.h"

namespace tandem {
namespace {

using testing::put_row;

constexpr std::size_t kBlock = 32768;
constexpr std::size_t kHead = 7;

/// A piece of a record: where it starts and how long it is, its head included.
struct Piece {
  std::size_t at;
  std::size_t octets;
  bool ends_record;
};

std::vector<Piece> pieces_of(const std::string& wal) {
  std::vector<Piece> out;
  for (std::size_t at = 0; at < wal.size();) {
    if (kBlock - at % kBlock < kHead) {
      at += kBlock - at % kBlock;
      continue;
    }
    const auto octets = as_octets(wal);
    const std::size_t size = kHead + octets[at + 4] + std::size_t{256} * octets[at + 5];
    out.push_back({at, size, octets[at + 6] == 1 || octets[at + 6] == 4});
    at += size;
  }
  return out;
}

/// A log of a few records in one block, and one of records over several blocks, made once.
class WalCheckTest : public ::testing::Test {
 protected:
  static std::string made_wal(const std::vector<std::size_t>& value_octets) {
    const testing::TempFolder folder;
    {
      auto quick = testing::open_quickly(folder.path());
      for (const std::size_t octets : value_octets) {
        const std::string key = std::to_string(octets);
        EXPECT_TRUE(put_row(*quick.opened->store, key, std::string(octets, 'v')));
      }
    }
    return testing::read_file(testing::newest(folder.path(), ".log"));
  }

  static void SetUpTestSuite() {
    short_wal = made_wal({100, 200, 300});
    long_wal = made_wal({20'000, 20'001, 70'000, 100, 40'000, 30});
  }

  WalFinding examined(std::string_view wal, WalCheck check) {
    testing::write_file(file_, wal);
    const auto finding = examine_wal(file_, check);
    EXPECT_TRUE(finding) << finding.error().detail;
    return finding.value_or(WalFinding{});
  }

  /// The end of the last record that is whole before `at`.
  static std::size_t good_before(const std::string& wal, std::size_t at) {
    std::size_t good = 0;
    for (const Piece& piece : pieces_of(wal)) {
      if (piece.at + piece.octets <= at && piece.ends_record) {
        good = piece.at + piece.octets;
      }
    }
    return good;
  }

  static std::string short_wal;
  static std::string long_wal;
  testing::TempFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "000001.log";
};

std::string WalCheckTest::short_wal;
std::string WalCheckTest::long_wal;

TEST_F(WalCheckTest, FindsWholeWhatRocksDbWrote) {
  for (const std::string& wal : {short_wal, long_wal, std::string()}) {
    for (const WalCheck check : {WalCheck::kHeads, WalCheck::kChecksums}) {
      const WalFinding finding = examined(wal, check);
      EXPECT_EQ(finding.shape, WalShape::kWhole);
      EXPECT_EQ(finding.good_octets, wal.size());
    }
  }
}

TEST_F(WalCheckTest, FindsALogTornAtAnyOctet) {
  for (std::size_t size = 0; size <= short_wal.size(); ++size) {
    const std::size_t good = good_before(short_wal, size);
    const WalFinding finding =
        examined(std::string_view(short_wal).substr(0, size), WalCheck::kChecksums);
    EXPECT_EQ(finding.shape, good == size ? WalShape::kWhole : WalShape::kTorn) << size;
    EXPECT_EQ(finding.good_octets, good) << size;
  }
}

TEST_F(WalCheckTest, FindsALogOfManyBlocksTorn) {
  for (std::size_t size = 1; size < long_wal.size(); size += 997) {
    const WalFinding finding =
        examined(std::string_view(long_wal).substr(0, size), WalCheck::kHeads);
    EXPECT_EQ(finding.shape, WalShape::kTorn) << size;
    EXPECT_EQ(finding.good_octets, good_before(long_wal, size)) << size;
  }
}

TEST_F(WalCheckTest, FindsZerosBehindTheEndTorn) {
  for (const std::size_t zeros : {1U, 6U, 7U, 4096U, 100'000U}) {
    const WalFinding finding = examined(short_wal + std::string(zeros, '\0'), WalCheck::kChecksums);
    EXPECT_EQ(finding.shape, WalShape::kTorn) << zeros;
    EXPECT_EQ(finding.good_octets, short_wal.size()) << zeros;
  }
}

TEST_F(WalCheckTest, FindsEveryFlippedOctetDamage) {
  for (const std::string& wal : {short_wal, long_wal}) {
    const std::size_t step = wal.size() < 10'000 ? 1 : 211;
    const std::vector<Piece> pieces = pieces_of(wal);
    for (std::size_t at = 0; at < wal.size(); at += step) {
      const std::size_t in_block = kBlock - at % kBlock;
      if (in_block < kHead) {
        continue;  // the trailer of a block may hold anything
      }
      std::string bad = wal;
      bad[at] = static_cast<char>(bad[at] ^ 0x40);
      const WalFinding finding = examined(bad, WalCheck::kChecksums);
      EXPECT_NE(finding.shape, WalShape::kWhole) << at;
      EXPECT_EQ(finding.good_octets, good_before(wal, at)) << at;
    }
  }
}

// RocksDB 7.8.3 takes the length for the end of the log and drops the synced records behind it in
// silence.
TEST_F(WalCheckTest, FindsALengthBehindTheEndDamageWhenRecordsFollow) {
  const std::vector<Piece> pieces = pieces_of(short_wal);
  ASSERT_EQ(pieces.size(), 4U);  // the format stamp is the first
  for (const std::size_t piece : {0U, 1U, 2U}) {
    std::string bad = short_wal;
    bad[pieces[piece].at + 5] = 0x40;
    const WalFinding finding = examined(bad, WalCheck::kHeads);
    EXPECT_EQ(finding.shape, WalShape::kDamaged);
    EXPECT_EQ(finding.good_octets, pieces[piece].at);
  }
}

// The same: RocksDB skips the rest of a block that goes on with zeros.
TEST_F(WalCheckTest, FindsZerosBeforeARecordDamage) {
  const std::vector<Piece> pieces = pieces_of(short_wal);
  std::string bad = short_wal;
  std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(pieces[1].at), pieces[1].octets, '\0');
  const WalFinding finding = examined(bad, WalCheck::kHeads);
  EXPECT_EQ(finding.shape, WalShape::kDamaged);
  EXPECT_EQ(finding.good_octets, pieces[1].at);
}

TEST_F(WalCheckTest, FindsALostBlockDamage) {
  std::string bad = long_wal;
  std::fill_n(bad.begin() + kBlock, kBlock, '\0');
  EXPECT_EQ(examined(bad, WalCheck::kHeads).shape, WalShape::kDamaged);
}

TEST_F(WalCheckTest, FailsWithTheNameOfAFileThatIsNotThere) {
  const auto finding = examine_wal(folder_.path() / "none.log", WalCheck::kHeads);
  ASSERT_FALSE(finding);
  EXPECT_EQ(finding.error().code, Errc::kIo);
  EXPECT_NE(finding.error().detail.find("none.log"), std::string::npos);
}

}  // namespace
}  // namespace tandem
