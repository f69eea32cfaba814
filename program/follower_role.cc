#include "program/follower_role.h"

#include <future>

#include "common/base/logging.h"

namespace tandem {
namespace {

constexpr std::string_view kReplicaAlarm = "replica";
// Shorter than a leader waits for whoever it hands over to (cluster_node.cc).
constexpr std::chrono::seconds kTakeOverWithin{6};
constexpr std::chrono::seconds kForwardedWithin{6};  // more than UpdateForwarder's patience

}  // namespace

FollowerRole::FollowerRole(const Place& place) : RunningRole(place, place.node.local_log()) {
  expiry_ = std::make_unique<ExpiryWatch>(node().cluster_log(), node().publisher());
  if (const auto contact = expiry_->last_contact(); contact) {
    const Position here = node().cluster_log().entries().head();
    if (here.epoch.leader != node().id()) {
      // Until it is met, `status` shows it. What it knows does not matter: it sends the changes.
      place.hub.remember(here.epoch.leader, true, here, *contact, {});
    }
  }
  make_replica();
}

void FollowerRole::make_replica() {
  Replica::Options options;
  options.on_contact = [this] { expiry_->on_contact(); };
  options.on_zones_left = [this](const std::vector<ZoneLeft>& zones) {
    expiry_->on_zones_left(zones);
  };
  options.on_in_step = [this] {
    if (node().is_doubtful()) {
      clear_doubt();
    }
  };
  options.on_alarm = [this](std::string what) {
    node().alarms().set(std::string(kReplicaAlarm), std::move(what));
  };
  options.on_leader = [this](std::shared_ptr<LinkPeer> leader) {
    const bool is_met = leader != nullptr;
    forwarder_->set_leader(std::move(leader));
    if (is_met) {
      place_.on_leader_met();
    }
  };
  options.on_reply = [this](const ForwardedReplyFrame& reply) { forwarder_->on_reply(reply); };
  options.keep_cluster = Node::keep_cluster;
  options.on_cluster = [this](const ClusterId& id) { node().join_cluster(id); };
  options.cluster = [this] { return node().cluster_id(); };
  replica_ = std::make_unique<Replica>(node().cluster_log(), node().sealer(), place_.hub, options);
}

Status FollowerRole::make_parts() {
  writer_ = std::make_unique<Writer>(own_log_, node().sealer(), node().id(), sources_);
  TRYV(writer_->bootstrap(ClusterId{}));
  updates_ =
      std::make_unique<UpdateWriter>(own_log_, *writer_, node().config().update_rules, nullptr);
  expirer_ = std::make_unique<RecordExpirer>(own_log_, *writer_);
  forwarder_ = std::make_unique<UpdateForwarder>(*updates_, node().cluster_log(), node().clock());
  node().desk().transfers().set_expiry(expiry_.get());
  return {};
}

PromotionView FollowerRole::promotion_view() const {
  PromotionView view = RunningRole::promotion_view();
  view.is_filling = replica_->is_filling();
  return view;
}

void FollowerRole::every_second() {
  RunningRole::every_second();
  expiry_->check();
  replica_->recover();
  forwarder_->give_up_late();
}

Status FollowerRole::take_over() {
  if (!forwarder_->wait_idle(kForwardedWithin)) {
    return fail(Errc::kUnavailable, "updates that were passed on to the leader are not answered");
  }
  const auto outcome = std::make_shared<std::promise<Status>>();
  auto told = outcome->get_future();
  replica_->ask_hand_over([outcome](Status status) { outcome->set_value(std::move(status)); });
  if (told.wait_for(kTakeOverWithin) != std::future_status::ready) {
    replica_->give_up_hand_over();
    return fail(Errc::kUnavailable,
                "the leader did not bring this node to its position in time: it leads on");
  }
  return told.get();
}

void FollowerRole::stop_peers() {
  replica_->stop();
  if (forwarder_ != nullptr) {
    forwarder_->set_leader(nullptr);
  }
}

void FollowerRole::finish() {
  node().desk().transfers().set_expiry(nullptr);
  node().alarms().set(std::string(kReplicaAlarm), "");
}

void FollowerRole::fill_services(ApiServices& services) {
  services.local_sink = writer_.get();
  services.read_only_reason = [] {
    return std::string("this node follows a leader, which takes them");
  };
  services.apply_orphan = [this](const OrphanWish& wish, OrphanDone done) {
    replica_->ask_orphan(request_for_orphan(wish), std::move(done));
  };
  services.keep_history = [](std::string_view /*keep*/) -> Status {
    return fail(Errc::kRefused, "this node follows: choose at the leader, with `this` or `peer`");
  };
}

}  // namespace tandem
