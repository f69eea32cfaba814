#include "common/node/node.h"

#include <algorithm>
#include <array>
#include <malloc.h>
#include <system_error>

#include "common/base/logging.h"
#include "common/base/random.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNodeKey = "node";
constexpr std::string_view kClusterKey = "cluster";
constexpr std::string_view kDoubtKey = "doubt";

// A clock before this was never set: the program itself is younger.
constexpr WallTime kEarliestSane{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
// As much as a machine's clock in local time is off before NTP has set it.
constexpr std::chrono::hours kToleratedBackStep{24};

Result<std::optional<Octets>> read_meta(const Store& store, std::string_view key) {
  return store.get(Family::kMeta, as_octets(key));
}

/// UDP and TCP on one port. Where the port is left to the kernel, TCP takes the one that UDP got;
/// should somebody have that, another one will do.
Result<std::pair<Listening, Listening>> listen_on_both(const SocketAddress& address,
                                                       std::size_t workers) {
  constexpr int kPortsTried = 16;
  for (int tried = 1;; ++tried) {
    Listening udp = TRY(listen_udp(address, workers));
    auto tcp = listen_tcp(udp.address);
    if (tcp) {
      return std::pair(std::move(udp), *std::move(tcp));
    }
    if (address.port() != 0 || tried == kPortsTried) {
      return std::unexpected(tcp.error());
    }
  }
}

std::vector<std::string> addresses_of(const std::vector<Listening>& all) {
  std::vector<std::string> addresses;
  addresses.reserve(all.size());
  for (const Listening& listening : all) {
    addresses.push_back(listening.address.to_text());
  }
  return addresses;
}

std::vector<UniqueFd> take_sockets(std::vector<Listening>& all) {
  std::vector<UniqueFd> sockets;
  sockets.reserve(all.size());
  for (Listening& listening : all) {
    sockets.push_back(std::move(listening.sockets.front()));
  }
  return sockets;
}

void put_meta(WriteBatch& batch, std::string_view key, OctetSpan value) {
  batch.put(Family::kMeta, as_octets(key), value);
}

}  // namespace

Status make_data_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return fail(Errc::kIo, "cannot make the data folder {}: {}", folder.string(), error.message());
  }
  fs::permissions(folder, fs::perms::owner_all | fs::perms::group_exec, error);
  return {};
}

Node::Node(Config config, const Clock& clock, NodeKey key)
    : config_(std::move(config)),
      clock_(clock),
      started_(clock.wall()),
      key_(std::move(key)),
      sealer_(key_),
      alarms_(clock),
      keys_(config_.tsig_keys),
      members_(config_.data) {}

Node::~Node() {
  stop_answering();
}

Result<std::unique_ptr<Node>> Node::open(Config config, Role default_role, const Clock& clock) {
  TRYV(make_data_folder(config.data));
  NodeKey key = TRY(load_or_make_node_key(config.data));
  std::unique_ptr<Node> node(new Node(std::move(config), clock, std::move(key)));  // NOLINT
  node->read_members();
  TRYV(node->open_sockets());
  TRYV(node->open_state(default_role));
  TRYV(node->check_clock());
  node->start_answering();
  return node;
}

/// A node answers without them.
void Node::read_members() {
  const Status read = members_.load();
  alarms_.set("members", read ? "" : read.error().detail);
}

bool Node::has_link() const {
  return !config_.link_listen.empty() || !config_.link_dial.empty() ||
         !members_.list().members.empty();
}

Status Node::open_sockets() {
  const std::size_t cpus = std::max<std::size_t>(1, allowed_cpus().size());
  const std::size_t workers = config_.threads != 0 ? config_.threads : cpus;
  for (const SocketAddress& address : config_.listen) {
    auto [udp, tcp] = TRY(listen_on_both(address, workers));
    if (!is_on_machine(address)) {
      log_warn(
          "this machine does not have the address yet, it is answered on once it does address={}",
          address.to_text());
    }
    udp_.push_back(std::move(udp));
    tcp_listeners_.push_back(std::move(tcp));
  }
  for (const SocketAddress& address : config_.listen_tls) {
    tls_listeners_.push_back(TRY(listen_tcp(address)));
  }
  if (!tls_listeners_.empty()) {
    tls_ = TRY(TlsServer::open(config_.tls, key_, clock_.monotonic()));
  }
  return {};
}

