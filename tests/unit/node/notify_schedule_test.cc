// When whom is told of what: back-off, batching, pace and limits, without any message.
#include "common/node/notify_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Job = NotifySchedule::Job;
using Step = NotifySchedule::Step;

ZoneId zone_id(std::uint32_t number) {
  ZoneId id;
  store_be32(id.octets.data(), number);
  return id;
}

class NotifyScheduleTest : public ::testing::Test {
 protected:
  /// Zone `number` with this serial.
  void put(std::uint32_t number, Serial serial) {
    const ZonePtr version = build(fmt::format("@ 3600 IN SOA ns1 hostmaster {} 900 300 604800 600\n"
                                              "@ 3600 IN NS ns1\nns1 3600 IN A 192.0.2.1\n",
                                              serial),
                                  fmt::format("z{}.", number))
                                .zone;
    auto record = std::make_shared<ZoneRecord>();
    record->id = zone_id(number);
    record->name = StoredName(version->origin());
    record->zone = version;
    zones_[record->id] = record;
  }

  void change(std::uint32_t number, Serial serial) {
    put(number, serial);
    schedule_.zone_changed(zone_id(number), now());
  }

  static NotifyTarget target(std::string_view called, std::string_view zone_name = "") {
    NotifyTarget out;
    out.name = called;
    out.address = *SocketAddress::from_text("192.0.2.1:53");
    if (!zone_name.empty()) {
      out.zones = {name(zone_name)};
    }
    return out;
  }

  NotifySchedule::ZoneList all() const {
    auto out = std::make_shared<std::vector<ZoneId>>();
    for (const auto& [id, record] : zones_) {
      out->push_back(id);
    }
    return out;
  }

  /// The servers, none of which is asked at first.
  void follow(std::vector<NotifyTarget> targets) {
    schedule_.set_targets(std::move(targets), nullptr, now());
  }

  MonotonicTime now() const { return clock_.monotonic(); }

  NotifySchedule::Now both() const { return {clock_.monotonic(), clock_.wall()}; }

  std::vector<Job> take() { return schedule_.take(now()); }

  /// The only one that is due. Fails the test when it is not so.
  Job take_only(Step step) {
    const std::vector<Job> jobs = take();
    EXPECT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs.empty() ? step : jobs.front().step, step);
    return jobs.empty() ? Job{} : jobs.front();
  }

  void told(const Job& job) {
    schedule_.notified(job, zones_[job.zone]->zone->serial(), {}, both());
  }

  void silent(const Job& job) {
    const auto none = fail(Errc::kTimeout, "no answer");
    if (job.step == Step::kNotify) {
      schedule_.notified(job, 0, none, both());
    } else {
      schedule_.asked(job, none, both());
    }
  }

  void serves(const Job& job, Serial serial) { schedule_.asked(job, serial, both()); }

  const FollowState& state(const Job& job) { return *schedule_.state(job.target, job.zone); }

  ManualClock clock_;
  std::map<ZoneId, ZoneRecordPtr> zones_;
  NotifySchedule schedule_{[this](const ZoneId& id) {
    const auto found = zones_.find(id);
    return found != zones_.end() ? found->second : nullptr;
  }};
};

TEST_F(NotifyScheduleTest, WhoFollowsIsToldAtOnceThenAskedUntilItHasIt) {
  put(1, 1);
  follow({target("all"), target("one", "z1."), target("other", "z2.")});
  change(1, 2);
  const std::vector<Job> jobs = take();
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_THAT(take(), IsEmpty());
  told(jobs[0]);
  EXPECT_TRUE(state(jobs[0]).is_behind);
  EXPECT_EQ(state(jobs[0]).answered, clock_.wall());
  EXPECT_THAT(take(), IsEmpty()) << "it needs a moment";
  clock_.advance(milliseconds(100));
  const Job ask = take_only(Step::kAsk);
  serves(ask, 1);
  EXPECT_THAT(state(ask).problem, HasSubstr("still has serial 1"));
  EXPECT_THAT(take(), IsEmpty());
  clock_.advance(milliseconds(200));
  const Job again = take_only(Step::kAsk);
  serves(again, 2);
  EXPECT_FALSE(state(again).is_behind);
  EXPECT_EQ(state(again).serves, 2U);
  EXPECT_EQ(state(again).problem, "");
  clock_.advance(hours(10));
  EXPECT_THAT(take(), IsEmpty()) << "all is said; the other server still has not answered";
}

TEST_F(NotifyScheduleTest, ChangesMeanwhileAreToldTogether) {
  put(1, 1);
  follow({target("a")});
  change(1, 2);
  const Job first = take_only(Step::kNotify);
  change(1, 3);
  change(1, 4);
  EXPECT_THAT(take(), IsEmpty()) << "one at a time";
  schedule_.notified(first, 2, {}, both());
  const Job second = take_only(Step::kNotify);
  told(second);  // of 4
  EXPECT_THAT(take(), IsEmpty());
  clock_.advance(milliseconds(100));
  serves(take_only(Step::kAsk), 4);
  EXPECT_FALSE(schedule_.next_due());
}

