// Reading and writing one connection of the TCP server, over TLS or not: what waits, and for how
// long, the connection's deadline says. Internal to tcp_server.cc. The server's thread alone.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/net/tcp_connections.h"

namespace tandem {

/// The TLS handshake. False: it failed, or the connection was closed meanwhile.
boost::asio::awaitable<bool> shake_hands(TcpConnection& connection);

/// Reads some octets behind those that `in` has. False: the connection has ended.
/// Requires: there is room.
boost::asio::awaitable<bool> read_some(TcpConnection& connection);

/// Writes all of `out`. False: the connection has ended.
boost::asio::awaitable<bool> write_all(TcpConnection& connection);

}  // namespace tandem
