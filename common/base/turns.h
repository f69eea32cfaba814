// A look at something again and again, on a thread of its own that gives way (background.h).
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace tandem {

class Turns {
 public:
  /// Looks once, and says after how long the next look is due.
  using Turn = std::function<std::chrono::milliseconds()>;

  explicit Turns(Turn turn) : turn_(std::move(turn)) {}

  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  /// Stops.
  ~Turns() { stop(); }

  /// The first turn is at once. To be called once.
  void start();
  /// The next turn is at once, after the one at hand. Any thread, also before start() and after
  /// stop().
  void wake();
  /// Ends after the turn at hand. Idempotent.
  void stop();

 private:
  void run();

  const Turn turn_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_awake_ = false;     // guarded by mutex_
  bool is_stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace tandem
