// Data inside its lock: the only access to a Guarded<T> is through lock().
#pragma once

#include <mutex>
#include <utility>

namespace tandem {

template <class T>
class Guarded {
 public:
  class Lock {
   public:
    T* operator->() const noexcept { return value_; }

    T& operator*() const noexcept { return *value_; }

    /// For std::condition_variable::wait.
    std::unique_lock<std::mutex>& mutex() noexcept { return lock_; }

   private:
    friend class Guarded;

    Lock(std::mutex& mutex, T& value) : lock_(mutex), value_(&value) {}

    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  template <class... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  [[nodiscard]] Lock lock() { return Lock(mutex_, value_); }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace tandem
