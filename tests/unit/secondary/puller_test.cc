// Zones from elsewhere: how they come, what is not taken, and what becomes of them without their
// primaries.
#include "secondary/puller.h"

#include "common/node/setting_plans.h"
#include "common/zone/diff.h"
#include "tests/unit/primary/writer_fixture.h"
#include "tests/unit/secondary/fake_primaries.h"

namespace tandem::test {
namespace {

using std::chrono::seconds;

constexpr std::string_view kFirst = "192.0.2.1:53";
constexpr std::string_view kSecond = "192.0.2.2:53";
const Error kSilent{Errc::kTimeout, "no answer"};

/// kApex and the lines, with a serial.
ZonePtr version(Serial serial, std::string_view lines) {
  const ZonePtr made = zone(lines);
  const Changeset raise = serial_change(*made, serial);
  return serial == made->serial() ? made : *made->apply(std::span(&raise, 1), {});
}

class PullerTest : public WriterTest {
 protected:
  PullerTest() { writer_->start(); }

  ~PullerTest() override { puller_.reset(); }

  void set_source(std::string_view primaries) {
    Setting setting{SettingKind::kSource, std::string(kZone), std::string(primaries)};
    ASSERT_TRUE(change(*writer_, plan_setting({std::move(setting), {}})));
  }

  void pull_from(std::string_view primaries) {
    set_source(primaries);
    if (puller_ == nullptr) {
      begin();
    }
    puller_->turn();
  }

  void begin() {
    puller_ = std::make_unique<Puller>(
        Puller::Services{*log_, *writer_, log_.publisher(), primaries_}, Puller::Options());
  }

  FakePrimaries::Primary& first() { return primaries_.at(std::string(kFirst)); }

  FakePrimaries::Primary& second() { return primaries_.at(std::string(kSecond)); }

  PulledState state() const { return *puller_->state(name(kZone)); }

  /// Lets the puller work until it is so.
  bool until(const std::function<bool()>& is_so) {
    return eventually([&] {
      puller_->turn();
      return is_so();
    });
  }

  /// Until the round that is due at `now` has ended.
  void round() {
    const auto before = state().checked;
    clock_.advance(seconds(1));
    ASSERT_TRUE(until([&] { return state().checked != before && !state().is_busy; }));
  }

  void later_round(seconds later) {
    clock_.advance(later);
    round();
  }

  void expect_at(Serial serial, std::string_view line) {
    ASSERT_NE(log_.answered(kZone), nullptr);
    EXPECT_EQ(log_.answered(kZone)->serial(), serial);
    const std::vector<std::string> lines = log_.lines(kZone);
    EXPECT_NE(std::ranges::find(lines, line), lines.end()) << line;
  }

  PullService::NotifyTaken notify(std::optional<Serial> serial, std::string_view from = kFirst,
                                  const std::optional<Name>& key = {}) {
    return puller_->notify({name(kZone), serial}, *SocketAddress::from_text(from), key);
  }

  using Asked = std::vector<std::string>;

  FakePrimaries primaries_;
  std::unique_ptr<Puller> puller_;
};

constexpr std::string_view kOld = "a.example. 3600 IN A 192.0.2.10";
constexpr std::string_view kNew = "a.example. 3600 IN A 192.0.2.20";

class PulledOnce : public PullerTest {
 protected:
  void SetUp() override {
    first().zone = version(7, std::string(kOld) + "\n");
    pull_from(kFirst);
    clock_.advance(seconds(1));
    round();
    primaries_.take_asked();
  }

