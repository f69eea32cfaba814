// The words of a rule that says who may do something: `kind:value`, spaces between.
#pragma once

#include <functional>
#include <string_view>

#include "common/base/result.h"

namespace tandem {

/// Views into the rule's text.
struct RuleWord {
  std::string_view text;
  std::string_view kind;   // in front of the first colon; all of it when there is none
  std::string_view value;  // behind that colon
  std::string_view next;   // the word behind it; empty: none
};

/// A word that stands alone.
[[nodiscard]] RuleWord rule_word(std::string_view text) noexcept;

/// Gives each word to `take`. Fails: as `take` does at the first word that it does not like, naming
/// it.
Status read_rule_words(std::string_view rule, const std::function<Status(const RuleWord&)>& take);

}  // namespace tandem
