#include "common/node/health_check.h"

namespace tandem {

std::string_view to_text(Health health) noexcept {
  switch (health) {
    case Health::kUnknown:
      break;
    case Health::kUp:
      return "up";
    case Health::kDown:
      return "down";
  }
  return "unknown";
}

void HealthCheck::begin(MonotonicTime now) noexcept {
  is_going_on_ = true;
  next_ = now + pace_.every;
}

bool HealthCheck::end(const Status& outcome) {
  is_going_on_ = false;
  good_ = outcome ? good_ + 1 : 0;
  bad_ = outcome ? 0 : bad_ + 1;
  failure_ = outcome ? std::string() : outcome.error().detail;
  const Health before = verdict_;
  if (good_ >= pace_.rise) {
    verdict_ = Health::kUp;
  } else if (bad_ >= pace_.fall) {
    verdict_ = Health::kDown;
  }
  return verdict_ != before;
}

}  // namespace tandem
