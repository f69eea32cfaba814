// When a health check is due, what its outcomes come to, and whose verdict counts.
#include "common/node/health_check.h"

#include <gtest/gtest.h>

#include "common/node/verdict_book.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

using std::chrono::seconds;

const Status kBad = fail(Errc::kTimeout, "no answer in time");

TEST(HealthCheck, AVerdictTakesAsManyOutcomesInARow) {
  HealthCheck check({seconds(10), 3, 2}, {});
  EXPECT_EQ(check.verdict(), Health::kUnknown);
  EXPECT_FALSE(check.end({}));
  EXPECT_TRUE(check.end({}));
  EXPECT_EQ(check.verdict(), Health::kUp);
  EXPECT_FALSE(check.end(kBad));
  EXPECT_FALSE(check.end(kBad));
  EXPECT_EQ(check.failure(), "no answer in time");
  EXPECT_FALSE(check.end({})) << "the row is broken";
  EXPECT_EQ(check.failure(), "");
  EXPECT_FALSE(check.end(kBad));
  EXPECT_FALSE(check.end(kBad));
  EXPECT_EQ(check.verdict(), Health::kUp);
  EXPECT_TRUE(check.end(kBad));
  EXPECT_EQ(check.verdict(), Health::kDown);
  EXPECT_FALSE(check.end({}));
  EXPECT_FALSE(check.end(kBad));
  EXPECT_FALSE(check.end({}));
  EXPECT_EQ(check.verdict(), Health::kDown);
  EXPECT_TRUE(check.end({}));
  EXPECT_EQ(check.verdict(), Health::kUp);
}

TEST(HealthCheck, OneAtATimeAndNotBeforeItsTime) {
  const MonotonicTime start{seconds(100)};
  HealthCheck check({seconds(10), 3, 2}, start);
  EXPECT_FALSE(check.is_due(start - seconds(1)));
  EXPECT_TRUE(check.is_due(start));
  check.begin(start);
  EXPECT_FALSE(check.is_due(start + seconds(60))) << "it goes on";
  check.end({});
  EXPECT_FALSE(check.is_due(start + seconds(9)));
  EXPECT_TRUE(check.is_due(start + seconds(10)));
}

class VerdictBookTest : public ::testing::Test {
 protected:
  static HealthReport says(Health health, std::optional<NodeId> judge = std::nullopt) {
    HealthReport report{{}, judge};
    if (health != Health::kUnknown) {
      report.verdicts.push_back({kCheck, health == Health::kDown});
    }
    return report;
  }

  static PeerStatus peer(std::uint8_t octet, bool is_leader, bool is_connected = true) {
    PeerStatus status;
    status.node = node_id(octet);
    status.is_leader = is_leader;
    status.connected = is_connected;
    return status;
  }

  static constexpr CheckId kCheck{1, 2, 3};
  VerdictBook book_{node_id(5)};
};

TEST_F(VerdictBookTest, ALeaderBelievesItsFollowerWhileTheLinkIsUp) {
  book_.note(node_id(7), says(Health::kDown));
  book_.set_peers(Role::kLeader, {peer(7, false)});
  EXPECT_EQ(book_.judge(), node_id(7));
  EXPECT_EQ(book_.in_force(kCheck, Health::kUp), Health::kDown);
  EXPECT_EQ(book_.in_force({9}, Health::kUp), Health::kUp) << "of which it says nothing";
  book_.set_peers(Role::kLeader, {peer(7, false, false)});
  EXPECT_EQ(book_.judge(), std::nullopt);
  EXPECT_EQ(book_.in_force(kCheck, Health::kUp), Health::kUp);
}

TEST_F(VerdictBookTest, OfSeveralFollowersOneJudges) {
  book_.note(node_id(8), says(Health::kUp));
  book_.note(node_id(7), says(Health::kDown));
  book_.note(node_id(6), says(Health::kUnknown));
  book_.set_peers(Role::kLeader, {peer(6, false), peer(7, false), peer(8, false)});
  EXPECT_EQ(book_.judge(), node_id(7));
  EXPECT_EQ(book_.in_force(kCheck, Health::kUp), Health::kDown);
}

TEST_F(VerdictBookTest, AFollowerBelievesItselfUnlessAnotherOneJudges) {
  book_.note(node_id(1), says(Health::kDown, node_id(5)));
  book_.set_peers(Role::kFollower, {peer(1, true)});
  EXPECT_EQ(book_.in_force(kCheck, Health::kUp), Health::kUp);
  EXPECT_EQ(book_.in_force(kCheck, Health::kUnknown), Health::kDown) << "it has just started";
  book_.note(node_id(1), says(Health::kDown));
  book_.set_peers(Role::kFollower, {peer(1, true)});
  EXPECT_EQ(book_.in_force(kCheck, Health::kUp), Health::kUp) << "the leader judges only till then";
  book_.note(node_id(1), says(Health::kDown, node_id(4)));
  EXPECT_EQ(book_.in_force(kCheck, Health::kUp), Health::kDown);
  book_.set_peers(Role::kFollower, {peer(1, true, false)});
  EXPECT_EQ(book_.in_force(kCheck, Health::kUp), Health::kUp) << "alone";
  EXPECT_EQ(book_.in_force(kCheck, Health::kUnknown), Health::kUnknown);
}

}  // namespace
}  // namespace tandem::test
