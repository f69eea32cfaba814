// Integers that text shows in another way: times, type and algorithm mnemonics.
#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <limits>

#include "common/dns/rdata_field.h"

namespace tandem {
namespace {

template <class T>
struct Mnemonic {
  std::string_view name;
  T value;
};

/// IANA "DNS Security Algorithm Numbers", with the names that RFC 4034 A.1 and RFC 5155 s11 use
/// beside them.
constexpr std::array kAlgorithms = {
    Mnemonic<std::uint8_t>{"RSAMD5", 1},
    Mnemonic<std::uint8_t>{"DH", 2},
    Mnemonic<std::uint8_t>{"DSA", 3},
    Mnemonic<std::uint8_t>{"RSASHA1", 5},
    Mnemonic<std::uint8_t>{"DSA-NSEC3-SHA1", 6},
    Mnemonic<std::uint8_t>{"NSEC3DSA", 6},
    Mnemonic<std::uint8_t>{"RSASHA1-NSEC3-SHA1", 7},
    Mnemonic<std::uint8_t>{"NSEC3RSASHA1", 7},
    Mnemonic<std::uint8_t>{"RSASHA256", 8},
    Mnemonic<std::uint8_t>{"RSASHA512", 10},
    Mnemonic<std::uint8_t>{"ECC-GOST", 12},
    Mnemonic<std::uint8_t>{"ECCGOST", 12},
    Mnemonic<std::uint8_t>{"ECDSAP256SHA256", 13},
    Mnemonic<std::uint8_t>{"ECDSAP384SHA384", 14},
    Mnemonic<std::uint8_t>{"ED25519", 15},
    Mnemonic<std::uint8_t>{"ED448", 16},
    Mnemonic<std::uint8_t>{"INDIRECT", 252},
    Mnemonic<std::uint8_t>{"PRIVATEDNS", 253},
    Mnemonic<std::uint8_t>{"PRIVATEOID", 254},
};

/// RFC 4398 s2.1.
constexpr std::array kCertTypes = {
    Mnemonic<std::uint16_t>{"PKIX", 1},   Mnemonic<std::uint16_t>{"SPKI", 2},
    Mnemonic<std::uint16_t>{"PGP", 3},    Mnemonic<std::uint16_t>{"IPKIX", 4},
    Mnemonic<std::uint16_t>{"ISPKI", 5},  Mnemonic<std::uint16_t>{"IPGP", 6},
    Mnemonic<std::uint16_t>{"ACPKIX", 7}, Mnemonic<std::uint16_t>{"IACPKIX", 8},
    Mnemonic<std::uint16_t>{"URI", 253},  Mnemonic<std::uint16_t>{"OID", 254},
};

template <class T, std::size_t N>
Status parse_mnemonic(TokenCursor& from, Octets& to, const std::array<Mnemonic<T>, N>& table,
                      std::string_view what) {
  const Token token = from.take();
  if (token.kind != TokenKind::kPlain) {
    return from.needs(what);
  }
  if (const auto value = number_from_text(token.text, std::numeric_limits<T>::max())) {
    append_be(to, static_cast<T>(*value));
    return {};
  }
  const auto* const row = std::ranges::find_if(table, [&](const Mnemonic<T>& candidate) {
    return equal_fold(as_octets(candidate.name), as_octets(token.text));
  });
  if (row == table.end()) {
    return from.needs(what);
  }
  append_be(to, row->value);
  return {};
}

/// YYYYMMDDHHmmSS as seconds since 1970 (RFC 4034 s3.2), nothing when it is no such moment.
std::optional<std::uint32_t> seconds_from_date(std::string_view text) {
  constexpr std::size_t kDigits = 14;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != kDigits || !std::ranges::all_of(text, is_digit)) {
    return std::nullopt;
  }
  const auto part = [text](std::size_t at, std::size_t digits) {
    return number_from_text(text.substr(at, digits), 9999).value_or(0);
  };
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(part(0, 4))),
                                        std::chrono::month(part(4, 2)),
                                        std::chrono::day(part(6, 2))};
  const std::uint32_t hour = part(8, 2);
  const std::uint32_t minute = part(10, 2);
  const std::uint32_t second = part(12, 2);
  if (!day.ok() || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  const std::int64_t days = std::chrono::sys_days(day).time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
  if (seconds < 0 || seconds > std::numeric_limits<std::uint32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(seconds);
}

}  // namespace

Status parse_time(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  if (token.kind == TokenKind::kPlain) {
    constexpr auto kMax = std::numeric_limits<std::uint32_t>::max();
    auto seconds = number_from_text(token.text, kMax);
    if (!seconds) {
      seconds = seconds_from_date(token.text);
    }
    if (seconds) {
      append_be(to, *seconds);
      return {};
    }
  }
  return from.needs("a time as YYYYMMDDHHmmSS or in seconds since 1970");
}

void print_time(OctetSpan field, std::string& to) {
  const std::uint32_t seconds = load_be32(field.data());
  constexpr std::uint32_t kDaySeconds = 86'400;
  const std::chrono::year_month_day day{
      std::chrono::sys_days(std::chrono::days(seconds / kDaySeconds))};
  const std::uint32_t of_day = seconds % kDaySeconds;
  fmt::format_to(std::back_inserter(to), "{:04}{:02}{:02}{:02}{:02}{:02}",
                 static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                 static_cast<unsigned>(day.day()), of_day / 3600, of_day / 60 % 60, of_day % 60);
}

Status parse_type(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  if (token.kind == TokenKind::kPlain) {
    if (const auto type = rr_type_from_text(token.text)) {
      append_be(to, number(*type));
      return {};
    }
  }
  return from.needs("a record type");
}

void print_type(OctetSpan field, std::string& to) {
  to += to_text(static_cast<RrType>(load_be16(field.data())));
}

Status parse_algorithm(TokenCursor& from, Octets& to) {
  return parse_mnemonic(from, to, kAlgorithms, "an algorithm's number or name");
}

Status parse_cert_type(TokenCursor& from, Octets& to) {
  return parse_mnemonic(from, to, kCertTypes, "a certificate type's number or name");
}

}  // namespace tandem
