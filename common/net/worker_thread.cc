#include "common/net/worker_thread.h"

#include <chrono>
#include <csignal>
#include <pthread.h>
#include <sched.h>
#include <utility>

namespace tandem {
namespace {

constexpr int kWakeSignal = SIGURG;  // ignored by default, so a stray one does no harm

/// Makes kWakeSignal interrupt a blocked receive. Process-wide and idempotent.
void install_wake_handler() {
  struct sigaction action{};
  action.sa_handler = [](int /*signal*/) {};
  static_cast<void>(::sigaction(kWakeSignal, &action, nullptr));
}

}  // namespace

WorkerThread::~WorkerThread() {
  stop();
}

void WorkerThread::start(int cpu, std::move_only_function<void()> turn) {
  install_wake_handler();
  ended_.store(false, std::memory_order_relaxed);
  thread_ = std::thread([this, turn = std::move(turn)]() mutable {
    while (!stopping_.load(std::memory_order_relaxed)) {
      turn();
    }
    ended_.store(true, std::memory_order_release);
  });
  if (cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(cpu), &set);
    static_cast<void>(::pthread_setaffinity_np(thread_.native_handle(), sizeof set, &set));
  }
}

void WorkerThread::stop() {
  if (!thread_.joinable()) {
    return;
  }
  stopping_.store(true, std::memory_order_relaxed);
  // A signal that arrives just before the worker blocks is lost; so it is sent until the loop has
  // ended.
  while (!ended_.load(std::memory_order_acquire)) {
    static_cast<void>(::pthread_kill(thread_.native_handle(), kWakeSignal));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  thread_.join();
}

}  // namespace tandem