/// Damage may show when the store is opened, or only when its zones are read. What a follower holds
/// is the leader's: it puts a damaged store aside and takes everything again.
Status Node::open_state(Role default_role) {
  role_ = default_role;
  const auto open_all = [&]() -> Status {
    TRYV(open_store());
    TRYV(read_identity(role_));
    return open_logs();
  };
  Status opened = open_all();
  if (!opened && opened.error().code == Errc::kCorrupt && role_ == Role::kFollower) {
    TRYV(put_store_aside(opened.error()));
    opened = open_all();
  }
  TRYV(opened);
  cluster_log_->publish();
  local_log_->publish();
  // What loading needed and answering does not goes back to the system.
  static_cast<void>(::malloc_trim(0));
  return {};
}

Status Node::put_store_aside(const Error& damage) {
  cluster_log_.reset();
  local_log_.reset();
  logged_keys_.reset();
  store_.reset();
  cluster_ = {};  // the new store belongs to none yet
  const fs::path folder = store_folder();
  const fs::path aside = config_.data / fmt::format("store.damaged-{}", to_text(started_));
  std::error_code error;
  fs::rename(folder, aside, error);
  if (error) {
    return fail(Errc::kIo, "cannot move {} aside: {}", folder.string(), error.message());
  }
  log_error("store unreadable reason=\"{}\" moved_to={} advice=\"{}\"", damage.detail,
            aside.string(),
            has_link() ? "it fills itself from the leader"
                       : "give it a link to its leader (--peer or --link), which fills it");
  return {};
}

Status Node::open_store() {
  OpenedStore opened = TRY(open_rocks_store({store_folder(), nullptr}));
  store_ = std::move(opened.store);
  store_detail_ = opened.detail;
  const std::optional<Octets> doubt = TRY(read_meta(*store_, kDoubtKey));
  is_doubtful_ = opened.is_doubtful || doubt.has_value();
  if (opened.state == OpenState::kReadOnly) {
    log_error(
        "store can only be read reason=\"{}\" advice=\"changes are taken once there is space\"",
        store_detail_);
  } else if (opened.state != OpenState::kClean) {
    log_warn("store opened after an unclean end doubtful={} detail=\"{}\"", is_doubtful(),
             store_detail_);
  }
  if (is_doubtful() && !doubt) {
    WriteBatch batch;
    put_meta(batch, kDoubtKey, as_octets(store_detail_.empty() ? "recovered" : store_detail_));
    if (const auto written = store_->write(batch, Durability::kSynced); !written) {
      // The copy that was set aside says it again at the next start.
      log_warn("cannot write the mark of doubt reason=\"{}\"", written.error().detail);
    }
  }
  return {};
}

Status Node::clear_doubt() {
  TRYV(settle_doubt(store_folder()));
  WriteBatch batch;
  batch.erase(Family::kMeta, as_octets(kDoubtKey));
  TRYV(store_->write(batch, Durability::kSynced));
  is_doubtful_.store(false, std::memory_order_relaxed);
  return {};
}

Status Node::read_identity(Role new_role) {
  const std::optional<Octets> node = TRY(read_meta(*store_, kNodeKey));
  const std::optional<Octets> cluster = TRY(read_meta(*store_, kClusterKey));
  const std::optional<RoleRow> role = TRY(read_role(*store_));
  if (node && node->size() == id_.octets.size() && role) {
    id_ = NodeId::from(*node);
    take_role(*role);
    if (cluster && cluster->size() == cluster_.octets.size()) {
      cluster_ = ClusterId::from(*cluster);
    }
    return {};
  }
  id_ = NodeId{random_array<16>()};
  take_role({new_role, 0, clock_.wall()});
  WriteBatch batch;
  put_meta(batch, kNodeKey, id_.octets);
  put_role(role_row_, batch);
  if (role_ == Role::kLeader) {
    cluster_ = ClusterId{random_array<16>()};
    put_meta(batch, kClusterKey, cluster_.octets);
  }
  return store_->write(batch, Durability::kSynced);
}

