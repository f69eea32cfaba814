#include "tests/simulation/sim_disk.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {

void SimDisk::fail_after(std::uint64_t writes, Fault fault, Outcome outcome) {
  plan_ = Plan{writes, fault, outcome};
}

void SimDisk::restart() {
  plan_.reset();
  failure_.clear();
  is_dead_ = false;
}

void SimDisk::cut_power(Dice& dice) {
  const auto is_buffered = [](const Written& one) {
    return one.durability == Durability::kBuffered;
  };
  const auto buffered = static_cast<std::uint64_t>(std::ranges::count_if(written_, is_buffered));
  const std::uint64_t kept = dice.between(0, buffered);
  std::uint64_t met = 0;
  std::erase_if(written_, [&](const Written& one) {
    met += is_buffered(one) ? 1U : 0U;
    return is_buffered(one) && met > kept;
  });
  settle();
  copy_store(safe_, seen_);
  restart();
}

/// All that is written cannot be lost any more.
void SimDisk::settle() {
  for (const Written& one : std::exchange(written_, {})) {
    CHECK(safe_.write(one.batch, one.durability).has_value());
  }
}

Result<std::optional<Octets>> SimDisk::get(Family family, OctetSpan key) const {
  return seen_.get(family, key);
}

Status SimDisk::scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const {
  return seen_.scan(family, first, end, visit);
}

Status SimDisk::scan_back(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const {
  return seen_.scan_back(family, first, end, visit);
}

Status SimDisk::write(const WriteBatch& batch, Durability durability) {
  if (watcher_) {
    watcher_();
  }
  if (!failure_.empty()) {
    return fail(Errc::kUnavailable, "the store takes no writes until it is opened again");
  }
  if (is_full_) {
    failure_ = "the disk is full";
    return fail(Errc::kNoSpace, "{}", failure_);
  }
  if (plan_ && plan_->writes-- == 0) {
    return run_into(*std::exchange(plan_, std::nullopt), batch, durability);
  }
  take(batch, durability);
  return {};
}

void SimDisk::take(const WriteBatch& batch, Durability durability) {
  CHECK(seen_.write(batch, durability).has_value());
  written_.push_back({batch, durability});
  const auto is_synced = [](const Written& one) { return one.durability == Durability::kSynced; };
  if (durability == Durability::kSynced &&
      (batch.requires_buffered() || std::ranges::all_of(written_, is_synced))) {
    settle();
  }
}

Status SimDisk::run_into(const Plan& plan, const WriteBatch& batch, Durability durability) {
  if (plan.outcome == Outcome::kWritten) {
    take(batch, durability);
  }
  is_dead_ = plan.fault == Fault::kPower;
  failure_ = is_dead_ ? "the power went" : "the sync failed";
  return fail(Errc::kIo, "{}", failure_);
}

Status SimDisk::reopen() {
  if (is_dead_ || is_full_) {
    return fail(is_full_ ? Errc::kNoSpace : Errc::kIo, "the store does not open");
  }
  failure_.clear();
  return {};
}

}  // namespace tandem::test
