#include "ctl/rule_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "common/dns/master_file.h"

namespace tandem {
namespace {

constexpr std::string_view kExpire = "expire:";

std::string duration_text(std::uint32_t seconds) {
  constexpr std::array<std::pair<std::uint32_t, char>, 3> kUnits = {
      {{86'400, 'd'}, {3'600, 'h'}, {60, 'm'}}};
  for (const auto& [length, letter] : kUnits) {
    if (seconds != 0 && seconds % length == 0) {
      return fmt::format("{}{}", seconds / length, letter);
    }
  }
  return std::to_string(seconds);
}

}  // namespace

std::string shown_rule(std::string_view rule) {
  std::string out;
  while (!rule.empty()) {
    const std::string_view word = rule.substr(0, rule.find(' '));
    rule.remove_prefix(std::min(word.size() + 1, rule.size()));
    const auto expire = word.starts_with(kExpire) ? ttl_from_text(word.substr(kExpire.size()))
                                                  : std::optional<std::uint32_t>();
    out += out.empty() ? "" : " ";
    out += expire ? fmt::format("{}{}", kExpire, duration_text(*expire)) : std::string(word);
  }
  return out;
}

}  // namespace tandem
