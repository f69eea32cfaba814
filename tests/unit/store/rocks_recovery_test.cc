// How a store comes up after a power cut and with damaged files, on the RocksDB that is linked.
// Damage is done to the files of a store that was closed without a flush, so that its newest rows
// are in the write-ahead log alone.
#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "common/store/rocks_store.h"
#include "tests/unit/store/store_fixture.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using testing::newest;
using testing::open_quickly;
using testing::put_row;
using testing::QuickStore;
using testing::read_file;
using testing::Rows;
using testing::rows_of;
using testing::write_file;

constexpr int kTableRows = 40;
constexpr int kWalRows = 30;

std::string key_of(int row) {
  return fmt::format("row{:04}", row);
}

std::string value_of(int row) {
  return fmt::format("value of {} ", row) + std::string(80, 'x');
}

/// A store whose first rows are in a table and whose others are in the newest log; each test spoils
/// a copy.
class Recovery : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    original = std::make_unique<testing::TempFolder>();
    fill(0, kTableRows);
    fill(kTableRows, kTableRows + kWalRows);  // opening moved the first rows into a table
  }

  static void TearDownTestSuite() { original.reset(); }

  static void fill(int from, int to) {
    QuickStore quick = open_quickly(original->path());
    ASSERT_TRUE(quick.opened) << quick.opened.error().detail;
    for (int row = from; row < to; ++row) {
      ASSERT_TRUE(put_row(*quick.opened->store, key_of(row), value_of(row)));
    }
  }

  /// A fresh copy of the store's folder.
  fs::path copy() {
    const fs::path to = folder_.path() / std::to_string(copies_++);
    fs::copy(original->path(), to, fs::copy_options::recursive);
    return to;
  }

  static fs::path newest_wal(const fs::path& folder) { return newest(folder, ".log"); }

  static std::string manifest_name() {
    std::string name = read_file(original->path() / "CURRENT");
    name.pop_back();
    return name;
  }

  /// How many rows are there, none missing before the last and none wrong; -1 else.
  static int whole_rows(const Store& store) {
    const Rows rows = rows_of(store, Family::kLog);
    for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
      const auto found = rows.find(key_of(row));
      if (found == rows.end() || found->second != value_of(row)) {
        return -1;
      }
    }
    return static_cast<int>(rows.size());
  }

  struct Outcome {
    OpenState state = OpenState::kClean;
    std::string detail;
    int rows = -1;
  };

  static Outcome opened(const fs::path& folder) {
    const QuickStore quick = open_quickly(folder);
    EXPECT_TRUE(quick.opened) << quick.opened.error().detail;
    if (!quick.opened) {
      return {};
    }
    return {quick.opened->state, quick.opened->detail, whole_rows(*quick.opened->store)};
  }

  static Error refusal(const fs::path& folder) {
    const QuickStore quick = open_quickly(folder);
    EXPECT_FALSE(quick.opened);
    return quick.opened ? Error{} : quick.opened.error();
  }

  static void flip(const fs::path& file, std::size_t at) {
    std::string content = read_file(file);
    content.at(at) = static_cast<char>(content.at(at) ^ 0x40);
    write_file(file, content);
  }

  static std::unique_ptr<testing::TempFolder> original;
  testing::TempFolder folder_;
  int copies_ = 0;
};

std::unique_ptr<testing::TempFolder> Recovery::original;

TEST_F(Recovery, IsCleanAfterAKill) {
  const Outcome outcome = opened(copy());
  EXPECT_EQ(outcome.state, OpenState::kClean);
  EXPECT_EQ(outcome.rows, kTableRows + kWalRows);
}

TEST_F(Recovery, KeepsEverySyncedRowWhenTheLastRecordIsTornAtAnyOctet) {
  const std::string wal = read_file(newest_wal(original->path()));
  const std::size_t record = wal.size() / kWalRows;
  for (std::size_t lost = 1; lost < record; ++lost) {
    const fs::path folder = copy();
    write_file(newest_wal(folder), std::string_view(wal).substr(0, wal.size() - lost));
    const Outcome outcome = opened(folder);
    EXPECT_EQ(outcome.state, OpenState::kTornTail) << lost;
    EXPECT_EQ(outcome.rows, kTableRows + kWalRows - 1) << lost;
    EXPECT_NE(outcome.detail.find(newest_wal(original->path()).filename().string()),
              std::string::npos);
    fs::remove_all(folder);
  }
}

