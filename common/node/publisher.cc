#include "common/node/publisher.h"

#include "common/base/check.h"

namespace tandem {

Publisher::Publisher() : cell_(std::make_shared<const Catalog>()) {}

void Publisher::put(Catalog& catalog, NameView name) {
  const auto found = served_.find(name);
  if (found == served_.end()) {
    return;
  }
  const Served& served = found->second;
  if (served.cluster != nullptr) {
    catalog.put({served.cluster, served.cluster_state});
  } else if (served.local != nullptr) {
    catalog.put({served.local, served.local_state});
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
    ZonePtr& zone = log == LogId::kCluster ? served.cluster : served.local;
    // A zone deleted and created anew in one group makes two differences, in no particular order.
    if (difference.after != nullptr) {
      zone = difference.after->zone;
    } else if (zone == difference.before->zone) {
      zone = nullptr;
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
  next->put({zone, ServeState::kServing});
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
      (log == LogId::kCluster ? found->second.cluster_state : found->second.local_state) =
          change.state;
      put(*next, change.zone);
    }
  }
  cell_.publish(std::move(next));
}

ServeState Publisher::state_of(NameView zone) const {
  const std::lock_guard lock(mutex_);
  const auto found = served_.find(zone);
  if (found == served_.end()) {
    return ServeState::kServing;
  }
  return found->second.cluster != nullptr ? found->second.cluster_state : found->second.local_state;
}

}  // namespace tandem
