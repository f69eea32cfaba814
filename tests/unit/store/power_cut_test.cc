// The power fails at a random instant of a random writer, again and again. Whatever append()
// returned for must be there afterwards, the log must be whole, and what else is there must be
// whole groups that were being written. TANDEM_POWER_CUTS sets how many cuts (default 100: 15 s),
// TANDEM_POWER_SEED where they start.
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/log/codec.h"
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
using testing::Tail;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Writes groups, trims, cuts back, stores images, until the power is off; and remembers what must
/// be true.
class RandomWriter {
 public:
  RandomWriter(const std::filesystem::path& folder, std::uint64_t seed)
      : files_(folder, seed), random_(seed), folder_(folder) {}

  /// One life: opens, checks what the last one left, writes until the power fails.
  void live(Tail tail, std::uint64_t operations) {
    files_.cut_power_after(operations);
    {
      auto opened = open_rocks_store({folder_, files_.seam()});
      if (opened) {
        check_state(opened->state, tail);
        store_ = std::move(opened->store);
        write_until_cut();
      } else {
        EXPECT_TRUE(files_.is_power_cut()) << opened.error().detail;
      }
      log_.reset();
      store_.reset();
    }
    files_.cut_power_after(0);  // also when the writer gave up for another reason
    files_.restore(tail);
    last_tail_ = tail;
  }

  /// Opens with the power on and checks.
  void check() {
    auto opened = open_rocks_store({folder_, files_.seam()});
    ASSERT_TRUE(opened) << opened.error().detail;
    check_state(opened->state, last_tail_);
    store_ = std::move(opened->store);
    check_log();
    log_.reset();
    store_.reset();
    if (::testing::Test::HasFailure()) {
      return;
    }
    ASSERT_TRUE(settle_doubt(folder_));
  }

  [[nodiscard]] std::uint64_t appended() const noexcept { return appended_; }

  [[nodiscard]] std::uint64_t doubtful() const noexcept { return doubtful_; }

