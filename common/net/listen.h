// Opening the sockets that the world talks to.
#pragma once

#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/net/address.h"

namespace tandem {

/// What the kernel gave: the sockets and the address with its real port.
struct Listening {
  std::vector<UniqueFd> sockets;
  SocketAddress address;
};

/// `count` UDP sockets on one address that share its traffic (SO_REUSEPORT). The address is tried
/// without sharing first, so that a second server is told instead of taking half of the queries in
/// silence. An address that the machine does not have yet is accepted (IP_FREEBIND). Wildcard
/// sockets report where each datagram was sent to. Fails: kIo with the reason and what to do.
Result<Listening> listen_udp(const SocketAddress& address, std::size_t count);

/// Whether the machine has the address now; a wildcard it always has.
bool is_on_machine(const SocketAddress& address) noexcept;

/// One listening TCP socket, non-blocking. Fails: kIo.
Result<Listening> listen_tcp(const SocketAddress& address);

}  // namespace tandem
