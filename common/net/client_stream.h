// A connection to another server over TCP or TLS, for coroutines: octets out and in. Internal to
// the clients of other servers. One thread, the io_context's.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/net/address.h"
#include "common/net/timed_socket.h"
#include "common/net/tls.h"

namespace tandem {

/// Where a connection goes.
struct ClientPeer {
  SocketAddress address;
  std::optional<SocketAddress> from;  // to connect from; port 0: any
  std::optional<TlsPeer> tls;         // then everything goes over TLS
};

class ClientStream {
 public:
  /// Requires: `sockets` and `tls` outlive it.
  ClientStream(TimedSockets& sockets, const TlsClient& tls, ClientPeer peer);
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  /// Tells a TLS server that nothing more comes (RFC 8446 s6.1).
  ~ClientStream();

  /// Connects, and shakes hands. All fail: kTimeout after `until`, kIo, kUnavailable (stopped), and
  /// this one as TlsSession::handshake().
  boost::asio::awaitable<Status> open(Deadline until);

  boost::asio::awaitable<Status> send(OctetSpan octets, Deadline until);

  /// What has come, as much as fits: how many octets; 0: the server has closed the connection.
  boost::asio::awaitable<Result<std::size_t>> receive(std::span<std::uint8_t> to, Deadline until);

  [[nodiscard]] std::unexpected<Error> failed(std::string_view what, const Error& error) const;

 private:
  boost::asio::awaitable<Status> shake_hands(Deadline until);
  Result<SocketStep> read_step(std::span<std::uint8_t> to);
  Result<SocketStep> write_step(OctetSpan from);

  const TlsClient& tls_client_;
  ClientPeer peer_;
  std::shared_ptr<TimedSocket> socket_;
  std::optional<TlsSession> tls_;
};

}  // namespace tandem
