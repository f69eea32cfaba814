#include "common/node/publisher.h"

#include "common/base/check.h"

namespace tandem {

Publisher::Publisher() : cell_(std::make_shared<const Catalog>()) {}

void Publisher::put(Catalog& catalog, NameView name) {
  const auto found = served_.find(name);
  if (found == served_.end()) {
    return;
  }
  if (const CatalogEntry& shown = found->second.shown(); shown.zone != nullptr) {
    catalog.put(shown);
  } else {
    catalog.erase(name);
    served_.erase(found);
  }
}

void Publisher::publish(LogId log, const std::vector<ZoneTable::Difference>& differences) {
  const std::lock_guard lock(mutex_);
  auto next = std::make_shared<Catalog>(*cell_.shared());
  for (const ZoneTable::Difference& difference : differences) {
    const ZoneRecord* const record =
        difference.after != nullptr ? difference.after.get() : difference.before.get();
    CHECK(record != nullptr);
    const StoredName& name = record->name;
    storing_.erase(name);
    Served& served = served_[name];
    CatalogEntry& own = log == LogId::kCluster ? served.cluster : served.local;
    // A zone deleted and created anew in one group makes two differences, in no particular order.
    if (difference.after != nullptr) {
      own.zone = difference.after->zone;
      own.is_for_peers = difference.after->is_catalog;
    } else if (own.zone == difference.before->zone) {
      own.zone = nullptr;
    }
    put(*next, name);
  }
  cell_.publish(std::move(next));
}

void Publisher::publish_early(ZonePtr zone) {
  const std::lock_guard lock(mutex_);
  if (served_.contains(zone->origin())) {
    return;  // the cluster has it, or it came meanwhile
  }
  auto next = std::make_shared<Catalog>(*cell_.shared());
  next->put({.zone = zone});
  cell_.publish(std::move(next));
  const NameView origin = zone->origin();
  storing_.insert_or_assign(origin, std::move(zone));
}

std::vector<ZonePtr> Publisher::storing() const {
  const std::lock_guard lock(mutex_);
  std::vector<ZonePtr> zones;
  zones.reserve(storing_.size());
  for (const auto& [name, zone] : storing_) {
    zones.push_back(zone);
  }
  return zones;
}

void Publisher::set_states(LogId log, const std::vector<StateChange>& states) {
  const std::lock_guard lock(mutex_);
  auto next = std::make_shared<Catalog>(*cell_.shared());
  for (const StateChange& change : states) {
    if (const auto found = served_.find(change.zone); found != served_.end()) {
      (log == LogId::kCluster ? found->second.cluster : found->second.local).state = change.state;
      put(*next, change.zone);
    }
  }
  cell_.publish(std::move(next));
}

ServeState Publisher::state_of(NameView zone) const {
  const std::lock_guard lock(mutex_);
  const auto found = served_.find(zone);
  return found != served_.end() ? found->second.shown().state : ServeState::kServing;
}

}  // namespace tandem
