#include "common/dns/types.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "common/base/bytes.h"

namespace tandem {
namespace {

template <class T>
struct Named {
  T value;
  std::string_view name;
};

constexpr std::array kTypes = {
    Named{RrType::kA, "A"},
    Named{RrType::kNs, "NS"},
    Named{RrType::kCname, "CNAME"},
    Named{RrType::kSoa, "SOA"},
    Named{RrType::kPtr, "PTR"},
    Named{RrType::kHinfo, "HINFO"},
    Named{RrType::kMx, "MX"},
    Named{RrType::kTxt, "TXT"},
    Named{RrType::kRp, "RP"},
    Named{RrType::kAfsdb, "AFSDB"},
    Named{RrType::kAaaa, "AAAA"},
    Named{RrType::kLoc, "LOC"},
    Named{RrType::kSrv, "SRV"},
    Named{RrType::kNaptr, "NAPTR"},
    Named{RrType::kKx, "KX"},
    Named{RrType::kCert, "CERT"},
    Named{RrType::kDname, "DNAME"},
    Named{RrType::kOpt, "OPT"},
    Named{RrType::kApl, "APL"},
    Named{RrType::kDs, "DS"},
    Named{RrType::kSshfp, "SSHFP"},
    Named{RrType::kIpseckey, "IPSECKEY"},
    Named{RrType::kRrsig, "RRSIG"},
    Named{RrType::kNsec, "NSEC"},
    Named{RrType::kDnskey, "DNSKEY"},
    Named{RrType::kDhcid, "DHCID"},
    Named{RrType::kNsec3, "NSEC3"},
    Named{RrType::kNsec3param, "NSEC3PARAM"},
    Named{RrType::kTlsa, "TLSA"},
    Named{RrType::kSmimea, "SMIMEA"},
    Named{RrType::kHip, "HIP"},
    Named{RrType::kCds, "CDS"},
    Named{RrType::kCdnskey, "CDNSKEY"},
    Named{RrType::kOpenpgpkey, "OPENPGPKEY"},
    Named{RrType::kCsync, "CSYNC"},
    Named{RrType::kZonemd, "ZONEMD"},
    Named{RrType::kSvcb, "SVCB"},
    Named{RrType::kHttps, "HTTPS"},
    Named{RrType::kSpf, "SPF"},
    Named{RrType::kNid, "NID"},
    Named{RrType::kL32, "L32"},
    Named{RrType::kL64, "L64"},
    Named{RrType::kLp, "LP"},
    Named{RrType::kEui48, "EUI48"},
    Named{RrType::kEui64, "EUI64"},
    Named{RrType::kTkey, "TKEY"},
    Named{RrType::kTsig, "TSIG"},
    Named{RrType::kIxfr, "IXFR"},
    Named{RrType::kAxfr, "AXFR"},
    Named{RrType::kMailb, "MAILB"},
    Named{RrType::kMaila, "MAILA"},
    Named{RrType::kAny, "ANY"},
    Named{RrType::kUri, "URI"},
    Named{RrType::kCaa, "CAA"},
};

constexpr std::array kClasses = {
    Named{RrClass::kIn, "IN"},     Named{RrClass::kCh, "CH"},   Named{RrClass::kHs, "HS"},
    Named{RrClass::kNone, "NONE"}, Named{RrClass::kAny, "ANY"},
};

constexpr std::array kOpcodes = {
    Named{Opcode::kQuery, "QUERY"},   Named{Opcode::kIquery, "IQUERY"},
    Named{Opcode::kStatus, "STATUS"}, Named{Opcode::kNotify, "NOTIFY"},
    Named{Opcode::kUpdate, "UPDATE"},
};

constexpr std::array kRcodes = {
    Named{Rcode::kNoError, "NOERROR"},   Named{Rcode::kFormErr, "FORMERR"},
    Named{Rcode::kServFail, "SERVFAIL"}, Named{Rcode::kNxDomain, "NXDOMAIN"},
    Named{Rcode::kNotImp, "NOTIMP"},     Named{Rcode::kRefused, "REFUSED"},
    Named{Rcode::kYxDomain, "YXDOMAIN"}, Named{Rcode::kYxRrset, "YXRRSET"},
    Named{Rcode::kNxRrset, "NXRRSET"},   Named{Rcode::kNotAuth, "NOTAUTH"},
    Named{Rcode::kNotZone, "NOTZONE"},   Named{Rcode::kBadVers, "BADVERS"},
};

template <class Table, class T>
std::string name_in(const Table& table, T value, std::string_view unknown_prefix) {
  const auto* const found =
      std::ranges::find_if(table, [value](const auto& row) { return row.value == value; });
  return found != table.end() ? std::string(found->name)
                              : fmt::format("{}{}", unknown_prefix, static_cast<unsigned>(value));
}

bool equal_fold(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return to_lower(static_cast<std::uint8_t>(x)) == to_lower(static_cast<std::uint8_t>(y));
  });
}

template <class T, class Table>
std::optional<T> value_in(const Table& table, std::string_view text,
                          std::string_view unknown_prefix) {
  const auto* const found =
      std::ranges::find_if(table, [text](const auto& row) { return equal_fold(row.name, text); });
  if (found != table.end()) {
    return found->value;
  }
  if (text.size() <= unknown_prefix.size() ||
      !equal_fold(text.substr(0, unknown_prefix.size()), unknown_prefix)) {
    return std::nullopt;
  }
  text.remove_prefix(unknown_prefix.size());
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return static_cast<T>(number);
}

}  // namespace

std::string to_text(RrType type) {
  return name_in(kTypes, type, "TYPE");
}

std::string to_text(RrClass rr_class) {
  return name_in(kClasses, rr_class, "CLASS");
}

std::string to_text(Rcode rcode) {
  return name_in(kRcodes, rcode, "RCODE");
}

std::string to_text(Opcode opcode) {
  return name_in(kOpcodes, opcode, "OPCODE");
}

std::optional<RrType> rr_type_from_text(std::string_view text) {
  return value_in<RrType>(kTypes, text, "TYPE");
}

std::optional<RrClass> rr_class_from_text(std::string_view text) {
  return value_in<RrClass>(kClasses, text, "CLASS");
}

}  // namespace tandem