TEST_F(Recovery, IsCleanAgainAfterATornTail) {
  const fs::path folder = copy();
  const std::string wal = read_file(newest_wal(folder));
  write_file(newest_wal(folder), std::string_view(wal).substr(0, wal.size() - 5));
  EXPECT_EQ(opened(folder).state, OpenState::kTornTail);
  const Outcome again = opened(folder);
  EXPECT_EQ(again.state, OpenState::kClean);
  EXPECT_EQ(again.rows, kTableRows + kWalRows - 1);
}

TEST_F(Recovery, KeepsEveryRowWhenZerosFollow) {
  const fs::path folder = copy();
  write_file(newest_wal(folder), read_file(newest_wal(folder)) + std::string(4096, '\0'));
  const Outcome outcome = opened(folder);
  EXPECT_EQ(outcome.state, OpenState::kTornTail);
  EXPECT_EQ(outcome.rows, kTableRows + kWalRows);
}

/// 4 KiB that look like nothing, different for each seed.
std::string garbage(unsigned seed) {
  std::string out(4096, '\0');
  std::uint32_t state = seed * 2654435761U + 1;
  std::ranges::generate(out, [&state] {
    state = state * 1664525U + 1013904223U;
    return static_cast<char>(state >> 24U);
  });
  return out;
}

TEST_F(Recovery, KeepsEveryRowWhenGarbageFollows) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const fs::path folder = copy();
    write_file(newest_wal(folder), read_file(newest_wal(folder)) + garbage(seed));
    const Outcome outcome = opened(folder);
    EXPECT_NE(outcome.state, OpenState::kClean) << seed;
    EXPECT_EQ(outcome.rows, kTableRows + kWalRows) << seed;
    fs::remove_all(folder);
  }
}

TEST_F(Recovery, KeepsARowsPrefixWhenTheLastPageIsGarbageOrZeros) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const fs::path folder = copy();
    std::string wal = read_file(newest_wal(folder));
    const std::size_t torn = std::min<std::size_t>(wal.size(), 1000 + 50 * seed);
    wal.replace(wal.size() - torn, torn,
                seed % 4 == 0 ? std::string(torn, '\0') : garbage(seed).substr(0, torn));
    write_file(newest_wal(folder), wal);
    const Outcome outcome = opened(folder);
    EXPECT_NE(outcome.state, OpenState::kClean) << seed;
    EXPECT_GE(outcome.rows, kTableRows + kWalRows - 1 - static_cast<int>(torn / 100)) << seed;
    EXPECT_LT(outcome.rows, kTableRows + kWalRows) << seed;
    fs::remove_all(folder);
  }
}

TEST_F(Recovery, IsDoubtfulForADamagedNewestLogWhereverItIs) {
  const std::string wal = read_file(newest_wal(original->path()));
  const std::size_t last_record = wal.size() - wal.size() / kWalRows - 1;
  for (std::size_t at = 0; at < last_record; at += 83) {
    const fs::path folder = copy();
    flip(newest_wal(folder), at);
    const Outcome outcome = opened(folder);
    EXPECT_EQ(outcome.state, OpenState::kDoubtful) << at;
    EXPECT_GE(outcome.rows, kTableRows) << at;
    EXPECT_LT(outcome.rows, kTableRows + kWalRows) << at;
    fs::remove_all(folder);
  }
}

TEST_F(Recovery, IsDoubtfulWhereRocksDbWouldDropRowsInSilence) {
  const std::string wal = read_file(newest_wal(original->path()));
  const std::size_t row = wal.size() / kWalRows;
  for (const bool zeros : {false, true}) {
    const fs::path folder = copy();
    std::string bad = wal;
    const std::size_t at = 10 * row;  // all records of this log have the same size
    ASSERT_EQ(bad[at + 6], 1);
    if (zeros) {
      bad.replace(at, row, std::string(row, '\0'));
    } else {
      bad[at + 5] = 0x40;  // its length ends behind the file
    }
    write_file(newest_wal(folder), bad);
    const Outcome outcome = opened(folder);
    EXPECT_EQ(outcome.state, OpenState::kDoubtful);
    EXPECT_EQ(outcome.rows, kTableRows + 10);
  }
}

fs::path doubtful_copy(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("doubtful-")) {
      return entry.path();
    }
  }
  return {};
}

