// A store whose writes to one family wait until they are let go, in front of another one: a disk
// that is slow just now. For tests of what must not wait for it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "common/store/store.h"

namespace tandem::testing {

class HeldStore final : public Store {
 public:
  explicit HeldStore(Store& under) : under_(under) {}

  /// Writes that touch `family` wait from now on.
  void hold(Family family);
  void let_go();
  /// Writes that wait now.
  [[nodiscard]] int waiting() const;

  Result<std::optional<Octets>> get(Family family, OctetSpan key) const override;
  Status scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const override;
  Status scan_back(Family family, OctetSpan first, OctetSpan end,
                   const Visit& visit) const override;
  Status write(const WriteBatch& batch, Durability durability) override;
  Status reopen() override;

  [[nodiscard]] std::string write_failure() const override { return under_.write_failure(); }

 private:
  Store& under_;
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::optional<Family> held_;
  int waiting_ = 0;
};

}  // namespace tandem::testing
