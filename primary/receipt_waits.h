// Changes whose receipts wait until the followers have them too (wait=secondary), and then the
// outside secondaries (wait=all): sits between whoever submits and the writer.
//
// Thread rule: any thread. Receipts come on the writer's, the link's, or, when the time is up, its
// own thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/node/change.h"
#include "common/node/outside_watch.h"
#include "common/node/strand.h"

namespace tandem {

class ReceiptWaits final : public ChangeSink {
 public:
  /// Requires: both outlive it. kSteps: whoever owns it calls let_go_late().
  ReceiptWaits(ChangeSink& writer, const Clock& clock, Worker::Pace pace = Worker::Pace::kThread);
  ReceiptWaits(const ReceiptWaits&) = delete;
  ReceiptWaits& operator=(const ReceiptWaits&) = delete;
  /// Stops.
  ~ReceiptWaits() override;

  /// Who knows the outside secondaries; to be set before changes begin. It outlives this.
  void set_outside(OutsideWatch& outside) noexcept { outside_ = &outside; }

  /// Passes the request on; its receipt comes when every follower in step has the change, or as
  /// many as have it when the time is up: the change stands. With no follower it comes at once. For
  /// wait=all the outside secondaries get the rest of the time after that.
  void submit(ChangeRequest request) override;

  /// A follower in step answers with everything up to `sequence`. `stream`: of this connection.
  void has(const void* stream, const NodeId& node, std::uint64_t sequence);
  /// It is gone: nobody waits for it.
  void left(const void* stream);

  /// Gives those their receipts whose time is up.
  void let_go_late();

  /// Lets go all that wait, as when the time is up. Nothing waits after it.
  void stop();

  struct Stats {
    using Count = std::atomic<std::uint64_t>;

    Count in_time{0};            // every follower had it
    Count timed_out{0};          // some had not
    Count alone{0};              // there was no follower in step
    Count outside_in_time{0};    // every outside secondary had it, or there was none
    Count outside_timed_out{0};  // some had not
  };

  [[nodiscard]] const Stats& stats() const noexcept { return stats_; }

 private:
  struct Waiting {
    Receipt receipt;
    std::function<void(Result<Receipt>)> done;
    MonotonicTime deadline;
    Wait::Nodes nodes{};
  };

  struct Follower {
    NodeId node;
    std::uint64_t sequence = 0;
  };

  using Ready = std::vector<Waiting>;

  void wait_for(Receipt receipt, const Wait& wait, std::function<void(Result<Receipt>)> done);
  void run();
  [[nodiscard]] std::uint64_t lowest() const;
  Ready take_reached();
  Ready take_late(MonotonicTime now);
  void fill_in(Waiting& waiting) const;
  void finish(Ready ready);
  void wait_outside(Waiting waiting);

  ChangeSink& writer_;
  OutsideWatch* outside_ = nullptr;
  const Clock& clock_;
  Stats stats_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<const void*, Follower> followers_;           // guarded by mutex_
  std::multimap<std::uint64_t, Waiting> waiting_;       // by sequence; guarded by mutex_
  MonotonicTime next_deadline_ = MonotonicTime::max();  // guarded by mutex_
  bool stopping_ = false;                               // guarded by mutex_
  std::thread thread_;
};

}  // namespace tandem
