#include "common/node/rule_words.h"

#include <algorithm>

#include "common/dns/shown_text.h"

namespace tandem {
namespace {

/// The next word of `rule`, which loses it; empty at the end.
std::string_view next_word(std::string_view& rule) noexcept {
  rule.remove_prefix(std::min(rule.find_first_not_of(' '), rule.size()));
  const std::string_view word = rule.substr(0, rule.find(' '));
  rule.remove_prefix(word.size());
  return word;
}

}  // namespace

RuleWord rule_word(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  return {text,
          text.substr(0, colon),
          colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1),
          {}};
}

Status read_rule_words(std::string_view rule, const std::function<Status(const RuleWord&)>& take) {
  for (std::string_view text = next_word(rule); !text.empty(); text = next_word(rule)) {
    RuleWord word = rule_word(text);
    std::string_view rest = rule;
    word.next = next_word(rest);
    if (const Status taken = take(word); !taken) {
      return in_context(shown_text(text), taken.error());
    }
  }
  return {};
}

}  // namespace tandem
