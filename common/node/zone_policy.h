// The rules of a zone as its log has them and as they are decided with: read once, when they come
// in, and shared by all versions of the zone after that.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/log/rule_set.h"

namespace tandem {

struct UpdateRule;

/// Immutable; copies share the rules. Complete with update_rule.h.
class ZonePolicy {
 public:
  ZonePolicy() = default;
  /// What cannot be read, since a later version wrote it, allows nothing.
  explicit ZonePolicy(RuleSet texts);

  [[nodiscard]] const RuleSet& texts() const noexcept { return texts_; }

  [[nodiscard]] std::span<const UpdateRule> rules() const noexcept;

 private:
  RuleSet texts_;
  std::shared_ptr<const std::vector<UpdateRule>> rules_;  // those that can be read; null: none
};

}  // namespace tandem
