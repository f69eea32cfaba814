// Who follows: of the configuration and of the log, and what it may have because of that.
#include "common/node/outside_secondaries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/node/notify_targets.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using ::testing::ElementsAre;

std::vector<NamedSecondary> both() {
  return named_secondaries(
      {*OutsideSecondary::from_text("notify:192.0.2.1 notify:192.0.2.2:5300 zone:b. zone:a."),
       *OutsideSecondary::from_text("transfer:192.0.2.0/24")},
      {{"he", "notify:192.0.2.3 transfer:198.51.100.0/24 key:up. via:192.0.2.9"},
       {"new", "of another kind"}});
}

TEST(OutsideSecondaries, TheLogAndTheConfigurationCountTogether) {
  std::vector<std::string> names;
  for (const NamedSecondary& each : both()) {
    names.push_back(fmt::format("{} {}", each.name, each.is_logged));
  }
  EXPECT_THAT(names, ElementsAre("192.0.2.1:53 false", "192.0.2.0/24 false", "he true"))
      << "what is not understood is left out";
}

TEST(OutsideSecondaries, EachNotifiedAddressIsATarget) {
  const std::vector<NotifyTarget> targets = notify_targets(both());
  ASSERT_EQ(targets.size(), 3U);
  EXPECT_EQ(targets[0].name, targets[1].name);
  EXPECT_EQ(targets[1].address.to_text(), "192.0.2.2:5300");
  EXPECT_TRUE(targets[0].follows(name("A.")));
  EXPECT_FALSE(targets[0].follows(name("c.")));
  EXPECT_TRUE(targets[2].follows(name("c.")));
  EXPECT_EQ(targets[2].key, name("up."));
  EXPECT_EQ(targets[2].via->to_text(), "192.0.2.9:0");
  EXPECT_TRUE(targets[2] == notify_targets(both())[2]);
  EXPECT_FALSE(targets[0] == targets[1]);
}

TEST(OutsideSecondaries, WhoFollowsMayHaveTheZones) {
  std::vector<std::string> rules;
  for (const TransferRule& rule : transfer_rules_of(both())) {
    rules.push_back(rule.to_text());
  }
  EXPECT_THAT(rules, ElementsAre("from:192.0.2.1 from:192.0.2.2 zone:a. zone:b.",
                                 "from:192.0.2.0/24", "from:198.51.100.0/24 key:up."));
  const auto with_tls = transfer_rules_of(
      named_secondaries({*OutsideSecondary::from_text("notify:[2001:db8::1]:53 tls")}, {}));
  EXPECT_EQ(with_tls.at(0).to_text(), "from:2001:db8::1 tls");
}

}  // namespace
}  // namespace tandem::test
