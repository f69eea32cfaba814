// What every Store promises: the same tests over memory, RocksDB and the failing store of the
// tests.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/store/memory_store.h"
#include "common/store/rocks_store.h"
#include "tests/support/faulty_store.h"
#include "tests/unit/store/store_fixture.h"

namespace tandem {
namespace {

using testing::Rows;
using testing::rows_of;

enum class Kind : std::uint8_t { kMemory, kRocks, kFaulty };

class StoreContract : public ::testing::TestWithParam<Kind> {
 protected:
  StoreContract() {
    if (GetParam() == Kind::kRocks) {
      quick_ = testing::open_quickly(folder_.path());
      EXPECT_TRUE(quick_.opened) << quick_.opened.error().detail;
    } else if (GetParam() == Kind::kFaulty) {
      faulty_ = std::make_unique<testing::FaultyStore>(memory_);
    }
  }

  Store& store() {
    return GetParam() == Kind::kRocks    ? *quick_.opened->store
           : GetParam() == Kind::kMemory ? static_cast<Store&>(memory_)
                                         : static_cast<Store&>(*faulty_);
  }

  void write(const std::function<void(WriteBatch&)>& fill) {
    WriteBatch batch;
    fill(batch);
    const Status written = store().write(batch, Durability::kSynced);
    ASSERT_TRUE(written) << written.error().detail;
  }

  void put(std::string_view key, std::string_view value, Family family = Family::kLog) {
    write([&](WriteBatch& batch) { batch.put(family, as_octets(key), as_octets(value)); });
  }

  std::string get(std::string_view key, Family family = Family::kLog) {
    const auto value = store().get(family, as_octets(key));
    EXPECT_TRUE(value) << value.error().detail;
    return !*value ? "(none)" : std::string(as_text(**value));
  }

  using Scan = Status (Store::*)(Family, OctetSpan, OctetSpan, const Store::Visit&) const;

  std::vector<std::string> keys(Scan scan, std::string_view first, std::string_view end,
                                std::size_t limit = 1000) {
    std::vector<std::string> out;
    const Status read = (store().*scan)(
        Family::kLog, as_octets(first), as_octets(end), [&](OctetSpan key, OctetSpan /*value*/) {
          out.emplace_back(as_text(key));
          return out.size() < limit ? ScanNext::kContinue : ScanNext::kStop;
        });
    EXPECT_TRUE(read) << read.error().detail;
    return out;
  }

