// Updates that reach a follower: those for a zone of its own go to its own log, signed ones for the
// cluster's zones to the leader, which verifies them itself and makes the answer.
//
// Thread rule: any thread; answers come on the link's, or on the one that looks for late ones.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/node/replicated_log.h"
#include "common/node/update_service.h"
#include "common/replication/link.h"

namespace tandem {

class UpdateForwarder final : public UpdateService {
 public:
  /// `own`: for zones of the local log. `cluster`: says which zones are the leader's. Requires: all
  /// outlive it.
  UpdateForwarder(UpdateService& own, ReplicatedLog& cluster, const Clock& clock);

  /// Answers SERVFAIL where no leader is connected or it does not answer in time, so that the
  /// client tries another server; REFUSED for what is not signed: the leader could only take this
  /// node's word for the address.
  void submit(UpdateRequest request) override;

  /// Who leads from now on; null: nobody. What it was asked before gets SERVFAIL.
  void set_leader(std::shared_ptr<LinkPeer> leader);
  void on_reply(const ForwardedReplyFrame& reply);
  /// Waits until all that was passed on is answered. False: it was not in that time.
  [[nodiscard]] bool wait_idle(std::chrono::milliseconds at_most);
  /// To be called every second or so.
  void give_up_late();

 private:
  struct Pending {
    std::move_only_function<void(UpdateOutcome)> done;
    MonotonicTime deadline;
  };

  void forward(UpdateRequest request);
  void fail_all(std::vector<Pending> pending);

  UpdateService& own_;
  ReplicatedLog& cluster_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::shared_ptr<LinkPeer> leader_;          // guarded by mutex_
  std::map<std::uint64_t, Pending> pending_;  // guarded by mutex_
  std::uint64_t next_id_ = 1;                 // guarded by mutex_
};

}  // namespace tandem
