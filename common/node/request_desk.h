// Where messages are answered that the data plane hands over: updates (RFC 2136), transfers, NOTIFY
// (RFC 1996), and whatever is signed (TSIG, RFC 8945). Verifies, gives each to who decides on it,
// and signs answers.
//
// Thread rule: serve() on the request queue's thread alone; set_updates(), set_pulls() and the
// counters: any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "common/base/clock.h"
#include "common/base/snapshot_cell.h"
#include "common/crypto/tsig.h"
#include "common/net/request_queue.h"
#include "common/node/accepted_request.h"
#include "common/node/key_ring.h"
#include "common/node/pull_service.h"
#include "common/node/transfer_desk.h"
#include "common/node/update_service.h"
#include "common/query/engine.h"
#include "common/zone/catalog.h"

namespace tandem {

/// Anybody may read them.
struct RequestStats {
  using Count = std::atomic<std::uint64_t>;

  std::array<Count, WorkerStats::kRcodes> updates{};  // answers to updates, by rcode
  Count good_signatures{0};
  Count bad_signatures{0};  // BADSIG and BADTRUNC
  Count bad_keys{0};        // BADKEY
  Count bad_times{0};       // BADTIME
};

class RequestDesk {
 public:
  struct Services {
    const QueryEngine& engine;
    Publisher& publisher;
    const KeyRing& keys;
    const TransferRules& transfers;
    const Clock& clock;
    ReplicatedLog& cluster_log;
    ReplicatedLog& local_log;
  };

  /// Requires: all that `services` names outlives the desk.
  explicit RequestDesk(const Services& services);

  /// Who takes updates from here on; null: nobody, they are answered SERVFAIL. It has to answer
  /// all that it got before it goes.
  void set_updates(UpdateService* updates) noexcept { updates_ = updates; }

  /// Who hears that zones have changed elsewhere; null: nobody. The one before hears nothing any
  /// more when this returns.
  void set_pulls(PullService* pulls);

  void serve(ReceivedRequest request);

  [[nodiscard]] TransferDesk& transfers() noexcept { return transfers_; }

  [[nodiscard]] const TransferDesk& transfers() const noexcept { return transfers_; }

  [[nodiscard]] const RequestStats& stats() const noexcept { return stats_; }

  /// Of the queries that it answered with what the zones say.
  [[nodiscard]] const WorkerStats& query_stats() const noexcept { return worker_->stats; }

 private:
  /// False: it is not good, and answered.
  bool check_signature(AcceptedRequest& accepted);
  [[nodiscard]] bool may_see(const Catalog& catalog, const AcceptedRequest& accepted);
  void answer_query(AcceptedRequest accepted);
  void answer_update(AcceptedRequest accepted);
  void answer_notify(AcceptedRequest accepted);
  void count(const TsigVerdict& verdict);

  Services services_;
  SnapshotCell<Catalog>::Reader reader_;
  std::unique_ptr<QueryEngine::Worker> worker_;
  Octets room_;
  std::atomic<UpdateService*> updates_{nullptr};
  std::mutex pulls_mutex_;
  PullService* pulls_ = nullptr;  // guarded by pulls_mutex_
  RequestStats stats_;
  TransferDesk transfers_;
};

}  // namespace tandem