TEST_F(NotifyScheduleTest, AMessageThatTellsOfTheNewestNeedsNoOtherOne) {
  put(1, 1);
  follow({target("a")});
  change(1, 2);
  const Job job = take_only(Step::kNotify);
  change(1, 3);  // before the message was made
  schedule_.notified(job, 3, {}, both());
  clock_.advance(milliseconds(100));
  take_only(Step::kAsk);
  schedule_.zone_changed(zone_id(1), now());
  EXPECT_THAT(take(), IsEmpty()) << "it was told of this one";
}

TEST_F(NotifyScheduleTest, WithoutAnAnswerItIsToldAgainAfterEverLongerTimes) {
  put(1, 1);
  follow({target("a")});
  change(1, 2);
  silent(take_only(Step::kNotify));
  for (const int wait : {1, 2, 4, 8, 16, 32, 60, 60}) {
    clock_.advance(seconds(wait) - milliseconds(1));
    EXPECT_THAT(take(), IsEmpty()) << wait;
    clock_.advance(milliseconds(1));
    silent(take_only(Step::kNotify));
  }
  clock_.advance(minutes(61));
  silent(take_only(Step::kNotify));
  clock_.advance(minutes(59));
  EXPECT_THAT(take(), IsEmpty()) << "after an hour once an hour";
  clock_.advance(minutes(1));
  const Job job = take_only(Step::kNotify);
  EXPECT_TRUE(state(job).is_behind);
  EXPECT_EQ(state(job).problem, "no answer");
  change(1, 3);
  silent(job);
  take_only(Step::kNotify);  // a change begins anew
}

TEST_F(NotifyScheduleTest, OneThatAnswersAndStaysBehindIsToldAgainEverLater) {
  put(1, 1);
  follow({target("a")});
  change(1, 2);
  std::vector<MonotonicTime> when;
  for (const MonotonicTime end = now() + std::chrono::minutes(1); now() < end;) {
    for (const Job& job : take()) {
      if (job.step == Step::kNotify) {
        when.push_back(now());
        told(job);
      } else {
        serves(job, 1);
      }
    }
    clock_.advance(milliseconds(100));
  }
  ASSERT_GE(when.size(), 4U);
  EXPECT_LE(when.size(), 6U);
  EXPECT_LT(when[1] - when[0], seconds(4));
  EXPECT_GT(when[3] - when[2], when[2] - when[1]);
}

TEST_F(NotifyScheduleTest, ARefusalIsNotTheLastWord) {
  put(1, 1);
  follow({target("a")});
  change(1, 2);
  const Job job = take_only(Step::kNotify);
  schedule_.notified(job, 2, fail(Errc::kRefused, "it answers NOTAUTH"), both());
  EXPECT_EQ(state(job).refusal, "it answers NOTAUTH");
  const Job ask = take_only(Step::kAsk);  // it may look for itself
  serves(ask, 1);
  EXPECT_TRUE(state(ask).is_behind);
  clock_.advance(seconds(1));
  const Job again = take_only(Step::kNotify);
  told(again);
  EXPECT_EQ(state(again).refusal, "");
  clock_.advance(milliseconds(100));
  serves(take_only(Step::kAsk), 2);
  EXPECT_FALSE(schedule_.next_due());
}

TEST_F(NotifyScheduleTest, WhoWaitsIsToldSoon) {
  put(1, 1);
  follow({target("a")});
  change(1, 2);
  const Job job = take_only(Step::kNotify);
  schedule_.hurry(zone_id(1), now() + milliseconds(60), now());
  told(job);
  serves(take_only(Step::kAsk), 1);  // at once
  EXPECT_THAT(take(), IsEmpty());
  clock_.advance(milliseconds(25));
  serves(take_only(Step::kAsk), 1);
  clock_.advance(milliseconds(25));
  serves(take_only(Step::kAsk), 1);
  clock_.advance(milliseconds(25));
  serves(take_only(Step::kAsk), 1);
  clock_.advance(milliseconds(25));
  EXPECT_THAT(take(), IsEmpty()) << "nobody waits any more";
}

TEST_F(NotifyScheduleTest, AtFirstServersAreAskedSlowlyAndToldOnlyOfWhatTheyLack) {
  for (std::uint32_t i = 1; i <= 4; ++i) {
    put(i, 5);
  }
  schedule_.set_targets({target("a")}, all(), now());
  std::vector<Step> steps;
  for (const Serial serial : {5U, 4U, 5U, 5U}) {
    const Job job = take_only(Step::kAsk);
    serves(job, serial);
    for (const Job& more : take()) {
      EXPECT_EQ(more.zone, job.zone);
      steps.push_back(more.step);
    }
    clock_.advance(milliseconds(10));
  }
  EXPECT_THAT(steps, ::testing::ElementsAre(Step::kNotify));
  EXPECT_EQ(schedule_.targets().front().known, 4U);
  EXPECT_EQ(schedule_.targets().front().behind, 1U);
}

