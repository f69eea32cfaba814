// Sets of rules: shared, equal by value, changed by what comes and goes.
#include "common/log/rule_set.h"

#include <gtest/gtest.h>

#include "tests/unit/log/sample_entries.h"

namespace tandem {
namespace {

using Texts = std::vector<std::string>;

TEST(RuleSet, ACopySharesTheTexts) {
  const RuleSet rules = testing::rule_set();
  const RuleSet copy = rules;  // NOLINT(performance-unnecessary-copy-initialization): on purpose
  EXPECT_EQ(copy.texts().data(), rules.texts().data());
  EXPECT_EQ(copy, testing::rule_set());
  EXPECT_NE(copy.texts().data(), testing::rule_set().texts().data());
}

TEST(RuleSet, WhatComesAndGoesTurnedRoundLeadsBack) {
  const RuleSet rules = testing::rule_set();
  const Texts gone = {"key:a."};
  const Texts come = {"from:::/0", "key:c."};
  const auto next = rules.changed(gone, come);
  ASSERT_TRUE(next) << next.error().detail;
  EXPECT_EQ(Texts(next->texts().begin(), next->texts().end()),
            (Texts{"from:::/0", "key:b. type:TXT", "key:c."}));
  EXPECT_EQ(next->changed(come, gone).value(), rules);
}

TEST(RuleSet, WithoutRulesItIsTheEmptyOne) {
  const RuleSet rules = testing::rule_set();
  const auto none = rules.changed(rules.texts(), {});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  EXPECT_EQ(*none, RuleSet());
}

TEST(RuleSet, RefusesWhatIsThereAlreadyAndWhatIsNot) {
  const RuleSet rules = testing::rule_set();
  EXPECT_EQ(rules.changed({}, Texts{"key:a."}).error().code, Errc::kConflict);
  EXPECT_EQ(rules.changed(Texts{"key:c."}, {}).error().code, Errc::kConflict);
}

TEST(RuleSet, HasAtMostSoManyRules) {
  Texts texts;
  for (std::size_t i = 0; i < kMaxRules; ++i) {
    texts.push_back("key:k" + std::to_string(100'000 + i));
  }
  const auto rules = RuleSet::from(texts);
  ASSERT_TRUE(rules) << rules.error().detail;
  EXPECT_EQ(rules->changed({}, Texts{"key:z"}).error().code, Errc::kTooLarge);
}

}  // namespace
}  // namespace tandem
