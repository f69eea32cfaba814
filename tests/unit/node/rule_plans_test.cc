// Rules of zones: what is kept of what somebody gives, how they come and go, and what they decide
// together with those of the configuration.
#include "common/node/rule_plans.h"

#include <gtest/gtest.h>

#include "common/node/plans.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

std::string kept(std::string_view text) {
  const auto rule = zone_rule_from_text(text, name("example."));
  return rule ? rule->to_text() : rule.error().detail;
}

TEST(ZoneRule, IsKeptInOneForm) {
  const std::string_view form =
      "key:upd. from:192.0.2.1 from:2001:db8::/32 name:*.dyn.example. name:www.example. type:A "
      "type:TXT wait:none";
  EXPECT_EQ(kept(form), form);
  EXPECT_EQ(kept(" wait:none type:TXT type:A name:WWW name:*.Dyn key:UPD from:2001:DB8::/32  "
                 "192.0.2.1/32 type:txt name:www.example"),
            form);
}

TEST(ZoneRule, NamesThatEndWithTheZonesAreWhole) {
  EXPECT_EQ(kept("key:k name:www.example"), "key:k. name:www.example.");
  EXPECT_EQ(kept("key:k name:example"), "key:k. name:example.");
  EXPECT_EQ(kept("key:k name:@"), "key:k. name:example.");
  EXPECT_EQ(kept("key:k name:**.example"), "key:k. name:**.example.");
}

TEST(ZoneRule, AStarThatIsALabelStaysOne) {
  EXPECT_EQ(kept("key:k name:\\*.dyn"), "key:k. name:\\*.dyn.example.");
  EXPECT_EQ(kept("key:k name:*.*.dyn"), "key:k. name:*.*.dyn.example.");
  EXPECT_EQ(kept("key:k name:\\**.dyn"), "key:k. name:\\**.dyn.example.");
}

TEST(ZoneRule, SaysWhatIsOutsideOfTheZone) {
  EXPECT_EQ(kept("key:k name:www.example.com."),
            "name:www.example.com. is outside of the zone example.");
  EXPECT_EQ(kept("key:k name:*."), "name:*. is outside of the zone example.");
  EXPECT_EQ(kept("key:k name:_acme-challenge.*"), "key:k. name:_acme-challenge.*");
}

class RulePlansTest : public ::testing::Test {
 protected:
  RulePlansTest() {
    id_.octets.fill(4);
    run({ZoneCreate{name("example."), {}}});
  }

  void run(std::vector<ChangeKind> kinds) {
    TableDraft draft(table_, nullptr);
    for (ChangeKind& kind : kinds) {
      const Status applied = draft.apply({id_, std::move(kind)});
      ASSERT_TRUE(applied) << applied.error().detail;
    }
    draft.commit({{1, {}}, ++sequence_, {}});
  }

  /// How many changes it came to.
  Result<std::size_t> run(const Planner& planner) {
    TableDraft draft(table_, nullptr);
    const Plan plan = TRY(planner(draft));
    for (const PlannedChange& change : plan.changes) {
      TRYV(draft.apply(std::get<Change>(change)));
    }
    draft.commit({{1, {}}, ++sequence_, {}});
    return plan.changes.size();
  }

  ZoneRecordPtr record() { return table_.find(name("example.")); }

  ZoneTable table_{LogId::kCluster};
  ZoneId id_;
  std::uint64_t sequence_ = 0;
};

TEST_F(RulePlansTest, WhatIsThereIsNoChange) {
  EXPECT_EQ(run(plan_add_rules(name("example."), {"key:b.", "key:a.", "key:b."})), 1U);
  EXPECT_EQ(record()->policy.texts().texts().size(), 2U);
  EXPECT_EQ(record()->policy.rules().size(), 2U);
  EXPECT_EQ(run(plan_add_rules(name("example."), {"key:a."})), 0U);
  EXPECT_EQ(run(plan_add_rules(name("example."), {"key:a.", "key:c."})), 1U);
  EXPECT_EQ(run(plan_remove_rules(name("example."), {"key:a.", "key:b.", "key:c."})), 1U);
  EXPECT_TRUE(record()->policy.texts().empty());
}

