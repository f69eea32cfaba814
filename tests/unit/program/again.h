// A thread of the storm.
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

namespace tandem::test {

/// Runs `step` again and again in a thread of its own until it is gone.
class Again {
 public:
  explicit Again(std::function<void()> step)
      : thread_([this, step = std::move(step)] {
          while (!stopping_) {
            step();
          }
        }) {}

  Again(const Again&) = delete;
  Again& operator=(const Again&) = delete;

  ~Again() {
    stopping_ = true;
    thread_.join();
  }

  /// A long step looks whether it is the last one.
  [[nodiscard]] bool is_ending() const noexcept { return stopping_; }

 private:
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace tandem::test