  void offer(Serial serial) {
    first().before = first().zone;
    first().zone = version(serial, std::string(kNew) + "\n");
  }
};

TEST_F(PullerTest, TakesAZoneThatIsNotThereAsAWhole) {
  first().zone = version(7, std::string(kOld) + "\n");
  pull_from(kFirst);
  round();
  expect_at(7, kOld);
  EXPECT_EQ(primaries_.take_asked(), (Asked{"soa 192.0.2.1:53", "axfr 192.0.2.1:53"}));
  EXPECT_EQ(state().by, PulledBy::kAxfr);
  EXPECT_EQ(state().from, kFirst);
  EXPECT_EQ(state().error, "");
  EXPECT_EQ(state().expires, seconds(604800));
  EXPECT_EQ(entry(log_.head()).actor.name, "pull");
  EXPECT_EQ(entry(log_.head()).actor.source, kFirst);
}

TEST_F(PulledOnce, TakesWhatIsNewerStepByStep) {
  offer(9);
  later_round(seconds(1000));
  expect_at(9, kNew);
  EXPECT_EQ(primaries_.take_asked(), (Asked{"soa 192.0.2.1:53", "ixfr 192.0.2.1:53"}));
  EXPECT_EQ(state().by, PulledBy::kIxfr);
  EXPECT_TRUE(std::holds_alternative<RecordChange>(entry(log_.head()).changes.at(0).kind));
}

TEST_F(PulledOnce, AWholeZoneThatAnswersIxfrIsToldAsOne) {
  offer(9);
  first().before = nullptr;
  later_round(seconds(1000));
  expect_at(9, kNew);
  EXPECT_EQ(primaries_.take_asked(), (Asked{"soa 192.0.2.1:53", "ixfr 192.0.2.1:53"}));
  EXPECT_EQ(state().by, PulledBy::kAxfr);
  EXPECT_EQ(entry(log_.head()).actor.reason, "AXFR");
}

TEST_F(PulledOnce, IsLeftAloneUntilItsRefresh) {
  offer(9);
  clock_.advance(seconds(700));
  puller_->turn();
  EXPECT_EQ(primaries_.take_asked(), Asked());
  EXPECT_LE(state().next_check, seconds(300));
}

TEST_F(PulledOnce, WhatIsCurrentMakesNoEntry) {
  const std::uint64_t head = log_.head();
  later_round(seconds(1000));
  EXPECT_EQ(log_.head(), head);
  EXPECT_EQ(state().by, PulledBy::kUpToDate);
  EXPECT_EQ(state().expires, seconds(604800));
  EXPECT_TRUE(puller_->zones_left().empty());
}

TEST_F(PulledOnce, AnyFaultOfIxfrIsMendedByAxfr) {
  offer(9);
  first().ixfr_refusal = Rcode::kNotImp;
  later_round(seconds(1000));
  expect_at(9, kNew);
  EXPECT_EQ(state().by, PulledBy::kAxfr);
  first().ixfr_refusal.reset();
  first().steps_are_wrong = true;
  offer(10);
  later_round(seconds(1000));
  EXPECT_EQ(log_.answered(kZone)->serial(), 10U);
  EXPECT_EQ(state().by, PulledBy::kAxfr);
  EXPECT_EQ(puller_->stats().axfrs_for_ixfr, 2U);
}

TEST_F(PulledOnce, AnswersOfOneSoaAfterTheOtherLeadToNoTransferTwice) {
  offer(9);
  later_round(seconds(1000));
  later_round(seconds(1000));
  EXPECT_EQ(primaries_.take_asked(),
            (Asked{"soa 192.0.2.1:53", "ixfr 192.0.2.1:53", "soa 192.0.2.1:53"}));
}

TEST_F(PulledOnce, NotifyAsksAtOnce) {
  offer(9);
  EXPECT_EQ(notify(9), PullService::NotifyTaken::kYes);
  round();
  expect_at(9, kNew);
}

TEST_F(PullerTest, NotifyCountsBeforeTheFirstTurn) {
  first().zone = version(7, std::string(kOld) + "\n");
  begin();
  EXPECT_EQ(notify(7), PullService::NotifyTaken::kNotPulled);
  set_source(kFirst);
  EXPECT_EQ(notify(7), PullService::NotifyTaken::kYes);
  round();
  expect_at(7, kOld);
  set_source(kSecond);
  EXPECT_EQ(notify(8, kFirst), PullService::NotifyTaken::kRefused);
  EXPECT_EQ(notify(8, kSecond), PullService::NotifyTaken::kYes);
}

TEST_F(PulledOnce, NotifyOfWhatIsThereAsksNothing) {
  EXPECT_EQ(notify(7), PullService::NotifyTaken::kYes);
  EXPECT_EQ(notify(6), PullService::NotifyTaken::kYes);
  clock_.advance(seconds(2));
  puller_->turn();
  EXPECT_EQ(primaries_.take_asked(), Asked());
}

TEST_F(PulledOnce, ManyNotifiesAskOnceASecond) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(notify(std::nullopt), PullService::NotifyTaken::kYes);
    puller_->turn();
  }
  ASSERT_TRUE(until([&] { return !state().is_busy; }));
  EXPECT_EQ(primaries_.take_asked().size(), 1U) << "at once";
  clock_.advance(seconds(1));
  puller_->turn();
  ASSERT_TRUE(until([&] { return !state().is_busy; }));
  EXPECT_EQ(primaries_.take_asked().size(), 1U) << "a second later, for all others";
}

