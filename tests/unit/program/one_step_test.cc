// A change of a hundred thousand records is visible as one step, on the leader and on the follower,
// whatever form it has in the log.
#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/asking.h"
#include "tests/support/zone_text.h"
#include "tests/unit/secondary/pair.h"

namespace tandem::test {
namespace {

constexpr std::uint32_t kRecords = 100'000;
constexpr std::uint32_t kEdited = 5'000;  // about as many as an entry holds as records
/// Looked at in each snapshot: the first, the last and some between.
constexpr std::uint32_t kLookedAt = 16;

std::string owner_of(std::uint32_t number) {
  return fmt::format("h{:06d}.example.", number);
}

/// So many names, all with one address.
ZonePtr zone_at(std::uint8_t version, std::uint32_t names) {
  std::string lines;
  for (std::uint32_t i = 0; i < names; ++i) {
    lines += fmt::format("h{:06d} 60 IN A 10.0.0.{}\n", i, version);
  }
  return zone(lines);
}

/// Asks for names from all over the zone, a batch from one snapshot as a worker does, until it is
/// gone. Counts batches that were of two versions, and answers older than ones before.
class Reader {
 public:
  Reader(SnapshotCell<Catalog>& cell, std::uint32_t names)
      : names_(names), thread_([this, reader = cell.reader()]() mutable { run(reader); }) {}

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  ~Reader() {
    stopping_ = true;
    thread_.join();
  }

  [[nodiscard]] std::uint8_t newest() const noexcept { return newest_; }

  [[nodiscard]] std::uint64_t torn() const noexcept { return torn_; }

  [[nodiscard]] std::uint64_t batches() const noexcept { return batches_; }

 private:
  void run(SnapshotCell<Catalog>::Reader& reader) {
    std::vector<Octets> queries;
    for (std::uint32_t i = 0; i < kLookedAt; ++i) {
      queries.push_back(query_wire(name(owner_of(i * (names_ - 1) / (kLookedAt - 1))), RrType::kA,
                                   false, false, 0));
    }
    const auto worker = std::make_unique<QueryEngine::Worker>();
    std::array<std::uint8_t, 4096> room{};
    while (!stopping_) {
      const Catalog& catalog = reader.pin();
      for (const Octets& query : queries) {
        const std::size_t octets = engine_.answer(catalog, query, Transport::kUdp, room, *worker);
        look(room[octets - 1], &query == &queries.front());
      }
      reader.unpin();
      ++batches_;
    }
  }

  /// `version`: the last octet of an answer, which is that of its address.
  void look(std::uint8_t version, bool is_first) {
    const std::uint8_t before = newest_;
    torn_ += version < before || (version != before && !is_first) ? 1 : 0;
    newest_ = version;
  }

  const QueryEngine engine_{{}};
  std::uint32_t names_;
  std::atomic<std::uint8_t> newest_ = 0;
  std::atomic<std::uint64_t> torn_ = 0;
  std::atomic<std::uint64_t> batches_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

class OneStep : public ::testing::Test {
 protected:
  /// Makes the zone with that many names, then commits `plan`, which makes version 2 of it, while
  /// both nodes are asked for them.
  void expect_one_step(const Planner& plan, std::uint32_t names) {
    const auto made = change(leader_.writer(), plan_create(name(kZone), {}, zone_at(1, names)));
    ASSERT_TRUE(made) << made.error().detail;
    ASSERT_TRUE(eventually([&] { return in_step(leader_, follower_); }));
    const Reader here(leader_.log().publisher().cell(), names);
    const Reader there(follower_.log().publisher().cell(), names);
    ASSERT_TRUE(eventually([&] { return here.batches() > 0 && there.batches() > 0; }));
    const auto done = change(leader_.writer(), plan);
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_TRUE(eventually([&] { return here.newest() == 2 && there.newest() == 2; }));
    EXPECT_EQ(here.torn(), 0U);
    EXPECT_EQ(there.torn(), 0U);
  }

  const SystemClock clock_;
  MemoryStore leader_disk_;
  MemoryStore follower_disk_;
  LeaderNode leader_{leader_disk_, clock_};
  FollowerNode follower_{follower_disk_, clock_};
  Cable cable_{leader_, follower_};
};

TEST_F(OneStep, AHundredThousandRecordsReplaced) {
  expect_one_step(plan_import(name(kZone), zone_at(2, kRecords), IfMissing::kRefuse), kRecords);
}

TEST_F(OneStep, FiveThousandRecordsEdited) {
  std::vector<RecordEdit> edits(kEdited);
  for (std::uint32_t i = 0; i < kEdited; ++i) {
    edits[i] = set_edit(name(owner_of(i)), "10.0.0.2");
  }
  expect_one_step(plan_edits(name(kZone), std::move(edits)), kEdited);
}

}  // namespace
}  // namespace tandem::test
