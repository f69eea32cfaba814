// Makes what the tables hold what the data plane answers: the only one who publishes catalogs.
//
// A zone that lists others (RFC 9432) is no one's business but of who may have it (s7): it is
// published as such.
//
// Any thread may call it.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/snapshot_cell.h"
#include "common/node/zone_table.h"
#include "common/zone/catalog.h"

namespace tandem {

class Publisher {
 public:
  Publisher();

  [[nodiscard]] SnapshotCell<Catalog>& cell() noexcept { return cell_; }

  /// Publishes what changed in the table of `log`, all in one step. A name that both logs have is
  /// answered from the cluster's.
  void publish(LogId log, const std::vector<ZoneTable::Difference>& differences);

  /// Publishes a zone that is not in a table yet: the first load, answered while it is being
  /// stored.
  void publish_early(ZonePtr zone);
  /// The zones that are answered and not in a table yet.
  [[nodiscard]] std::vector<ZonePtr> storing() const;

  /// Sets how the zones of `log` named by `states` are answered, in one step.
  struct StateChange {
    StoredName zone;
    ServeState state;
  };

  void set_states(LogId log, const std::vector<StateChange>& states);
  [[nodiscard]] ServeState state_of(NameView zone) const;

  /// Frees replaced snapshots that a worker still held when they were replaced.
  void collect() { cell_.collect(); }

 private:
  /// Of one name, what each log has.
  struct Served {
    CatalogEntry cluster;
    CatalogEntry local;

    /// The one that is answered.
    [[nodiscard]] const CatalogEntry& shown() const noexcept {
      return cluster.zone != nullptr ? cluster : local;
    }
  };

  void put(Catalog& catalog, NameView name);

  mutable std::mutex mutex_;
  std::unordered_map<StoredName, Served, NameHash, NameEqual> served_;
  std::unordered_map<StoredName, ZonePtr, NameHash, NameEqual> storing_;
  SnapshotCell<Catalog> cell_;
};

}  // namespace tandem