  testing::TempFolder folder_;
  MemoryStore memory_;
  std::unique_ptr<testing::FaultyStore> faulty_;
  testing::QuickStore quick_;
};

using Keys = std::vector<std::string>;

TEST_P(StoreContract, GivesBackWhatWasPut) {
  EXPECT_EQ(get("a"), "(none)");
  put("a", "1");
  EXPECT_EQ(get("a"), "1");
  put("a", "2");
  EXPECT_EQ(get("a"), "2");
}

TEST_P(StoreContract, KeepsFamiliesApart) {
  put("a", "1", Family::kLog);
  put("a", "2", Family::kSecret);
  EXPECT_EQ(get("a", Family::kLog), "1");
  EXPECT_EQ(get("a", Family::kSecret), "2");
  EXPECT_EQ(get("a", Family::kImage), "(none)");
}

TEST_P(StoreContract, TakesEmptyAndLargeValues) {
  const std::string large(std::size_t{300} * 1024, 'x');
  put("empty", "");
  put("large", large);
  EXPECT_EQ(get("empty"), "");
  EXPECT_EQ(get("large"), large);
}

TEST_P(StoreContract, AppliesABatchInOrder) {
  put("a", "1");
  write([](WriteBatch& batch) {
    batch.erase(Family::kLog, as_octets("a"));
    batch.put(Family::kLog, as_octets("a"), as_octets("2"));
    batch.put(Family::kLog, as_octets("b"), as_octets("2"));
    batch.erase(Family::kLog, as_octets("b"));
    batch.put(Family::kLog, as_octets("c"), as_octets("2"));
    batch.erase_range(Family::kLog, as_octets("c"), as_octets("d"));
    batch.put(Family::kLog, as_octets("c1"), as_octets("3"));
  });
  EXPECT_EQ(rows_of(store(), Family::kLog), (Rows{{"a", "2"}, {"c1", "3"}}));
}

TEST_P(StoreContract, ErasesARangeWithoutItsEnd) {
  for (const char* key : {"a", "b", "ba", "c", "d"}) {
    put(key, "1");
  }
  write([](WriteBatch& batch) { batch.erase_range(Family::kLog, as_octets("b"), as_octets("c")); });
  EXPECT_EQ(keys(&Store::scan, "", ""), (Keys{"a", "c", "d"}));
}

TEST_P(StoreContract, ErasesNothingForARangeThatEndsBeforeItStarts) {
  put("b", "1");
  write([](WriteBatch& batch) {
    batch.erase_range(Family::kLog, as_octets("c"), as_octets("a"));
    batch.erase_range(Family::kLog, as_octets("b"), as_octets("b"));
  });
  EXPECT_EQ(get("b"), "1");
}

TEST_P(StoreContract, ErasingWhatIsNotThereIsNoFailure) {
  write([](WriteBatch& batch) { batch.erase(Family::kLog, as_octets("none")); });
  EXPECT_EQ(get("none"), "(none)");
}

TEST_P(StoreContract, TakesAnEmptyBatch) {
  write([](WriteBatch& /*batch*/) {});
  EXPECT_TRUE(rows_of(store(), Family::kLog).empty());
}

TEST_P(StoreContract, ScansInOrderOfOctets) {
  const Keys all{std::string(1, '\0'),
                 std::string(2, '\0'),
                 "A",
                 "a",
                 "a\x7f",
                 "a\x80",
                 "b",
                 "\xff",
                 "\xff\xff"};
  for (const std::string& key : all) {
    put(key, "1");
  }
  EXPECT_EQ(keys(&Store::scan, "", ""), all);
  EXPECT_EQ(keys(&Store::scan_back, "", ""), Keys(all.rbegin(), all.rend()));
}

TEST_P(StoreContract, ScansFromTheFirstKeyToBeforeTheEnd) {
  for (const char* key : {"a", "b", "c", "d"}) {
    put(key, "1");
  }
  EXPECT_EQ(keys(&Store::scan, "b", "d"), (Keys{"b", "c"}));
  EXPECT_EQ(keys(&Store::scan, "aa", ""), (Keys{"b", "c", "d"}));
  EXPECT_EQ(keys(&Store::scan, "d", "b"), Keys{});
  EXPECT_EQ(keys(&Store::scan_back, "b", "d"), (Keys{"c", "b"}));
  EXPECT_EQ(keys(&Store::scan_back, "", "c"), (Keys{"b", "a"}));
  EXPECT_EQ(keys(&Store::scan_back, "bb", ""), (Keys{"d", "c"}));
  EXPECT_EQ(keys(&Store::scan_back, "x", "z"), Keys{});
}

TEST_P(StoreContract, StopsAScanWhenTold) {
  for (const char* key : {"a", "b", "c"}) {
    put(key, "1");
  }
  EXPECT_EQ(keys(&Store::scan, "", "", 2), (Keys{"a", "b"}));
  EXPECT_EQ(keys(&Store::scan_back, "", "", 1), Keys{"c"});
}

TEST_P(StoreContract, ScansWhatWasThereAtTheCall) {
  for (const char* key : {"a", "b", "c"}) {
    put(key, "1");
  }
  Keys seen;
  const Status read = store().scan(Family::kLog, {}, {}, [&](OctetSpan key, OctetSpan /*value*/) {
    seen.emplace_back(as_text(key));
    put("b" + seen.back(), "2");
    write([](WriteBatch& batch) { batch.erase(Family::kLog, as_octets("c")); });
    return ScanNext::kContinue;
  });
  EXPECT_TRUE(read);
  EXPECT_EQ(seen, (Keys{"a", "b", "c"}));
  EXPECT_EQ(get("c"), "(none)");
}

TEST_P(StoreContract, LetsAVisitorRead) {
  put("a", "1");
  put("b", "2");
  std::string all;
  EXPECT_TRUE(store().scan(Family::kLog, {}, {}, [&](OctetSpan key, OctetSpan /*value*/) {
    all += get(as_text(key));
    return ScanNext::kContinue;
  }));
  EXPECT_EQ(all, "12");
}

TEST_P(StoreContract, KeepsWhatWasBufferedForReaders) {
  WriteBatch batch;
  batch.put(Family::kImage, as_octets("chunk"), as_octets("1"));
  batch.put(Family::kMeta, as_octets("row"), as_octets("2"));
  ASSERT_TRUE(store().write(batch, Durability::kBuffered));
  EXPECT_EQ(get("chunk", Family::kImage), "1");
  EXPECT_EQ(get("row", Family::kMeta), "2");
}

TEST_P(StoreContract, KeepsEverythingOverReopen) {
  put("a", "1");
  EXPECT_EQ(store().write_failure(), "");
  ASSERT_TRUE(store().reopen());
  EXPECT_EQ(get("a"), "1");
  put("b", "2");
  EXPECT_EQ(get("b"), "2");
}

TEST_P(StoreContract, ShowsABatchWholeToOtherThreads) {
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  std::atomic<int> looks = 0;
  std::jthread reader([&] {
    while (!stop) {
      std::string first;
      std::string second;
      const Status read = store().scan(Family::kLog, {}, {}, [&](OctetSpan key, OctetSpan value) {
        (as_text(key) == "a" ? first : second) = as_text(value);
        return ScanNext::kContinue;
      });
      torn += read && first == second ? 0 : 1;
      ++looks;
    }
  });
  for (int i = 0; i < 300 || looks == 0; ++i) {
    write([&](WriteBatch& batch) {
      const std::string value = std::to_string(i);
      batch.put(Family::kLog, as_octets("a"), as_octets(value));
      batch.put(Family::kLog, as_octets("b"), as_octets(value));
    });
  }
  stop = true;
  reader.join();
  EXPECT_EQ(torn, 0);
}

std::string kind_name(const ::testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::kMemory ? "Memory" : info.param == Kind::kRocks ? "Rocks" : "Faulty";
}

INSTANTIATE_TEST_SUITE_P(Every, StoreContract,
                         ::testing::Values(Kind::kMemory, Kind::kRocks, Kind::kFaulty), kind_name);

}  // namespace
}  // namespace tandem
