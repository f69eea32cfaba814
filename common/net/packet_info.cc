#include "common/net/packet_info.h"

#include <cstring>

namespace tandem {
namespace {

template <class Info>
std::size_t write_control(int level, int type, const Info& info,
                          std::span<std::uint8_t, kPacketInfoOctets> control) noexcept {
  cmsghdr head{};
  head.cmsg_len = CMSG_LEN(sizeof info);
  head.cmsg_level = level;
  head.cmsg_type = type;
  std::memcpy(control.data(), &head, sizeof head);
  std::memcpy(control.data() + CMSG_LEN(0), &info, sizeof info);
  return CMSG_SPACE(sizeof info);
}

}  // namespace

// A packet's control message names where it was sent to; as it stands it would also pin the answer
// to the interface it came in by, which is wrong where routes are asymmetric.
void turn_around(msghdr& header) noexcept {
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      info.ipi_spec_dst = info.ipi_addr;
      info.ipi_ifindex = 0;
      std::memcpy(CMSG_DATA(control), &info, sizeof info);
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) {
        info.ipi6_ifindex = 0;
      }
      std::memcpy(CMSG_DATA(control), &info, sizeof info);
    }
  }
}

std::size_t write_packet_info(const sockaddr_storage& from,
                              std::span<std::uint8_t, kPacketInfoOctets> control) noexcept {
  if (from.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &from, sizeof address);
    const in6_pktinfo info{.ipi6_addr = address.sin6_addr, .ipi6_ifindex = address.sin6_scope_id};
    return write_control(IPPROTO_IPV6, IPV6_PKTINFO, info, control);
  }
  sockaddr_in address{};
  std::memcpy(&address, &from, sizeof address);
  in_pktinfo info{};
  info.ipi_spec_dst = address.sin_addr;
  return write_control(IPPROTO_IP, IP_PKTINFO, info, control);
}

}  // namespace tandem
