#include "tests/support/held_store.h"

#include <algorithm>

namespace tandem::testing {

void HeldStore::hold(Family family) {
  const std::lock_guard lock(mutex_);
  held_ = family;
}

void HeldStore::let_go() {
  const std::lock_guard lock(mutex_);
  held_.reset();
  changed_.notify_all();
}

int HeldStore::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

Result<std::optional<Octets>> HeldStore::get(Family family, OctetSpan key) const {
  return under_.get(family, key);
}

Status HeldStore::scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const {
  return under_.scan(family, first, end, visit);
}

Status HeldStore::scan_back(Family family, OctetSpan first, OctetSpan end,
                            const Visit& visit) const {
  return under_.scan_back(family, first, end, visit);
}

Status HeldStore::write(const WriteBatch& batch, Durability durability) {
  {
    std::unique_lock lock(mutex_);
    const auto is_held = [&] {
      return held_ && std::ranges::find(batch.operations(), *held_,
                                        &WriteBatch::Operation::family) != batch.operations().end();
    };
    while (is_held()) {
      ++waiting_;
      changed_.wait(lock);
      --waiting_;
    }
  }
  return under_.write(batch, durability);
}

Status HeldStore::reopen() {
  return under_.reopen();
}

}  // namespace tandem::testing