TEST_F(Recovery, KeepsTheDamagedLogAsideAndNamesIt) {
  const fs::path folder = copy();
  flip(newest_wal(folder), 1000);
  const std::string damaged = read_file(newest_wal(folder));
  const Outcome outcome = opened(folder);
  const fs::path kept = doubtful_copy(folder);
  ASSERT_FALSE(kept.empty());
  EXPECT_EQ(read_file(kept), damaged);
  EXPECT_NE(outcome.detail.find(kept.string()), std::string::npos) << outcome.detail;
}

TEST_F(Recovery, StaysDoubtfulUntilItIsSettled) {
  const fs::path folder = copy();
  flip(newest_wal(folder), 1000);
  const Outcome first = opened(folder);
  const Outcome second = opened(folder);
  EXPECT_EQ(second.state, OpenState::kDoubtful);
  EXPECT_EQ(second.rows, first.rows);
  ASSERT_TRUE(settle_doubt(folder));
  EXPECT_EQ(opened(folder).state, OpenState::kClean);
}

TEST_F(Recovery, TakesWritesWhileDoubtful) {
  const fs::path folder = copy();
  flip(newest_wal(folder), 1000);
  int rows = 0;
  {
    const QuickStore quick = open_quickly(folder);
    rows = whole_rows(*quick.opened->store);
    ASSERT_TRUE(put_row(*quick.opened->store, key_of(rows), value_of(rows)));
  }
  EXPECT_EQ(opened(folder).rows, rows + 1);
}

TEST_F(Recovery, SettlesNothingInASoundStore) {
  const fs::path folder = copy();
  EXPECT_TRUE(settle_doubt(folder));
  EXPECT_EQ(opened(folder).rows, kTableRows + kWalRows);
}

TEST_F(Recovery, GoesOnAfterACrashBetweenCopyAndCut) {
  const fs::path folder = copy();
  flip(newest_wal(folder), 1000);
  fs::copy(newest_wal(folder), folder / ("doubtful-" + newest_wal(folder).filename().string()));
  const Outcome outcome = opened(folder);
  EXPECT_EQ(outcome.state, OpenState::kDoubtful);
  EXPECT_GE(outcome.rows, kTableRows);
}

struct MissingRow {
  std::string what;
  std::string prefix;
  std::string extension;
};

TEST_F(Recovery, IsCorruptAndNamesAFileThatIsMissing) {
  const std::vector<MissingRow> rows{{"manifest", "MANIFEST", ""},
                                     {"current", "CURRENT", ""},
                                     {"table", "", ".sst"},
                                     {"log", "", ".log"}};
  for (const MissingRow& row : rows) {
    const fs::path folder = copy();
    std::string name;
    for (const auto& entry : fs::directory_iterator(folder)) {
      const fs::path& file = entry.path();
      if (file.filename().string().starts_with(row.prefix) &&
          (row.extension.empty() || file.extension() == row.extension)) {
        name = file.filename().string();
      }
    }
    fs::remove(folder / name);
    const Error error = refusal(folder);
    EXPECT_EQ(error.code, Errc::kCorrupt) << row.what;
    const std::string named = row.what == "log" ? "*.log" : name;
    EXPECT_NE(error.detail.find((folder / named).string()), std::string::npos) << error.detail;
  }
}

TEST_F(Recovery, LeavesAFolderAloneThatItRefuses) {
  const fs::path folder = copy();
  fs::remove(folder / "CURRENT");
  refusal(folder);
  EXPECT_EQ(read_file(newest_wal(folder)), read_file(newest_wal(original->path())));
  fs::copy(original->path() / "CURRENT", folder / "CURRENT");
  EXPECT_EQ(opened(folder).rows, kTableRows + kWalRows);
}

/// The first failure that reading every row meets; a wrong row fails the test.
Error first_failure(const fs::path& folder) {
  const QuickStore quick = open_quickly(folder);
  if (!quick.opened) {
    return quick.opened.error();
  }
  int row = 0;
  const Status read =
      quick.opened->store->scan(Family::kLog, {}, {}, [&](OctetSpan key, OctetSpan value) {
        EXPECT_EQ(as_text(key), key_of(row));
        EXPECT_EQ(as_text(value), value_of(row));
        ++row;
        return ScanNext::kContinue;
      });
  if (!read) {
    return read.error();
  }
  EXPECT_EQ(row, kTableRows + kWalRows);
  return {};
}

