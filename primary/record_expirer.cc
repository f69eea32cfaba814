#include "primary/record_expirer.h"

#include "common/base/logging.h"
#include "common/node/note_plans.h"

namespace tandem {

void RecordExpirer::take_outcome(Zones& zones, const ZoneId& zone, const Result<Receipt>& receipt) {
  const std::lock_guard lock(zones.mutex);
  zones.asked.erase(zone);
  if (receipt) {
    zones.failed.erase(zone);
  } else if (zones.failed.insert(zone).second) {
    log_warn("expired records stay for now zone={} reason=\"{}\"", zone.to_text(),
             receipt.error().detail);
  }
}

void RecordExpirer::check() {
  constexpr std::size_t kMostZones = 100;
  const std::int64_t now = seconds_since_1970(log_.clock().wall());
  for (const ZoneId& zone : log_.table().with_expired(now, kMostZones)) {
    {
      const std::lock_guard lock(zones_->mutex);
      if (!zones_->asked.insert(zone).second) {
        continue;
      }
    }
    sink_.submit({{"expiry", "clock", {}, "the record's time is up"},
                  {},
                  plan_expiry(zone, now),
                  [zones = zones_, zone](const Result<Receipt>& receipt) {
                    take_outcome(*zones, zone, receipt);
                  }});
  }
}

}  // namespace tandem
