// A number with one writer and any number of readers.
#pragma once

#include <atomic>
#include <cstdint>

namespace tandem {

/// No read-modify-write, no fence, never torn: what a thread counts for others to sum.
class Counter {
 public:
  void add(std::uint64_t by = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace tandem
