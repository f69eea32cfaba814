#include "tests/support/faulty_store.h"

#include <utility>

namespace tandem::testing {

void FaultyStore::fail_after(std::uint64_t writes, Errc code, Outcome outcome) {
  const std::lock_guard lock(mutex_);
  plan_ = Plan{writes_ + writes, code, outcome};
}

void FaultyStore::fail_reopen(Errc code) {
  const std::lock_guard lock(mutex_);
  reopen_failure_ = code;
}

std::uint64_t FaultyStore::writes() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

Result<std::optional<Octets>> FaultyStore::get(Family family, OctetSpan key) const {
  return under_.get(family, key);
}

Status FaultyStore::scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const {
  return under_.scan(family, first, end, visit);
}

Status FaultyStore::scan_back(Family family, OctetSpan first, OctetSpan end,
                              const Visit& visit) const {
  return under_.scan_back(family, first, end, visit);
}

Status FaultyStore::write(const WriteBatch& batch, Durability durability) {
  const std::lock_guard lock(mutex_);
  if (failed_) {
    return fail(Errc::kUnavailable, "the store takes no writes until it is opened again");
  }
  if (plan_ && plan_->at == writes_) {
    const Plan plan = *std::exchange(plan_, std::nullopt);
    failed_ = true;
    if (plan.outcome == Outcome::kWritten) {
      TRYV(under_.write(batch, durability));
    }
    return fail(plan.code, "failed on command");
  }
  ++writes_;
  return under_.write(batch, durability);
}

std::string FaultyStore::write_failure() const {
  const std::lock_guard lock(mutex_);
  return failed_ ? "failed on command" : "";
}

Status FaultyStore::reopen() {
  const std::lock_guard lock(mutex_);
  if (reopen_failure_) {
    return fail(*std::exchange(reopen_failure_, std::nullopt), "failed on command");
  }
  TRYV(under_.reopen());
  failed_ = false;
  return {};
}

}  // namespace tandem::testing
