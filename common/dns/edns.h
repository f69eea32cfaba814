// The OPT pseudo-record (RFC 6891) and its options, both ways, without allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/base/bytes.h"

namespace tandem {

enum class EdnsOption : std::uint16_t {
  kNsid = 3,            // RFC 5001
  kExpire = 9,          // RFC 7314
  kCookie = 10,         // RFC 7873
  kTcpKeepalive = 11,   // RFC 7828
  kExtendedError = 15,  // RFC 8914
};

enum class ExtendedError : std::uint16_t {
  kNone = 0xffff,
  kStaleAnswer = 3,
  kNotAuthoritative = 20,
  kInvalidData = 24,
};

constexpr std::uint16_t kMinUdpPayload = 512;       // RFC 6891 s6.2.3
constexpr std::uint16_t kMaxUdpPayload = 4096;      // RFC 6891 s6.2.5
constexpr std::uint16_t kDefaultUdpPayload = 1232;  // no fragments on any path (DNS flag day 2020)
constexpr std::uint32_t kEdnsDoBit = 0x8000;

/// What a query's OPT record says.
struct EdnsQuery {
  bool is_present = false;
  bool wants_dnssec = false;  // DO
  bool wants_nsid = false;
  bool wants_keepalive = false;
  bool wants_expire = false;
  std::uint8_t version = 0;
  std::uint16_t udp_payload = kMinUdpPayload;
};

/// Reads CLASS, TTL and RDATA of an OPT record. False when an option is malformed.
[[nodiscard]] bool parse_edns(std::uint16_t rr_class, std::uint32_t ttl, OctetSpan rdata,
                              EdnsQuery& out) noexcept;

/// Of an answer's OPT record: how long the server will have the zone, in seconds (RFC 7314 s3).
/// Nothing when it does not say, or has malformed options.
[[nodiscard]] std::optional<std::uint32_t> expire_option(OctetSpan rdata) noexcept;

/// What an answer's OPT record shall say.
struct EdnsReply {
  std::uint8_t rcode_high = 0;  // upper eight bits of the rcode
  bool dnssec_ok = false;
  std::uint16_t udp_payload = kDefaultUdpPayload;
  OctetSpan nsid;                                              // empty: no option
  std::uint16_t keepalive_100ms = 0;                           // 0: no option
  std::optional<std::uint32_t> expire_seconds = std::nullopt;  // RFC 7314; none: no option
  ExtendedError error = ExtendedError::kNone;
};

[[nodiscard]] std::size_t edns_octets(const EdnsReply& reply) noexcept;

/// Writes the OPT record. Requires: out.size() >= edns_octets(reply). Returns the octets written.
std::size_t write_edns(const EdnsReply& reply, std::span<std::uint8_t> out) noexcept;

}  // namespace tandem
