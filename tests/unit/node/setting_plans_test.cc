// Settings of the log, by the writer's way.
#include "common/node/setting_plans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/node/key_plans.h"
#include "primary/writer.h"
#include "tests/support/zone_text.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

OutsideSecondary secondary(std::string_view text) {
  return OutsideSecondary::from_text(text).value();
}

class SettingPlansTest : public ::testing::Test {
 protected:
  SettingPlansTest() {
    EXPECT_TRUE(writer_.bootstrap(cluster_id(7)));
    writer_.start();
  }

  Result<Receipt> set(std::string_view name, std::string_view text) {
    return change(writer_, plan_setting(secondary_setting(name, secondary(text)).value()));
  }

  Result<Receipt> remove(const std::string& name) {
    return change(writer_, plan_setting_removal(SettingKind::kSecondary, name));
  }

  SettingBook book() { return log_->table().settings(SettingKind::kSecondary); }

  ManualClock clock_;
  MemoryStore store_;
  TestLog log_{store_, clock_};
  Writer writer_{*log_, sealer_of_node(1), node_id(1)};
};

TEST_F(SettingPlansTest, AValueIsSetChangedAndTakenAway) {
  EXPECT_TRUE(set("he", "notify:192.0.2.1")->changed);
  EXPECT_TRUE(set("home", "transfer:192.0.2.0/24")->changed);
  EXPECT_THAT(book(), ElementsAre(Pair("he", "notify:192.0.2.1:53"),
                                  Pair("home", "transfer:192.0.2.0/24")));
  EXPECT_FALSE(set("he", "notify:192.0.2.1:53")->changed) << "it is so already";
  EXPECT_TRUE(set("he", "notify:192.0.2.2")->changed);
  EXPECT_TRUE(remove("home")->changed);
  EXPECT_THAT(book(), ElementsAre(Pair("he", "notify:192.0.2.2:53")));
  EXPECT_EQ(remove("home").error().code, Errc::kNotFound);
}

TEST_F(SettingPlansTest, KindsDoNotMeet) {
  ASSERT_TRUE(set("he", "notify:192.0.2.1"));
  EXPECT_EQ(change(writer_, plan_setting_removal(SettingKind::kCatalog, "he")).error().code,
            Errc::kNotFound);
  EXPECT_TRUE(log_->table().settings(SettingKind::kSource).empty());
}

TEST_F(SettingPlansTest, WarnsOfAKeyThatIsNotThere) {
  EXPECT_THAT(set("he", "notify:192.0.2.1 key:he")->warnings, ElementsAre(HasSubstr("no key he.")));
  ASSERT_TRUE(change(writer_, plan_key_create(new_tsig_key(name("HE."), TsigAlgorithm{}))));
  EXPECT_TRUE(set("he", "notify:192.0.2.2 key:he")->warnings.empty());
}

TEST_F(SettingPlansTest, ThereIsAMostOfEachKind) {
  for (std::size_t i = 0; i < most_settings(SettingKind::kSecondary); ++i) {
    ASSERT_TRUE(set(fmt::format("s{}", i), "notify:192.0.2.1"));
  }
  EXPECT_EQ(set("more", "notify:192.0.2.1").error().code, Errc::kTooLarge);
  EXPECT_TRUE(set("s1", "notify:192.0.2.2")) << "what is there may change";
}

TEST(SecondaryName, IsAPlainWord) {
  EXPECT_TRUE(check_secondary_name("he.net-1_A"));
  EXPECT_TRUE(check_secondary_name(std::string(63, 'a')));
  for (const std::string& bad : {std::string(), std::string(64, 'a'), std::string("a b"),
                                 std::string("a/b"), std::string("\xc3\xa9")}) {
    EXPECT_EQ(check_secondary_name(bad).error().code, Errc::kInvalid) << bad;
  }
}

}  // namespace
}  // namespace tandem::test
