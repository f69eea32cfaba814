#include "program/cluster_node.h"

#include "common/base/logging.h"
#include "common/log/codec.h"
#include "common/node/version.h"
#include "common/node/zone_files.h"

namespace tandem {
namespace {

constexpr std::string_view kDivergedAlarm = "diverged";
constexpr std::string_view kDoubtAlarm = "doubt";
constexpr std::string_view kReplicaAlarm = "replica";

}  // namespace

ClusterNode::ClusterNode(std::unique_ptr<Node> node, std::string program)
    : node_(std::move(node)), program_(std::move(program)) {}

ClusterNode::~ClusterNode() {
  http_.reset();
  if (api_ != nullptr) {
    api_->stop();
  }
  if (enrolment_ != nullptr) {
    enrolment_->stop();
  }
  close_link();
  if (hub_ != nullptr) {
    hub_->stop();
  }
  if (pusher_ != nullptr) {
    pusher_->stop();
  }
  if (replica_ != nullptr) {
    replica_->stop();
  }
  if (forwarder_ != nullptr) {
    forwarder_->set_leader(nullptr);
  }
  if (outside_ != nullptr) {
    outside_->stop();
  }
  for (const auto& writer : {cluster_writer_.get(), local_writer_.get()}) {
    if (writer != nullptr) {
      writer->stop();
    }
  }
  if (waits_ != nullptr) {
    waits_->stop();
  }
  if (notifier_ != nullptr) {
    notifier_->stop();
    client_->stop();
  }
  for (const auto& keeper : {cluster_keeper_.get(), local_keeper_.get()}) {
    if (keeper != nullptr) {
      keeper->stop();
    }
  }
  if (pusher_ != nullptr) {
    pusher_->members().keep(Members::When::kNow);
  }
  node_->stop_answering();
}

Status ClusterNode::start() {
  hub_ = std::make_unique<LinkHub>(
      LinkHub::Options{
          .self = node_->id(),
          .hello = [this] { return hello(); },
          .position = [this] { return node_->cluster_log().entries().head(); },
          .zones_left =
              [this] { return leads() ? outside_->pulls().zones_left() : std::vector<ZoneLeft>(); },
          .take_keys =
              [this](const KeyPin& of, const std::vector<KeyPin>& pins) {
                return enrolment_->take_keys(of, pins);
              },
          .keys_taken = [this](
                            const KeyPin& by,
                            const std::vector<KeyPin>& pins) { enrolment_->keys_taken(by, pins); }},
      node_->clock());
  if (leads()) {
    make_leader_role();
  } else {
    make_follower_role();
  }
  hub_->set_roles(pusher_.get(), replica_.get());
  make_notifier();
  take_secondaries();
  for (ReplicatedLog* const log : {&node_->cluster_log(), &node_->local_log()}) {
    log->add_listener([this](const CommittedGroup& group) {
      notifier_->on_commit(group);
      take_secondaries();
      if (outside_ != nullptr) {
        outside_->on_commit();
      }
      if (Api* const api = live_api_.load(); api != nullptr) {
        api->on_commit();
      }
    });
  }
  make_enrolment(TRY(load_link_key(node_->config().data, node_->key())));
  TRYV(start_writers());
  TRYV(load_zones());
  notifier_->start();
  outside_->start();
  TRYV(start_link());
  return start_api();
}

HelloFrame ClusterNode::hello() const {
  HelloFrame hello;
  if (const ClusterId cluster = node_->cluster_id(); !cluster.is_zero()) {
    hello.cluster = cluster;
  }
  LogStore& log = node_->cluster_log().entries();
  hello.node = node_->id();
  hello.version = std::string(kVersion);
  hello.is_leader = leads();
  hello.is_doubtful = pusher_ != nullptr && pusher_->is_doubtful();
  hello.change_kinds = known_change_kinds();
  hello.epochs = log.epochs();
  hello.position = log.head();
  hello.first_sequence = log.first_sequence();
  return hello;
}

void ClusterNode::clear_doubt() {
  if (const auto cleared = node_->clear_doubt(); !cleared) {
    log_warn("cannot clear the mark of doubt reason=\"{}\"", cleared.error().detail);
  }
}

/// Whoever commits to a log opens the store anew when it refuses writes.
void ClusterNode::look_after(ReplicatedLog& log) {
  Writer* const writer =
      &log == &node_->cluster_log() ? cluster_writer_.get() : local_writer_.get();
  if (writer != nullptr) {
    writer->look_after_store();
  } else if (&log == &node_->cluster_log()) {
    replica_->recover();
  } else if (log.is_broken()) {
    static_cast<void>(log.recover());  // tried again in a second
  }
}

void ClusterNode::make_leader_role() {
  Pusher::Options options;
  options.cluster = node_->cluster_id();
  // With nobody to ask there is nothing to wait for.
  options.is_doubtful = node_->is_doubtful() && node_->has_link();
  options.on_doubt_ended = [this] {
    clear_doubt();
    node_->alarms().set(std::string(kDoubtAlarm), "");
    node_->alarms().set(std::string(kDivergedAlarm), "");
    cluster_writer_->set_read_only("");
  };
  options.on_diverged = [this](const std::string& reason) {
    node_->alarms().set(std::string(kDivergedAlarm), reason);
    cluster_writer_->set_read_only(reason);
  };
  options.on_has = [this](const void* stream, const NodeId& node, std::uint64_t sequence) {
    waits_->has(stream, node, sequence);
  };
  options.on_request = [this](ForwardedRequestFrame request, std::function<void(Octets)> reply) {
    if (const auto from = SocketAddress::from_text(request.from)) {
      node_->take_forwarded(std::move(request.message), *from, std::move(reply));
    } else {
      reply({});
    }
  };
  options.on_left = [this](const void* stream) { waits_->left(stream); };
  pusher_ = std::make_unique<Pusher>(node_->cluster_log(), node_->sealer(), *hub_, options);
  node_->cluster_log().add_listener(
      [this](const CommittedGroup& group) { pusher_->on_commit(group); });
}

void ClusterNode::make_follower_role() {
  expiry_ = std::make_unique<ExpiryWatch>(node_->cluster_log(), node_->publisher());
  if (const auto contact = expiry_->last_contact(); contact) {
    const Position here = node_->cluster_log().entries().head();
    // Until it is met, `status` shows it. What it knows does not matter: it sends the changes.
    hub_->remember(here.epoch.leader, true, here, *contact, {});
  }
  Replica::Options options;
  options.on_contact = [this] { expiry_->on_contact(); };
  options.on_zones_left = [this](const std::vector<ZoneLeft>& zones) {
    expiry_->on_zones_left(zones);
  };
  options.on_in_step = [this] {
    if (node_->is_doubtful()) {
      clear_doubt();
    }
  };
  options.on_alarm = [this](std::string what) {
    node_->alarms().set(std::string(kReplicaAlarm), std::move(what));
  };
  options.on_leader = [this](std::shared_ptr<LinkPeer> leader) {
    forwarder_->set_leader(std::move(leader));
  };
  options.on_reply = [this](const ForwardedReplyFrame& reply) { forwarder_->on_reply(reply); };
  options.keep_cluster = Node::keep_cluster;
  options.on_cluster = [this](const ClusterId& id) { node_->join_cluster(id); };
  options.cluster = [this] { return node_->cluster_id(); };
  replica_ = std::make_unique<Replica>(node_->cluster_log(), node_->sealer(), *hub_, options);
}

void ClusterNode::make_keepers() {
  Keeper::Options keeping;
  keeping.keep_for = node_->config().log_keep;
  keeping.keep_octets = node_->config().log_keep_octets;
  keeping.every_second = [this] {
    node_->publisher().collect();
    notifier_->check();
    take_secondaries();  // a log that was replaced has no listeners
    if (expiry_ != nullptr) {
      expiry_->check();
    }
    retry_zone_files();
    look_after(node_->cluster_log());
    if (forwarder_ != nullptr) {
      forwarder_->give_up_late();
    }
    if (pusher_ != nullptr) {
      pusher_->members().keep();
    }
    if (leads()) {
      expirer_->check();
    }
    enrolment_->look(hub_->peers());
  };
  if (pusher_ != nullptr) {
    keeping.trim_limit = [this] { return pusher_->members().trim_limit(); };
  }
  cluster_keeper_ = std::make_unique<Keeper>(node_->cluster_log(), keeping);
  keeping.every_second = [this] {
    look_after(node_->local_log());
    if (!leads()) {
      expirer_->check();
    }
  };
  keeping.trim_limit = nullptr;
  local_keeper_ = std::make_unique<Keeper>(node_->local_log(), keeping);
}

/// Of the cluster's log.
Status ClusterNode::start_leading_writer() {
  cluster_writer_ = std::make_unique<Writer>(node_->cluster_log(), node_->sealer(), node_->id(),
                                             ZoneSources(node_->config().pulls));
  TRYV(cluster_writer_->bootstrap(node_->cluster_id()));
  if (pusher_->is_doubtful()) {
    const std::string reason =
        "this node may have lost its newest changes: it takes new ones once a follower shows "
        "that it has no more, or after `tandemctl link keep this`";
    cluster_writer_->set_read_only(reason);
    node_->alarms().set(std::string(kDoubtAlarm), reason);
  } else if (node_->is_doubtful()) {
    clear_doubt();
  }
  if (const std::string reason = pusher_->diverged_reason(); !reason.empty()) {
    cluster_writer_->set_read_only(reason);
    node_->alarms().set(std::string(kDivergedAlarm), reason);
  }
  cluster_writer_->start();
  waits_ = std::make_unique<ReceiptWaits>(*cluster_writer_, node_->clock());
  waits_->set_outside(*notifier_);
  updates_ = std::make_unique<UpdateWriter>(node_->cluster_log(), *waits_,
                                            node_->config().update_rules, hub_.get());
  expirer_ = std::make_unique<RecordExpirer>(node_->cluster_log(), *cluster_writer_);
  return {};
}

/// Where it follows: of its own zones alone.
Status ClusterNode::start_own_writer() {
  local_writer_ = std::make_unique<Writer>(node_->local_log(), node_->sealer(), node_->id(),
                                           ZoneSources(node_->config().pulls));
  TRYV(local_writer_->bootstrap(ClusterId{}));
  local_writer_->start();
  updates_ = std::make_unique<UpdateWriter>(node_->local_log(), *local_writer_,
                                            node_->config().update_rules, nullptr);
  expirer_ = std::make_unique<RecordExpirer>(node_->local_log(), *local_writer_);
  forwarder_ = std::make_unique<UpdateForwarder>(*updates_, node_->cluster_log(), node_->clock());
  return {};
}

Status ClusterNode::start_writers() {
  make_keepers();
  TRYV(leads() ? start_leading_writer() : start_own_writer());
  ReplicatedLog& log = leads() ? node_->cluster_log() : node_->local_log();
  outside_ = std::make_unique<OutsideServers>(
      *node_, log, leads() ? *cluster_writer_ : *local_writer_, *client_);
  node_->desk().set_pulls(&outside_->pulls());
  node_->desk().set_updates(forwarder_ != nullptr ? static_cast<UpdateService*>(forwarder_.get())
                                                  : updates_.get());
  node_->desk().transfers().set_expiry(expiry_.get());
  cluster_keeper_->start();
  local_keeper_->start();
  return {};
}

Status ClusterNode::load_zones() {
  const std::lock_guard lock(zone_files_mutex_);
  const std::size_t asked = node_->config().zones.size();
  ReplicatedLog& log = leads() ? node_->cluster_log() : node_->local_log();
  ChangeSink& sink = leads() ? static_cast<ChangeSink&>(*cluster_writer_) : *local_writer_;
  const std::size_t answered = load_zone_files(
      *node_, log, sink, [this] { zone_files_wait_.store(true, std::memory_order_relaxed); });
  const bool has_others = !node_->cluster_log().table().all().empty() ||
                          !node_->local_log().table().all().empty() ||
                          !node_->config().pulls.empty() || node_->has_link();
  if (asked > 0 && answered == 0 && !has_others) {
    return fail(Errc::kInvalid, "no zone can be answered: see the errors above");
  }
  return {};
}

void ClusterNode::reload_zone_files() {
  if (const auto loaded = load_zones(); !loaded) {
    log_error("{}", loaded.error().detail);
  }
}

/// What was refused because the disk was full or the log in doubt is taken once that is over.
void ClusterNode::retry_zone_files() {
  const Writer& writer = leads() ? *cluster_writer_ : *local_writer_;
  // A flag to look again: whatever it says is checked anew.
  if (writer.read_only_reason().empty() &&
      zone_files_wait_.exchange(false, std::memory_order_relaxed)) {
    reload_zone_files();
  }
}

Status ClusterNode::start_link() {
  hub_->start();
  TRYV(open_link());
  enrolment_->start();
  return {};
}

std::string ClusterNode::read_only_reason() const {
  if (cluster_writer_ == nullptr) {
    return "this node follows a leader, which takes them";
  }
  return cluster_writer_->read_only_reason();
}

Status ClusterNode::keep_history(std::string_view keep) {
  if (pusher_ == nullptr) {
    return fail(Errc::kRefused, "this node follows: choose at the leader, with `this` or `peer`");
  }
  if (!pusher_->has_choice()) {
    return fail(Errc::kConflict, "no other history has been met: there is nothing to choose");
  }
  pusher_->keep(keep == "this" ? Pusher::Keep::kOurs : Pusher::Keep::kPeers);
  if (keep == "this") {
    node_->alarms().set(std::string(kDivergedAlarm), "");
    cluster_writer_->set_read_only("");
  }
  return {};
}

Status ClusterNode::start_api() {
  ApiServices services;
  services.program = program_;
  services.version = std::string(kVersion);
  services.node = node_.get();
  services.cluster_sink = waits_.get();
  services.local_sink = local_writer_.get();
  services.cluster_keeper = cluster_keeper_.get();
  services.hub = hub_.get();
  services.enrolment = enrolment_.get();
  services.notifier = notifier_.get();
  services.ask_server = [this](const DnsPeer& peer, Octets message, const AskOptions& options,
                               DnsClient::Answer answer) {
    client_->ask(peer, std::move(message), options, std::move(answer));
  };
  services.pulls = &outside_->pulls();
  services.catalogs = &outside_->catalogs();
  services.read_only_reason = [this] { return read_only_reason(); };
  services.link_listening = [this] { return link_listening(); };
  services.link_dialling = [this] { return link_dialling(); };
  services.keep_history = [this](std::string_view keep) { return keep_history(keep); };
  services.role_metrics = [this] { return metrics(); };
  api_ = std::make_unique<Api>(std::move(services));
  live_api_ = api_.get();

  HttpServerOptions options;
  options.unix_socket = (node_->config().data / "api.sock").string();
  options.listen = node_->config().http;
  http_ =
      TRY(HttpServer::start(std::move(options), [this](HttpRequest request, HttpRespond respond) {
        api_->handle(std::move(request), std::move(respond));
      }));
  return {};
}

std::vector<std::string> ClusterNode::http_listening() const {
  return http_ != nullptr ? http_->listening() : std::vector<std::string>();
}

}  // namespace tandem
