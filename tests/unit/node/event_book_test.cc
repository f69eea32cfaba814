// When a human is told of what holds: once, once more for each higher level, and once at its end.
#include "common/node/event_book.h"

#include <gtest/gtest.h>

namespace tandem::test {
namespace {

using std::chrono::seconds;

Condition condition(EventKind kind, std::string subject, std::uint64_t level = 1) {
  return {.kind = kind,
          .subject = subject,
          .level = level,
          .zone = {},
          .peer = {},
          .text = subject + " begins",
          .end_text = subject + " ends"};
}

class EventBookTest : public ::testing::Test {
 protected:
  /// "kind text" of each, one second later.
  std::vector<std::string> look(const std::vector<Condition>& holding) {
    now_ += seconds(1);
    std::vector<std::string> out;
    for (const Event& event : book_.look(holding, now_, WallTime(seconds(1)))) {
      out.push_back(std::string(to_text(event.kind)) + " " + event.text);
      last_ = event;
    }
    return out;
  }

  using Told = std::vector<std::string>;

  EventBook book_;
  MonotonicTime now_{seconds(100)};
  Event last_;
};

TEST_F(EventBookTest, AConditionIsToldOnceUntilItHasEndedAndBeginsAgain) {
  const auto lost = condition(EventKind::kPeerLost, "p");
  EXPECT_EQ(look({lost}), Told{"peer_lost p begins"});
  EXPECT_EQ(look({lost}), Told{});
  EXPECT_EQ(look({}), Told{"peer_back p ends"}) << "a peer is back at once";
  EXPECT_EQ(look({}), Told{});
  EXPECT_EQ(look({lost}), Told{"peer_lost p begins"});
}

TEST_F(EventBookTest, WhatGoesAndComesWithinTheSettlingTimeIsOne) {
  const auto alarm = condition(EventKind::kAlarm, "a");
  EXPECT_EQ(look({alarm}), Told{"alarm a begins"});
  for (int i = 1; i < kSettle.count(); ++i) {
    EXPECT_EQ(look({}), Told{}) << i;
  }
  EXPECT_EQ(look({alarm}), Told{}) << "it was away for less";
  for (int i = 1; i < kSettle.count(); ++i) {
    EXPECT_EQ(look({}), Told{}) << i;
  }
  EXPECT_EQ(look({}), Told{"alarm_over a ends"});
}

TEST_F(EventBookTest, EachHigherLevelIsToldOnce) {
  const auto runway = [](std::uint64_t level) { return condition(EventKind::kRunway, "z", level); };
  EXPECT_EQ(look({runway(50)}), Told{"runway z begins"});
  EXPECT_EQ(last_.level, 50U);
  EXPECT_EQ(look({runway(50)}), Told{});
  EXPECT_EQ(look({runway(90)}), Told{"runway z begins"});
  EXPECT_EQ(last_.level, 90U);
  EXPECT_EQ(look({runway(75)}), Told{});
  EXPECT_EQ(look({runway(90)}), Told{}) << "it was told, and has not ended";
}

TEST_F(EventBookTest, RunwaysThatBeginAndEndTogetherAreToldAsOne) {
  const std::vector<Condition> many = {
      condition(EventKind::kRunway, "a", 50), condition(EventKind::kRunway, "b", 75),
      condition(EventKind::kRunway, "c", 50), condition(EventKind::kRunway, "d", 50)};
  EXPECT_EQ(look(many), (Told{"runway a begins; and 2 more likewise", "runway b begins"}));
  for (int i = 1; i < kSettle.count(); ++i) {
    EXPECT_EQ(look({}), Told{});
  }
  EXPECT_EQ(look({}), Told{"runway_over a ends; and 3 more likewise"});
}

TEST_F(EventBookTest, DifferentAlarmsAreToldApart) {
  const auto one = condition(EventKind::kAlarm, "a");
  const auto two = condition(EventKind::kAlarm, "b");
  EXPECT_EQ(look({one}), Told{"alarm a begins"});
  EXPECT_EQ(look({one, two}), Told{"alarm b begins"});
}

TEST_F(EventBookTest, WhatIsForgottenIsNotToldToBeOver) {
  EXPECT_EQ(look({condition(EventKind::kPeerLost, "p")}), Told{"peer_lost p begins"});
  EXPECT_EQ(book_.subjects(EventKind::kPeerLost), Told{"p"});
  EXPECT_EQ(book_.subjects(EventKind::kAlarm), Told{});
  book_.forget(EventKind::kPeerLost, "p");
  EXPECT_EQ(look({}), Told{});
}

TEST_F(EventBookTest, OrphansHaveNoEndToBeTold) {
  auto orphans = condition(EventKind::kOrphans, "o", 2);
  orphans.end_text.clear();
  EXPECT_EQ(look({orphans}), Told{"orphans o begins"});
  EXPECT_EQ(last_.level, 2U);
  now_ += kSettle;
  EXPECT_EQ(look({}), Told{});
  EXPECT_EQ(look({orphans}), Told{"orphans o begins"});
}

TEST(Event, ItsTextIsOneLineOfUtf8AndItsIdItsOwn) {
  const Event one = make_event(EventKind::kAlarm, "a\nb\x7f\xff", WallTime(seconds(0)));
  EXPECT_EQ(one.text, "a b ?");
  EXPECT_EQ(one.id.size(), 32U);
  EXPECT_NE(one.id, make_event(EventKind::kAlarm, "", WallTime(seconds(0))).id);
}

TEST(Event, ItsJsonAndItsVariablesSayTheSame) {
  NodeId node;
  node.octets.fill(1);
  Event event = make_event(EventKind::kRunway, "say \"it\"", WallTime(seconds(0)));
  event.id = "42";
  event.zone = "example.";
  event.level = 75;
  EXPECT_EQ(event_json(event, node),
            R"({"id":"42","event":"runway","node":")" + node.to_text() +
                R"(","time":"1970-01-01T00:00:00.000000Z","text":"say \"it\"","zone":"example.",)"
                R"("level":75})");
  const auto variables = event_environment(event, node);
  EXPECT_EQ(variables.front(), std::pair(std::string("TANDEM_ID"), std::string("42")));
  EXPECT_EQ(variables.back(), std::pair(std::string("TANDEM_LEVEL"), std::string("75")));
}

}  // namespace
}  // namespace tandem::test
