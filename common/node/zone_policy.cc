#include "common/node/zone_policy.h"

#include <utility>

#include "common/node/update_rule.h"

namespace tandem {

ZonePolicy::ZonePolicy(RuleSet texts) : texts_(std::move(texts)) {
  if (texts_.empty()) {
    return;
  }
  std::vector<UpdateRule> rules;
  rules.reserve(texts_.texts().size());
  for (const std::string& text : texts_.texts()) {
    if (auto rule = UpdateRule::from_text(text); rule) {
      rules.push_back(*std::move(rule));
    }
  }
  rules_ = std::make_shared<const std::vector<UpdateRule>>(std::move(rules));
}

std::span<const UpdateRule> ZonePolicy::rules() const noexcept {
  return rules_ == nullptr ? std::span<const UpdateRule>() : std::span(*rules_);
}

}  // namespace tandem
