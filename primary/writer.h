// The single writer of a log: every change of every source goes through it, in groups that share
// one fsync.
//
// Durable before visible before announced before acknowledged (RFC 2136 s3.5): the order is
// ReplicatedLog::commit() followed by the calls of `done`, and nothing else in the program makes a
// change.
//
// Thread rule: submit() from any thread; everything else happens on the writer's own thread, or on
// one that it waits for, or on the one that calls turn() when it has none.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/counter.h"
#include "common/node/change.h"
#include "common/node/replicated_log.h"
#include "common/node/zone_sources.h"
#include "primary/commit_group.h"

namespace tandem {

class Writer final : public ChangeSink {
 public:
  /// `sources`: zones that take no changes but those from there. Requires: all others outlive the
  /// writer.
  Writer(ReplicatedLog& log, const SecretSealer& sealer, const NodeId& node,
         ZoneSources sources = {});
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() override;

  /// Makes the first entry of a new log, which starts epoch 1. Does nothing when there is an entry.
  Status bootstrap(const ClusterId& cluster);

  void start();
  /// Refuses what is still waiting and ends. Idempotent.
  void stop();
  /// One turn of the thread, without waiting: opens a store that refuses writes anew and takes all
  /// requests that wait. For who does not start() it.
  void turn();

  void submit(ChangeRequest request) override;

  /// Waits until all that was taken is done. To be called after set_read_only(): nothing is taken
  /// then. Not for the writer's own thread.
  void wait_idle();

  /// To be called every second or so: opens the store anew when something else than a change found
  /// that it refuses writes.
  void look_after_store();

  /// Refuses all changes with `reason` until it is called with an empty one.
  void set_read_only(std::string reason);
  /// Why changes are refused now; empty when they are taken.
  [[nodiscard]] std::string read_only_reason() const;

  struct Stats {
    Counter groups;
    Counter entries;
    Counter refused;
    Counter failed;  // groups the store did not take
  };

  [[nodiscard]] const Stats& stats() const noexcept { return stats_; }

 private:
  void run();
  /// Why no request is taken now; empty: it is. With the lock held.
  [[nodiscard]] std::string reason_to_refuse() const;
  std::vector<ChangeRequest> wait_for_requests();
  void become_idle();
  void take(std::vector<ChangeRequest> requests);
  void process(std::vector<ChangeRequest> requests);
  void commit(CommitGroup& group, std::vector<CommitGroup::Planned>& planned,
              std::vector<ChangeRequest*>& waiting);
  void try_to_recover();
  static void refuse(std::vector<ChangeRequest>& requests, Errc code, const std::string& reason);

  ReplicatedLog& log_;
  const SecretSealer& sealer_;
  NodeId node_;
  ZoneSources sources_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::vector<ChangeRequest> queue_;  // guarded by mutex_
  bool is_busy_ = false;              // the thread has requests; guarded by mutex_
  std::string read_only_reason_;      // guarded by mutex_
  bool stopping_ = false;             // guarded by mutex_
  Stats stats_;
  std::thread thread_;
};

}  // namespace tandem
