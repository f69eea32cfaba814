#include "common/node/strand.h"

#include <utility>

#include "common/base/background.h"

namespace tandem {

Worker::Worker(Pace pace) {
  if (pace != Pace::kSteps) {
    thread_ = std::thread([this, pace] { run(pace); });
  }
}

Worker::~Worker() {
  stop();
}

void Worker::post(Task task) {
  const std::lock_guard lock(mutex_);
  if (!stopping_) {
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }
}

void Worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    tasks_.clear();
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Worker::run(Pace pace) {
  if (pace == Pace::kThread) {
    give_way();
  }
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (stopping_) {
      return;
    }
    take_one(lock);
  }
}

bool Worker::step() {
  std::unique_lock lock(mutex_);
  if (tasks_.empty()) {
    return false;
  }
  take_one(lock);
  return true;
}

/// `lock` is held before and after, not meanwhile.
void Worker::take_one(std::unique_lock<std::mutex>& lock) {
  Task task = std::move(tasks_.front());
  tasks_.pop_front();
  lock.unlock();
  task();
  task = nullptr;  // what it holds may take a while to go
  lock.lock();
}

void Strand::run(Task task, Weight weight, std::size_t octets) {
  {
    const std::lock_guard lock(mutex_);
    pieces_.push_back({std::move(task), weight, octets});
    octets_ += octets;
    if (std::exchange(is_busy_, true)) {
      return;
    }
  }
  drain(Place::kCaller);
}

void Strand::run_next(Task task) {
  const std::lock_guard lock(mutex_);
  pieces_.push_front({std::move(task), Weight::kHeavy, 0});
}

std::size_t Strand::waiting_octets() const {
  const std::lock_guard lock(mutex_);
  return octets_;
}

void Strand::drain(Place place) {
  // One heavy piece at a time: between two of them the worker looks whether it shall stop.
  bool may_be_heavy = place == Place::kWorker;
  while (true) {
    Piece piece;
    {
      const std::lock_guard lock(mutex_);
      if (pieces_.empty()) {
        is_busy_ = false;
        return;
      }
      if (pieces_.front().weight == Weight::kHeavy && !std::exchange(may_be_heavy, false)) {
        break;  // busy until the worker is through
      }
      piece = std::move(pieces_.front());
      pieces_.pop_front();
      octets_ -= piece.octets;
    }
    piece.task();
  }
  worker_.post([self = shared_from_this()] { self->drain(Place::kWorker); });
}

}  // namespace tandem