 private:
  std::uint64_t chance(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random_);
  }

  void check_state(OpenState state, Tail tail) {
    doubtful_ += state == OpenState::kDoubtful ? 1 : 0;
    if (tail == Tail::kCut && last_tail_ == Tail::kCut) {
      EXPECT_NE(state, OpenState::kDoubtful) << "a log that was only cut is no reason for doubt";
    }
  }

  /// The log is where the last returned write left it, or where the write that was cut would have.
  void check_log() {
    auto log = LogStore::open(*store_, LogId::kCluster);
    if (!log && files_.is_power_cut()) {
      return;
    }
    ASSERT_TRUE(log) << log.error().detail;
    log_ = *std::move(log);
    const Position head = log_->head();
    EXPECT_TRUE(head == promised_ || head == attempted_)
        << "at " << head.sequence << ", promised " << promised_.sequence << ", attempted "
        << attempted_.sequence;
    check_chain(head);
    check_images();
    if (!files_.is_power_cut()) {
      promised_ = attempted_ = head;
    }
  }

  void check_chain(const Position& head) {
    std::uint64_t sequence = log_->first_sequence() - 1;
    Position at{{}, sequence, log_->chain_at(sequence)->value_or(Digest256{})};
    while (sequence < head.sequence) {
      const auto entries = log_->read_after(sequence, 1U << 20U);
      if (!entries && files_.is_power_cut()) {
        return;
      }
      ASSERT_TRUE(entries) << entries.error().detail;
      ASSERT_FALSE(entries->empty()) << sequence;
      for (const EncodedEntry& entry : *entries) {
        ASSERT_EQ(entry.sequence, at.sequence + 1);
        ASSERT_EQ(entry.chain, extend_chain(at.chain, entry.octets));
        at = position_after(at, entry);
      }
      EXPECT_TRUE(entries->back().group_end);
      sequence = at.sequence;
    }
    EXPECT_EQ(at.chain, head.chain);
  }

  /// Every image that a checkpoint refers to is whole.
  void check_images() {
    const auto checkpoints = read_checkpoints(*store_, LogId::kCluster);
    if (!checkpoints && files_.is_power_cut()) {
      return;
    }
    ASSERT_TRUE(checkpoints) << checkpoints.error().detail;
    for (const auto& [zone, checkpoint] : *checkpoints) {
      const auto state = read_state_image(*store_, LogId::kCluster, checkpoint.image);
      EXPECT_TRUE(state || files_.is_power_cut()) << state.error().detail;
    }
  }

  void write_until_cut() {
    check_log();
    if (log_ == nullptr) {
      return;
    }
    maker_ = std::make_unique<testing::GroupMaker>(log_->head());
    while (!files_.is_power_cut() && !::testing::Test::HasFailure()) {
      const std::uint64_t what = chance(20);
      const bool done = what == 0   ? trim()
                        : what == 1 ? cut_back()
                        : what == 2 ? store_image()
                                    : append();
      if (!done) {
        return;
      }
    }
  }

  bool append() {
    std::vector<EncodedEntry> entries =
        maker_->at().sequence == 0 || chance(30) == 0
            ? maker_->epoch(maker_->at().epoch.number + 1)
            : maker_->group(1 + chance(4),
                            testing::zone_id(static_cast<std::uint8_t>(1 + chance(3))),
                            chance(10) == 0 ? 60'000 : 0);
    attempted_ = maker_->at();
    if (!log_->append(entries, {})) {
      return false;
    }
    promised_ = attempted_;
    ++appended_;
    return true;
  }

  bool trim() {
    const std::uint64_t kept = chance(20);
    const std::uint64_t head = promised_.sequence;
    if (head < kept + 2) {
      return true;
    }
    // Inside of a group it is refused, which is no failure.
    const Status trimmed = log_->trim(head - kept - 1);
    return trimmed || trimmed.error().code == Errc::kInvalid;
  }

  bool cut_back() {
    const auto entries = log_->read_after(log_->first_sequence() - 1, 1);
    if (!entries || entries->empty() || chance(3) != 0) {
      return entries.has_value();
    }
    const Position was = promised_;
    Position at{{}, entries->back().sequence, entries->back().chain};
    for (const EpochStartPoint& start : log_->epochs()) {
      at.epoch = start.sequence <= at.sequence ? start.epoch : at.epoch;
    }
    attempted_ = at;
    if (!log_->truncate_after(at, {})) {
      promised_ = was;
      return false;
    }
    promised_ = at;
    maker_ = std::make_unique<testing::GroupMaker>(at);
    return true;
  }

  bool store_image() {
    LogState state;
    for (std::uint64_t i = 1 + chance(5000); i > 0; --i) {
      ZoneId id;
      store_be64(id.octets.data(), 5001 - i);
      state.zones.push_back({id, testing::name_of("a.example."), {}, true});
    }
    const auto ref = write_state_image(*store_, LogId::kCluster, state);
    if (!ref) {
      return false;
    }
    WriteBatch batch;
    put_checkpoint(batch, LogId::kCluster, ZoneId{}, {promised_.sequence, *ref});
    // Either way the checkpoint must not outlive its image.
    const auto durability = chance(2) == 0 ? Durability::kSynced : Durability::kBuffered;
    return store_->write(batch, durability).has_value();
  }

  FaultyFileSystem files_;
  std::mt19937_64 random_;
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<LogStore> log_;
  std::unique_ptr<testing::GroupMaker> maker_;
  Position promised_;   // where the last write that returned left the log
  Position attempted_;  // where the last write would leave it
  Tail last_tail_ = Tail::kCut;
  std::uint64_t appended_ = 0;
  std::uint64_t doubtful_ = 0;
};

class PowerCut : public ::testing::TestWithParam<Tail> {};

TEST_P(PowerCut, LosesNothingThatAppendReturnedFor) {
  const std::uint64_t cuts = number_from_environment("TANDEM_POWER_CUTS", 100) / 2;
  const std::uint64_t seed = number_from_environment("TANDEM_POWER_SEED", 1);
  constexpr std::uint64_t kCutsPerFolder = 10;
  std::mt19937_64 random(seed);
  std::uint64_t appended = 0;
  std::uint64_t doubtful = 0;
  for (std::uint64_t cut = 0; cut < cuts && !HasFailure(); cut += kCutsPerFolder) {
    const testing::TempFolder folder;
    const std::uint64_t folder_seed = random();
    SCOPED_TRACE(fmt::format("seed {} cut {} folder seed {}", seed, cut, folder_seed));
    RandomWriter writer(folder.path(), folder_seed);
    for (std::uint64_t i = 0; i < kCutsPerFolder && !HasFailure(); ++i) {
      // Some while the store is still coming up, the others in the writer's work.
      writer.live(GetParam(), random() % (random() % 4 == 0 ? 100 : 1500));
      writer.check();
    }
    appended += writer.appended();
    doubtful += writer.doubtful();
  }
  RecordProperty("appended", std::to_string(appended));
  RecordProperty("doubtful", std::to_string(doubtful));
  EXPECT_GT(appended, cuts);
}

INSTANTIATE_TEST_SUITE_P(Tails, PowerCut, ::testing::Values(Tail::kCut, Tail::kTorn),
                         [](const auto& row) { return row.param == Tail::kCut ? "Cut" : "Torn"; });

}  // namespace
}  // namespace tandem
