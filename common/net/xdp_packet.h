// What stands around a DNS message in an Ethernet frame, where no kernel reads or writes it:
// Ethernet II, IPv4 without options (RFC 791) or IPv6 without extension headers (RFC 8200), UDP
// (RFC 768). Data plane: no allocation, no exception.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/socket.h>

#include "common/base/bytes.h"

namespace tandem {

constexpr std::uint16_t kEtherTypeIp4 = 0x0800;
constexpr std::uint16_t kEtherTypeIp6 = 0x86dd;
constexpr std::uint8_t kVersionAndHead4 = 0x45;   // IPv4, and a head of 20 octets
constexpr std::uint16_t kFragmentBits4 = 0x3fff;  // of the 16 that also say "do not fragment"

constexpr std::size_t kEthernetOctets = 14;
constexpr std::size_t kIp4Octets = 20;
constexpr std::size_t kIp6Octets = 40;
constexpr std::size_t kUdpOctets = 8;
constexpr std::size_t kUdp4HeadOctets = kEthernetOctets + kIp4Octets + kUdpOctets;
constexpr std::size_t kUdp6HeadOctets = kEthernetOctets + kIp6Octets + kUdpOctets;

/// A place for a frame in the memory shared with the kernel: half of a page. The kernel keeps the
/// first octets of those it writes to; what has more than the rest is not for us.
constexpr std::size_t kFrameOctets = 2048;
constexpr std::size_t kKernelsOctets = 256;  // XDP_PACKET_HEADROOM
constexpr std::size_t kMostReceivedOctets = kFrameOctets - kKernelsOctets;

/// Where things are in a frame; `head_octets` is one of the two above, or 0: no datagram that is to
/// be answered.
struct Datagram {
  std::size_t head_octets = 0;
  OctetSpan message;
};

/// Reads all heads of `frame`. A fragment, a frame that is cut, a source that nobody can have
/// (port 0, loopback, multicast) gives no datagram. The UDP checksum is not looked at: between
/// interfaces of one machine it is not there yet, and other links check their frames.
[[nodiscard]] Datagram read_datagram(OctetSpan frame) noexcept;

/// Who sent it, and to where.
struct DatagramEnds {
  sockaddr_storage from{};
  sockaddr_storage to{};
};

/// `interface`: the scope of link-local addresses.
[[nodiscard]] DatagramEnds ends_of(OctetSpan frame, const Datagram& query,
                                   unsigned interface) noexcept;

/// Writes the heads of an answer of `octets` octets, which stands at `out[head_octets]` already:
/// the query's way back, with checksums. Requires: `query` is read from `frame`; `out` overlaps no
/// frame. Returns the octets of the whole frame.
std::size_t write_answer_heads(OctetSpan frame, const Datagram& query, std::span<std::uint8_t> out,
                               std::size_t octets) noexcept;

}  // namespace tandem
