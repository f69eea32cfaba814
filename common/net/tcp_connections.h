// The connections of a TCP server: how many there may be, of whom, how long each may take, and
// which one goes to make room. Internal to tcp_server.cc. The server's thread alone.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/bytes.h"
#include "common/net/request_queue.h"
#include "common/net/tcp_quota.h"
#include "common/net/tcp_server.h"
#include "common/net/tls.h"

namespace tandem {

/// For the answer to what was handed over.
struct TcpWaiting {
  explicit TcpWaiting(boost::asio::io_context& context)
      : alarm(context, std::chrono::steady_clock::time_point::max()) {}

  boost::asio::steady_timer alarm;  // cancelled when the answer is there, or the connection goes
  RequestAnswer answer;
};

struct TcpConnection {
  static constexpr std::size_t kFirstRoom = 4096;

  TcpConnection(boost::asio::ip::tcp::socket connected, const TcpQuota::Share& taken)
      : socket(std::move(connected)), share(taken) {}

  boost::asio::ip::tcp::socket socket;
  std::optional<TlsSession> tls;  // over the socket; not to be used once that is closed
  TcpQuota::Share share;
  SocketAddress peer;
  std::chrono::steady_clock::time_point deadline;
  bool is_idle = true;  // nothing of a query has arrived, nothing is being written
  Octets in = Octets(kFirstRoom);
  std::size_t have = 0;  // octets of `in` that hold something
  Octets out;
  std::size_t unread = 0;               // octets of `out` that are being written
  std::shared_ptr<TcpWaiting> waiting;  // null: for nothing
};

class TcpConnections {
 public:
  using Place = std::list<TcpConnection>::iterator;

  /// Requires: `stats` outlives it.
  TcpConnections(const TcpLimits& limits, TcpStats& stats);

  /// The new connection; end() when its network has too many. Makes room when all are in use.
  Place take(boost::asio::ip::tcp::socket socket, const boost::asio::ip::tcp::endpoint& peer);

  [[nodiscard]] Place end() noexcept { return open_.end(); }

  /// It was used just now.
  void touch(Place place);
  /// So much is being written to it; nothing any more. Clients that do not read share what may wait
  /// for them: those that began longest ago go.
  void begin_write(TcpConnection& connection);
  void end_write(TcpConnection& connection) noexcept;

  /// Gives back at once what the connection counts for. Its coroutine ends with an error and calls
  /// forget().
  void close(Place place);

  void forget(Place place) { closed_.erase(place); }

  /// Closes those whose time is up; idle ones have less when half of all are in use.
  void close_late(std::chrono::steady_clock::time_point now);
  /// Closes the connection that has gone longest without a query, of the network that has most: who
  /// comes with many connections displaces its own.
  void make_room();
  void close_all();

 private:
  void time_out(Place place);

  const TcpLimits& limits_;
  TcpStats& stats_;
  TcpQuota quota_;
  std::size_t unread_ = 0;           // of all connections
  std::list<TcpConnection> open_;    // unused longest first
  std::list<TcpConnection> closed_;  // whose coroutine has not seen it yet
};

}  // namespace tandem
