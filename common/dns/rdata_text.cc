#include "common/dns/rdata_text.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "common/dns/shown_text.h"

namespace tandem {
namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Seconds in one TTL unit; 0 when `c` is none.
std::uint32_t seconds_of_unit(char c) noexcept {
  switch (to_lower(static_cast<std::uint8_t>(c))) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86'400;
    case 'w':
      return 604'800;
    default:
      return 0;
  }
}

}  // namespace

std::string got(const Token& token) {
  switch (token.kind) {
    case TokenKind::kPlain:
      return shown_text(token.text);
    case TokenKind::kQuoted:
      return "the quoted text " + shown_text(token.text);
    case TokenKind::kEnd:
      break;
  }
  return "nothing";
}

std::unexpected<Error> TokenCursor::needs(std::string_view what) const {
  return fail(Errc::kInvalid, "{} record needs {}, got {}", to_text(type_), what, got(last_));
}

std::optional<std::uint32_t> number_from_text(std::string_view text, std::uint32_t max) noexcept {
  std::uint32_t value = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stopped != text.data() + text.size() || value > max) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint32_t> seconds_from_text(std::string_view text, std::uint32_t max) noexcept {
  if (text.empty() || !is_digit(text.front())) {
    return std::nullopt;
  }
  if (is_digit(text.back())) {
    return number_from_text(text, max);
  }
  std::uint64_t total = 0;
  while (!text.empty()) {
    const auto* const unit = std::ranges::find_if_not(text, is_digit);
    const auto digits = static_cast<std::size_t>(unit - text.begin());
    if (digits == text.size()) {
      return std::nullopt;
    }
    const auto count = number_from_text(text.substr(0, digits), max);
    const std::uint32_t seconds = seconds_of_unit(*unit);
    if (!count || seconds == 0) {
      return std::nullopt;
    }
    total += std::uint64_t{*count} * seconds;
    if (total > max) {
      return std::nullopt;
    }
    text.remove_prefix(digits + 1);
  }
  return static_cast<std::uint32_t>(total);
}

std::size_t plain_name_from_text(std::string_view text, NameView origin,
                                 std::span<std::uint8_t, kMaxNameOctets> out) noexcept {
  // Two octets more than its text is what a name without a final dot takes before the origin.
  if (text.empty() || text.size() > kMaxNameOctets - 2 || text == "@" || text == ".") {
    return 0;
  }
  std::size_t length_at = 0;
  std::size_t at = 1;
  for (const char c : text) {
    if (c == '\\') {
      return 0;
    }
    if (c != '.') {
      out[at++] = static_cast<std::uint8_t>(c);
      continue;
    }
    const std::size_t label = at - length_at - 1;
    if (label == 0 || label > kMaxLabelOctets) {
      return 0;
    }
    out[length_at] = static_cast<std::uint8_t>(label);
    length_at = at++;
  }
  const std::size_t label = at - length_at - 1;
  if (label == 0) {  // the text ended with a dot
    out[length_at] = 0;
    return at;
  }
  if (label > kMaxLabelOctets || at + origin.size() > kMaxNameOctets) {
    return 0;
  }
  out[length_at] = static_cast<std::uint8_t>(label);
  std::ranges::copy(origin.wire(), out.begin() + static_cast<std::ptrdiff_t>(at));
  return at + origin.size();
}

bool append_unescaped(std::string_view text, Octets& to) {
  while (true) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    append(to, as_octets(text.substr(0, plain)));
    text.remove_prefix(plain);
    if (text.empty()) {
      return true;
    }
    if (text.size() == 1) {
      return false;
    }
    if (!is_digit(text[1])) {
      to.push_back(static_cast<std::uint8_t>(text[1]));
      text.remove_prefix(2);
      continue;
    }
    const auto value = number_from_text(text.substr(1, 3), 255);
    if (text.size() < 4 || !value) {
      return false;
    }
    to.push_back(static_cast<std::uint8_t>(*value));
    text.remove_prefix(4);
  }
}

void append_quoted(OctetSpan octets, std::string& to) {
  to += '"';
  for (const std::uint8_t c : octets) {
    if (c == '"' || c == '\\') {
      to += '\\';
      to += static_cast<char>(c);
    } else if (c >= ' ' && c <= '~') {
      to += static_cast<char>(c);
    } else {
      fmt::format_to(std::back_inserter(to), "\\{:03}", c);
    }
  }
  to += '"';
}

Result<std::uint32_t> take_number(TokenCursor& from, std::uint32_t max) {
  const Token token = from.take();
  if (token.kind == TokenKind::kPlain) {
    if (const auto value = number_from_text(token.text, max)) {
      return *value;
    }
  }
  return from.needs(fmt::format("a number from 0 to {}", max));
}

Status append_name(TokenCursor& from, Octets& to) {
  const Token token = from.take();
  if (token.kind != TokenKind::kPlain) {
    return from.needs("a domain name");
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before read, once per name
  std::array<std::uint8_t, kMaxNameOctets> wire;
  if (const std::size_t size = plain_name_from_text(token.text, from.origin(), wire); size != 0) {
    append(to, {wire.data(), size});
    return {};
  }
  const auto name = Name::from_text(token.text, from.origin());
  if (!name) {
    return fail(Errc::kInvalid, "{} record needs a domain name: {}", to_text(from.type()),
                name.error().detail);
  }
  append(to, name->wire());
  return {};
}

Result<std::string> take_rest(TokenCursor& from, std::string_view what) {
  std::string joined;
  do {
    // Taken even when there is none, so that an error says so.
    const Token token = from.take();
    if (token.kind == TokenKind::kQuoted) {
      return from.needs(what);
    }
    joined += token.text;
  } while (!from.at_end());
  return joined;
}

}  // namespace tandem
