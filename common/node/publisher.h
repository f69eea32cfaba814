// Makes what the tables hold what the data plane answers: the only one who publishes catalogs.
//
// A zone that lists others (RFC 9432) is no one's business but of who may have it (s7): it is
// published as such.
//
// What is answered of a zone of the cluster's log may be a variant of it: the same version with
// other data in some of its sets (zone_variant.h). Transfers, digests and history never see it.
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
#include "common/node/zone_variant.h"
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

  /// Answers zones of the cluster's log with these sets in the place of their own, from here on and
  /// over new versions, all in one step; other zones as they are.
  void set_alternatives(Alternatives next);

  /// A zone with how it is answered, as its log has it and not a variant. No zone: it is not
  /// answered.
  [[nodiscard]] CatalogEntry entry_of(NameView zone) const;

  /// Frees replaced snapshots that a worker still held when they were replaced.
  void collect() { cell_.collect(); }

 private:
  /// Of one name, what each log has.
  struct Served {
    CatalogEntry cluster;
    CatalogEntry local;
    ZoneLimits limits;  // of the cluster's

    /// The one that is answered.
    [[nodiscard]] const CatalogEntry& shown() const noexcept {
      return cluster.zone != nullptr ? cluster : local;
    }
  };

  void put(Catalog& catalog, NameView name);
  /// What is answered of the one that is shown. Requires: it has a zone.
  [[nodiscard]] CatalogEntry answered(const Served& served) const;

  mutable std::mutex mutex_;
  std::unordered_map<StoredName, Served, NameHash, NameEqual> served_;
  std::unordered_map<StoredName, ZonePtr, NameHash, NameEqual> storing_;
  Alternatives alternatives_;
  SnapshotCell<Catalog> cell_;
};

}  // namespace tandem
