#include "common/replication/grpc_loop.h"

#include <utility>

#include <grpc/support/time.h>

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#define TANDEM_TSAN 1
#endif
#endif

namespace tandem {
namespace {

// ThreadSanitizer does not see the locks of gRPC's queue: it is told what goes in and comes out.

void note_handed_in([[maybe_unused]] void* tag) noexcept {
#ifdef TANDEM_TSAN
  __tsan_release(tag);
#endif
}

void note_taken_out([[maybe_unused]] void* tag) noexcept {
#ifdef TANDEM_TSAN
  __tsan_acquire(tag);
#endif
}

}  // namespace

GrpcLoop::GrpcLoop(std::unique_ptr<grpc::CompletionQueue> queue) : queue_(std::move(queue)) {}

GrpcLoop::~GrpcLoop() {
  stop();
}

void GrpcLoop::start() {
  thread_ = std::thread([this] { run(); });
}

void GrpcLoop::run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    note_taken_out(tag);
    static_cast<GrpcOperation*>(tag)->complete(ok);
  }
}

void GrpcLoop::post(Work work) {
  after(std::chrono::milliseconds(0), std::move(work));
}

GrpcLoop::TimerId GrpcLoop::after(std::chrono::milliseconds delay, Work work) {
  auto timers = timers_.lock();
  if (timers->is_stopped) {
    return 0;
  }
  const TimerId id = ++timers->last;
  auto timer = std::make_unique<Timer>();
  timer->work = std::move(work);
  timer->operation.complete = [this, id](bool ok) { fire(id, ok); };
  note_handed_in(timer->operation.tag());
  timer->alarm.Set(
      queue_.get(),
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(delay.count(), GPR_TIMESPAN)),
      timer->operation.tag());
  timers->pending.emplace(id, std::move(timer));
  return id;
}

void GrpcLoop::cancel(TimerId id) {
  auto timers = timers_.lock();
  if (const auto at = timers->pending.find(id); at != timers->pending.end()) {
    at->second->work = nullptr;  // an alarm that is due already does not cancel
    at->second->alarm.Cancel();
  }
}

void GrpcLoop::fire(TimerId id, bool ok) {
  std::unique_ptr<Timer> timer;
  {
    auto timers = timers_.lock();
    timer = std::move(timers->pending.extract(id).mapped());
  }
  if (ok && timer->work) {
    timer->work();
  }
}

void GrpcLoop::stop() {
  {
    auto timers = timers_.lock();
    if (std::exchange(timers->is_stopped, true)) {
      return;
    }
    for (auto& [id, timer] : timers->pending) {
      timer->work = nullptr;
      timer->alarm.Cancel();
    }
  }
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    run();  // never started: a queue must be empty when it is destroyed
  }
}

}  // namespace tandem