TEST_F(PulledOnce, NotifyCountsFromPrimariesAndWithTheirKeysAlone) {
  EXPECT_EQ(notify(9, "192.0.2.1:12345"), PullService::NotifyTaken::kYes);
  EXPECT_EQ(notify(9, "192.0.2.99:53"), PullService::NotifyTaken::kRefused);
  EXPECT_EQ(notify(9, "192.0.2.99:53", name("k.")), PullService::NotifyTaken::kRefused);
  EXPECT_EQ(puller_->notify({name("other."), 9}, *SocketAddress::from_text(kFirst), {}),
            PullService::NotifyTaken::kNotPulled);
  pull_from("192.0.2.1:53,key:k.");
  ASSERT_TRUE(until([&] { return state().source == "192.0.2.1:53,key:k."; }));
  EXPECT_EQ(notify(9, "192.0.2.99:53", name("K.")), PullService::NotifyTaken::kYes);
  EXPECT_EQ(puller_->stats().notifies_refused, 2U);
}

TEST_F(PullerTest, AnotherPrimaryHelpsWhenOneIsNotThere) {
  first().silence = kSilent;
  second().zone = version(7, std::string(kOld) + "\n");
  pull_from("192.0.2.1:53 192.0.2.2:53");
  round();
  expect_at(7, kOld);
  EXPECT_EQ(state().from, kSecond);
  EXPECT_EQ(state().error, "192.0.2.1:53: no answer");
  EXPECT_EQ(puller_->stats().failing, 0U);
}

TEST_F(PullerTest, AnotherPrimaryHelpsWhenATransferBreaks) {
  first().zone = version(8, std::string(kNew) + "\n");
  first().broken = Error{Errc::kIo, "connection reset"};
  second().zone = version(7, std::string(kOld) + "\n");
  pull_from("192.0.2.1:53 192.0.2.2:53");
  round();
  expect_at(7, kOld);
  EXPECT_EQ(state().error, "192.0.2.1:53: connection reset");
}

TEST_F(PullerTest, TheNewestOfSeveralPrimariesIsTaken) {
  first().zone = version(7, std::string(kOld) + "\n");
  second().zone = version(8, std::string(kNew) + "\n");
  pull_from("192.0.2.1:53 192.0.2.2:53");
  round();
  expect_at(8, kNew);
}

TEST_F(PulledOnce, ASerialThatGoesBackIsNotTakenUntilSomebodySaysSo) {
  first().zone = version(3, std::string(kNew) + "\n");
  later_round(seconds(1000));
  expect_at(7, kOld);
  EXPECT_NE(state().error.find("the serial went back to 3"), std::string::npos) << state().error;
  EXPECT_NE(state().error.find("tandemctl xfr retransfer example."), std::string::npos);
  EXPECT_EQ(puller_->stats().failing, 1U);
  ASSERT_TRUE(puller_->retransfer(name(kZone)));
  round();
  expect_at(3, kNew);
  EXPECT_EQ(state().error, "");
  EXPECT_EQ(state().by, PulledBy::kAxfr);
}

