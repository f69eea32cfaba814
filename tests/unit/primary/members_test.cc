// What a leader keeps of its followers over its restarts.
#include "primary/members.h"

#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

class MembersTest : public ::testing::Test {
 protected:
  using Kinds = std::vector<std::uint32_t>;

  static void greet(Members& members, const Kinds& kinds) {
    members.greeted(node_id(2), {}, Members::Standing::kOnOurHistory, kinds);
  }

  /// What is known of the one member after a restart.
  std::vector<Members::Member> after_restart() { return Members(*log_, 1U << 30U).all(); }

  ManualClock clock_;
  MemoryStore store_;
  TestLog log_{store_, clock_};
  Members members_{*log_, 1U << 30U};
};

TEST_F(MembersTest, TheKindsOfChangeThatAMemberKnowsSurviveRestarts) {
  greet(members_, {1, 2, 70'000});
  members_.keep();
  const auto kept = after_restart();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].node, node_id(2));
  EXPECT_EQ(kept[0].change_kinds, Kinds({1, 2, 70'000}));
}

TEST_F(MembersTest, AnUpgradedMemberIsKeptAtOnce) {
  greet(members_, {1});
  members_.keep();
  greet(members_, {1, 2});
  members_.keep();  // within the minute in which positions are not written again
  EXPECT_EQ(after_restart().at(0).change_kinds, Kinds({1, 2}));
}

TEST_F(MembersTest, RowsOfEarlierVersionsAreRead) {
  greet(members_, {});  // as they wrote them: no kinds
  members_.keep();
  ASSERT_EQ(after_restart().size(), 1U);
  EXPECT_TRUE(after_restart()[0].change_kinds.empty());
}

}  // namespace
}  // namespace tandem::test
