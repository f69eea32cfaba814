#include "common/dns/rdata_address.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "common/base/bytes.h"

namespace tandem {
namespace {

constexpr std::size_t kGroups = 8;

/// Value of a hexadecimal digit; 16 when it is none.
unsigned hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const char lower = static_cast<char>(to_lower(static_cast<std::uint8_t>(c)));
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : 16;
}

/// The colon-separated groups of an IPv6 text, and where "::" stood among them.
struct GroupList {
  std::array<std::uint16_t, kGroups> group{};
  std::size_t count = 0;
  std::size_t gap_at = kGroups + 1;  // beyond the end: no "::"

  [[nodiscard]] bool has_gap() const noexcept { return gap_at <= kGroups; }

  [[nodiscard]] bool push(unsigned value) noexcept {
    if (count == kGroups) {
      return false;
    }
    group[count++] = static_cast<std::uint16_t>(value);
    return true;
  }
};

/// One to four hex digits in front of `text` are moved into `groups`.
bool take_group(std::string_view& text, GroupList& groups) noexcept {
  unsigned value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && digits < 4 && hex_digit(text[digits]) < 16) {
    value = value * 16 + hex_digit(text[digits++]);
  }
  text.remove_prefix(digits);
  return digits != 0 && groups.push(value);
}

bool take_dotted_quad(std::string_view text, GroupList& groups) noexcept {
  const auto quad = ipv4_from_text(text);
  return quad && groups.push(load_be16(quad->data())) && groups.push(load_be16(quad->data() + 2));
}

/// Reads all groups; false when the text is no list of them.
bool take_groups(std::string_view text, GroupList& groups) noexcept {
  if (text.starts_with("::")) {
    groups.gap_at = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(':'));
    if (part.size() == text.size() && part.find('.') != std::string_view::npos) {
      return take_dotted_quad(part, groups);
    }
    if (!take_group(text, groups)) {
      return false;
    }
    if (text.empty()) {
      return true;
    }
    if (text.starts_with("::") && !groups.has_gap()) {
      groups.gap_at = groups.count;
      text.remove_prefix(2);
    } else if (text.front() == ':' && text.size() > 1) {
      text.remove_prefix(1);
    } else {
      return false;
    }
  }
  return true;
}

/// The longest run of at least two zero groups, the first of equals (RFC 5952 s4.2).
struct ZeroRun {
  std::size_t begin = kGroups;
  std::size_t length = 0;
};

ZeroRun longest_zero_run(const std::array<std::uint16_t, kGroups>& group) noexcept {
  ZeroRun longest;
  for (std::size_t begin = 0; begin < kGroups;) {
    std::size_t end = begin;
    while (end < kGroups && group[end] == 0) {
      ++end;
    }
    if (end - begin > std::max<std::size_t>(longest.length, 1)) {
      longest = {begin, end - begin};
    }
    begin = end + 1;
  }
  return longest;
}

}  // namespace

std::optional<Ipv4Octets> ipv4_from_text(std::string_view text) noexcept {
  Ipv4Octets out{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i > 0) {
      if (at == end || *at != '.') {
        return std::nullopt;
      }
      ++at;
    }
    const char* const first = at;
    unsigned value = 0;
    while (at != end && at - first < 3 && *at >= '0' && *at <= '9') {
      value = value * 10 + static_cast<unsigned>(*at++ - '0');
    }
    const bool has_leading_zero = at - first > 1 && *first == '0';
    if (at == first || value > 255 || has_leading_zero) {
      return std::nullopt;
    }
    out[i] = static_cast<std::uint8_t>(value);
  }
  return at == end ? std::optional(out) : std::nullopt;
}

std::optional<Ipv6Octets> ipv6_from_text(std::string_view text) noexcept {
  GroupList groups;
  if (!take_groups(text, groups)) {
    return std::nullopt;
  }
  // "::" stands for at least one group (RFC 5952 s4.2.2 leaves that to the reader; every parser
  // reads it so).
  if (groups.has_gap() ? groups.count == kGroups : groups.count != kGroups) {
    return std::nullopt;
  }
  Ipv6Octets out{};
  const std::size_t missing = kGroups - groups.count;
  for (std::size_t i = 0; i < groups.count; ++i) {
    const std::size_t at = i < groups.gap_at ? i : i + missing;
    store_be16(out.data() + 2 * at, groups.group[i]);
  }
  return out;
}

void append_ipv4_text(std::span<const std::uint8_t, 4> address, std::string& to) {
  fmt::format_to(std::back_inserter(to), "{}.{}.{}.{}", address[0], address[1], address[2],
                 address[3]);
}

void append_ipv6_text(std::span<const std::uint8_t, 16> address, std::string& to) {
  constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::ranges::equal(address.first<12>(), kMappedPrefix)) {
    to += "::ffff:";
    append_ipv4_text(address.last<4>(), to);
    return;
  }
  std::array<std::uint16_t, kGroups> group{};
  for (std::size_t i = 0; i < kGroups; ++i) {
    group[i] = load_be16(address.data() + 2 * i);
  }
  const ZeroRun gap = longest_zero_run(group);
  for (std::size_t i = 0; i < kGroups;) {
    if (i == gap.begin) {
      to += "::";
      i += gap.length;
      continue;
    }
    const bool follows_group = i > 0 && i != gap.begin + gap.length;
    fmt::format_to(std::back_inserter(to), "{}{:x}", follows_group ? ":" : "", group[i]);
    ++i;
  }
}

}  // namespace tandem