TEST_F(PulledOnce, RetransferOfTheSameChangesNothing) {
  const std::uint64_t head = log_.head();
  ASSERT_TRUE(puller_->retransfer(name(kZone)));
  round();
  EXPECT_EQ(primaries_.take_asked(), (Asked{"soa 192.0.2.1:53", "axfr 192.0.2.1:53"}));
  EXPECT_EQ(log_.head(), head);
  EXPECT_FALSE(puller_->retransfer(name("other.")));
}

TEST_F(PulledOnce, WhatIsNotAsItsZonemdSaysIsNotTaken) {
  first().zone = version(9, "@ 3600 IN ZONEMD 9 1 1 " + std::string(96, '0') + "\n");
  later_round(seconds(1000));
  expect_at(7, kOld);
  EXPECT_NE(state().error.find("ZONEMD"), std::string::npos) << state().error;
}

TEST_F(PulledOnce, ExpiresWithoutItsPrimaryAndComesBackWithIt) {
  first().silence = kSilent;
  later_round(seconds(604'000));
  EXPECT_EQ(log_.serve_state(kZone), ServeState::kServing);
  later_round(seconds(1000));
  EXPECT_EQ(log_.serve_state(kZone), ServeState::kExpired);
  EXPECT_EQ(puller_->remaining(name(kZone)), seconds(0));
  EXPECT_EQ(puller_->stats().expired, 1U);
  const std::vector<ZoneLeft> left = puller_->zones_left();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left.front().zone, log_->table().find(name(kZone))->id);
  EXPECT_LT(left.front().seconds, 0);
  first().silence.reset();
  later_round(seconds(1000));
  EXPECT_TRUE(until([&] { return log_.serve_state(kZone) == ServeState::kServing; }));
}

TEST_F(PulledOnce, AZoneThatIsToBeServedOnGoesStale) {
  ASSERT_TRUE(change(*writer_, plan_options(name(kZone), [](ZoneOptions& options) {
    options.serve_after_expire = true;
  })));
  first().silence = kSilent;
  later_round(seconds(605'000));
  EXPECT_EQ(log_.serve_state(kZone), ServeState::kStale);
}

TEST_F(PulledOnce, StaysExpiredOverARestartButNotBeforeAFirstTry) {
  first().silence = kSilent;
  puller_.reset();
  clock_.advance(seconds(605'000));
  log_.publisher().set_states(LogId::kCluster, {{StoredName(name(kZone)), ServeState::kServing}});
  begin();
  puller_->turn();
  EXPECT_EQ(log_.serve_state(kZone), ServeState::kServing);
  ASSERT_TRUE(until([&] { return state().checked.has_value(); }));
  clock_.advance(seconds(2));
  EXPECT_TRUE(until([&] { return log_.serve_state(kZone) == ServeState::kExpired; }));
}

TEST_F(PulledOnce, APrimaryThatHasLittleTimeLeftDoesNotRenewOurs) {
  later_round(seconds(1000));
  EXPECT_EQ(state().expires, seconds(604800));
  first().expire = 100;
  offer(9);
  later_round(seconds(1000));
  later_round(seconds(604'000));
  EXPECT_LT(*state().expires, seconds(2000));
}

TEST_F(PulledOnce, WithoutASourceItIsAZoneLikeAnyOther) {
  EXPECT_FALSE(change(*writer_, set_address(kZone, "a", "192.0.2.30")));
  ASSERT_TRUE(change(*writer_, plan_setting_removal(SettingKind::kSource, std::string(kZone))));
  puller_->turn();
  EXPECT_EQ(puller_->state(name(kZone)), std::nullopt);
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.30")));
  EXPECT_EQ(serial(), 8U);
}

TEST_F(PulledOnce, WhatCannotBeStoredIsToldAndTriedAgain) {
  offer(9);
  writer_->set_read_only("the disk is full");
  later_round(seconds(1000));
  EXPECT_NE(state().error.find("cannot be stored: the disk is full"), std::string::npos);
  expect_at(7, kOld);
  writer_->set_read_only("");
  later_round(seconds(400));
  expect_at(9, kNew);
}

}  // namespace
}  // namespace tandem::test
