#include "common/base/turns.h"

#include "common/base/background.h"

namespace tandem {

void Turns::start() {
  thread_ = std::thread([this] { run(); });
}

void Turns::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_awake_ = true;
  }
  wake_.notify_all();
}

void Turns::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Turns::run() {
  give_way();
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    is_awake_ = false;
    lock.unlock();
    const std::chrono::milliseconds pause = turn_();
    lock.lock();
    wake_.wait_for(lock, pause, [this] { return is_stopping_ || is_awake_; });
  }
}

}  // namespace tandem
