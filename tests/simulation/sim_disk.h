// A disk that outlives the processes on it: a store in memory that knows what a cut of the power
// would leave of it, and that fails, fills up and loses power on command. It promises exactly what
// store.h does, and no more.
//
// One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/store/memory_store.h"
#include "common/store/store.h"
#include "tests/simulation/dice.h"

namespace tandem::test {

class SimDisk final : public Store {
 public:
  /// What becomes of the batch whose write fails: the node must be right either way.
  enum class Outcome : std::uint8_t { kNotWritten, kWritten };
  /// kFailure: an error, and writes are refused until reopen(). kPower: the node stops within it.
  enum class Fault : std::uint8_t { kFailure, kPower };

  /// After `writes` more good ones a write runs into `fault`.
  void fail_after(std::uint64_t writes, Fault fault, Outcome outcome);

  void forget_plan() { plan_.reset(); }

  void set_full(bool is_full) { is_full_ = is_full; }

  [[nodiscard]] bool is_full() const noexcept { return is_full_; }

  /// The power went in the middle of a write: whatever the process does now, nobody hears of it.
  [[nodiscard]] bool is_dead() const noexcept { return is_dead_; }

  /// What a new process finds when the last one was killed: everything that was written.
  void restart();
  /// What it finds after a cut of the power: of the buffered writes those before some point, of the
  /// synced ones all.
  void cut_power(Dice& dice);

  /// Called before each write, to look from outside at the middle of what goes on.
  void set_watcher(std::function<void()> watcher) { watcher_ = std::move(watcher); }

  Result<std::optional<Octets>> get(Family family, OctetSpan key) const override;
  Status scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const override;
  Status scan_back(Family family, OctetSpan first, OctetSpan end,
                   const Visit& visit) const override;
  Status write(const WriteBatch& batch, Durability durability) override;

  [[nodiscard]] std::string write_failure() const override { return failure_; }

  Status reopen() override;

 private:
  struct Plan {
    std::uint64_t writes;
    Fault fault;
    Outcome outcome;
  };

  struct Written {
    WriteBatch batch;
    Durability durability;
  };

  void take(const WriteBatch& batch, Durability durability);
  Status run_into(const Plan& plan, const WriteBatch& batch, Durability durability);
  void settle();

  MemoryStore seen_;              // what processes read
  MemoryStore safe_;              // survives for certain, whatever `written_` adds to it
  std::vector<Written> written_;  // since then, in order
  std::optional<Plan> plan_;
  std::string failure_;
  bool is_full_ = false;
  bool is_dead_ = false;
  std::function<void()> watcher_;
};

}  // namespace tandem::test
