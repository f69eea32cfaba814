// A bounded queue from one thread to another: who makes pieces waits when there are enough of them,
// who takes them waits when there is none.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace tandem {

/// Any thread may call anything.
template <class T>
class Handover {
 public:
  /// `room`: pieces that may wait, at least one.
  explicit Handover(std::size_t room) : room_(room) {}

  /// Waits for room. False when the queue is closed; the piece is dropped then.
  [[nodiscard]] bool put(T piece) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || pieces_.size() < room_; });
    if (closed_) {
      return false;
    }
    pieces_.push_back(std::move(piece));
    changed_.notify_all();
    return true;
  }

  /// Waits for a piece. Nothing once the queue is closed and empty.
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !pieces_.empty(); });
    if (pieces_.empty()) {
      return std::nullopt;
    }
    std::optional<T> piece(std::move(pieces_.front()));
    pieces_.pop_front();
    changed_.notify_all();
    return piece;
  }

  /// Lets all that wait go on. What was put before can still be taken.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  /// Closes at the end of a scope, also one that is left by an exception.
  class Closing {
   public:
    explicit Closing(Handover& queue) noexcept : queue_(queue) {}

    Closing(const Closing&) = delete;
    Closing& operator=(const Closing&) = delete;

    ~Closing() { queue_.close(); }

   private:
    Handover& queue_;
  };

 private:
  const std::size_t room_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> pieces_;  // guarded by mutex_
  bool closed_ = false;   // guarded by mutex_
};

}  // namespace tandem