RoleRow Node::role_row() const {
  const std::lock_guard lock(cluster_mutex_);
  return role_row_;
}

void Node::take_role(const RoleRow& row) {
  const std::lock_guard lock(cluster_mutex_);
  role_row_ = row;
  role_ = row.role;
}

ClusterId Node::cluster_id() const {
  const std::lock_guard lock(cluster_mutex_);
  return cluster_;
}

void Node::keep_cluster(const ClusterId& id, WriteBatch& batch) {
  put_meta(batch, kClusterKey, id.octets);
}

void Node::join_cluster(const ClusterId& id) {
  const std::lock_guard lock(cluster_mutex_);
  cluster_ = id;
}

Status Node::open_logs() {
  cluster_log_ = std::make_unique<ReplicatedLog>(
      *store_, TRY(LogStore::open(*store_, LogId::kCluster)), publisher_, clock_);
  local_log_ = std::make_unique<ReplicatedLog>(*store_, TRY(LogStore::open(*store_, LogId::kLocal)),
                                               publisher_, clock_);
  logged_keys_ = std::make_unique<LoggedKeys>(*store_, sealer_, keys_, alarms_);
  cluster_log_->set_secret_listener(
      [this](const SecretDifference& secrets) { logged_keys_->follow(secrets); });
  TRYV(cluster_log_->load());
  return local_log_->load();
}

/// A clock that was never set would make every expiry and every later signature wrong. One that is
/// behind the last change is wrong or was: at the leader, who gives changes their time, a human
/// says which; a follower answers on, since that time was not its own.
Status Node::check_clock() {
  const WallTime now = clock_.wall();
  if (now < kEarliestSane) {
    return fail(Errc::kRefused, "the clock says {}, it was never set: set it (NTP) and start again",
                to_text(now));
  }
  const LogStore& log = cluster_log_->entries();
  if (log.head().sequence < log.first_sequence()) {
    return {};
  }
  const WallTime last = TRY(log.read(log.head().sequence)).time;
  if (now >= last - kToleratedBackStep) {
    return {};
  }
  const std::string what = fmt::format("the clock says {}, which is before the last change at {}",
                                       to_text(now), to_text(last));
  if (role_ == Role::kLeader && !config_.accept_clock) {
    return fail(Errc::kRefused,
                "{}: set it (NTP) and start again, or, if it is right and was wrong then, start "
                "once with --accept-clock",
                what);
  }
  log_warn("{}: check NTP on both nodes", what);
  return {};
}

void Node::start_answering() {
  for (const TsigKey& key : config_.tsig_keys) {
    if (is_weak(key.algorithm)) {
      log_warn("weak TSIG key key={} algorithm={} advice=\"a new one of hmac-sha256\"",
               key.name.to_text(), to_text(key.algorithm));
    }
  }
  EngineOptions options;
  options.udp_payload = config_.udp_payload;
  options.tcp_keepalive_100ms = static_cast<std::uint16_t>(
      std::clamp<std::int64_t>(config_.tcp.idle.count() / 100, 1, 65535));
  options.nsid = to_octets(as_octets(config_.nsid));
  options.version_text = to_octets(as_octets(config_.version_text));
  options.identity_text = to_octets(as_octets(config_.identity_text));
  engine_ = std::make_unique<QueryEngine>(std::move(options));

  CpuTurns cpus(allowed_cpus());
  for (Listening& listening : udp_) {
    for (UniqueFd& socket : listening.sockets) {
      const UdpWorkerOptions worker{cpus.next(), listening.address.is_wildcard()};
      udp_workers_.push_back(std::make_unique<UdpWorker>(std::move(socket), worker, *engine_,
                                                         publisher_.cell(), requests_.add_ring()));
      udp_workers_.back()->start();
    }
  }
  start_xdp(cpus);
  tcp_ = std::make_unique<TcpServer>(take_sockets(tcp_listeners_), config_.tcp, *engine_,
                                     publisher_.cell(), requests_);
  if (tls_ != nullptr) {
    tcp_->listen_tls(take_sockets(tls_listeners_), std::move(tls_));
  }
  tcp_->start();
  desk_ = std::make_unique<RequestDesk>(RequestDesk::Services{
      *engine_, publisher_, keys_, config_.transfers, clock_, *cluster_log_, *local_log_});
  requests_.start([this](ReceivedRequest request) { desk_->serve(std::move(request)); });
}

