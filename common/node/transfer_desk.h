// Who gets which zone how: the answers to AXFR (RFC 5936) and IXFR (RFC 1995). Looks at the rules,
// at how many go out at once, at the version that is published, and in the log for what changed.
//
// Thread rule: answer() on the request queue's thread alone; the rest: any. What needs the log runs
// on a thread of its own. Its queue is as long as transfers go out at once and no longer: who asks
// takes a place there first.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "common/base/guarded.h"
#include "common/node/accepted_request.h"
#include "common/node/expiry.h"
#include "common/node/publisher.h"
#include "common/node/pull_service.h"
#include "common/node/replicated_log.h"
#include "common/node/strand.h"
#include "common/node/transfer_gate.h"
#include "common/node/transfer_rule.h"
#include "common/node/transfer_stream.h"
#include "common/zone/catalog.h"

namespace tandem {

class TransferDesk {
 public:
  /// Requires: all of them outlive the desk.
  struct Services {
    const Publisher& publisher;
    ReplicatedLog& cluster_log;
    ReplicatedLog& local_log;
    const TransferRules& rules;
  };

  explicit TransferDesk(const Services& services);

  /// Rules beside those of the configuration, in the place of those given before.
  void set_rules(std::vector<TransferRule> rules);

  /// Who knows how long a follower's copies of the cluster's zones are good; null: they are the
  /// leader's own. The one before is not asked any more when this returns; so below.
  void set_expiry(const ExpiryWatch* expiry);

  /// Who knows how long zones that are taken from elsewhere are good; null: there are none.
  void set_pulls(const PullService* pulls);

  /// Requires: asked.query.is_transfer().
  void answer(AcceptedRequest asked);

  /// How long answers from a zone of this log are good without another contact, in seconds; 0 when
  /// it is past that. Nothing: it is this node's own, or there never was contact. Any thread.
  [[nodiscard]] std::optional<std::uint32_t> contact_left(LogId log, const Zone& zone) const;

  /// What is told to who asks how long the zone has until it expires (RFC 7314 s3). Nothing when
  /// `name` is no zone of this node's that is answered.
  [[nodiscard]] std::optional<std::uint32_t> expire_seconds(NameView name);

  /// Ends after the look into a log at hand; who waits for one gets no answer. Idempotent.
  void stop() { worker_.stop(); }

  /// Whether who asks may have `zone` (RFC 5936 s5). Any thread.
  [[nodiscard]] bool allows(const AcceptedRequest& asked, NameView zone);

  [[nodiscard]] const TransferStats& stats() const noexcept { return stats_; }

 private:
  /// A zone as its log has it, if it is answered.
  struct Found {
    ZonePtr zone;
    ServeState state{};
    ReplicatedLog* log = nullptr;  // that has it; null: it is still being stored
  };

  /// A transfer that has its place.
  struct Begun;

  [[nodiscard]] Found find(NameView name);
  /// Whether zones of this log are the leader's, and this node follows.
  [[nodiscard]] bool is_copy(LogId log) const;
  [[nodiscard]] std::optional<std::uint32_t> expire_of(const Found& found) const;
  void answer_soa(AcceptedRequest& asked, const Found& found);
  void send_whole(Begun begun);
  void send_changes(Begun begun);
  void send(Begun& begun, TransferStream::Writer writer, const char* what);

  Services services_;
  TransferGate gate_;
  Guarded<std::shared_ptr<const std::vector<TransferRule>>> more_rules_;
  mutable std::mutex remaining_mutex_;
  const ExpiryWatch* expiry_ = nullptr;  // guarded by remaining_mutex_
  const PullService* pulls_ = nullptr;   // guarded by remaining_mutex_
  TransferStats stats_;
  Worker worker_;
};

}  // namespace tandem
