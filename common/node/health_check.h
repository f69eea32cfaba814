// One health check of one node: when it is made, and what its outcomes come to. Pure: time is
// given.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace tandem {

enum class Health : std::uint8_t { kUnknown, kUp, kDown };

/// `unknown`, `up`, `down`.
[[nodiscard]] std::string_view to_text(Health health) noexcept;

/// How often, and how many outcomes of one kind in a row make a verdict.
struct HealthPace {
  std::chrono::seconds every{10};
  unsigned fall = 3;
  unsigned rise = 2;

  friend bool operator==(const HealthPace&, const HealthPace&) = default;
};

class HealthCheck {
 public:
  HealthCheck(const HealthPace& pace, MonotonicTime first) : pace_(pace), next_(first) {}

  [[nodiscard]] bool is_due(MonotonicTime now) const noexcept {
    return !is_going_on_ && now >= next_;
  }

  /// It is made now; the next one is due when its time has passed, and not before this one ended.
  void begin(MonotonicTime now) noexcept;
  /// How it ended. True: the verdict is another one now. Without one yet it takes as many outcomes
  /// as a change does.
  bool end(const Status& outcome);

  [[nodiscard]] Health verdict() const noexcept { return verdict_; }

  /// Why the last one failed; empty: it did not, or there was none.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  HealthPace pace_;
  MonotonicTime next_;
  bool is_going_on_ = false;
  Health verdict_ = Health::kUnknown;
  unsigned good_ = 0;  // in a row
  unsigned bad_ = 0;
  std::string failure_;
};

}  // namespace tandem
