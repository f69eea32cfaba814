#include "primary/record_expirer.h"

#include <algorithm>
#include <chrono>

#include "common/base/logging.h"
#include "common/node/note_plans.h"

namespace tandem {

void RecordExpirer::check() {
  const std::int64_t now =
      std::chrono::floor<std::chrono::seconds>(log_.clock().wall()).time_since_epoch().count();
  const auto is_due = [now](const ZoneRecordPtr& record) {
    const std::int64_t next = record->notes.next_expiry();
    return next != 0 && next <= now;
  };
  if (std::ranges::none_of(log_.table().noted(), is_due) || is_asked_->exchange(true)) {
    return;
  }
  sink_.submit({{"expiry", "clock", {}, "the record's time is up"},
                {},
                plan_expiry(now),
                [is_asked = is_asked_](const Result<Receipt>& receipt) {
                  if (!receipt) {
                    log_debug("expired records stay for now reason=\"{}\"", receipt.error().detail);
                  }
                  is_asked->store(false);
                }});
}

}  // namespace tandem
