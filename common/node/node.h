// What both programs are: a store, two logs, what is published of them, and the workers that answer
// from it. The roles (writer, pusher, replica) are put on top by program/.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/crypto/node_key.h"
#include "common/net/cpus.h"
#include "common/net/listen.h"
#include "common/net/tcp_server.h"
#include "common/net/udp_worker.h"
#include "common/net/xdp_interface.h"
#include "common/node/alarms.h"
#include "common/node/config.h"
#include "common/node/key_ring.h"
#include "common/node/logged_keys.h"
#include "common/node/member_book.h"
#include "common/node/publisher.h"
#include "common/node/replicated_log.h"
#include "common/node/request_desk.h"
#include "common/node/role.h"
#include "common/query/engine.h"
#include "common/store/rocks_store.h"

namespace tandem {

/// Sums over all workers.
struct DnsTotals {
  std::uint64_t udp_queries = 0;  ///< By sockets; those past the kernel are apart.
  std::uint64_t tcp_queries = 0;
  std::uint64_t xdp_queries = 0;
  std::uint64_t answers = 0;
  std::uint64_t dropped = 0;
  std::uint64_t truncated = 0;
  std::uint64_t edns = 0;
  std::uint64_t dnssec_ok = 0;
  std::uint64_t send_failed = 0;
  std::uint64_t octets_in = 0;
  std::uint64_t octets_out = 0;
  std::array<std::uint64_t, WorkerStats::kRcodes> rcode{};
  std::array<std::uint64_t, kVerdictCount> verdict{};
};

/// What became of an interface that the configuration names for XDP.
struct XdpState {
  std::string interface;
  std::string mode;        ///< `driver` or `generic`; empty when it is not used.
  std::size_t queues = 0;  ///< That are answered from.
  std::string reason;      ///< Why it is not used; else empty.
};

/// Makes the folder, with its parents, where only the owner and the group get in. Fails: kIo.
Status make_data_folder(const std::filesystem::path& folder);

class Node {
 public:
  /// Opens the listening sockets, then the store, loads both logs and begins to answer.
  /// `default_role` counts at the very first start; afterwards the store knows. Fails with one line
  /// that says what to do.
  static Result<std::unique_ptr<Node>> open(Config config, Role default_role, const Clock& clock);

  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  /// Ends the workers; the store stays open until destruction.
  void stop_answering();

  [[nodiscard]] const Config& config() const noexcept { return config_; }

  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }

  [[nodiscard]] WallTime started() const noexcept { return started_; }

  [[nodiscard]] Role role() const noexcept { return role_; }

  /// The role with when it came to it.
  [[nodiscard]] RoleRow role_row() const;
  /// `row` is durable: this node has that role from here on.
  void take_role(const RoleRow& row);

  [[nodiscard]] const NodeId& id() const noexcept { return id_; }

  /// Zero while this node belongs to no cluster.
  [[nodiscard]] ClusterId cluster_id() const;
  /// Makes the cluster's id part of `batch`; join_cluster() once that is durable.
  static void keep_cluster(const ClusterId& id, WriteBatch& batch);
  void join_cluster(const ClusterId& id);

  /// What it keeps is sealed with it; also shown by DNS over TLS without a certificate.
  [[nodiscard]] const NodeKey& key() const noexcept { return key_; }

  [[nodiscard]] const SecretSealer& sealer() const noexcept { return sealer_; }

  /// The other nodes, as enrolment made them known.
  [[nodiscard]] MemberBook& members() noexcept { return members_; }

  /// Whether there are other nodes to speak with, by the configuration or by enrolment.
  [[nodiscard]] bool has_link() const;

  [[nodiscard]] Store& store() noexcept { return *store_; }

  [[nodiscard]] ReplicatedLog& cluster_log() noexcept { return *cluster_log_; }

  [[nodiscard]] ReplicatedLog& local_log() noexcept { return *local_log_; }

  [[nodiscard]] Publisher& publisher() noexcept { return publisher_; }

  /// The TSIG keys of the configuration and of the cluster's log.
  [[nodiscard]] KeyRing& keys() noexcept { return keys_; }

  [[nodiscard]] Alarms& alarms() noexcept { return alarms_; }

  [[nodiscard]] RequestDesk& desk() noexcept { return *desk_; }

  [[nodiscard]] const RequestDesk& desk() const noexcept { return *desk_; }

  /// Gives the desk a message that another node passed on. `reply`: see ReceivedRequest.
  void take_forwarded(Octets message, const SocketAddress& from, std::function<void(Octets)> reply);

  /// This node may have lost its newest changes: see OpenState::kDoubtful. Kept over restarts until
  /// cleared.
  [[nodiscard]] bool is_doubtful() const noexcept {
    return is_doubtful_.load(std::memory_order_relaxed);  // a flag to show, nothing hangs on it
  }

  Status clear_doubt();

  /// How the store came up, in words.
  [[nodiscard]] const std::string& store_detail() const noexcept { return store_detail_; }

  [[nodiscard]] std::vector<std::string> listening() const;

  /// Over TLS.
  [[nodiscard]] std::vector<std::string> listening_tls() const;

  /// One for each interface of the configuration; as it was at the start.
  [[nodiscard]] const std::vector<XdpState>& xdp() const noexcept { return xdp_states_; }

  [[nodiscard]] DnsTotals totals() const;

  [[nodiscard]] const TcpStats& tcp_stats() const noexcept { return tcp_->tcp_stats(); }

 private:
  Node(Config config, const Clock& clock, NodeKey key);

  void read_members();
  Status open_sockets();
  Status open_state(Role default_role);
  Status put_store_aside(const Error& damage);
  Status open_store();
  Status open_logs();
  Status read_identity(Role new_role);
  Status check_clock();
  void start_answering();
  void start_xdp(CpuTurns& cpus);

  [[nodiscard]] std::filesystem::path store_folder() const { return config_.data / "store"; }

  Config config_;
  const Clock& clock_;
  WallTime started_;
  NodeKey key_;
  SecretSealer sealer_;
  Alarms alarms_;
  KeyRing keys_;
  MemberBook members_;
  std::vector<Listening> udp_;
  std::vector<Listening> tcp_listeners_;
  std::vector<Listening> tls_listeners_;
  std::unique_ptr<TlsServer> tls_;  // until the TCP server has it; null: none is wanted
  std::unique_ptr<Store> store_;
  std::string store_detail_;
  std::atomic<bool> is_doubtful_ = false;
  std::atomic<Role> role_ = Role::kFollower;
  NodeId id_;
  mutable std::mutex cluster_mutex_;
  ClusterId cluster_;  // guarded by cluster_mutex_
  RoleRow role_row_;   // guarded by cluster_mutex_
  Publisher publisher_;
  std::unique_ptr<LoggedKeys> logged_keys_;
  std::unique_ptr<ReplicatedLog> cluster_log_;
  std::unique_ptr<ReplicatedLog> local_log_;
  std::unique_ptr<QueryEngine> engine_;
  RequestQueue requests_;
  std::unique_ptr<RequestDesk> desk_;
  std::vector<std::unique_ptr<UdpWorker>> udp_workers_;
  std::vector<std::unique_ptr<XdpInterface>> xdp_;
  std::vector<XdpState> xdp_states_;
  std::unique_ptr<TcpServer> tcp_;
};

}  // namespace tandem
