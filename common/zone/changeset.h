// A change of one zone, record by record: what was there and goes, what comes. Always invertible,
// because what goes is spelled out with its TTL. The one currency of log entries, replication, IXFR
// and revert.
#pragma once

#include <utility>

#include "common/base/bytes.h"
#include "common/zone/rr_pack.h"

namespace tandem {

struct Changeset {
  Octets removed;  // packed records (rr_pack.h), each present before with exactly that TTL
  Octets added;    // packed records, none present after the removals

  [[nodiscard]] bool empty() const noexcept { return removed.empty() && added.empty(); }

  [[nodiscard]] std::size_t octets() const noexcept { return removed.size() + added.size(); }

  [[nodiscard]] Changeset inverted() && {
    return Changeset{.removed = std::move(added), .added = std::move(removed)};
  }
};

}  // namespace tandem
