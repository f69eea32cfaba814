#include "common/net/xdp_packet.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <netinet/in.h>

namespace tandem {
namespace {

constexpr std::uint8_t kHops = 64;

/// Ones' complement sum (RFC 1071) of 16-bit words as this machine reads them: the order of octets
/// comes out right when the sum is stored as it was read.
std::uint64_t add_words(std::uint64_t sum, OctetSpan octets) noexcept {
  const auto add = [&sum](std::uint64_t word) {
    sum += word;
    sum += sum < word ? 1U : 0U;
  };
  while (octets.size() >= sizeof(std::uint64_t)) {
    add(load_native<std::uint64_t>(octets.data()));
    octets = octets.subspan(sizeof(std::uint64_t));
  }
  std::array<std::uint8_t, sizeof(std::uint64_t)> rest{};
  std::ranges::copy(octets, rest.begin());
  add(load_native<std::uint64_t>(rest.data()));
  return sum;
}

std::uint16_t folded(std::uint64_t sum) noexcept {
  for (int i = 0; i < 4; ++i) {
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  return static_cast<std::uint16_t>(~sum);
}

/// Nobody can be answered there, or only we ourselves.
bool is_no_source4(const std::uint8_t* address) noexcept {
  return address[0] == 0 || address[0] == 127 || address[0] >= 224;
}

bool is_no_source6(const std::uint8_t* address) noexcept {
  const bool is_zero_but_last =
      std::ranges::all_of(OctetSpan(address, 15), [](std::uint8_t octet) { return octet == 0; });
  return address[0] == 0xff || (is_zero_but_last && address[15] <= 1);
}

/// The message behind the UDP head in `udp`, which ends where IP's payload does.
OctetSpan udp_payload(OctetSpan udp) noexcept {
  if (udp.size() < kUdpOctets) {
    return {};
  }
  const std::size_t octets = load_be16(udp.data() + 4);
  const bool has_port = load_be16(udp.data()) != 0;
  return has_port && octets >= kUdpOctets && octets <= udp.size()
             ? udp.subspan(kUdpOctets, octets - kUdpOctets)
             : OctetSpan();
}

Datagram read_ip4(OctetSpan frame) noexcept {
  if (frame.size() < kUdp4HeadOctets) {
    return {};
  }
  const std::uint8_t* const ip = frame.data() + kEthernetOctets;
  const std::size_t octets = load_be16(ip + 2);
  const bool is_fragment = (load_be16(ip + 6) & kFragmentBits4) != 0;
  if (ip[0] != kVersionAndHead4 || ip[9] != IPPROTO_UDP || is_fragment || is_no_source4(ip + 12) ||
      octets < kIp4Octets || octets > frame.size() - kEthernetOctets ||
      folded(add_words(0, {ip, kIp4Octets})) != 0) {
    return {};
  }
  return {kUdp4HeadOctets, udp_payload({ip + kIp4Octets, octets - kIp4Octets})};
}

Datagram read_ip6(OctetSpan frame) noexcept {
  if (frame.size() < kUdp6HeadOctets) {
    return {};
  }
  const std::uint8_t* const ip = frame.data() + kEthernetOctets;
  const std::size_t octets = load_be16(ip + 4);
  if ((ip[0] >> 4U) != 6 || ip[6] != IPPROTO_UDP || is_no_source6(ip + 8) ||
      octets > frame.size() - kEthernetOctets - kIp6Octets ||
      load_be16(ip + kIp6Octets + 6) == 0) {  // UDP over IPv6 has a checksum (RFC 8200 s8.1)
    return {};
  }
  return {kUdp6HeadOctets, udp_payload({ip + kIp6Octets, octets})};
}

/// UDP head and its checksum over `pseudo`, itself and what follows. `ports`: of the query.
void write_udp(const std::uint8_t* ports, OctetSpan pseudo, std::uint8_t* udp,
               std::size_t octets) noexcept {
  std::memcpy(udp, ports + 2, 2);
  std::memcpy(udp + 2, ports, 2);
  store_be16(udp + 4, static_cast<std::uint16_t>(octets));
  store_be16(udp + 6, 0);
  const std::uint16_t sum = folded(add_words(add_words(0, pseudo), {udp, octets}));
  store_native<std::uint16_t>(udp + 6, sum == 0 ? 0xffff : sum);
}

void write_ip4(const std::uint8_t* query, std::uint8_t* ip, std::size_t udp_octets) noexcept {
  ip[0] = kVersionAndHead4;
  ip[1] = 0;
  store_be16(ip + 2, static_cast<std::uint16_t>(kIp4Octets + udp_octets));
  store_be32(ip + 4, 0x4000);  // not to be cut on the way, so it needs no identification (RFC 6864)
  ip[8] = kHops;
  ip[9] = IPPROTO_UDP;
  store_be16(ip + 10, 0);
  std::memcpy(ip + 12, query + 16, 4);
  std::memcpy(ip + 16, query + 12, 4);
  store_native(ip + 10, folded(add_words(0, {ip, kIp4Octets})));

  std::array<std::uint8_t, 12> pseudo{};
  std::memcpy(pseudo.data(), ip + 12, 8);
  pseudo[9] = IPPROTO_UDP;
  store_be16(pseudo.data() + 10, static_cast<std::uint16_t>(udp_octets));
  write_udp(query + kIp4Octets, pseudo, ip + kIp4Octets, udp_octets);
}

void write_ip6(const std::uint8_t* query, std::uint8_t* ip, std::size_t udp_octets) noexcept {
  store_be32(ip, 0x6000'0000);
  store_be16(ip + 4, static_cast<std::uint16_t>(udp_octets));
  ip[6] = IPPROTO_UDP;
  ip[7] = kHops;
  std::memcpy(ip + 8, query + 24, 16);
  std::memcpy(ip + 24, query + 8, 16);

  std::array<std::uint8_t, 40> pseudo{};
  std::memcpy(pseudo.data(), ip + 8, 32);
  store_be32(pseudo.data() + 32, static_cast<std::uint32_t>(udp_octets));
  pseudo[39] = IPPROTO_UDP;
  write_udp(query + kIp6Octets, pseudo, ip + kIp6Octets, udp_octets);
}

sockaddr_storage address4(const std::uint8_t* address, const std::uint8_t* port) noexcept {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  std::memcpy(&out.sin_port, port, sizeof out.sin_port);
  std::memcpy(&out.sin_addr, address, sizeof out.sin_addr);
  sockaddr_storage storage{};
  std::memcpy(&storage, &out, sizeof out);
  return storage;
}

sockaddr_storage address6(const std::uint8_t* address, const std::uint8_t* port,
                          unsigned interface) noexcept {
  sockaddr_in6 out{};
  out.sin6_family = AF_INET6;
  std::memcpy(&out.sin6_port, port, sizeof out.sin6_port);
  std::memcpy(&out.sin6_addr, address, sizeof out.sin6_addr);
  out.sin6_scope_id = IN6_IS_ADDR_LINKLOCAL(&out.sin6_addr) ? interface : 0;
  sockaddr_storage storage{};
  std::memcpy(&storage, &out, sizeof out);
  return storage;
}

}  // namespace

DatagramEnds ends_of(OctetSpan frame, const Datagram& query, unsigned interface) noexcept {
  const std::uint8_t* const ip = frame.data() + kEthernetOctets;
  if (query.head_octets == kUdp4HeadOctets) {
    const std::uint8_t* const udp = ip + kIp4Octets;
    return {address4(ip + 12, udp), address4(ip + 16, udp + 2)};
  }
  const std::uint8_t* const udp = ip + kIp6Octets;
  return {address6(ip + 8, udp, interface), address6(ip + 24, udp + 2, interface)};
}

Datagram read_datagram(OctetSpan frame) noexcept {
  // Nobody has a group address as his own, and it would make a group of those who are answered.
  const auto is_group = [](std::uint8_t first) { return (first & 1U) != 0; };
  if (frame.size() < kEthernetOctets || is_group(frame[0]) || is_group(frame[6])) {
    return {};
  }
  const std::uint16_t type = load_be16(frame.data() + 12);
  const Datagram found = type == kEtherTypeIp4   ? read_ip4(frame)
                         : type == kEtherTypeIp6 ? read_ip6(frame)
                                                 : Datagram{};
  return found.message.empty() ? Datagram{} : found;
}

std::size_t write_answer_heads(OctetSpan frame, const Datagram& query, std::span<std::uint8_t> out,
                               std::size_t octets) noexcept {
  std::memcpy(out.data(), frame.data() + 6, 6);
  std::memcpy(out.data() + 6, frame.data(), 6);
  std::memcpy(out.data() + 12, frame.data() + 12, 2);
  const std::uint8_t* const from = frame.data() + kEthernetOctets;
  std::uint8_t* const to = out.data() + kEthernetOctets;
  if (query.head_octets == kUdp4HeadOctets) {
    write_ip4(from, to, kUdpOctets + octets);
  } else {
    write_ip6(from, to, kUdpOctets + octets);
  }
  return query.head_octets + octets;
}

}  // namespace tandem
