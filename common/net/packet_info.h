// Where a datagram was sent to (RFC 3542 s6.1 and its IPv4 twin), as control data of the socket
// calls: a wildcard socket needs it to answer from that address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <span>
#include <sys/socket.h>

namespace tandem {

constexpr std::size_t kPacketInfoOctets = CMSG_SPACE(sizeof(in6_pktinfo));

/// Makes of the control data that a query came with those that its answer leaves with.
void turn_around(msghdr& header) noexcept;

/// Writes the control data of an answer that leaves from `from`, and returns their octets.
std::size_t write_packet_info(const sockaddr_storage& from,
                              std::span<std::uint8_t, kPacketInfoOctets> control) noexcept;

}  // namespace tandem
