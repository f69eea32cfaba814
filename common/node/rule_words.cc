#include "common/node/rule_words.h"

#include <algorithm>

#include "common/dns/shown_text.h"

namespace tandem {
namespace {

RuleWord word_of(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  return {text, text.substr(0, colon),
          colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1)};
}

}  // namespace

Status read_rule_words(std::string_view rule, const std::function<Status(const RuleWord&)>& take) {
  while (true) {
    rule.remove_prefix(std::min(rule.find_first_not_of(' '), rule.size()));
    if (rule.empty()) {
      return {};
    }
    const std::string_view text = rule.substr(0, rule.find(' '));
    rule.remove_prefix(text.size());
    if (const Status taken = take(word_of(text)); !taken) {
      return in_context(shown_text(text), taken.error());
    }
  }
}

}  // namespace tandem
