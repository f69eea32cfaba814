// A store that fails on command, in front of another one. Like RocksStore it takes no writes after
// a failure until reopen(). For tests of what stands above a store.
#pragma once

#include <cstdint>
#include <mutex>

#include "common/store/store.h"

namespace tandem::testing {

class FaultyStore final : public Store {
 public:
  /// What became of the batch whose write failed: a caller must be right either way.
  enum class Outcome : std::uint8_t { kNotWritten, kWritten };

  explicit FaultyStore(Store& under) : under_(under) {}

  /// The write after `writes` more fails with `code`.
  void fail_after(std::uint64_t writes, Errc code, Outcome outcome);
  /// The next reopen() fails with `code`.
  void fail_reopen(Errc code);
  [[nodiscard]] std::uint64_t writes() const;

  Result<std::optional<Octets>> get(Family family, OctetSpan key) const override;
  Status scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const override;
  Status scan_back(Family family, OctetSpan first, OctetSpan end,
                   const Visit& visit) const override;
  Status write(const WriteBatch& batch, Durability durability) override;
  [[nodiscard]] std::string write_failure() const override;
  Status reopen() override;

 private:
  struct Plan {
    std::uint64_t at;
    Errc code;
    Outcome outcome;
  };

  Store& under_;
  mutable std::mutex mutex_;  // guards the rest
  std::uint64_t writes_ = 0;
  std::optional<Plan> plan_;
  std::optional<Errc> reopen_failure_;
  bool failed_ = false;
};

}  // namespace tandem::testing
