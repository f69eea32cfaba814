// What goes to outside secondaries, and what is known of them: the notifier with servers that a
// test plays, on a log that the writer writes.
#include "common/node/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/node/key_plans.h"
#include "common/node/setting_plans.h"
#include "primary/writer.h"
#include "tests/support/zone_text.h"
#include "tests/unit/node/fake_servers.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kZone = "example.";

OutsideSecondary secondary(std::string_view text) {
  return OutsideSecondary::from_text(text).value();
}

class NotifierTest : public ::testing::Test {
 protected:
  NotifierTest() {
    log_->add_listener([this](const CommittedGroup& group) { notifier_->on_commit(group); });
    EXPECT_TRUE(writer_.bootstrap(cluster_id(7)));
    writer_.start();
    EXPECT_TRUE(change(writer_, plan_create(name(kZone), {}, zone(""))));
  }

  ~NotifierTest() override {
    writer_.stop();
    notifier_->stop();
  }

  void start(std::vector<OutsideSecondary> configured,
             Notifier::LoggedServers logged = Notifier::LoggedServers::kTold) {
    make(std::move(configured), logged);
    notifier_->start();
  }

  void make(std::vector<OutsideSecondary> configured, Notifier::LoggedServers logged) {
    notifier_ = std::make_unique<Notifier>(
        Notifier::Services{*log_, *local_, keys_, clock_, servers_.ask()},
        Notifier::Options{std::move(configured), logged, Worker::Pace::kSteps});
  }

  /// Starts with one server that has the zone.
  void start_in_step(std::string_view words = "notify:192.0.2.9") {
    start({secondary(words)});
    run();
    answer_serial(servers_.next(), 1);
    run();
    ASSERT_THAT(servers_.asked, SizeIs(0));
  }

  void run() {
    while (notifier_->step()) {
    }
  }

  void change_zone(std::string_view address) {
    ASSERT_TRUE(change(writer_, set_address(kZone, "a", address)));
    run();
  }

  Result<Receipt> set(std::string_view setting, std::string_view words) {
    return change(writer_, plan_setting(secondary_setting(setting, secondary(words)).value()));
  }

  OutsideZone only() {
    const auto zones = notifier_->servers_of(name(kZone));
    EXPECT_THAT(*zones, SizeIs(1));
    return zones->front();
  }

  ZoneId id() { return log_->table().find(name(kZone))->id; }

  ManualClock clock_;
  MemoryStore store_;
  MemoryStore local_store_;
  TestLog log_{store_, clock_};
  TestLog local_{local_store_, clock_, LogId::kLocal};
  KeyRing keys_{{}};
  FakeServers servers_;
  std::unique_ptr<Notifier> notifier_{std::make_unique<Notifier>(
      Notifier::Services{*log_, *local_, keys_, clock_, servers_.ask()},
      Notifier::Options{{}, Notifier::LoggedServers::kTold, Worker::Pace::kSteps})};
  Writer writer_{*log_, sealer_of_node(1), node_id(1)};
};

TEST_F(NotifierTest, AtTheStartItAsksAndDoesNotTell) {
  start({secondary("notify:192.0.2.9 via:192.0.2.1")});
  run();
  ASSERT_THAT(servers_.asked, SizeIs(1));
  FakeServers::Asked asked = servers_.next();
  EXPECT_FALSE(asked.is_notify());
  EXPECT_EQ(asked.to(), "192.0.2.9:53");
  EXPECT_EQ(asked.peer.from->to_text(), "192.0.2.1:0");
  EXPECT_EQ(asked.peer.key, nullptr);
  EXPECT_EQ(asked.message.questions.front().name, name(kZone));
  answer_serial(std::move(asked), 1);
  run();
  EXPECT_THAT(servers_.asked, SizeIs(0));
  EXPECT_EQ(only().state.serves, 1U);
  EXPECT_EQ(notifier_->stats().sent, 0U);
  EXPECT_EQ(notifier_->behind_count(), 0U);
}

