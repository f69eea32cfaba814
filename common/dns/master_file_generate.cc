#include "common/dns/master_file_generate.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>

#include "common/dns/rdata_text.h"
#include "common/dns/shown_text.h"

namespace tandem {
namespace {

constexpr std::uint32_t kMaxNumber = 0x7fffffff;
constexpr std::uint32_t kMaxWidth = 255;  // no name or text is longer

/// What stands between `${` and `}`.
struct Modifier {
  std::int64_t offset = 0;
  std::uint32_t width = 0;
  char base = 'd';
};

/// `offset[,width[,base]]`.
std::optional<Modifier> modifier_from_text(std::string_view text) {
  Modifier modifier;
  const std::size_t first_comma = std::min(text.find(','), text.size());
  std::string_view offset = text.substr(0, first_comma);
  if (offset.starts_with("+-")) {
    return std::nullopt;
  }
  offset.remove_prefix(offset.starts_with('+') ? 1 : 0);
  const auto [stopped, error] =
      std::from_chars(offset.data(), offset.data() + offset.size(), modifier.offset);
  if (error != std::errc{} || stopped != offset.data() + offset.size() ||
      std::abs(modifier.offset) > kMaxNumber) {
    return std::nullopt;
  }
  if (first_comma == text.size()) {
    return modifier;
  }
  text.remove_prefix(first_comma + 1);
  const std::size_t second_comma = std::min(text.find(','), text.size());
  const auto width = number_from_text(text.substr(0, second_comma), kMaxWidth);
  if (!width) {
    return std::nullopt;
  }
  modifier.width = *width;
  if (second_comma == text.size()) {
    return modifier;
  }
  text.remove_prefix(second_comma + 1);
  constexpr std::string_view kBases = "doxXnN";
  if (text.size() != 1 || kBases.find(text.front()) == std::string_view::npos) {
    return std::nullopt;
  }
  modifier.base = text.front();
  return modifier;
}

/// Hex digits, least significant first, with dots between; the width counts digits and dots.
void append_nibbles(std::uint64_t value, std::uint32_t width, std::string_view digits,
                    std::string& to) {
  std::uint32_t written = 0;
  while (true) {
    to += digits[value & 0xfU];
    value >>= 4U;
    ++written;
    if (value == 0 && written >= width) {
      return;
    }
    to += '.';
    ++written;
    if (value == 0 && written >= width) {
      return;
    }
  }
}

void append_number(std::uint64_t value, const Modifier& modifier, std::string& to) {
  const auto out = std::back_inserter(to);
  switch (modifier.base) {
    case 'o':
      fmt::format_to(out, "{:0{}o}", value, modifier.width);
      return;
    case 'x':
      fmt::format_to(out, "{:0{}x}", value, modifier.width);
      return;
    case 'X':
      fmt::format_to(out, "{:0{}X}", value, modifier.width);
      return;
    case 'n':
      append_nibbles(value, modifier.width, "0123456789abcdef", to);
      return;
    case 'N':
      append_nibbles(value, modifier.width, "0123456789ABCDEF", to);
      return;
    default:
      fmt::format_to(out, "{:0{}}", value, modifier.width);
      return;
  }
}

/// What starts with a dollar sign at the front of `pattern` is taken off it and appended.
Status append_dollar(std::string_view& pattern, std::uint32_t number, std::string& to) {
  pattern.remove_prefix(1);
  if (pattern.starts_with('$')) {
    pattern.remove_prefix(1);
    to += '$';
    return {};
  }
  Modifier modifier;
  if (pattern.starts_with('{')) {
    const std::size_t close = pattern.find('}');
    const auto given = close != std::string_view::npos
                           ? modifier_from_text(pattern.substr(1, close - 1))
                           : std::nullopt;
    if (!given) {
      return fail(Errc::kInvalid, "$GENERATE needs ${{offset,width,base}}, got {}",
                  shown_text("$" + std::string(pattern)));
    }
    modifier = *given;
    pattern.remove_prefix(close + 1);
  }
  const std::int64_t value = number + modifier.offset;
  if (value < 0) {
    return fail(Errc::kInvalid, "$GENERATE needs numbers from 0, got {}", value);
  }
  append_number(static_cast<std::uint64_t>(value), modifier, to);
  return {};
}

}  // namespace

std::optional<GenerateRange> generate_range_from_text(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::size_t slash = std::min(text.find('/'), text.size());
  if (dash == std::string_view::npos || slash < dash) {
    return std::nullopt;
  }
  const auto start = number_from_text(text.substr(0, dash), kMaxNumber);
  const auto stop = number_from_text(text.substr(dash + 1, slash - dash - 1), kMaxNumber);
  const auto step = slash == text.size() ? std::optional<std::uint32_t>(1)
                                         : number_from_text(text.substr(slash + 1), kMaxNumber);
  if (!start || !stop || !step || *start > *stop || *step == 0) {
    return std::nullopt;
  }
  return GenerateRange{*start, *stop, *step};
}

Status append_generated(std::string_view pattern, std::uint32_t number, std::string& to) {
  while (!pattern.empty()) {
    const std::size_t plain = std::min(pattern.find_first_of("$\\"), pattern.size());
    to += pattern.substr(0, plain);
    pattern.remove_prefix(plain);
    if (pattern.starts_with('\\')) {
      to += pattern.substr(0, 2);
      pattern.remove_prefix(std::min<std::size_t>(pattern.size(), 2));
    } else if (!pattern.empty()) {
      TRYV(append_dollar(pattern, number, to));
    }
  }
  return {};
}

}  // namespace tandem
