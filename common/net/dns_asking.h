// One question to another server, and its one answer. Internal to the DNS client. One thread, the
// io_context's.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/net/dns_client.h"
#include "common/net/timed_socket.h"
#include "common/net/tls.h"

namespace tandem {

/// What all questions share.
struct AskingTools {
  TimedSockets& sockets;
  const TlsClient& tls;
  const Clock& clock;
  Octets datagram = Octets(65'535);  // the one at hand
};

/// Does what DnsClient::ask() says. Requires: `tools`, `peer` and `options` outlive it.
boost::asio::awaitable<Result<Octets>> ask_server(AskingTools& tools, const DnsPeer& peer,
                                                  Octets message, const AskOptions& options);

}  // namespace tandem