TEST_F(NotifierTest, AChangeIsToldWithItsSoa) {
  start_in_step();
  change_zone("192.0.2.2");
  ASSERT_THAT(servers_.asked, SizeIs(1));
  FakeServers::Asked asked = servers_.next();
  EXPECT_TRUE(asked.is_notify());
  EXPECT_EQ(soa_serial(asked.message.answers.at(0).rdata), 2U);
  EXPECT_EQ(notifier_->behind_count(), 1U);
  answer(std::move(asked));
  clock_.advance(milliseconds(100));
  run();
  answer_serial(servers_.next(), 2);
  EXPECT_EQ(only().state.serves, 2U);
  EXPECT_EQ(only().state.notified, clock_.wall() - milliseconds(100));
  EXPECT_EQ(notifier_->stats().sent, 1U);
  EXPECT_EQ(notifier_->stats().answered, 1U);
  EXPECT_EQ(notifier_->behind_count(), 0U);
}

TEST_F(NotifierTest, ChangesWhileOneIsOnItsWayMakeOneMore) {
  start_in_step();
  change_zone("192.0.2.2");
  change_zone("192.0.2.3");
  change_zone("192.0.2.4");
  ASSERT_THAT(servers_.asked, SizeIs(1));
  answer(servers_.next());
  run();
  ASSERT_THAT(servers_.asked, SizeIs(1));
  EXPECT_EQ(soa_serial(servers_.next().message.answers.at(0).rdata), 4U);
}

TEST_F(NotifierTest, WhatIsRefusedOrNotAnsweredIsCounted) {
  start_in_step();
  change_zone("192.0.2.2");
  answer(servers_.next(), Rcode::kRefused);
  EXPECT_THAT(only().state.refusal, HasSubstr("REFUSED"));
  run();
  do_not_answer(servers_.next());  // the question
  clock_.advance(milliseconds(1000));
  run();
  FakeServers::Asked again = servers_.next();
  EXPECT_TRUE(again.is_notify());
  do_not_answer(std::move(again));
  EXPECT_EQ(notifier_->stats().refused, 1U);
  EXPECT_EQ(notifier_->stats().unanswered, 1U);
  EXPECT_EQ(only().state.problem, "it does not answer");
  EXPECT_TRUE(notifier_->servers(10).at(0).is_silent);
}

TEST_F(NotifierTest, ServersOfTheLogComeAndGo) {
  start({});
  ASSERT_TRUE(set("he", "notify:192.0.2.9"));
  run();
  ASSERT_THAT(servers_.asked, SizeIs(1));
  answer_serial(servers_.next(), 1);
  EXPECT_EQ(only().name, "he");
  EXPECT_TRUE(only().is_logged);
  ASSERT_TRUE(change(writer_, plan_setting_removal(SettingKind::kSecondary, "he")));
  run();
  EXPECT_TRUE(notifier_->servers(10).empty());
  change_zone("192.0.2.2");
  EXPECT_THAT(servers_.asked, SizeIs(0));
}

TEST_F(NotifierTest, AFollowerTellsThoseOfItsConfigurationAlone) {
  ASSERT_TRUE(set("he", "notify:192.0.2.9"));
  start({secondary("notify:192.0.2.8")}, Notifier::LoggedServers::kNone);
  run();
  ASSERT_THAT(servers_.asked, SizeIs(1));
  EXPECT_EQ(servers_.next().to(), "192.0.2.8:53");
}

TEST_F(NotifierTest, AKeyThatIsNotHereIsSaidAndNothingIsSent) {
  start({secondary("notify:192.0.2.9 key:up")});
  run();
  EXPECT_THAT(servers_.asked, SizeIs(0));
  EXPECT_THAT(only().state.problem, HasSubstr("no key up."));
  keys_.put(new_tsig_key(name("up."), TsigAlgorithm{}));
  clock_.advance(milliseconds(1000));
  run();
  ASSERT_THAT(servers_.asked, SizeIs(1));
  EXPECT_EQ(servers_.next().peer.key->name, name("up."));
}

TEST_F(NotifierTest, OnlyZonesThatItFollowsAreTold) {
  start({secondary("notify:192.0.2.9 zone:other")});
  change_zone("192.0.2.2");
  EXPECT_THAT(servers_.asked, SizeIs(0));
  EXPECT_TRUE(notifier_->servers_of(name(kZone))->empty());
}

TEST_F(NotifierTest, ADeletedZoneIsForgotten) {
  start_in_step();
  change_zone("192.0.2.2");
  ASSERT_TRUE(change(writer_, plan_delete(name(kZone))));
  run();
  answer(servers_.next());
  run();
  EXPECT_THAT(servers_.asked, SizeIs(0));
  EXPECT_EQ(notifier_->behind_count(), 0U);
  EXPECT_EQ(notifier_->servers_of(name(kZone)).error().code, Errc::kNotFound);
}

