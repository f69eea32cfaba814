// Waiting for what other threads bring about.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace tandem::test {

/// Waits until `is_so`; false after `limit`, which is longer than anything takes on a loaded
/// machine.
[[nodiscard]] inline bool eventually(const std::function<bool()>& is_so,
                                     std::chrono::seconds limit = std::chrono::seconds(60)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace tandem::test
