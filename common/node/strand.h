// Work that keeps its order without a lock held over it: a strand's pieces run one at a time, in
// order, light ones on whatever thread brings them, heavy ones (an image written, a cut installed)
// on a worker. So the threads that bring work, the link's and the writer's, never wait.
//
// Any thread may call both.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace tandem {

/// One thread that takes what is too long for others.
class Worker {
 public:
  using Task = std::function<void()>;

  /// kThread: it gives way to what answers (background.h). kPrompt: it does not, since others wait
  /// for it, or since threads that it starts would be as slow for as long as they live. kSteps:
  /// there is no thread, whoever owns it calls step(). So a simulation decides when.
  enum class Pace : std::uint8_t { kThread, kPrompt, kSteps };

  explicit Worker(Pace pace = Pace::kThread);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// Dropped after stop() began.
  void post(Task task);
  /// Runs the task that waits longest, on this thread. False when none does.
  bool step();
  /// Ends after the task at hand; what waits is dropped. Idempotent.
  void stop();

 private:
  void run(Pace pace);
  void take_one(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;  // guarded by mutex_
  bool stopping_ = false;   // guarded by mutex_
  std::thread thread_;
};

class Strand : public std::enable_shared_from_this<Strand> {
 public:
  using Task = Worker::Task;

  enum class Weight : std::uint8_t { kLight, kHeavy };

  /// `worker` must outlive every call.
  explicit Strand(Worker& worker) : worker_(worker) {}

  /// Runs `task` after what came before it: at once on this thread when nothing is going on and it
  /// is light. `octets`: what it holds in memory.
  void run(Task task, Weight weight = Weight::kLight, std::size_t octets = 0);
  /// For a task of this strand, which goes on with something heavy: `task` comes next, before what
  /// waits.
  void run_next(Task task);

  /// What waits holds so much.
  [[nodiscard]] std::size_t waiting_octets() const;

 private:
  struct Piece {
    Task task;
    Weight weight = Weight::kLight;
    std::size_t octets = 0;
  };

  enum class Place : std::uint8_t { kCaller, kWorker };
  void drain(Place place);

  Worker& worker_;
  mutable std::mutex mutex_;
  std::deque<Piece> pieces_;  // guarded by mutex_
  std::size_t octets_ = 0;    // of pieces_; guarded by mutex_
  bool is_busy_ = false;      // somebody drains; guarded by mutex_
};

}  // namespace tandem
