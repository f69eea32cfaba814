// The store without a disk, for tests and for ThreadSanitizer runs. Any thread may call it; a scan
// sees the store as it was at the call, and its visitor may read and write.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "common/store/store.h"

namespace tandem {

class MemoryStore final : public Store {
 public:
  Result<std::optional<Octets>> get(Family family, OctetSpan key) const override;
  Status scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const override;
  Status scan_back(Family family, OctetSpan first, OctetSpan end,
                   const Visit& visit) const override;
  Status write(const WriteBatch& batch, Durability durability) override;

  [[nodiscard]] std::string write_failure() const override { return {}; }

  Status reopen() override { return {}; }

 private:
  using Map = std::map<Octets, Octets>;
  class Snapshot;

  /// The map of a family, for this thread alone: a copy when a scan is still looking at it.
  Map& changeable(Family family);

  mutable std::mutex mutex_;
  std::array<std::shared_ptr<Map>, kFamilyCount> families_;  // null: empty
};

}  // namespace tandem
