// Two histories and what comes of their meeting, row by row.
#include "common/node/history.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

/// Chains of two histories: "a" and "b" part after entry kFork.
constexpr std::uint64_t kFork = 50;

Digest256 chain(char history, std::uint64_t sequence) {
  Digest256 digest{};
  digest[0] = sequence > kFork ? static_cast<std::uint8_t>(history) : 0;
  store_be64(digest.data() + 1, sequence);
  return digest;
}

Epoch epoch(std::uint64_t number, std::uint8_t leader) {
  Epoch out{number, {}};
  out.leader.octets.fill(leader);
  return out;
}

const EpochTable kFirst = {{epoch(1, 1), 1}};
const EpochTable kSecond = {{epoch(1, 1), 1}, {epoch(2, 2), 40}};
const EpochTable kSecondOfOther = {{epoch(1, 1), 1}, {epoch(2, 3), 45}};
const EpochTable kThird = {{epoch(1, 1), 1}, {epoch(3, 3), 45}};
const EpochTable kForeign = {{epoch(1, 9), 1}};

struct Side {
  EpochTable epochs;
  char history = 'a';
  std::uint64_t head = 0;
  std::uint64_t first = 1;
};

History history_of(const Side& side) {
  History history;
  history.epochs = side.epochs;
  history.first_sequence = side.first;
  history.position.sequence = side.head;
  history.chain_at = [side](std::uint64_t sequence) -> std::optional<Digest256> {
    if (sequence + 1 < side.first || sequence > side.head) {
      return std::nullopt;
    }
    return chain(side.history, sequence);
  };
  return history;
}

HelloFrame hello_of(const Side& side) {
  HelloFrame hello;
  hello.epochs = side.epochs;
  hello.position.sequence = side.head;
  hello.position.chain = chain(side.history, side.head);
  return hello;
}

struct Row {
  const char* name;
  Side ours;
  Side peer;
  Relation relation;
};

// NOLINTNEXTLINE(readability-identifier-naming): the name is GoogleTest\'s
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

class RelationTable : public ::testing::TestWithParam<Row> {};

TEST_P(RelationTable, Holds) {
  const Row& row = GetParam();
  EXPECT_EQ(relation_of(history_of(row.ours), hello_of(row.peer)), row.relation);
}

const Row kRows[] = {
    {"BothEmpty", {{}, 'a', 0}, {{}, 'a', 0}, Relation::kCanFollow},
    {"PeerEmpty", {kFirst, 'a', 30}, {{}, 'a', 0}, Relation::kNeedsImages},
    {"InStep", {kFirst, 'a', 30}, {kFirst, 'a', 30}, Relation::kCanFollow},
    {"PeerBehind", {kFirst, 'a', 30}, {kFirst, 'a', 7}, Relation::kCanFollow},
    {"PeerBehindInAnOlderEpoch", {kSecond, 'a', 60}, {kFirst, 'a', 30}, Relation::kCanFollow},
    {"PeerAtTheTrimBase", {kFirst, 'a', 30, 11}, {kFirst, 'a', 10}, Relation::kCanFollow},
    {"PeerBelowTheTrimBase", {kFirst, 'a', 30, 11}, {kFirst, 'a', 9}, Relation::kUnproven},
    {"TrimmedOfAnotherHistory", {kFirst, 'a', 90, 80}, {kFirst, 'b', 60}, Relation::kUnproven},
    {"TrimmedInANewerEpoch", {kSecond, 'a', 90, 80}, {kFirst, 'a', 30}, Relation::kUnproven},
    {"TrimmedOfAnOlderForeignEpoch",
     {kThird, 'a', 90, 80},
     {kSecond, 'a', 60},
     Relation::kPeerGivesWay},
    {"PeerAhead", {kFirst, 'a', 30}, {kFirst, 'a', 31}, Relation::kPeerAhead},
    {"PeerAheadWithAnotherHistoryIsForItToSay",
     {kFirst, 'a', 60},
     {kFirst, 'b', 70},
     Relation::kPeerAhead},
    {"PeerAheadInALaterEpochOfOurHistory",
     {kFirst, 'a', 30},
     {kSecond, 'a', 60},
     Relation::kWeGiveWay},
    {"PeerAheadOfAnEmptyLog", {{}, 'a', 0}, {kFirst, 'a', 5}, Relation::kWeGiveWay},
    {"PeerAheadInALowerEpoch", {kSecond, 'a', 60}, {kFirst, 'b', 70}, Relation::kPeerGivesWay},
    {"PeerAheadInAnEpochOfTheSameNumber",
     {kSecond, 'a', 60},
     {kSecondOfOther, 'b', 70},
     Relation::kDiverged},
    {"PeerAheadInAHigherEpoch", {kSecond, 'a', 60}, {kThird, 'b', 70}, Relation::kWeGiveWay},
    {"PeerBehindInALowerEpochWithATail",
     {kSecond, 'a', 70},
     {kFirst, 'b', 60},
     Relation::kPeerGivesWay},
    {"PeerBehindInAHigherEpoch", {kSecond, 'a', 70}, {kThird, 'b', 60}, Relation::kWeGiveWay},
    {"PeerBehindInAnEpochOfTheSameNumber",
     {kSecond, 'a', 70},
     {kSecondOfOther, 'b', 60},
     Relation::kDiverged},
    {"SameEpochAnotherHistory", {kFirst, 'a', 70}, {kFirst, 'b', 60}, Relation::kDiverged},
    {"SameLengthAnotherHistory", {kFirst, 'a', 60}, {kFirst, 'b', 60}, Relation::kDiverged},
    {"AnotherFirstEpoch", {kFirst, 'a', 70}, {kForeign, 'b', 60}, Relation::kDiverged},
};

