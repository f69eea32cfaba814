// A connection to another server over TCP or TLS: messages with their length in front (RFC 7766
// s8), for coroutines. Internal to the DNS client. One thread, the io_context's.
#pragma once

#include <optional>
#include <span>

#include <boost/asio/awaitable.hpp>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/net/client_stream.h"
#include "common/net/dns_client.h"

namespace tandem {

class DnsStream {
 public:
  /// `block`: octets that are read at once. Requires: as ClientStream.
  DnsStream(TimedSockets& sockets, const TlsClient& tls, const DnsPeer& peer, std::size_t block);

  /// All fail as those of ClientStream.
  boost::asio::awaitable<Status> open(Deadline until) { return stream_.open(until); }

  /// Requires: no more than 65,535 octets.
  boost::asio::awaitable<Status> send(OctetSpan message, Deadline until);

  /// The next message; there until the next call. No more is read than a block behind it.
  boost::asio::awaitable<Result<std::span<std::uint8_t>>> receive(Deadline until);

 private:
  [[nodiscard]] std::optional<std::span<std::uint8_t>> take_message();

  std::size_t block_;
  ClientStream stream_;
  Octets in_;
  std::size_t at_ = 0;    // where in `in_` the next message begins
  std::size_t have_ = 0;  // octets of `in_` that hold something
};

}  // namespace tandem
