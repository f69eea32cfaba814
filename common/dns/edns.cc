#include "common/dns/edns.h"

#include <algorithm>

#include "common/dns/types.h"

namespace tandem {
namespace {

constexpr std::size_t kOptFixedOctets = 11;  // root, type, class, ttl, length
constexpr std::size_t kOptionHeadOctets = 4;

/// Calls `visit(option, octets of it)` for each option. False when one is malformed.
template <class Visit>
bool each_option(OctetSpan rdata, Visit visit) noexcept {
  while (!rdata.empty()) {
    if (rdata.size() < kOptionHeadOctets) {
      return false;
    }
    const auto code = static_cast<EdnsOption>(load_be16(rdata.data()));
    const std::size_t octets = load_be16(rdata.data() + 2);
    if (rdata.size() - kOptionHeadOctets < octets) {
      return false;
    }
    visit(code, rdata.subspan(kOptionHeadOctets, octets));
    rdata = rdata.subspan(kOptionHeadOctets + octets);
  }
  return true;
}

}  // namespace

bool parse_edns(std::uint16_t rr_class, std::uint32_t ttl, OctetSpan rdata,
                EdnsQuery& out) noexcept {
  out.is_present = true;
  out.udp_payload = std::max(rr_class, kMinUdpPayload);  // RFC 6891 s6.2.3
  out.version = static_cast<std::uint8_t>(ttl >> 16U);
  out.wants_dnssec = (ttl & kEdnsDoBit) != 0;
  return each_option(rdata, [&out](EdnsOption option, OctetSpan) {
    out.wants_nsid = out.wants_nsid || option == EdnsOption::kNsid;
    out.wants_keepalive = out.wants_keepalive || option == EdnsOption::kTcpKeepalive;
    out.wants_expire = out.wants_expire || option == EdnsOption::kExpire;
  });
}

std::optional<std::uint32_t> expire_option(OctetSpan rdata) noexcept {
  std::optional<std::uint32_t> seconds;
  const bool good = each_option(rdata, [&seconds](EdnsOption option, OctetSpan octets) {
    if (option == EdnsOption::kExpire && octets.size() == 4) {
      seconds = load_be32(octets.data());
    }
  });
  return good ? seconds : std::nullopt;
}

std::size_t edns_octets(const EdnsReply& reply) noexcept {
  std::size_t octets = kOptFixedOctets;
  octets += reply.nsid.empty() ? 0 : kOptionHeadOctets + reply.nsid.size();
  octets += reply.keepalive_100ms == 0 ? 0 : kOptionHeadOctets + 2;
  octets += reply.expire_seconds ? kOptionHeadOctets + 4 : 0;
  octets += reply.error == ExtendedError::kNone ? 0 : kOptionHeadOctets + 2;
  return octets;
}

std::size_t write_edns(const EdnsReply& reply, std::span<std::uint8_t> out) noexcept {
  std::uint8_t* const start = out.data();
  start[0] = 0;
  store_be16(start + 1, number(RrType::kOpt));
  store_be16(start + 3, reply.udp_payload);
  store_be32(start + 5,
             (std::uint32_t{reply.rcode_high} << 24U) | (reply.dnssec_ok ? kEdnsDoBit : 0));
  std::uint8_t* at = start + kOptFixedOctets;
  const auto head = [&at](EdnsOption code, std::size_t octets) {
    store_be16(at, static_cast<std::uint16_t>(code));
    store_be16(at + 2, static_cast<std::uint16_t>(octets));
    at += kOptionHeadOctets;
  };
  if (!reply.nsid.empty()) {
    head(EdnsOption::kNsid, reply.nsid.size());
    at = std::ranges::copy(reply.nsid, at).out;
  }
  if (reply.keepalive_100ms != 0) {
    head(EdnsOption::kTcpKeepalive, 2);
    store_be16(at, reply.keepalive_100ms);
    at += 2;
  }
  if (reply.expire_seconds) {
    head(EdnsOption::kExpire, 4);
    store_be32(at, *reply.expire_seconds);
    at += 4;
  }
  if (reply.error != ExtendedError::kNone) {
    head(EdnsOption::kExtendedError, 2);
    store_be16(at, static_cast<std::uint16_t>(reply.error));
    at += 2;
  }
  const auto written = static_cast<std::size_t>(at - start);
  store_be16(start + 9, static_cast<std::uint16_t>(written - kOptFixedOctets));
  return written;
}

}  // namespace tandem