INSTANTIATE_TEST_SUITE_P(History, RelationTable, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Relation, WhoLedAnEpochOfTheSameNumberAndFollowsGaveItUp) {
  HelloFrame peer = hello_of({kSecondOfOther, 'b', 70});
  peer.node = epoch(2, 3).leader;
  EXPECT_EQ(relation_of(history_of({kSecond, 'a', 60}), peer), Relation::kPeerGivesWay);
  peer.is_leader = true;
  EXPECT_EQ(relation_of(history_of({kSecond, 'a', 60}), peer), Relation::kDiverged);
  peer.is_leader = false;
  peer.node = epoch(2, 9).leader;
  EXPECT_EQ(relation_of(history_of({kSecond, 'a', 60}), peer), Relation::kDiverged)
      << "it is another one's epoch";
}

HelloFrame greeting(const EpochTable& epochs, bool is_leader, std::uint8_t cluster = 7) {
  HelloFrame hello;
  hello.epochs = epochs;
  hello.is_leader = is_leader;
  hello.cluster.emplace().octets.fill(cluster);
  return hello;
}

TEST(Leadership, OfTwoLeadersTheNewerEpochStays) {
  const HelloFrame first = greeting(kFirst, true);
  const HelloFrame second = greeting(kSecond, true);
  EXPECT_EQ(leadership_of(first, second), Leadership::kWeGiveWay);
  EXPECT_EQ(leadership_of(second, first), Leadership::kPeerGivesWay);
  EXPECT_EQ(leadership_of(second, greeting(kSecondOfOther, true)), Leadership::kBothInOneEpoch);
}

TEST(Leadership, AFollowerThatKnowsANewerEpochEndsAnOldOne) {
  EXPECT_EQ(leadership_of(greeting(kFirst, true), greeting(kSecond, false)),
            Leadership::kWeGiveWay);
  EXPECT_EQ(leadership_of(greeting(kSecond, true), greeting(kFirst, false)), Leadership::kClear);
  EXPECT_EQ(leadership_of(greeting(kFirst, false), greeting(kSecond, true)), Leadership::kClear);
}

TEST(Leadership, OtherClustersSayNothing) {
  EXPECT_EQ(leadership_of(greeting(kFirst, true), greeting(kSecond, true, 8)), Leadership::kClear);
  HelloFrame none = greeting(kSecond, true);
  none.cluster.reset();
  EXPECT_EQ(leadership_of(greeting(kFirst, true), none), Leadership::kClear);
}

struct CommonRow {
  const char* name;
  EpochTable a;
  std::uint64_t head_a;
  EpochTable b;
  std::uint64_t head_b;
  std::uint64_t common;
};

// NOLINTNEXTLINE(readability-identifier-naming): the name is GoogleTest\'s
void PrintTo(const CommonRow& row, std::ostream* out) {
  *out << row.name;
}

class CommonTable : public ::testing::TestWithParam<CommonRow> {};

TEST_P(CommonTable, HoldsBothWays) {
  const CommonRow& row = GetParam();
  EXPECT_EQ(common_sequence(row.a, row.head_a, row.b, row.head_b), row.common);
  EXPECT_EQ(common_sequence(row.b, row.head_b, row.a, row.head_a), row.common);
}

const CommonRow kCommonRows[] = {
    {"Equal", kFirst, 30, kFirst, 30, 30},
    {"SameEpochsTheShorterLogDecides", kFirst, 30, kFirst, 70, 30},
    {"ALaterEpochBeginsAfterTheirEnd", kSecond, 60, kFirst, 30, 30},
    {"ALaterEpochEndsWhatIsCommon", kSecond, 60, kFirst, 70, 39},
    {"TwoSecondEpochsTheEarlierDecides", kSecond, 60, kThird, 70, 39},
    {"NothingInCommon", kFirst, 30, kForeign, 30, 0},
    {"OneHasNone", kFirst, 30, {}, 0, 0},
    {"NoneHasAny", {}, 0, {}, 0, 0},
};

INSTANTIATE_TEST_SUITE_P(History, CommonTable, ::testing::ValuesIn(kCommonRows),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace tandem
