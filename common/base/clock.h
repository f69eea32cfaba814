// Time as a dependency: product code never asks the operating system itself, so that tests own it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace tandem {

using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
using MonotonicTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// Time of day: for what people read and what outlives a restart.
  [[nodiscard]] virtual WallTime wall() const noexcept = 0;
  /// Never goes back: for every interval while the process runs.
  [[nodiscard]] virtual MonotonicTime monotonic() const noexcept = 0;
};

/// The machine's clocks. TANDEM_TIME_OFFSET (seconds, may be negative) shifts the time of day, so
/// that a cluster test can give one node a wrong clock.
class SystemClock final : public Clock {
 public:
  SystemClock();
  [[nodiscard]] WallTime wall() const noexcept override;
  [[nodiscard]] MonotonicTime monotonic() const noexcept override;

 private:
  std::chrono::seconds offset_{0};
};

/// A clock that moves only when told. Safe from any thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = WallTime(std::chrono::seconds(1'750'000'000)))
      : wall_us_(start.time_since_epoch().count()) {}

  [[nodiscard]] WallTime wall() const noexcept override {
    return WallTime(std::chrono::microseconds(wall_us_.load(std::memory_order_relaxed)));
  }

  [[nodiscard]] MonotonicTime monotonic() const noexcept override {
    return MonotonicTime(std::chrono::nanoseconds(monotonic_ns_.load(std::memory_order_relaxed)));
  }

  void advance(std::chrono::microseconds by) noexcept {
    wall_us_.fetch_add(by.count(), std::memory_order_relaxed);
    monotonic_ns_.fetch_add(std::chrono::nanoseconds(by).count(), std::memory_order_relaxed);
  }

  /// Moves the time of day alone, as an operator or NTP does.
  void step_wall(std::chrono::microseconds by) noexcept {
    wall_us_.fetch_add(by.count(), std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> wall_us_;
  std::atomic<std::int64_t> monotonic_ns_{0};
};

/// `2026-11-22T18:04:05.123456Z` (RFC 3339).
[[nodiscard]] std::string to_text(WallTime time);

}  // namespace tandem
