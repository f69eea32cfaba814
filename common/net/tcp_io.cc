#include "common/net/tcp_io.h"

#include <span>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace tandem {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kUse = asio::as_tuple(asio::use_awaitable);

/// False: the connection was closed meanwhile. Its socket's number may be another's then.
asio::awaitable<bool> wait_for(TcpConnection& c, SocketNeed need) {
  const auto what =
      need == SocketNeed::kWritable ? tcp::socket::wait_write : tcp::socket::wait_read;
  const auto [error] = co_await c.socket.async_wait(what, kUse);
  co_return !error && c.socket.is_open();
}

/// Lets the other connections have their turn: TLS goes on without waiting while there is something
/// to do. False as wait_for().
asio::awaitable<bool> give_turn(TcpConnection& c) {
  co_await asio::post(c.socket.get_executor(), asio::use_awaitable);
  co_return c.socket.is_open();
}

/// Whether the step says that the other side has ended the connection, or it is broken.
bool is_end(const Result<SocketStep>& step) {
  return !step || (step->octets == 0 && step->need == SocketNeed::kNothing);
}

asio::awaitable<bool> read_tls(TcpConnection& c) {
  for (;;) {
    const Result<SocketStep> step = c.tls->read(std::span(c.in).subspan(c.have));
    if (is_end(step)) {
      co_return false;
    }
    if (step->octets > 0) {
      c.have += step->octets;
      co_return co_await give_turn(c);
    }
    if (!co_await wait_for(c, step->need)) {
      co_return false;
    }
  }
}

asio::awaitable<bool> write_tls(TcpConnection& c) {
  for (OctetSpan rest(c.out); !rest.empty();) {
    const Result<SocketStep> step = c.tls->write(rest);
    if (is_end(step)) {
      co_return false;
    }
    rest = rest.subspan(step->octets);
    if (step->need != SocketNeed::kNothing && !co_await wait_for(c, step->need)) {
      co_return false;
    }
  }
  co_return co_await give_turn(c);
}

}  // namespace

asio::awaitable<bool> shake_hands(TcpConnection& connection) {
  for (;;) {
    const Result<SocketNeed> need = connection.tls->handshake();
    if (!need || *need == SocketNeed::kNothing) {
      co_return need.has_value();
    }
    if (!co_await wait_for(connection, *need)) {
      co_return false;
    }
  }
}

asio::awaitable<bool> read_some(TcpConnection& connection) {
  if (connection.tls) {
    co_return co_await read_tls(connection);
  }
  const auto [error, octets] = co_await connection.socket.async_read_some(
      asio::buffer(connection.in.data() + connection.have, connection.in.size() - connection.have),
      kUse);
  connection.have += octets;
  co_return !error;
}

asio::awaitable<bool> write_all(TcpConnection& connection) {
  if (connection.tls) {
    co_return co_await write_tls(connection);
  }
  const auto [error, octets] =
      co_await asio::async_write(connection.socket, asio::buffer(connection.out), kUse);
  static_cast<void>(octets);
  co_return !error;
}

}  // namespace tandem
