// A thread that answers queries: pinned to a CPU, blocked in the kernel most of the time, woken to
// end. start() and stop(): one thread, the owner's; only `turn` runs on the thread itself, which
// shares nothing with its owner but the two atomics.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace tandem {

class WorkerThread {
 public:
  WorkerThread() = default;
  WorkerThread(const WorkerThread&) = delete;
  WorkerThread& operator=(const WorkerThread&) = delete;
  /// Stops.
  ~WorkerThread();

  /// Calls `turn` again and again until stop(). It may block in a system call that a signal ends
  /// with EINTR. `cpu`: to stay on; -1: any.
  void start(int cpu, std::move_only_function<void()> turn);

  /// Ends after the turn at hand. Idempotent.
  void stop();

 private:
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ended_{true};
  std::thread thread_;
};

}  // namespace tandem
