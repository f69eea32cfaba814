#include "common/base/clock.h"

#include <cstdlib>
#include <ctime>

#include <fmt/chrono.h>

namespace tandem {

SystemClock::SystemClock() {
  if (const char* text = std::getenv("TANDEM_TIME_OFFSET"); text != nullptr) {
    offset_ = std::chrono::seconds(std::strtoll(text, nullptr, 10));
  }
}

WallTime SystemClock::wall() const noexcept {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()) +
         offset_;
}

MonotonicTime SystemClock::monotonic() const noexcept {
  return std::chrono::steady_clock::now();
}

std::string to_text(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t at = std::chrono::system_clock::to_time_t(seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(at), (time - seconds).count());
}

}  // namespace tandem
