// A connection to another server over TCP or TLS: messages with their length in front (RFC 7766
// s8), for coroutines. Internal to the DNS client. One thread, the io_context's.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/net/dns_client.h"
#include "common/net/timed_socket.h"
#include "common/net/tls.h"

namespace tandem {

class DnsStream {
 public:
  /// `block`: octets that are read at once. Requires: all outlive it.
  DnsStream(TimedSockets& sockets, const TlsClient& tls, const DnsPeer& peer, std::size_t block);
  DnsStream(const DnsStream&) = delete;
  DnsStream& operator=(const DnsStream&) = delete;
  /// Tells a TLS server that nothing more comes (RFC 8446 s6.1).
  ~DnsStream();

  /// Connects, and shakes hands. All fail: kTimeout after `until`, kIo, kUnavailable (stopped), and
  /// this one as TlsSession::handshake().
  boost::asio::awaitable<Status> open(Deadline until);

  /// Requires: no more than 65,535 octets.
  boost::asio::awaitable<Status> send(OctetSpan message, Deadline until);

  /// The next message; there until the next call. No more is read than a block behind it.
  boost::asio::awaitable<Result<std::span<std::uint8_t>>> receive(Deadline until);

 private:
  [[nodiscard]] std::string_view transport() const noexcept;
  [[nodiscard]] std::unexpected<Error> failed(std::string_view what, const Error& error) const;
  [[nodiscard]] std::optional<std::span<std::uint8_t>> take_message();
  boost::asio::awaitable<Status> shake_hands(Deadline until);
  Result<SocketStep> read_step(std::span<std::uint8_t> to);
  Result<SocketStep> write_step(OctetSpan from);

  const TlsClient& tls_client_;
  const DnsPeer& peer_;
  std::size_t block_;
  std::shared_ptr<TimedSocket> socket_;
  std::optional<TlsSession> tls_;
  Octets in_;
  std::size_t at_ = 0;    // where in `in_` the next message begins
  std::size_t have_ = 0;  // octets of `in_` that hold something
};

}  // namespace tandem