TEST_F(NotifierTest, WhoIsToldByHand) {
  start_in_step();
  EXPECT_EQ(notifier_->tell(name("other."), "").error().code, Errc::kNotFound);
  EXPECT_EQ(notifier_->tell(name(kZone), "other").error().code, Errc::kNotFound);
  ASSERT_TRUE(notifier_->tell(name(kZone), "192.0.2.9:53"));
  run();
  EXPECT_TRUE(servers_.next().is_notify());
}

TEST_F(NotifierTest, WhoWaitsHearsWhenEveryServerHasIt) {
  start_in_step();
  ASSERT_TRUE(change(writer_, set_address(kZone, "a", "192.0.2.2")));
  std::optional<std::vector<OutsideReached>> reached;
  notifier_->await(id(), 2, clock_.monotonic() + milliseconds(400),
                   [&](std::vector<OutsideReached> servers) { reached = std::move(servers); });
  run();
  answer(servers_.next());
  run();
  answer_serial(servers_.next(), 1);  // asked at once
  clock_.advance(milliseconds(25));
  run();
  EXPECT_FALSE(reached);
  answer_serial(servers_.next(), 2);
  ASSERT_TRUE(reached);
  ASSERT_THAT(*reached, SizeIs(1));
  EXPECT_TRUE(reached->front().has_it);
  EXPECT_EQ(reached->front().serial, 2U);
  EXPECT_EQ(reached->front().address, "192.0.2.9:53");
}

TEST_F(NotifierTest, WhoWaitsHearsWhatTheyHaveWhenTheTimeIsUp) {
  start_in_step();
  ASSERT_TRUE(change(writer_, set_address(kZone, "a", "192.0.2.2")));
  std::optional<std::vector<OutsideReached>> reached;
  notifier_->await(id(), 2, clock_.monotonic() + milliseconds(400),
                   [&](std::vector<OutsideReached> servers) { reached = std::move(servers); });
  run();
  clock_.advance(milliseconds(399));
  run();
  EXPECT_FALSE(reached);
  clock_.advance(milliseconds(1));
  run();
  ASSERT_TRUE(reached);
  EXPECT_FALSE(reached->at(0).has_it);
  EXPECT_EQ(reached->at(0).serial, 1U);
}

TEST_F(NotifierTest, ALaterSerialOfOursWillDoAndAForeignOneWillNot) {
  start_in_step();
  change_zone("192.0.2.2");
  change_zone("192.0.2.3");
  std::optional<std::vector<OutsideReached>> reached;
  notifier_->await(id(), 2, clock_.monotonic() + milliseconds(400),
                   [&](std::vector<OutsideReached> servers) { reached = std::move(servers); });
  answer(servers_.next());
  run();
  answer(servers_.next());
  run();
  answer_serial(servers_.next(), 9);
  EXPECT_FALSE(reached);
  ASSERT_TRUE(notifier_->tell(name(kZone), ""));
  run();
  answer(servers_.next());
  run();
  answer_serial(servers_.next(), 3);
  EXPECT_TRUE(reached);
}

TEST_F(NotifierTest, NobodyWaitsForNobodyNorAfterTheEnd) {
  start({});
  int calls = 0;
  const auto count = [&](const std::vector<OutsideReached>& servers) {
    EXPECT_THAT(servers, SizeIs(0));
    ++calls;
  };
  notifier_->await(id(), 1, MonotonicTime::max(), count);
  EXPECT_EQ(calls, 1);
  notifier_->stop();
  notifier_->await(id(), 1, MonotonicTime::max(), count);
  EXPECT_EQ(calls, 2);
}

TEST_F(NotifierTest, TheEndLetsAllGo) {
  start_in_step();
  ASSERT_TRUE(change(writer_, set_address(kZone, "a", "192.0.2.2")));
  int calls = 0;
  notifier_->await(id(), 2, MonotonicTime::max(),
                   [&](const std::vector<OutsideReached>& /*servers*/) { ++calls; });
  EXPECT_EQ(calls, 0);
  notifier_->stop();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace tandem::test