void Node::take_forwarded(Octets message, const SocketAddress& from,
                          std::function<void(Octets)> reply) {
  requests_.give({.message = std::move(message),
                  .from = from,
                  .transport = Transport::kTcp,  // the link has no limit of its own
                  .is_forwarded = true,
                  .answer = [reply = std::move(reply)](RequestAnswer answer) {
                    reply(std::move(answer.message));
                  }});
}

/// A faster way in for what the sockets answer too: without it nothing is lost.
void Node::start_xdp(CpuTurns& cpus) {
  std::vector<BoundSocket> sockets;
  for (std::size_t i = 0; i < udp_workers_.size(); ++i) {
    // As many workers for each address, one address after the other.
    const std::size_t per_address = udp_workers_.size() / udp_.size();
    sockets.push_back({udp_[i / per_address].address, udp_workers_[i]->socket()});
  }
  for (const std::string& name : config_.xdp) {
    auto interface =
        XdpInterface::open(name, sockets, cpus, *engine_, publisher_.cell(), requests_);
    if (!interface) {
      log_warn("XDP not used interface={} reason=\"{}\": the sockets answer", name,
               interface.error().detail);
      xdp_states_.push_back({name, {}, 0, interface.error().detail});
      continue;
    }
    xdp_states_.push_back({name,
                           (*interface)->is_in_driver() ? "driver" : "generic",
                           (*interface)->workers().size(),
                           {}});
    log_info("XDP used interface={} queues={} mode={}", name, xdp_states_.back().queues,
             xdp_states_.back().mode);
    xdp_.push_back(*std::move(interface));
  }
}

void Node::stop_answering() {
  requests_.stop();
  if (desk_ != nullptr) {
    desk_->transfers().stop();
  }
  if (tcp_ != nullptr) {
    tcp_->stop();
  }
  for (const auto& interface : xdp_) {
    interface->stop();
  }
  for (const auto& worker : udp_workers_) {
    worker->stop();
  }
}

std::vector<std::string> Node::listening() const {
  return addresses_of(udp_);
}

std::vector<std::string> Node::listening_tls() const {
  return addresses_of(tls_listeners_);
}

DnsTotals Node::totals() const {
  DnsTotals totals;
  const auto add = [&totals](const WorkerStats& stats) {
    totals.answers += stats.answers.value();
    totals.dropped += stats.dropped.value();
    totals.truncated += stats.truncated.value();
    totals.edns += stats.edns.value();
    totals.dnssec_ok += stats.dnssec_ok.value();
    totals.send_failed += stats.send_failed.value();
    totals.octets_in += stats.octets_in.value();
    totals.octets_out += stats.octets_out.value();
    for (std::size_t i = 0; i < totals.rcode.size(); ++i) {
      totals.rcode[i] += stats.rcode[i].value();
    }
    for (std::size_t i = 0; i < totals.verdict.size(); ++i) {
      totals.verdict[i] += stats.verdict[i].value();
    }
  };
  for (const auto& worker : udp_workers_) {
    add(worker->stats());
    totals.udp_queries += worker->stats().queries.value();
  }
  for (const auto& interface : xdp_) {
    for (const auto& worker : interface->workers()) {
      add(worker->stats());
      totals.xdp_queries += worker->stats().queries.value();
    }
  }
  add(desk_->query_stats());
  add(tcp_->stats());
  totals.tcp_queries = tcp_->stats().queries.value();
  return totals;
}

}  // namespace tandem
