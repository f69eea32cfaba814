// A running node with its roles: the writer and the pusher where it leads, the replica where it
// follows, the link between them, the API over all of it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/api/api.h"
#include "common/base/result.h"
#include "common/net/http_server.h"
#include "common/node/enrolment.h"
#include "common/node/expiry.h"
#include "common/node/keeper.h"
#include "common/node/link_hub.h"
#include "common/node/node.h"
#include "common/node/notifier.h"
#include "common/replication/grpc_link.h"
#include "primary/pusher.h"
#include "primary/receipt_waits.h"
#include "primary/record_expirer.h"
#include "primary/update_writer.h"
#include "primary/writer.h"
#include "program/outside_servers.h"
#include "secondary/replica.h"
#include "secondary/update_forwarder.h"

namespace tandem {

class ClusterNode {
 public:
  ClusterNode(std::unique_ptr<Node> node, std::string program);
  ClusterNode(const ClusterNode&) = delete;
  ClusterNode& operator=(const ClusterNode&) = delete;
  /// Stops in the order in which nothing is promised that cannot be kept: API, link, writers,
  /// answers.
  ~ClusterNode();

  /// Roles, zone files, link, API. Fails with one line that says what to do.
  Status start();
  /// Looks at the zone files again (SIGHUP).
  void reload_zone_files();

  [[nodiscard]] Node& node() noexcept { return *node_; }

  [[nodiscard]] std::vector<std::string> link_listening() const;
  [[nodiscard]] std::vector<DialState> link_dialling() const;
  [[nodiscard]] std::vector<std::string> http_listening() const;

 private:
  [[nodiscard]] bool leads() const noexcept { return node_->role() == Role::kLeader; }

  void make_notifier();
  void take_secondaries();
  void make_keepers();
  Status start_writers();
  Status start_leading_writer();
  Status start_own_writer();
  Status start_link();
  void make_enrolment(NodeKey key);
  Status open_link();
  void close_link();
  void renew_pins();
  [[nodiscard]] std::vector<KeyPin> pins() const;
  void open_link_anew(const std::optional<NodeId>& gone);
  Status start_api();
  Status load_zones();
  void retry_zone_files();
  void clear_doubt();
  void look_after(ReplicatedLog& log);
  void make_leader_role();
  void make_follower_role();
  [[nodiscard]] HelloFrame hello() const;
  [[nodiscard]] std::string read_only_reason() const;
  Status keep_history(std::string_view keep);
  [[nodiscard]] std::vector<ApiServices::Metric> metrics() const;

  std::unique_ptr<Node> node_;
  std::string program_;
  std::unique_ptr<Writer> cluster_writer_;  // where this node leads
  std::unique_ptr<Writer> local_writer_;    // where it follows: its own zones
  std::unique_ptr<ReceiptWaits> waits_;
  std::mutex secondaries_mutex_;  // one look at the outside secondaries at a time
  std::optional<std::uint64_t> secondaries_revision_;  // guarded by secondaries_mutex_
  std::unique_ptr<Notifier> notifier_;
  std::unique_ptr<DnsClient> client_;  // ends before what it calls
  std::unique_ptr<UpdateWriter> updates_;
  std::unique_ptr<RecordExpirer> expirer_;      // of the log that this node writes
  std::unique_ptr<UpdateForwarder> forwarder_;  // where this node follows
  std::unique_ptr<OutsideServers> outside_;
  std::unique_ptr<LinkHub> hub_;
  std::unique_ptr<Pusher> pusher_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<ExpiryWatch> expiry_;
  std::unique_ptr<Keeper> cluster_keeper_;
  std::unique_ptr<Keeper> local_keeper_;
  std::unique_ptr<Api> api_;
  std::mutex zone_files_mutex_;                // one look at the zone files at a time
  std::atomic<bool> zone_files_wait_ = false;  // one could not be stored yet
  std::atomic<Api*> live_api_ = nullptr;       // for the writers' threads, which start before it
  std::unique_ptr<Enrolment> enrolment_;
  mutable std::mutex link_mutex_;
  std::unique_ptr<GrpcLink> link_;  // null: there is nobody to speak with; guarded by link_mutex_
  std::unique_ptr<HttpServer> http_;
};

}  // namespace tandem
