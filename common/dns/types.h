// The numbers of the protocol with their names: types, classes, opcodes, rcodes (IANA "DNS
// Parameters"). All are open: any value may arrive from the wire and is legal (RFC 3597), so a
// switch over them has a default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tandem {

enum class RrType : std::uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kSoa = 6,
  kPtr = 12,
  kHinfo = 13,
  kMx = 15,
  kTxt = 16,
  kRp = 17,
  kAfsdb = 18,
  kAaaa = 28,
  kLoc = 29,
  kSrv = 33,
  kNaptr = 35,
  kKx = 36,
  kCert = 37,
  kDname = 39,
  kOpt = 41,
  kApl = 42,
  kDs = 43,
  kSshfp = 44,
  kIpseckey = 45,
  kRrsig = 46,
  kNsec = 47,
  kDnskey = 48,
  kDhcid = 49,
  kNsec3 = 50,
  kNsec3param = 51,
  kTlsa = 52,
  kSmimea = 53,
  kHip = 55,
  kCds = 59,
  kCdnskey = 60,
  kOpenpgpkey = 61,
  kCsync = 62,
  kZonemd = 63,
  kSvcb = 64,
  kHttps = 65,
  kSpf = 99,
  kNid = 104,
  kL32 = 105,
  kL64 = 106,
  kLp = 107,
  kEui48 = 108,
  kEui64 = 109,
  kTkey = 249,
  kTsig = 250,
  kIxfr = 251,
  kAxfr = 252,
  kMailb = 253,
  kMaila = 254,
  kAny = 255,
  kUri = 256,
  kCaa = 257,
};

enum class RrClass : std::uint16_t { kIn = 1, kCh = 3, kHs = 4, kNone = 254, kAny = 255 };

enum class Opcode : std::uint8_t { kQuery = 0, kIquery = 1, kStatus = 2, kNotify = 4, kUpdate = 5 };

/// RFC 6895 s2.3. Values above 15 need an OPT record to carry their upper bits (RFC 6891 s6.1.3).
enum class Rcode : std::uint16_t {
  kNoError = 0,
  kFormErr = 1,
  kServFail = 2,
  kNxDomain = 3,
  kNotImp = 4,
  kRefused = 5,
  kYxDomain = 6,
  kYxRrset = 7,
  kNxRrset = 8,
  kNotAuth = 9,
  kNotZone = 10,
  kBadVers = 16,
};

/// `A`, `TXT`, ... or `TYPE65280` (RFC 3597 s5).
[[nodiscard]] std::string to_text(RrType type);
[[nodiscard]] std::string to_text(RrClass rr_class);
[[nodiscard]] std::string to_text(Rcode rcode);
[[nodiscard]] std::string to_text(Opcode opcode);

/// Mnemonic in any case, or TYPEn; nothing when it is neither.
[[nodiscard]] std::optional<RrType> rr_type_from_text(std::string_view text);
[[nodiscard]] std::optional<RrClass> rr_class_from_text(std::string_view text);

/// Types that are never data of a zone: OPT, TKEY, TSIG, the transfer and query types, and 0
/// (RFC 6895 s3.1: 128-255 are QTYPEs and meta types).
[[nodiscard]] constexpr bool is_meta_type(RrType type) noexcept {
  const auto number = static_cast<std::uint16_t>(type);
  return number == 0 || type == RrType::kOpt || (number >= 128 && number <= 255);
}

[[nodiscard]] constexpr std::uint16_t number(RrType type) noexcept {
  return static_cast<std::uint16_t>(type);
}

}  // namespace tandem
