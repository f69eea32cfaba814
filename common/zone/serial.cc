#include "common/zone/serial.h"

#include <chrono>

namespace tandem {
namespace {

Serial policy_serial(SerialPolicy policy, WallTime now, Serial increment) noexcept {
  switch (policy) {
    case SerialPolicy::kIncrement:
      return increment;
    case SerialPolicy::kUnixTime:
      return static_cast<Serial>(
          std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
    case SerialPolicy::kDate: {
      const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(now));
      const auto year = static_cast<Serial>(static_cast<int>(day.year()));
      return (year * 10000 + static_cast<unsigned>(day.month()) * 100 +
              static_cast<unsigned>(day.day())) *
             100;
    }
  }
  return increment;
}

}  // namespace

Serial next_serial(Serial current, SerialPolicy policy, WallTime now) noexcept {
  const Serial increment = current + 1 == 0 ? 1 : current + 1;
  const Serial wanted = policy_serial(policy, now, increment);
  return wanted != 0 && is_newer(wanted, current) ? wanted : increment;
}

}  // namespace tandem
