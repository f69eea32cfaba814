#include "program/cluster_node.h"

#include "common/log/codec.h"
#include "common/node/version.h"

namespace tandem {

ClusterNode::ClusterNode(std::unique_ptr<Node> node, std::string program)
    : node_(std::move(node)), program_(std::move(program)) {}

ClusterNode::~ClusterNode() {
  http_.reset();
  switcher_.stop();
  if (failover_ != nullptr) {
    failover_->stop();
    prober_->stop();
  }
  requests_.hold();
  if (watch_ != nullptr) {
    watch_->stop();
    teller_->stop();
  }
  if (enrolment_ != nullptr) {
    enrolment_->stop();
  }
  close_link();
  if (hub_ != nullptr) {
    hub_->stop();
  }
  const RolePtr role = any_role();
  if (role != nullptr) {
    role->stop();
  }
  updates_.hold();
  for (const auto& keeper : {cluster_keeper_.get(), local_keeper_.get()}) {
    if (keeper != nullptr) {
      keeper->stop();
    }
  }
  set_role(nullptr);
  node_->stop_answering();
}

Status ClusterNode::start() {
  make_hub();
  make_failover();
  make_enrolment(TRY(load_link_key(node_->config().data, node_->key())));
  make_keepers();
  teller_ = std::make_unique<Teller>(tell_places(node_->config(), node_->id(), node_->key()),
                                     node_->clock());
  watch_ = std::make_unique<NodeWatch>(*node_, *hub_, *teller_);
  for (ReplicatedLog* const log : {&node_->cluster_log(), &node_->local_log()}) {
    log->add_listener([this](const CommittedGroup& group) {
      failover_->on_commit();
      if (const RolePtr role = any_role(); role != nullptr) {
        role->on_commit(group);
      }
    });
  }
  node_->desk().set_updates(&updates_);
  {
    const std::lock_guard turn(turn_mutex_);
    TRYV(begin_role());
    open_updates();
  }
  cluster_keeper_->start();
  local_keeper_->start();
  watch_->start();
  TRYV(start_link());
  failover_->start();
  return start_http();
}

ClusterNode::RolePtr ClusterNode::role() const {
  const std::lock_guard lock(role_mutex_);
  return has_begun_ ? role_ : nullptr;
}

ClusterNode::RolePtr ClusterNode::any_role() const {
  const std::lock_guard lock(role_mutex_);
  return role_;
}

void ClusterNode::note_begun() {
  const std::lock_guard lock(role_mutex_);
  has_begun_ = true;
}

void ClusterNode::set_role(RolePtr role) {
  {
    const std::lock_guard lock(role_mutex_);
    std::swap(role_, role);
    has_begun_ = false;
  }
  // What was there goes here, not under the lock.
}

void ClusterNode::make_hub() {
  LinkHub::Options options;
  options.self = node_->id();
  options.hello = [this] { return hello(); };
  options.position = [this] { return node_->cluster_log().entries().head(); };
  options.zones_left = [this] {
    const RolePtr role = this->role();
    return role != nullptr ? role->zones_left() : std::vector<ZoneLeft>();
  };
  options.health = [this] { return failover_->report(); };
  options.on_health = [this](const NodeId& node, const HealthReport& report) {
    failover_->note(node, report);
  };
  options.on_contest = [this](Leadership leadership, const HelloFrame& peer) {
    if (leadership == Leadership::kWeGiveWay) {
      gives_way_ = true;
      switcher_.post([this] { follow("another node knows a newer epoch"); });
      return;
    }
    switcher_.post([this, node = peer.node] {
      if (const RolePtr role = this->role(); role != nullptr) {
        role->on_contest(node);
      }
    });
  };
  options.take_keys = [this](const KeyPin& of, const std::vector<KeyPin>& pins) {
    return enrolment_->take_keys(of, pins);
  };
  options.keys_taken = [this](const KeyPin& by, const std::vector<KeyPin>& pins) {
    enrolment_->keys_taken(by, pins);
  };
  hub_ = std::make_unique<LinkHub>(std::move(options), node_->clock());
}

void ClusterNode::make_failover() {
  prober_ = std::make_unique<HealthProber>(node_->key());
  failover_ = std::make_unique<FailoverWatch>(
      FailoverWatch::Services{.table = node_->cluster_log().table(),
                              .publisher = node_->publisher(),
                              .clock = node_->clock(),
                              .probe =
                                  [this](HealthTarget target, std::chrono::milliseconds timeout,
                                         HealthProber::Outcome done) {
                                    prober_->probe(std::move(target), timeout, std::move(done));
                                  },
                              .role = [this] { return node_->role(); },
                              .peers = [this] { return hub_->peers(); },
                              .tell = [this] { hub_->send_heartbeats(); }},
      node_->id());
}

HelloFrame ClusterNode::hello() const {
  HelloFrame hello;
  if (const ClusterId cluster = node_->cluster_id(); !cluster.is_zero()) {
    hello.cluster = cluster;
  }
  LogStore& log = node_->cluster_log().entries();
  const RolePtr role = this->role();
  hello.node = node_->id();
  hello.version = std::string(kVersion);
  hello.is_leader = node_->role() == Role::kLeader;
  hello.is_doubtful = role != nullptr && role->is_doubtful();
  hello.change_kinds = known_change_kinds();
  hello.epochs = log.epochs();
  hello.position = log.head();
  hello.first_sequence = log.first_sequence();
  return hello;
}

void ClusterNode::make_keepers() {
  Keeper::Options keeping;
  keeping.keep_for = node_->config().log_keep;
  keeping.keep_octets = node_->config().log_keep_octets;
  keeping.every_second = [this] { every_second(); };
  keeping.trim_limit = [this] {
    const RolePtr role = this->role();
    return role != nullptr ? role->trim_limit() : 0;
  };
  cluster_keeper_ = std::make_unique<Keeper>(node_->cluster_log(), keeping);
  keeping.every_second = [this] {
    const std::lock_guard turn(turn_mutex_);
    if (const RolePtr role = this->role(); role != nullptr) {
      role->look_after_local_log();
    }
  };
  keeping.trim_limit = nullptr;
  local_keeper_ = std::make_unique<Keeper>(node_->local_log(), keeping);
}

void ClusterNode::every_second() {
  node_->publisher().collect();
  enrolment_->look(hub_->peers());
  const std::lock_guard turn(turn_mutex_);
  if (const RolePtr role = this->role(); role != nullptr) {
    role->every_second();
  } else {
    switcher_.post([this] { begin_missing_role(); });
  }
  const MonotonicTime now = node_->clock().monotonic();
  if (handing_over_until_ && *handing_over_until_ <= now) {
    switcher_.post([this] { end_hand_over("the other node did not come to lead in time"); });
  }
  if (updates_wait_until_ && *updates_wait_until_ <= now) {
    switcher_.post([this] {
      const std::lock_guard lock(turn_mutex_);
      open_updates();
    });
  }
}

void ClusterNode::reload_zone_files() {
  const std::lock_guard turn(turn_mutex_);
  if (const RolePtr role = this->role(); role != nullptr) {
    role->reload_zone_files();
  }
}

RunningRole::Place ClusterNode::place() {
  return {
      .node = *node_,
      .hub = *hub_,
      .enrolment = *enrolment_,
      .cluster_keeper = *cluster_keeper_,
      .teller = *teller_,
      .watch = *watch_,
      .failover = *failover_,
      .program = program_,
      .link_listening = [this] { return link_listening(); },
      .link_dialling = [this] { return link_dialling(); },
      .link_refused = [this] { return link_refused(); },
      .promote =
          [this](const PromotionWish& wish, std::function<void(Result<PromotionView>)> done) {
            switcher_.post([this, wish, done = std::move(done)] { done(promote(wish)); });
          },
      .on_leader_met =
          [this] {
            switcher_.post([this] {
              const std::lock_guard turn(turn_mutex_);
              open_updates();
            });
          },
      .on_hand_over =
          [this](const HandOverRequestFrame& request,
                 std::function<void(HandOverReplyFrame)> reply) {
            switcher_.post(
                [this, request, reply = std::move(reply)] { hand_over(request, reply); });
          },
      .lead_anew = [this] { switcher_.post([this] { lead_anew(); }); },
      .give_way = [this] { switcher_.post([this] { follow("the operator chose so"); }); },
  };
}

Status ClusterNode::start_link() {
  hub_->start();
  TRYV(open_link());
  enrolment_->start();
  return {};
}

Status ClusterNode::start_http() {
  HttpServerOptions options;
  options.unix_socket = (node_->config().data / "api.sock").string();
  options.listen = node_->config().http;
  http_ =
      TRY(HttpServer::start(std::move(options), [this](HttpRequest request, HttpRespond respond) {
        requests_.handle(std::move(request), std::move(respond));
      }));
  return {};
}

std::vector<std::string> ClusterNode::http_listening() const {
  return http_ != nullptr ? http_->listening() : std::vector<std::string>();
}

}  // namespace tandem
