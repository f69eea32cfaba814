// When zones are asked for: SOA timers with their bounds, back-off, and no flood at a start.
#include "secondary/pull_schedule.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

SoaTimers timers(int refresh, int retry, int expire) {
  return {seconds(refresh), seconds(retry), seconds(expire)};
}

void expect_about(milliseconds time, milliseconds wanted) {
  EXPECT_GE(time, wanted * 9 / 10) << time.count() << " ms";
  EXPECT_LE(time, wanted * 11 / 10) << time.count() << " ms";
}

class PullScheduleTest : public ::testing::Test {
 protected:
  MonotonicTime at(int second) const { return start_ + seconds(second); }

  const MonotonicTime start_{seconds(1000)};
  PullSchedule schedule_{7};
};

TEST_F(PullScheduleTest, ReadsTheTimersOfTheSoaRecord) {
  const SoaTimers read = soa_timers(*zone(""));
  EXPECT_EQ(read.refresh, seconds(900));
  EXPECT_EQ(read.retry, seconds(300));
  EXPECT_EQ(read.expire, seconds(604800));
}

TEST_F(PullScheduleTest, GivesZonesInTheOrderInWhichTheyAreDueAndOnce) {
  schedule_.put(name("b."), at(2));
  schedule_.put(name("a."), at(1));
  schedule_.put(name("c."), at(9));
  schedule_.put(name("c."), at(3));
  EXPECT_TRUE(schedule_.take_due(at(0)).empty());
  const auto due = schedule_.take_due(at(2));
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[0].to_text(), "a.");
  EXPECT_EQ(due[1].to_text(), "b.");
  EXPECT_EQ(schedule_.time_of(name("C.")), at(3));
  EXPECT_EQ(schedule_.take_due(at(4)).size(), 1U);
  EXPECT_TRUE(schedule_.take_due(at(100)).empty());
  EXPECT_EQ(schedule_.next(), std::nullopt);
}

TEST_F(PullScheduleTest, AZoneThatIsErasedIsNotDue) {
  schedule_.put(name("a."), at(1));
  schedule_.erase(name("A."));
  EXPECT_TRUE(schedule_.take_due(at(2)).empty());
}

TEST_F(PullScheduleTest, ManyZonesBeginOneAfterTheOther) {
  static_cast<void>(schedule_.take_due(at(0)));
  for (int i = 0; i < 1000; ++i) {
    schedule_.put(name(fmt::format("z{}.", i)), at(0));
  }
  EXPECT_EQ(schedule_.take_due(at(0)).size(), PullSchedule::kAtOnce);
  EXPECT_TRUE(schedule_.take_due(at(0)).empty());
  EXPECT_GT(*schedule_.next(), at(0));
  const MonotonicTime later = at(0) + milliseconds(100);
  EXPECT_EQ(schedule_.take_due(later).size(), PullSchedule::kPerSecond / 10);
  EXPECT_EQ(schedule_.take_due(at(60)).size(), PullSchedule::kAtOnce) << "no credit for idle time";
}

TEST_F(PullScheduleTest, RefreshCountsWithinItsBounds) {
  for (int i = 0; i < 100; ++i) {
    expect_about(schedule_.after_contact(timers(900, 300, 604800)), seconds(900));
    expect_about(schedule_.after_contact(timers(0, 0, 604800)), seconds(30));
    expect_about(schedule_.after_contact(timers(2'000'000'000, 1, 2'000'000'000)), seconds(86400));
  }
}

TEST_F(PullScheduleTest, AZoneIsAskedForBeforeItExpires) {
  expect_about(schedule_.after_contact(timers(900, 300, 8)), seconds(4));
  expect_about(schedule_.after_failure(timers(900, 300, 8), 1), seconds(4));
  expect_about(schedule_.after_contact(timers(900, 300, 0)), seconds(1));
}

TEST_F(PullScheduleTest, FailuresInARowMakeThePauseLonger) {
  const SoaTimers soa = timers(3600, 300, 604800);
  expect_about(schedule_.after_failure(soa, 1), seconds(300));
  expect_about(schedule_.after_failure(soa, 2), seconds(600));
  expect_about(schedule_.after_failure(soa, 4), seconds(2400));
  expect_about(schedule_.after_failure(soa, 5), seconds(3600));
  expect_about(schedule_.after_failure(soa, 4'000'000'000U), seconds(3600));
}

TEST_F(PullScheduleTest, AZoneThatNeverCameIsTriedSoonAndThenEveryHour) {
  expect_about(schedule_.after_failure(std::nullopt, 1), seconds(10));
  expect_about(schedule_.after_failure(std::nullopt, 30), seconds(3600));
}

TEST_F(PullScheduleTest, TimesDiffer) {
  const SoaTimers soa = timers(3600, 300, 604800);
  const auto first = schedule_.after_contact(soa);
  bool differs = false;
  for (int i = 0; i < 10; ++i) {
    differs = differs || schedule_.after_contact(soa) != first;
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace tandem::test
