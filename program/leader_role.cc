#include "program/leader_role.h"

#include "common/base/logging.h"

namespace tandem {
namespace {

constexpr std::string_view kDivergedAlarm = "diverged";
constexpr std::string_view kDoubtAlarm = "doubt";

}  // namespace

LeaderRole::LeaderRole(const Place& place) : RunningRole(place, place.node.cluster_log()) {
  make_pusher();
}

void LeaderRole::make_pusher() {
  Pusher::Options options;
  options.cluster = node().cluster_id();
  // With nobody to ask there is nothing to wait for.
  options.is_doubtful = node().is_doubtful() && node().has_link();
  options.on_doubt_ended = [this] {
    is_contested_ = false;
    clear_doubt();
    node().alarms().set(std::string(kDoubtAlarm), "");
    node().alarms().set(std::string(kDivergedAlarm), "");
    writer_->set_read_only("");
  };
  options.on_diverged = [this](const std::string& reason) {
    node().alarms().set(std::string(kDivergedAlarm), reason);
    writer_->set_read_only(reason);
  };
  options.on_has = [this](const void* stream, const NodeId& node, std::uint64_t sequence) {
    waits_->has(stream, node, sequence);
  };
  options.on_request = [this](ForwardedRequestFrame request, std::function<void(Octets)> reply) {
    if (const auto from = SocketAddress::from_text(request.from)) {
      node().take_forwarded(std::move(request.message), *from, std::move(reply));
    } else {
      reply({});
    }
  };
  options.on_hand_over = place_.on_hand_over;
  options.on_orphan = [this](const OrphanRequestFrame& request,
                             std::function<void(OrphanReplyFrame)> reply) {
    take_orphan(request, std::move(reply));
  };
  options.on_left = [this](const void* stream) { waits_->left(stream); };
  pusher_ = std::make_unique<Pusher>(node().cluster_log(), node().sealer(), place_.hub, options);
}

Status LeaderRole::make_parts() {
  writer_ = std::make_unique<Writer>(own_log_, node().sealer(), node().id(), sources_);
  TRYV(writer_->bootstrap(node().cluster_id()));
  look_at_doubt();
  waits_ = std::make_unique<ReceiptWaits>(*writer_, node().clock());
  waits_->set_outside(*notifier_);
  updates_ =
      std::make_unique<UpdateWriter>(own_log_, *waits_, node().config().update_rules, &place_.hub);
  expirer_ = std::make_unique<RecordExpirer>(own_log_, *writer_);
  failover_changes_ = std::make_unique<FailoverChanges>(*writer_);
  serial_jump_ = SerialJump::make(own_log_, *writer_, sources_);
  return {};
}

/// A member is trusted with who wants it: it could lead the cluster itself.
void LeaderRole::take_orphan(const OrphanRequestFrame& request,
                             std::function<void(OrphanReplyFrame)> reply) {
  OrphanDone done = [reply = std::move(reply)](const Result<OrphanMade>& made) {
    reply(reply_to_orphan(made));
  };
  if (auto wish = orphan_wish(request)) {
    apply_orphan(*waits_, *std::move(wish), std::move(done));
  } else {
    done(std::unexpected(wish.error()));
  }
}

void LeaderRole::look_at_doubt() {
  if (pusher_->is_doubtful()) {
    const std::string reason =
        "this node may have lost its newest changes: it takes new ones once a follower shows "
        "that it has no more, or after `tandemctl link keep this`";
    writer_->set_read_only(reason);
    node().alarms().set(std::string(kDoubtAlarm), reason);
  } else if (node().is_doubtful()) {
    clear_doubt();
  }
  if (const std::string reason = pusher_->diverged_reason(); !reason.empty()) {
    writer_->set_read_only(reason);
    node().alarms().set(std::string(kDivergedAlarm), reason);
  }
}

void LeaderRole::on_commit(const CommittedGroup& group) {
  if (group.log == LogId::kCluster) {
    pusher_->on_commit(group);
  }
  RunningRole::on_commit(group);
}

void LeaderRole::every_second() {
  RunningRole::every_second();
  writer_->look_after_store();
  pusher_->members().keep();
  failover_changes_->check(place_.failover.all());
}

void LeaderRole::raise_serials() {
  serial_jump_->start();
}

Result<Position> LeaderRole::end_changes() {
  if (const std::string reason = writer_->read_only_reason(); !reason.empty()) {
    return fail(Errc::kConflict, "it takes no changes itself: {}", reason);
  }
  writer_->set_read_only("this node hands over to another leader");
  writer_->wait_idle();
  return own_log_.entries().head();
}

void LeaderRole::resume_changes() {
  writer_->set_read_only("");
}

void LeaderRole::on_contest(const NodeId& peer) {
  if (is_contested_.exchange(true)) {
    return;
  }
  pusher_->stop_changes(fmt::format(
      "the node {} leads too, by an epoch of the same number (both were promoted): `tandemctl link "
      "keep this` lets this node lead on, `tandemctl link keep peer` the other one",
      peer.to_text()));
}

Status LeaderRole::keep_history(std::string_view keep) {
  if (is_contested_.load()) {
    const auto& act = keep == "this" ? place_.lead_anew : place_.give_way;
    act();
    return {};
  }
  if (!pusher_->has_choice()) {
    return fail(Errc::kConflict, "no other history has been met: there is nothing to choose");
  }
  pusher_->keep(keep == "this" ? Pusher::Keep::kOurs : Pusher::Keep::kPeers);
  if (keep == "this") {
    node().alarms().set(std::string(kDivergedAlarm), "");
    writer_->set_read_only("");
  }
  return {};
}

void LeaderRole::stop_peers() {
  pusher_->stop();
}

void LeaderRole::stop_waits() {
  if (waits_ != nullptr) {
    waits_->stop();
  }
}

void LeaderRole::finish() {
  pusher_->members().keep(Members::When::kNow);
  for (const std::string_view alarm : {kDoubtAlarm, kDivergedAlarm}) {
    node().alarms().set(std::string(alarm), "");
  }
}

void LeaderRole::fill_services(ApiServices& services) {
  services.cluster_sink = waits_.get();
  services.read_only_reason = [this] { return writer_->read_only_reason(); };
  services.keep_history = [this](std::string_view keep) { return keep_history(keep); };
  services.apply_orphan = [this](OrphanWish wish, OrphanDone done) {
    apply_orphan(*waits_, std::move(wish), std::move(done));
  };
}

void LeaderRole::add_metrics(std::vector<ApiServices::Metric>& metrics) const {
  const auto add_wait = [&](const std::string& outcome, std::string help, std::uint64_t value) {
    metrics.push_back(
        {"change_wait_" + outcome + "_total", std::move(help), static_cast<double>(value), true});
  };
  const ReceiptWaits::Stats& waits = waits_->stats();
  add_wait("in_time", "Changes that every follower had before they were acknowledged.",
           waits.in_time);
  add_wait("timed_out", "Changes acknowledged before every follower had them.", waits.timed_out);
  add_wait("alone", "Changes that should have waited for a follower, and none was in step.",
           waits.alone);
  add_wait("outside_in_time",
           "Changes that every outside secondary had before they were acknowledged.",
           waits.outside_in_time);
  add_wait("outside_timed_out", "Changes acknowledged before every outside secondary had them.",
           waits.outside_timed_out);
}

}  // namespace tandem
