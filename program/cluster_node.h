// A running node with its role: what stays over roles (the node that answers, the link, HTTP, what
// keeps the logs small) and the change from one role to the other.
//
// One thread, the switcher's, ends and begins roles; whoever wants that leaves word there. Updates
// and HTTP requests that come meanwhile wait (held_requests.h); queries do not notice.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/net/http_server.h"
#include "common/node/enrolment.h"
#include "common/node/failover_watch.h"
#include "common/node/keeper.h"
#include "common/node/link_hub.h"
#include "common/node/node.h"
#include "common/node/node_watch.h"
#include "common/node/promotion.h"
#include "common/node/strand.h"
#include "common/node/teller.h"
#include "common/replication/grpc_link.h"
#include "program/held_requests.h"
#include "program/running_role.h"

namespace tandem {

class ClusterNode {
 public:
  ClusterNode(std::unique_ptr<Node> node, std::string program);
  ClusterNode(const ClusterNode&) = delete;
  ClusterNode& operator=(const ClusterNode&) = delete;
  /// Stops in the order in which nothing is promised that cannot be kept: API, link, writers,
  /// answers.
  ~ClusterNode();

  /// The role, zone files, link, API. Fails with one line that says what to do.
  Status start();
  /// Looks at the zone files again (SIGHUP).
  void reload_zone_files();

  [[nodiscard]] Node& node() noexcept { return *node_; }

  [[nodiscard]] std::vector<std::string> link_listening() const;
  [[nodiscard]] std::vector<DialState> link_dialling() const;
  [[nodiscard]] std::optional<std::uint64_t> link_refused() const;
  [[nodiscard]] std::vector<std::string> http_listening() const;

 private:
  using RolePtr = std::shared_ptr<RunningRole>;

  /// Null while none runs that has begun as a whole.
  [[nodiscard]] RolePtr role() const;
  /// Also one that begins: its writer commits before it has.
  [[nodiscard]] RolePtr any_role() const;
  void set_role(RolePtr role);
  void note_begun();
  [[nodiscard]] RunningRole::Place place();
  void make_hub();
  void make_failover();
  void make_keepers();
  Status start_link();
  void make_enrolment(NodeKey key);
  Status open_link();
  void close_link();
  void renew_pins();
  [[nodiscard]] std::vector<KeyPin> pins() const;
  void open_link_anew(const std::optional<NodeId>& gone);
  Status start_http();
  [[nodiscard]] HelloFrame hello() const;
  void every_second();

  // The switcher's, from here on.
  Status begin_role();
  Status begin_role_or_alarm();
  void begin_missing_role();
  void end_role();
  Result<PromotionView> promote(const PromotionWish& wish);
  Status lead(const Epoch& epoch, const std::string& reason);
  void lead_anew();
  void follow(std::string_view why);
  void hand_over(const HandOverRequestFrame& request,
                 const std::function<void(HandOverReplyFrame)>& reply);
  void end_hand_over(std::string_view why);
  void open_updates();
  void serve_all_zones();
  void forget_doubt();

  std::unique_ptr<Node> node_;
  std::string program_;
  HeldUpdates updates_;
  HeldHttp requests_;
  std::mutex turn_mutex_;  // a role's change, or what is done every second
  std::optional<MonotonicTime> handing_over_until_;  // guarded by turn_mutex_
  std::optional<MonotonicTime> updates_wait_until_;  // guarded by turn_mutex_
  /// A newer epoch was met, and follow() comes for that: nothing is taken any more until then.
  std::atomic<bool> gives_way_ = false;
  std::unique_ptr<HealthProber> prober_;
  std::unique_ptr<FailoverWatch> failover_;
  std::unique_ptr<LinkHub> hub_;
  std::unique_ptr<Keeper> cluster_keeper_;
  std::unique_ptr<Keeper> local_keeper_;
  std::unique_ptr<Teller> teller_;
  std::unique_ptr<NodeWatch> watch_;  // by the hub and the teller
  mutable std::mutex role_mutex_;
  RolePtr role_;            // guarded by role_mutex_
  bool has_begun_ = false;  // role_ as a whole; guarded by role_mutex_
  std::unique_ptr<Enrolment> enrolment_;
  mutable std::mutex link_mutex_;
  std::unique_ptr<GrpcLink> link_;  // null: there is nobody to speak with; guarded by link_mutex_
  std::unique_ptr<HttpServer> http_;
  Worker switcher_{Worker::Pace::kPrompt};
};

}  // namespace tandem
