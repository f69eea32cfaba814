// The rules of one zone that say who may change what in it, as the log holds them: texts that this
// layer does not read (common/node/update_rule.h does).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace tandem {

constexpr std::size_t kMaxRuleOctets = 2048;
constexpr std::size_t kMaxRules = 4096;
// Of all texts of a zone together: a deletion, which names them all, still fits in an entry.
constexpr std::size_t kMaxRuleSetOctets = std::size_t{256} << 10U;

/// A rule's text: not empty, at most kMaxRuleOctets, one line of UTF-8. Fails: kInvalid.
Status check_rule_text(std::string_view text);

/// Texts in ascending order, each once; equal when they are. Copies share them. Immutable.
class RuleSet {
 public:
  RuleSet() = default;
  /// Fails: kInvalid for texts that are not ascending, no rules, or too many.
  static Result<RuleSet> from(std::vector<std::string> texts);

  /// The set without `removed` and with `added`. Fails: kConflict for what is not there or is there
  /// already; kTooLarge.
  [[nodiscard]] Result<RuleSet> changed(std::span<const std::string> removed,
                                        std::span<const std::string> added) const;

  [[nodiscard]] std::span<const std::string> texts() const noexcept;

  [[nodiscard]] bool empty() const noexcept { return texts_ == nullptr; }

  [[nodiscard]] bool contains(std::string_view text) const noexcept;

  friend bool operator==(const RuleSet& a, const RuleSet& b) noexcept;

 private:
  explicit RuleSet(std::vector<std::string> texts);

  std::shared_ptr<const std::vector<std::string>> texts_;  // null: none
};

}  // namespace tandem
