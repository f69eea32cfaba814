// Where messages are answered that the data plane hands over: updates (RFC 2136), and whatever is
// signed (TSIG, RFC 8945). Verifies, looks at the one table of who may do what, and signs answers.
//
// Thread rule: serve() on the request queue's thread alone; set_updates() and the counters: any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "common/base/clock.h"
#include "common/base/snapshot_cell.h"
#include "common/crypto/tsig.h"
#include "common/net/request_queue.h"
#include "common/net/transfer_gate.h"
#include "common/node/key_ring.h"
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
    SnapshotCell<Catalog>& catalog;
    const KeyRing& keys;
    const TransferRules& transfers;
    const Clock& clock;
  };

  /// Requires: all that `services` names outlives the desk.
  explicit RequestDesk(const Services& services);

  /// Who takes updates from here on; null: nobody, they are answered SERVFAIL. It has to answer
  /// all that it got before it goes.
  void set_updates(UpdateService* updates) noexcept { updates_ = updates; }

  void serve(ReceivedRequest request);

  [[nodiscard]] const RequestStats& stats() const noexcept { return stats_; }

  /// Of the signed queries that it answered.
  [[nodiscard]] const WorkerStats& query_stats() const noexcept { return worker_->stats; }

 private:
  class Reply;
  struct Accepted;

  /// False: it is not good, and answered.
  bool check_signature(Accepted& accepted);
  void answer_query(Accepted accepted);
  void answer_update(Accepted accepted);
  [[nodiscard]] bool may_transfer(const SocketAddress& from, const std::optional<Name>& key) const;
  void count(const TsigVerdict& verdict);

  Services services_;
  SnapshotCell<Catalog>::Reader reader_;
  std::unique_ptr<QueryEngine::Worker> worker_;
  Octets room_;
  std::atomic<UpdateService*> updates_{nullptr};
  RequestStats stats_;
};

}  // namespace tandem
