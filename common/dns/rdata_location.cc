// LOC (RFC 1876 s2, s3):
//   rdata := version u8 (0), size u8, horizontal u8, vertical u8, latitude u32, longitude u32,
//   altitude u32 text  := d [m [s]] N|S  d [m [s]] E|W  altitude[m] [size[m] [horizontal[m]
//   [vertical[m]]]]
// Sizes are a digit and a power of ten, in centimetres; angles thousandths of a second from 2^31;
// altitude centimetres above 100 km below the WGS 84 spheroid.
#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "common/dns/rdata_field.h"

namespace tandem {
namespace {

constexpr std::size_t kLocationOctets = 16;
constexpr std::uint32_t kDegree = 3'600'000;
constexpr std::uint32_t kMinute = 60'000;
constexpr std::uint32_t kSecond = 1000;
constexpr std::uint32_t kEquator = 0x80000000;
constexpr std::uint32_t kMaxLatitude = 90 * kDegree;
constexpr std::uint32_t kMaxLongitude = 180 * kDegree;
constexpr std::int64_t kLowestAltitude = 10'000'000;                       // centimetres
constexpr std::array<std::uint8_t, 3> kDefaultSizes = {0x12, 0x16, 0x13};  // 1 m, 10 km, 10 m

/// RFC 1876 s2: both digits from 0 to 9. Zero is written in one way only, or it would not survive
/// as text.
bool is_size(std::uint8_t size) noexcept {
  const unsigned mantissa = size >> 4U;
  return size == 0 || (mantissa >= 1 && mantissa <= 9 && (size & 0xfU) <= 9);
}

std::uint64_t centimetres_of_size(std::uint8_t size) noexcept {
  std::uint64_t value = size >> 4U;
  for (unsigned power = size & 0xfU; power > 0; --power) {
    value *= 10;
  }
  return value;
}

/// The digits that fit are kept, as in the sample code of RFC 1876 s3 (appendix A).
std::uint8_t size_of_centimetres(std::uint64_t centimetres) noexcept {
  unsigned power = 0;
  while (centimetres >= 10) {
    centimetres /= 10;
    ++power;
  }
  return centimetres == 0 ? std::uint8_t{0}
                          : static_cast<std::uint8_t>((centimetres << 4U) | power);
}

/// Digits with at most `decimals` more behind a point, as an integer of the last decimal's unit.
std::optional<std::uint64_t> fixed_point(std::string_view text, std::size_t decimals) noexcept {
  constexpr std::size_t kMaxDigits = 12;
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  if (point == 0 || point > kMaxDigits || fraction.size() > decimals ||
      (point != text.size() && fraction.empty())) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto add_digit = [&value](char c) {
    value = value * 10 + static_cast<unsigned>(c - '0');
    return c >= '0' && c <= '9';
  };
  if (!std::ranges::all_of(text.substr(0, point), add_digit) ||
      !std::ranges::all_of(fraction, add_digit)) {
    return std::nullopt;
  }
  for (std::size_t i = fraction.size(); i < decimals; ++i) {
    value *= 10;
  }
  return value;
}

/// The two letters of an axis; the first one's side is above the origin.
struct Axis {
  char above;
  char below;
  std::uint32_t limit;
  std::string_view expected;
};

constexpr Axis kLatitude = {'n', 's', kMaxLatitude, "a latitude such as 52 22 23.000 N"};
constexpr Axis kLongitude = {'e', 'w', kMaxLongitude, "a longitude such as 4 53 32.000 E"};

/// The side that a token names, as a lower case letter; NUL when it is none of the axis.
char side_of(const Token& token, const Axis& axis) noexcept {
  if (token.kind != TokenKind::kPlain || token.text.size() != 1) {
    return '\0';
  }
  const char side = static_cast<char>(to_lower(static_cast<std::uint8_t>(token.text[0])));
  return side == axis.above || side == axis.below ? side : '\0';
}

Status parse_angle(TokenCursor& from, const Axis& axis, Octets& to) {
  constexpr std::array<std::uint32_t, 3> kUnits = {kDegree, kMinute, kSecond};
  std::uint64_t angle = 0;
  Token token = from.take();
  for (std::size_t i = 0; i < kUnits.size() && (i == 0 || side_of(token, axis) == '\0'); ++i) {
    const bool is_seconds = i == 2;
    const auto part = token.kind == TokenKind::kPlain ? fixed_point(token.text, is_seconds ? 3 : 0)
                                                      : std::nullopt;
    const std::uint64_t limit = is_seconds ? 60 * kSecond : 60;
    if (!part || (i > 0 && *part >= limit) || *part > axis.limit) {
      return from.needs(axis.expected);
    }
    angle += is_seconds ? *part : *part * kUnits[i];
    token = from.take();
  }
  const char side = side_of(token, axis);
  if (side == '\0' || angle > axis.limit) {
    return from.needs(axis.expected);
  }
  const auto distance = static_cast<std::uint32_t>(angle);
  append_be(to, side == axis.above ? kEquator + distance : kEquator - distance);
  return {};
}

/// Metres with an optional final m, as centimetres.
std::optional<std::uint64_t> centimetres_from_text(std::string_view text) noexcept {
  if (text.ends_with('m') || text.ends_with('M')) {
    text.remove_suffix(1);
  }
  return fixed_point(text, 2);
}

Status parse_altitude(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  const bool is_below = token.kind == TokenKind::kPlain && token.text.starts_with('-');
  const auto centimetres = token.kind == TokenKind::kPlain
                               ? centimetres_from_text(token.text.substr(is_below ? 1 : 0))
                               : std::nullopt;
  const std::int64_t distance = static_cast<std::int64_t>(centimetres.value_or(0));
  const std::int64_t altitude = kLowestAltitude + (is_below ? -distance : distance);
  if (!centimetres || altitude < 0 || altitude > std::numeric_limits<std::uint32_t>::max()) {
    return from.needs("an altitude from -100000.00m to 42849672.95m");
  }
  append_be(to, static_cast<std::uint32_t>(altitude));
  return {};
}

void print_angle(std::uint32_t value, const Axis& axis, std::string& to) {
  const bool is_above = value >= kEquator;
  const std::uint32_t angle = is_above ? value - kEquator : kEquator - value;
  const char side = is_above ? axis.above : axis.below;
  fmt::format_to(std::back_inserter(to), "{} {} {}.{:03} {}", angle / kDegree,
                 angle % kDegree / kMinute, angle % kMinute / kSecond, angle % kSecond,
                 static_cast<char>(side - 'a' + 'A'));
}

void print_metres(std::int64_t centimetres, std::string& to) {
  const std::int64_t distance = centimetres < 0 ? -centimetres : centimetres;
  fmt::format_to(std::back_inserter(to), "{}{}.{:02}m", centimetres < 0 ? "-" : "", distance / 100,
                 distance % 100);
}

bool is_angle(std::uint32_t value, std::uint32_t limit) noexcept {
  return value >= kEquator - limit && value <= kEquator + limit;
}

}  // namespace

Status check_location(OctetSpan field) {
  if (field.size() != kLocationOctets || field[0] != 0) {
    return fail(Errc::kInvalid, "is not 16 octets of version 0");
  }
  if (!std::ranges::all_of(field.subspan(1, kDefaultSizes.size()), is_size)) {
    return fail(Errc::kInvalid, "has a size or precision that is not a digit and a power of ten");
  }
  if (!is_angle(load_be32(field.data() + 4), kMaxLatitude) ||
      !is_angle(load_be32(field.data() + 8), kMaxLongitude)) {
    return fail(Errc::kInvalid, "has a latitude beyond 90 or a longitude beyond 180 degrees");
  }
  return {};
}

Status parse_location(TokenCursor& from, Octets& to) {
  const std::size_t sizes_at = to.size() + 1;
  to.push_back(0);
  append(to, kDefaultSizes);
  TRYV(parse_angle(from, kLatitude, to));
  TRYV(parse_angle(from, kLongitude, to));
  TRYV(parse_altitude(from, to));
  constexpr std::uint64_t kMaxSize = 9'000'000'000;  // centimetres
  for (std::size_t i = 0; i < kDefaultSizes.size() && !from.at_end(); ++i) {
    const Token token = from.take();
    const auto size =
        token.kind == TokenKind::kPlain ? centimetres_from_text(token.text) : std::nullopt;
    if (!size || *size > kMaxSize) {
      return from.needs("a size or precision from 0.00m to 90000000.00m");
    }
    to[sizes_at + i] = size_of_centimetres(*size);
  }
  return {};
}

void print_location(OctetSpan field, std::string& to) {
  print_angle(load_be32(field.data() + 4), kLatitude, to);
  to += ' ';
  print_angle(load_be32(field.data() + 8), kLongitude, to);
  to += ' ';
  print_metres(static_cast<std::int64_t>(load_be32(field.data() + 12)) - kLowestAltitude, to);
  for (const std::uint8_t size : field.subspan(1, kDefaultSizes.size())) {
    to += ' ';
    print_metres(static_cast<std::int64_t>(centimetres_of_size(size)), to);
  }
}

}  // namespace tandem
