#include "common/node/publisher.h"

#include <utility>

#include "common/base/check.h"

namespace tandem {

Publisher::Publisher() : cell_(std::make_shared<const Catalog>()) {}

void Publisher::put(Catalog& catalog, NameView name) {
  const auto found = served_.find(name);
  if (found == served_.end()) {
    return;
  }
  if (const CatalogEntry& shown = found->second.shown(); shown.zone != nullptr) {
    catalog.put(answered(found->second));
  } else {
    catalog.erase(name);
    served_.erase(found);
  }
}

CatalogEntry Publisher::answered(const Served& served) const {
  CatalogEntry entry = served.shown();
  if (served.cluster.zone != nullptr && !alternatives_.empty()) {
    const auto found = alternatives_.find(entry.zone->origin());
    if (found != alternatives_.end()) {
      entry.zone = variant_of(entry.zone, found->second, served.limits);
    }
  }
  return entry;
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
      if (log == LogId::kCluster) {
        served.limits = difference.after->limits();
      }
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

void Publisher::set_alternatives(Alternatives next) {
  const std::lock_guard lock(mutex_);
  const Alternatives before = std::exchange(alternatives_, std::move(next));
  auto catalog = std::make_shared<Catalog>(*cell_.shared());
  for (const auto* const side : {&before, &std::as_const(alternatives_)}) {
    for (const auto& [zone, sets] : *side) {
      put(*catalog, zone);
    }
  }
  cell_.publish(std::move(catalog));
}

CatalogEntry Publisher::entry_of(NameView zone) const {
  const std::lock_guard lock(mutex_);
  const auto found = served_.find(zone);
  if (found != served_.end() && found->second.shown().zone != nullptr) {
    return found->second.shown();
  }
  const auto early = storing_.find(zone);
  return early != storing_.end() ? CatalogEntry{.zone = early->second} : CatalogEntry{};
}

ServeState Publisher::state_of(NameView zone) const {
  const std::lock_guard lock(mutex_);
  const auto found = served_.find(zone);
  return found != served_.end() ? found->second.shown().state : ServeState::kServing;
}

}  // namespace tandem