TEST_F(NotifyScheduleTest, OneThatIsNotThereAtFirstIsAskedAgainAndNotTold) {
  put(1, 5);
  schedule_.set_targets({target("a")}, all(), now());
  silent(take_only(Step::kAsk));
  clock_.advance(seconds(1));
  const Job job = take_only(Step::kAsk);
  EXPECT_FALSE(state(job).is_behind) << "that is not known";
  serves(job, 5);
  EXPECT_FALSE(schedule_.next_due());
}

TEST_F(NotifyScheduleTest, AServerThatIsAheadIsSaidToBeSo) {
  put(1, 5);
  schedule_.set_targets({target("a")}, all(), now());
  const Job job = take_only(Step::kAsk);
  serves(job, 9);
  EXPECT_THAT(state(job).problem, HasSubstr("serial 9"));
  EXPECT_TRUE(state(job).is_behind);
  clock_.advance(minutes(59));
  EXPECT_THAT(take(), IsEmpty()) << "telling it helps nothing";
  clock_.advance(minutes(1));
  take_only(Step::kAsk);
}

TEST_F(NotifyScheduleTest, ASilentServerHasOneMessageAtATimeAndGetsAllWhenItComesBack) {
  for (std::uint32_t i = 1; i <= 100; ++i) {
    put(i, 1);
  }
  follow({target("dead"), target("well")});
  for (std::uint32_t i = 1; i <= 100; ++i) {
    change(i, 2);
  }
  const std::vector<Job> jobs = take();
  EXPECT_EQ(jobs.size(), 64U) << "32 of each";
  for (const Job& job : jobs) {
    if (job.target == jobs.front().target) {
      silent(job);
    }
  }
  const std::vector<Job> next = take();
  ASSERT_EQ(next.size(), 1U) << "of the one that answers none has come back";
  EXPECT_EQ(next.front().target, jobs.front().target);
  EXPECT_TRUE(schedule_.targets().front().is_silent);
  told(next.front());
  EXPECT_FALSE(schedule_.targets().front().is_silent);
  EXPECT_EQ(take().size(), 32U) << "those that waited for their time too";
}

TEST_F(NotifyScheduleTest, NoMoreThanSoManyAreOnTheirWay) {
  put(1, 1);
  std::vector<NotifyTarget> targets;
  for (int i = 0; i < 300; ++i) {
    targets.push_back(target(fmt::format("t{}", i)));
  }
  follow(targets);
  change(1, 2);
  const std::vector<Job> jobs = take();
  EXPECT_EQ(jobs.size(), 256U);
  EXPECT_FALSE(schedule_.next_due()) << "an answer comes first";
  told(jobs.front());
  EXPECT_EQ(take().size(), 1U);
}

TEST_F(NotifyScheduleTest, WhatIsGoneIsForgotten) {
  put(1, 1);
  put(2, 1);
  follow({target("a"), target("b")});
  change(1, 2);
  change(2, 2);
  const std::vector<Job> jobs = take();
  ASSERT_EQ(jobs.size(), 4U);
  zones_.erase(zone_id(1));
  schedule_.zone_changed(zone_id(1), now());
  follow({target("b")});
  for (const Job& job : jobs) {
    schedule_.notified(job, 2, {}, both());
  }
  ASSERT_EQ(schedule_.targets().size(), 1U);
  EXPECT_EQ(schedule_.targets().front().known, 1U);
  EXPECT_EQ(schedule_.targets().front().behind, 1U);
  clock_.advance(milliseconds(100));
  serves(take_only(Step::kAsk), 2);
  EXPECT_FALSE(schedule_.next_due());
}

TEST_F(NotifyScheduleTest, ServersThatStayKeepTheirState) {
  put(1, 1);
  follow({target("a")});
  change(1, 2);
  told(take_only(Step::kNotify));
  clock_.advance(milliseconds(100));
  serves(take_only(Step::kAsk), 2);
  follow({target("new"), target("a")});
  const auto targets = schedule_.targets();
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[1].target.name, "a");
  EXPECT_EQ(schedule_.state(targets[1].id, zone_id(1))->serves, 2U);
  EXPECT_EQ(schedule_.state(targets[0].id, zone_id(1)), nullptr);
}

TEST_F(NotifyScheduleTest, WhoeverAsksForItIsToldAgain) {
  put(1, 1);
  follow({target("a"), target("b")});
  EXPECT_EQ(schedule_.tell(zone_id(1), "b", now()), 1U);
  const Job job = take_only(Step::kNotify);
  EXPECT_EQ(schedule_.find_target(job.target)->name, "b");
  EXPECT_EQ(schedule_.tell(zone_id(1), "c", now()), 0U);
  EXPECT_EQ(schedule_.tell(zone_id(9), "", now()), 0U);
  EXPECT_EQ(schedule_.tell(zone_id(1), "", now()), 2U);
}

}  // namespace
}  // namespace tandem::test