TEST_F(RulePlansTest, WhatIsNotThereIsNotRemoved) {
  EXPECT_EQ(run(plan_remove_rules(name("example."), {"key:a."})).error().code, Errc::kNotFound);
  EXPECT_EQ(run(plan_add_rules(name("other."), {"key:a."})).error().code, Errc::kNotFound);
}

TEST_F(RulePlansTest, OtherChangesOfTheZoneShareTheRules) {
  std::vector<std::string> texts;
  for (int i = 0; i < 1000; ++i) {
    texts.push_back(fmt::format("key:k{}. type:TXT", i));
  }
  EXPECT_EQ(run(plan_add_rules(name("example."), texts)), 1U);
  const ZoneRecordPtr before = record();
  run({ZoneOptionsChange{{}, {SerialPolicy::kDate, false, 0}}});
  EXPECT_NE(record(), before);
  EXPECT_EQ(record()->policy.texts().texts().data(), before->policy.texts().texts().data());
  EXPECT_EQ(record()->policy.rules().data(), before->policy.rules().data());
}

TEST_F(RulePlansTest, AZoneThatComesBackHasItsRules) {
  ASSERT_TRUE(run(plan_add_rules(name("example."), {"key:a."})));
  const Plan gone = plan_delete(name("example."))(TableDraft(table_, nullptr)).value();
  const ZoneDelete deleted = std::get<ZoneDelete>(std::get<Change>(gone.changes.front()).kind);
  EXPECT_TRUE(deleted.rules.contains("key:a."));
  run({deleted, ZoneCreate{deleted.name, deleted.options, deleted.rules}});
  EXPECT_EQ(record()->policy.rules().size(), 1U);
  EXPECT_EQ(table_.snapshot().state().zones.front().rules, deleted.rules);
}

TEST_F(RulePlansTest, ARuleOfALaterVersionAllowsNothingAndIsKept) {
  run({ZoneRulesChange{{}, {"key:a. on:monday", "key:b."}}});
  EXPECT_EQ(record()->policy.texts().texts().size(), 2U);
  ASSERT_EQ(record()->policy.rules().size(), 1U);
  EXPECT_EQ(record()->policy.rules().front().to_text(), "key:b.");
}

TEST(Decide, TellsWhereTheRuleIsFrom) {
  const std::vector own{*UpdateRule::from_text("key:own type:TXT"),
                        *UpdateRule::from_text("key:both wait:none")};
  const std::vector logged{*UpdateRule::from_text("key:both"),
                           *UpdateRule::from_text("key:own type:A")};
  const auto decided = [&](std::string_view key, RrType type) {
    Credential who;
    who.key = name(key);
    UpdateMessage update;
    update.zone = name("example.");
    update.steps.push_back({UpdateStep::Kind::kAdd, name("a.example."), type, 60, {}});
    const UpdateDecision decision = decide({own, logged}, who, update);
    return decision.is_allowed
               ? fmt::format("{} {}", decision.rule->to_text(), to_text(decision.source))
               : decision.reason;
  };
  EXPECT_EQ(decided("own.", RrType::kTxt), "key:own. type:TXT configuration");
  EXPECT_EQ(decided("own.", RrType::kA), "key:own. type:A log");
  EXPECT_EQ(decided("own.", RrType::kMx), "no rule for it allows a.example. MX");
  EXPECT_EQ(decided("both.", RrType::kMx), "key:both. wait:none configuration");
  EXPECT_EQ(decided("none.", RrType::kMx), "no rule is for this key and address");
}

TEST(Decide, NobodySaidFromWhereIsNoAddress) {
  const std::vector rules{*UpdateRule::from_text("key:k ::/0")};
  Credential who;
  who.key = name("k.");
  EXPECT_FALSE(rules.front().is_for(who));
}

}  // namespace
}  // namespace tandem::test
