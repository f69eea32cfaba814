// DNS over TCP (RFC 7766) and TLS (RFC 7858): one thread, many connections, as many queries per
// read and answers per write as there are. Every connection is bounded in memory and time, all of
// them in number and in the octets that wait to be read; when all are in use, the network that has
// most makes room with the one of its own that is unused longest.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/snapshot_cell.h"
#include "common/base/unique_fd.h"
#include "common/net/request_queue.h"
#include "common/net/tls.h"
#include "common/query/engine.h"
#include "common/zone/catalog.h"

namespace tandem {

struct TcpLimits {
  std::size_t connections = 1000;            // in all
  std::size_t connections_per_address = 50;  // IPv4 /32, IPv6 /64; see tcp_quota.h
  std::chrono::milliseconds idle{
      10'000};  // between queries; 2 s at most when half of all are in use
  std::chrono::milliseconds message{
      2'000};  // from the first octet of a query to its last; of a TLS handshake too
  std::chrono::milliseconds write{10'000};      // for a client that does not read
  std::size_t unread = std::size_t{16} << 20U;  // octets of answers that wait for all clients
};

/// Written by the server's thread alone.
struct TcpStats {
  Counter accepted;
  Counter refused;     // over a cap
  Counter timed_out;   // idle, slow or not reading; also those that make room for others
  Counter open;        // now
  Counter tls;         // TLS handshakes done
  Counter tls_failed;  // and those that came to nothing
};

class TcpServer {
 public:
  /// Requires: `listeners` are listening and non-blocking; `engine`, `catalog` and `requests`
  /// outlive the server, which outlives every answer to what it hands over.
  TcpServer(std::vector<UniqueFd> listeners, const TcpLimits& limits, const QueryEngine& engine,
            SnapshotCell<Catalog>& catalog, RequestQueue& requests);
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;
  /// Closes all connections.
  ~TcpServer();

  /// Takes connections over TLS from these listeners too. Before start().
  void listen_tls(std::vector<UniqueFd> listeners, std::unique_ptr<TlsServer> tls);

  void start();
  void stop();

  [[nodiscard]] const WorkerStats& stats() const noexcept;
  [[nodiscard]] const TcpStats& tcp_stats() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem
