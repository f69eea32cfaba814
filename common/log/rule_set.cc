#include "common/log/rule_set.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "common/base/text.h"

namespace tandem {
namespace {

Status check_size(std::span<const std::string> texts) {
  std::size_t octets = 0;
  for (const std::string& text : texts) {
    octets += text.size();
  }
  if (texts.size() > kMaxRules || octets > kMaxRuleSetOctets) {
    return fail(Errc::kTooLarge,
                "{} rules with {} octets, a zone has at most {} with {}: let a rule name several "
                "names or types",
                texts.size(), octets, kMaxRules, kMaxRuleSetOctets);
  }
  return {};
}

}  // namespace

Status check_rule_text(std::string_view text) {
  if (text.empty() || text.size() > kMaxRuleOctets) {
    return fail(Errc::kInvalid, "a rule has {} octets, expected 1 to {}", text.size(),
                kMaxRuleOctets);
  }
  if (!is_printable(text)) {
    return fail(Errc::kInvalid, "a rule is not one line of UTF-8");
  }
  return {};
}

RuleSet::RuleSet(std::vector<std::string> texts)
    : texts_(texts.empty() ? nullptr
                           : std::make_shared<const std::vector<std::string>>(std::move(texts))) {}

Result<RuleSet> RuleSet::from(std::vector<std::string> texts) {
  for (const std::string& text : texts) {
    TRYV(check_rule_text(text));
  }
  if (std::ranges::adjacent_find(texts, std::ranges::greater_equal()) != texts.end()) {
    return fail(Errc::kInvalid, "the rules are not in ascending order, or one is there twice");
  }
  if (const Status fits = check_size(texts); !fits) {
    return fail(Errc::kInvalid, "{}", fits.error().detail);
  }
  return RuleSet(std::move(texts));
}

Result<RuleSet> RuleSet::changed(std::span<const std::string> removed,
                                 std::span<const std::string> added) const {
  std::vector<std::string> next(texts().begin(), texts().end());
  for (const std::string& text : removed) {
    const auto place = std::ranges::lower_bound(next, text);
    if (place == next.end() || *place != text) {
      return fail(Errc::kConflict, "the rule to remove is not there: {}", text);
    }
    next.erase(place);
  }
  for (const std::string& text : added) {
    const auto place = std::ranges::lower_bound(next, text);
    if (place != next.end() && *place == text) {
      return fail(Errc::kConflict, "the rule to add is there: {}", text);
    }
    next.insert(place, text);
  }
  TRYV(check_size(next));
  return RuleSet(std::move(next));
}

std::span<const std::string> RuleSet::texts() const noexcept {
  return texts_ == nullptr ? std::span<const std::string>() : std::span(*texts_);
}

bool RuleSet::contains(std::string_view text) const noexcept {
  return std::ranges::binary_search(texts(), text, std::less<>());
}

bool operator==(const RuleSet& a, const RuleSet& b) noexcept {
  return a.texts_ == b.texts_ || std::ranges::equal(a.texts(), b.texts());
}

}  // namespace tandem
