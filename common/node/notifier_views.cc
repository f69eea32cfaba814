// The part of notifier.h that shows what is known.
#include "common/node/notifier.h"

namespace tandem {

OutsideZone Notifier::zone_of(const NotifySchedule::Target& target,
                              const ZoneRecord& record) const {
  OutsideZone out{target.target.name,
                  target.target.is_logged,
                  target.target.address.to_text(),
                  record.name.view(),
                  record.zone->serial(),
                  false,
                  {}};
  if (const FollowState* const state = schedule_.state(target.id, record.id); state != nullptr) {
    out.is_known = true;
    out.state = *state;
  }
  return out;
}

std::vector<OutsideServer> Notifier::servers(std::size_t most) const {
  std::vector<OutsideServer> out;
  const std::lock_guard lock(mutex_);
  for (const NotifySchedule::Target& target : schedule_.targets()) {
    OutsideServer& server = out.emplace_back();
    server.target = target.target;
    server.is_silent = target.is_silent;
    server.known = target.known;
    server.behind = target.behind;
    for (const ZoneId& id : schedule_.some_zones(target.id, most)) {
      if (const ZoneRecordPtr record = find(id); record != nullptr) {
        server.zones.push_back(zone_of(target, *record));
      }
    }
  }
  return out;
}

Result<std::vector<OutsideZone>> Notifier::servers_of(NameView zone) const {
  const std::lock_guard lock(mutex_);
  const ZoneRecordPtr record = find(zone);
  if (record == nullptr) {
    return fail(Errc::kNotFound, "there is no zone {}", zone.to_text());
  }
  std::vector<OutsideZone> out;
  for (const NotifySchedule::Target& target : schedule_.targets()) {
    if (target.target.follows(record->name)) {
      out.push_back(zone_of(target, *record));
    }
  }
  return out;
}

std::size_t Notifier::behind_count() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const NotifySchedule::Target& target : schedule_.targets()) {
    count += target.behind;
  }
  return count;
}

}  // namespace tandem
