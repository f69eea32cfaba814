// The part of cluster_node.h that changes roles: promotion, giving way, the planned switch. All of
// it runs on the switcher's thread, but for what start() does before there is one to speak of.
#include "common/base/failpoint.h"
#include "common/base/logging.h"
#include "primary/epoch_begin.h"
#include "primary/pusher.h"
#include "primary/serial_jump.h"
#include "program/cluster_node.h"
#include "program/follower_role.h"
#include "program/leader_role.h"

namespace tandem {
namespace {

// Longer than a follower tries to take over (follower_role.cc): whoever asked has begun to lead by
// then, or never will.
constexpr std::chrono::seconds kHandOverWithin{10};
// Clients of updates have about as much patience.
constexpr std::chrono::seconds kUpdatesWait{5};
constexpr std::string_view kRoleAlarm = "role";

}  // namespace

/// Requires: turn_mutex_ is held, as in all but promote() and hand_over().
Status ClusterNode::begin_role() {
  const bool leads = node_->role() == Role::kLeader;
  const RolePtr begun = leads ? RolePtr(std::make_shared<LeaderRole>(place()))
                              : RolePtr(std::make_shared<FollowerRole>(place()));
  set_role(begun);
  if (const Status started = begun->start(); !started) {
    set_role(nullptr);
    return started;
  }
  note_begun();
  hub_->resume(begun->for_followers(), begun->for_leaders());
  requests_.open(begun->api());
  begun->raise_serials();
  return {};
}

void ClusterNode::end_role() {
  requests_.hold();
  updates_.hold();
  hub_->pause("the node's role changes");
  if (const RolePtr role = any_role(); role != nullptr) {
    role->stop();
  }
  set_role(nullptr);
  gives_way_ = false;
  handing_over_until_.reset();
  updates_wait_until_.reset();
}

void ClusterNode::open_updates() {
  const RolePtr role = this->role();
  updates_wait_until_.reset();
  if (role != nullptr && !handing_over_until_ && !updates_.is_open()) {
    updates_.open(role->updates());
  }
}

Result<PromotionView> ClusterNode::promote(const PromotionWish& wish) {
  const RolePtr role = this->role();
  if (role == nullptr) {
    return fail(Errc::kUnavailable, "this node has no role at the moment: see its log");
  }
  PromotionView view = role->promotion_view();
  const Status allowed = check_promotion(view, wish);
  if (wish.dry_run) {
    view.obstacle = allowed ? "" : allowed.error().detail;
    return view;
  }
  TRYV(allowed);
  if (wish.planned) {
    updates_.hold();
    if (const Status taken = role->take_over(); !taken) {
      const std::lock_guard turn(turn_mutex_);
      open_updates();
      return std::unexpected(taken.error());
    }
    view = role->promotion_view();
  }
  TRYV(lead(view.next_epoch, wish.planned ? "planned switch"
                             : wish.force ? "forced promotion"
                                          : "promotion"));
  return view;
}

void ClusterNode::lead_anew() {
  if (const RolePtr role = this->role(); role != nullptr) {
    const Epoch epoch = role->promotion_view().next_epoch;
    if (const Status led = lead(epoch, "the operator chose this node's history"); !led) {
      log_error("cannot begin an epoch reason=\"{}\"", led.error().detail);
    }
  }
}

/// Durable, together with all that says so, before anything is taken in the new role.
Status ClusterNode::lead(const Epoch& epoch, const std::string& reason) {
  const std::lock_guard turn(turn_mutex_);
  end_role();
  const RoleRow row{Role::kLeader, epoch.number, node_->clock().wall()};
  WriteBatch with;
  put_role(row, with);
  Pusher::forget_all(with);
  SerialJump::put_mark(with);
  ReplicatedLog& log = node_->cluster_log();
  failpoint("epoch");
  Status begun = begin_epoch(log, node_->sealer(), epoch, node_->cluster_id(), reason, with);
  if (!begun && log.is_broken() && log.recover() && log.entries().head().epoch == epoch) {
    begun = {};  // the store has it after all
  }
  if (begun) {
    node_->take_role(row);
    forget_doubt();
    serve_all_zones();
    log_warn("this node leads epoch={} entry={} reason=\"{}\"", epoch.number,
             log.entries().head().sequence, reason);
  }
  const Status started = begin_role_or_alarm();
  open_updates();
  TRYV(begun);
  return started;
}

/// Tried again every second: a node without a role only answers.
Status ClusterNode::begin_role_or_alarm() {
  Status started = begin_role();
  node_->alarms().set(std::string(kRoleAlarm), started ? "" : started.error().detail);
  return started;
}

void ClusterNode::begin_missing_role() {
  const std::lock_guard turn(turn_mutex_);
  if (role() == nullptr && begin_role_or_alarm()) {
    open_updates();
  }
}

/// What had expired was too long without its leader; this node is that now.
void ClusterNode::serve_all_zones() {
  std::vector<Publisher::StateChange> states;
  for (const ZoneRecordPtr& record : node_->cluster_log().table().all()) {
    if (node_->publisher().state_of(record->name) != ServeState::kServing) {
      states.push_back({record->name, ServeState::kServing});
    }
  }
  if (!states.empty()) {
    node_->publisher().set_states(LogId::kCluster, states);
  }
}

/// What was lost is in no history that counts any more.
void ClusterNode::forget_doubt() {
  if (!node_->is_doubtful()) {
    return;
  }
  if (const auto cleared = node_->clear_doubt(); !cleared) {
    log_warn("cannot clear the mark of doubt reason=\"{}\"", cleared.error().detail);
  }
}

/// What this node has and its new leader has not becomes orphans when the two meet, before anything
/// is taken from there (CutReceiver).
void ClusterNode::follow(std::string_view why) {
  const std::lock_guard turn(turn_mutex_);
  if (node_->role() != Role::kLeader) {
    return;
  }
  end_role();
  const RoleRow row{Role::kFollower, node_->cluster_log().entries().head().epoch.number,
                    node_->clock().wall()};
  WriteBatch batch;
  put_role(row, batch);
  Pusher::forget_all(batch);
  SerialJump::erase_mark(batch);
  if (const auto kept = node_->store().write(batch, Durability::kSynced); kept) {
    node_->take_role(row);
    log_warn("this node follows from here on reason=\"{}\"", why);
  } else {
    log_error("cannot give way reason=\"{}\"", kept.error().detail);
  }
  static_cast<void>(begin_role_or_alarm());
  updates_wait_until_ = node_->clock().monotonic() + kUpdatesWait;
}

void ClusterNode::hand_over(const HandOverRequestFrame& request,
                            const std::function<void(HandOverReplyFrame)>& reply) {
  if (request.gives_up) {
    end_hand_over("the other node gave up taking over");
    return;
  }
  const RolePtr role = this->role();
  if (role == nullptr) {
    return;
  }
  requests_.hold();
  updates_.hold();
  const Result<Position> end = role->end_changes();
  const std::lock_guard turn(turn_mutex_);
  if (!end) {
    if (!handing_over_until_) {
      requests_.open(role->api());
      open_updates();
    }
    reply({end.error().detail, node_->cluster_log().entries().head()});
    return;
  }
  log_info("handing over at entry={}", end->sequence);
  handing_over_until_ = node_->clock().monotonic() + kHandOverWithin;
  reply({"", *end});
}

void ClusterNode::end_hand_over(std::string_view why) {
  const std::lock_guard turn(turn_mutex_);
  const RolePtr role = this->role();
  if (!handing_over_until_ || role == nullptr || gives_way_) {
    return;  // in the last case the other node leads: what this one took now would be lost
  }
  log_warn("this node leads on reason=\"{}\"", why);
  handing_over_until_.reset();
  role->resume_changes();
  requests_.open(role->api());
  open_updates();
}

}  // namespace tandem