TEST_F(Recovery, FindsAFlipAnywhereInATableAndNamesIt) {
  const fs::path table = newest(original->path(), ".sst");
  const std::size_t size = read_file(table).size();
  int found = 0;
  for (std::size_t at = 0; at < size; at += size / 60 + 1) {
    const fs::path folder = copy();
    flip(folder / table.filename(), at);
    const Error error = first_failure(folder);
    if (!error.detail.empty()) {
      ++found;
      EXPECT_EQ(error.code, Errc::kCorrupt) << at << error.detail;
      EXPECT_NE(error.detail.find(table.filename().string()), std::string::npos) << error.detail;
    }
    fs::remove_all(folder);
  }
  EXPECT_GT(found, 30);
}

TEST_F(Recovery, IsCorruptForAManifestThatIsDamaged) {
  const std::size_t size = read_file(original->path() / manifest_name()).size();
  for (std::size_t at = 0; at + 60 < size; at += size / 20) {
    const fs::path folder = copy();
    flip(folder / manifest_name(), at);
    const Error error = refusal(folder);
    EXPECT_EQ(error.code, Errc::kCorrupt) << at;
    EXPECT_NE(error.detail.find(manifest_name()), std::string::npos) << at << error.detail;
    fs::remove_all(folder);
  }
}

TEST_F(Recovery, KeepsEveryRowWhenTheManifestEndsInGarbage) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    const fs::path folder = copy();
    const fs::path manifest = folder / manifest_name();
    write_file(manifest, read_file(manifest) + garbage(seed).substr(0, 400 * seed + 10));
    EXPECT_EQ(opened(folder).rows, kTableRows + kWalRows) << seed;
    EXPECT_EQ(opened(folder).rows, kTableRows + kWalRows) << seed;
    fs::remove_all(folder);
  }
}

TEST_F(Recovery, IsDoubtfulWhenTheManifestsLastRecordIsDamaged) {
  const fs::path folder = copy();
  flip(folder / manifest_name(), read_file(folder / manifest_name()).size() - 3);
  const Outcome outcome = opened(folder);
  EXPECT_EQ(outcome.state, OpenState::kDoubtful);
  EXPECT_NE(outcome.detail.find("doubtful-" + manifest_name()), std::string::npos);
}

TEST_F(Recovery, IsRefusedWhenANewerVersionWroteIt) {
  const fs::path folder = copy();
  {
    const QuickStore quick = open_quickly(folder);
    WriteBatch batch;
    batch.put(Family::kMeta, as_octets("format"), Octets{2});
    ASSERT_TRUE(quick.opened->store->write(batch, Durability::kSynced));
  }
  const Error error = refusal(folder);
  EXPECT_EQ(error.code, Errc::kRefused);
  EXPECT_NE(error.detail.find("format 2"), std::string::npos) << error.detail;
}

TEST_F(Recovery, IsRefusedWhileThisProcessHasItOpen) {
  const fs::path folder = copy();
  const QuickStore first = open_quickly(folder);
  ASSERT_TRUE(first.opened);
  const Error error = refusal(folder);
  EXPECT_EQ(error.code, Errc::kRefused);
  EXPECT_NE(error.detail.find("in use by another tandem process"), std::string::npos);
}

TEST_F(Recovery, IsRefusedWhileAnotherProcessHasItOpen) {
  const fs::path folder = copy();
  // The other process: takes the lock as RocksDB does, says so, and holds it until it is told to
  // end.
  std::array<int, 2> ready{};
  std::array<int, 2> end{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  ASSERT_EQ(::pipe(end.data()), 0);
  const std::string lock_file = (folder / "LOCK").string();
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(lock_file.c_str(), O_RDWR | O_CREAT, 0644);
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    char octet = ::fcntl(fd, F_SETLK, &lock) == 0 ? 'y' : 'n';
    ::close(end[1]);
    const bool told = ::write(ready[1], &octet, 1) == 1 && ::read(end[0], &octet, 1) >= 0;
    ::_exit(told ? 0 : 1);
  }
  char octet = 'n';
  ASSERT_EQ(::read(ready[0], &octet, 1), 1);
  EXPECT_EQ(octet, 'y');
  const Error error = refusal(folder);
  ::close(end[1]);
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  for (const int fd : {ready[0], ready[1], end[0]}) {
    ::close(fd);
  }
  EXPECT_EQ(error.code, Errc::kRefused);
  EXPECT_NE(error.detail.find("in use by another tandem process"), std::string::npos);
  EXPECT_EQ(opened(folder).rows, kTableRows + kWalRows);
}

}  // namespace
}  // namespace tandem
