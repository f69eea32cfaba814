// What runs on a node as long as it has one role: it is begun, and ended as a whole, while the node
// goes on answering. What both roles have is here; LeaderRole and FollowerRole have the rest.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/api/api.h"
#include "common/base/result.h"
#include "common/net/dns_client.h"
#include "common/node/enrolment.h"
#include "common/node/failover_watch.h"
#include "common/node/keeper.h"
#include "common/node/link_hub.h"
#include "common/node/node.h"
#include "common/node/node_watch.h"
#include "common/node/notifier.h"
#include "common/node/promotion.h"
#include "common/node/teller.h"
#include "primary/record_expirer.h"
#include "primary/update_writer.h"
#include "primary/writer.h"
#include "program/outside_servers.h"

namespace tandem {

class RunningRole {
 public:
  /// What stays over roles. Outlives them.
  struct Place {
    Node& node;
    LinkHub& hub;
    Enrolment& enrolment;
    Keeper& cluster_keeper;
    Teller& teller;
    const NodeWatch& watch;
    FailoverWatch& failover;
    std::string program;
    std::function<std::vector<std::string>()> link_listening;
    std::function<std::vector<DialState>()> link_dialling;
    std::function<std::optional<std::uint64_t>()> link_refused;  ///< Nothing: no link.
    Promote promote;
    /// The leader of this node's cluster is met: changes can be passed on.
    std::function<void()> on_leader_met;
    /// See Pusher::Options::on_hand_over.
    std::function<void(HandOverRequestFrame, std::function<void(HandOverReplyFrame)>)> on_hand_over;
    /// The operator's choice where two nodes lead: this one begins a newer epoch, or follows.
    std::function<void()> lead_anew;
    std::function<void()> give_way;
  };

  RunningRole(const RunningRole&) = delete;
  RunningRole& operator=(const RunningRole&) = delete;
  virtual ~RunningRole();

  /// The writers, zone files, servers outside, API. Fails with one line that says what to do.
  Status start();
  /// In the order in which nothing is promised that cannot be kept: API, writers, what they tell.
  /// To be called when no stream of the link has the role any more. Idempotent.
  void stop();

  /// Of either log, on the committing thread.
  virtual void on_commit(const CommittedGroup& group);
  virtual void every_second();
  void look_after_local_log();
  /// Looks at the zone files again.
  void reload_zone_files();

  /// Of the hub; null: none.
  [[nodiscard]] virtual PeerRole* for_followers() noexcept { return nullptr; }

  [[nodiscard]] virtual PeerRole* for_leaders() noexcept { return nullptr; }

  /// This node's newest changes may be lost, as the link says it.
  [[nodiscard]] virtual bool is_doubtful() const { return false; }

  /// See Keeper::Options.
  [[nodiscard]] virtual std::uint64_t trim_limit() const;

  [[nodiscard]] virtual std::vector<ZoneLeft> zones_left() const { return {}; }

  /// A peer leads in an epoch of the same number.
  virtual void on_contest(const NodeId& /*peer*/) {}

  /// It is no member of the cluster any more.
  virtual void forget_member(const NodeId& /*node*/) {}

  [[nodiscard]] virtual PromotionView promotion_view() const;

  /// Of a follower: has the leader take no more changes and waits until this node has all there
  /// were. Updates must be held. Not for a thread of the link. Fails: with why the leader leads on.
  virtual Status take_over();

  /// Of a leader: takes no change any more and returns the log's end once all that were taken are
  /// done. Fails: when this node takes none already.
  virtual Result<Position> end_changes();

  /// After end_changes(): takes them again.
  virtual void resume_changes() {}

  /// Of a leader: raises the serials where that is due after a promotion.
  virtual void raise_serials() {}

  [[nodiscard]] Api& api() noexcept { return *api_; }

  [[nodiscard]] virtual UpdateService& updates() noexcept = 0;

 protected:
  RunningRole(const Place& place, ReplicatedLog& own_log);

  /// Makes writer_, updates_ and what hangs on them. The writer starts after that.
  virtual Status make_parts() = 0;
  /// Ends what serves peers.
  virtual void stop_peers() = 0;

  /// Ends what stands before the writer, which has stopped.
  virtual void stop_waits() {}

  /// Ends what is left, once nothing of the role runs.
  virtual void finish() {}

  virtual void fill_services(ApiServices& services) = 0;

  virtual void add_metrics(std::vector<ApiServices::Metric>& /*metrics*/) const {}

  [[nodiscard]] Node& node() const noexcept { return place_.node; }

  /// The mark is not needed any more.
  void clear_doubt();

  const Place place_;
  ReplicatedLog& own_log_;  // that this node writes in this role
  ZoneSources sources_;
  std::unique_ptr<Notifier> notifier_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<UpdateWriter> updates_;
  std::unique_ptr<RecordExpirer> expirer_;
  std::unique_ptr<OutsideServers> outside_;

 private:
  void make_notifier();
  void take_secondaries();
  Status load_zones();
  void retry_zone_files();
  void make_api();
  [[nodiscard]] std::vector<ApiServices::Metric> metrics() const;

  std::unique_ptr<DnsClient> client_;
  std::mutex secondaries_mutex_;  // one look at the outside secondaries at a time
  std::optional<std::uint64_t> secondaries_revision_;  // guarded by secondaries_mutex_
  std::mutex zone_files_mutex_;                        // one look at the zone files at a time
  std::atomic<bool> zone_files_wait_ = false;          // one could not be stored yet
  std::unique_ptr<Api> api_;
  bool is_stopped_ = false;
};

}  // namespace tandem
