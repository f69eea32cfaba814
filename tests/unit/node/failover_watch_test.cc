// Alternatives that are answered while a service is down, and those that are put into the zone.
#include "common/node/failover_watch.h"

#include <deque>

#include <gmock/gmock.h>

#include "common/node/failover_plans.h"
#include "primary/failover_changes.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class FailoverWatchTest : public WriterTest {
 protected:
  FailoverWatchTest() {
    start_with_zone();
    EXPECT_TRUE(change(*writer_, set_address(kZone, "*.w", "192.0.2.3")));
    EXPECT_TRUE(change(*writer_, set_address(kZone, "@", "192.0.2.4")));
  }

  static FailoverKey key(std::string_view owner) {
    return {name(kZone), Name::from_text(owner, name(kZone)).value(), RrType::kA};
  }

  Result<Receipt> set(std::string_view owner, std::string_view more = "") {
    const FailoverKey of = key(owner);
    const auto setting = FailoverSetting::from_text(
        of, fmt::format("check:tcp:192.0.2.1:80 every:10 fall:2 rise:1 alternative:203.0.113.7 {}",
                        more));
    EXPECT_TRUE(setting) << setting.error().detail;
    return change(*writer_, plan_failover(of, *setting));
  }

  /// One round of checks, all with the same outcome.
  void round(const Status& outcome) {
    clock_.advance(seconds(10));
    watch_.turn();
    for (auto& done : std::exchange(asked_, {})) {
      done(outcome);
    }
    watch_.turn();
  }

  void fall() {
    round(kBad);
    round(kBad);
  }

  void act() {
    const Serial before = serial();  // the log's head is durable before the change is visible
    ASSERT_TRUE(eventually([&] {
      changes_.check(watch_.all());  // the one before may not be over yet
      return serial() != before;
    }));
    watch_.turn();
  }

  const Status kBad = fail(Errc::kTimeout, "no answer in time");
  std::deque<HealthProber::Outcome> asked_;
  std::vector<PeerStatus> peers_;
  Role role_ = Role::kLeader;
  std::size_t told_ = 0;
  FailoverWatch watch_{
      {.table = log_->table(),
       .publisher = log_.publisher(),
       .clock = clock_,
       .probe = [this](const HealthTarget& /*target*/, std::chrono::milliseconds /*timeout*/,
                       HealthProber::Outcome done) { asked_.push_back(std::move(done)); },
       .role = [this] { return role_; },
       .peers = [this] { return peers_; },
       .tell = [this] { ++told_; }},
      node_id(5)};
  FailoverChanges changes_{*writer_};
};

constexpr std::string_view kBase = "a.example. 3600 IN A 192.0.2.1";
constexpr std::string_view kOther = "a.example. 60 IN A 203.0.113.7";

TEST_F(FailoverWatchTest, AnAlternativeIsAnsweredAndNothingElseKnowsIt) {
  for (const std::string_view owner : {"a", "*.w", "@"}) {
    ASSERT_TRUE(set(owner)) << owner;
  }
  const Serial before = serial();
  const ContentDigest digest = log_->table().find(name(kZone))->digest;
  round({});
  EXPECT_THAT(log_.lines(kZone), Contains(std::string(kBase)));
  round(kBad);
  EXPECT_THAT(log_.lines(kZone), Contains(std::string(kBase))) << "one failure is none";
  round(kBad);
  EXPECT_THAT(log_.lines(kZone), Contains(std::string(kOther)));
  EXPECT_THAT(log_.lines(kZone), Not(Contains(std::string(kBase))));
  EXPECT_THAT(log_.lines(kZone), Contains("*.w.example. 60 IN A 203.0.113.7"));
  EXPECT_THAT(log_.lines(kZone), Contains("example. 60 IN A 203.0.113.7"));
  EXPECT_EQ(serial(), before);
  EXPECT_EQ(log_->table().find(name(kZone))->digest, digest);
  const CatalogEntry base = log_.publisher().entry_of(name(kZone));
  EXPECT_EQ(base.zone, log_->table().find(name(kZone))->zone) << "what transfers take";
  EXPECT_THAT(lines_of(*base.zone), Contains(std::string(kBase)));
  round({});
  EXPECT_THAT(log_.lines(kZone), Contains(std::string(kBase)));
  EXPECT_EQ(log_.answered(kZone), base.zone);
}

TEST_F(FailoverWatchTest, ANewVersionIsAnsweredWithTheAlternativeToo) {
  ASSERT_TRUE(set("a"));
  fall();
  ASSERT_TRUE(change(*writer_, set_address(kZone, "b", "192.0.2.2")));
  EXPECT_THAT(log_.lines(kZone), Contains("b.example. 3600 IN A 192.0.2.2"));
  EXPECT_THAT(log_.lines(kZone), Contains(std::string(kOther)));
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.99")));
  EXPECT_THAT(log_.lines(kZone), Contains(std::string(kOther)));
  ASSERT_TRUE(change(*writer_, plan_failover_removal(key("a"))));
  watch_.turn();
  EXPECT_THAT(log_.lines(kZone), Contains("a.example. 3600 IN A 192.0.2.99"));
}

TEST_F(FailoverWatchTest, ALeaderTakesItsFollowersVerdictWhileThatIsConnected) {
  ASSERT_TRUE(set("a"));
  watch_.turn();
  PeerStatus follower;
  follower.node = node_id(7);
  follower.connected = true;
  peers_ = {follower};
  const CheckId check = watch_.all().front().failover.check;
  watch_.note(node_id(7), {{{check, true}}, std::nullopt});
  watch_.turn();
  EXPECT_THAT(log_.lines(kZone), Contains(std::string(kOther)));
  EXPECT_EQ(watch_.all().front().judge, node_id(7));
  EXPECT_EQ(watch_.report().judge, node_id(7));
  EXPECT_EQ(watch_.report().verdicts, (std::vector<HealthVerdict>{{check, true}}));
  for (auto& done : std::exchange(asked_, {})) {
    done({});
  }
  peers_.clear();
  watch_.turn();
  EXPECT_THAT(log_.lines(kZone), Contains(std::string(kBase))) << "its own again";
}

TEST_F(FailoverWatchTest, AFollowerTellsItsOwnVerdictAtOnce) {
  role_ = Role::kFollower;
  ASSERT_TRUE(set("a"));
  round(kBad);
  const std::size_t told = told_;
  EXPECT_TRUE(watch_.report().verdicts.empty());
  round(kBad);
  EXPECT_GT(told_, told);
  ASSERT_EQ(watch_.report().verdicts.size(), 1U);
  EXPECT_TRUE(watch_.report().verdicts.front().is_down);
  EXPECT_EQ(watch_.report().judge, std::nullopt);
}

TEST_F(FailoverWatchTest, ByChangesTheZoneItselfGoesThereAndBack) {
  ASSERT_TRUE(set("a", "mode:changes"));
  const Serial before = serial();
  fall();
  EXPECT_THAT(log_.lines(kZone), Contains(std::string(kBase))) << "not answered by itself";
  act();
  EXPECT_THAT(lines_of(*log_->table().find(name(kZone))->zone), Contains(std::string(kOther)));
  EXPECT_EQ(serial(), before + 1);
  changes_.check(watch_.all());
  round({});
  act();
  EXPECT_THAT(lines_of(*log_->table().find(name(kZone))->zone), Contains(std::string(kBase)));
  EXPECT_EQ(serial(), before + 2);
}

TEST_F(FailoverWatchTest, WhatWasChangedMeanwhileStays) {
  ASSERT_TRUE(set("a", "mode:changes"));
  fall();
  act();
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.50")));
  const auto removed = change(*writer_, plan_failover_removal(key("a")));
  ASSERT_TRUE(removed);
  ASSERT_EQ(removed->warnings.size(), 1U);
  EXPECT_THAT(removed->warnings.front(), HasSubstr("it stays as it is"));
  EXPECT_THAT(lines_of(*log_->table().find(name(kZone))->zone),
              Contains("a.example. 60 IN A 192.0.2.50"));
}

TEST_F(FailoverWatchTest, RemovedWhileItIsInTheZoneTheBaseComesBack) {
  ASSERT_TRUE(set("a", "mode:changes"));
  fall();
  act();
  ASSERT_TRUE(change(*writer_, plan_failover_removal(key("a"))));
  EXPECT_THAT(lines_of(*log_->table().find(name(kZone))->zone), Contains(std::string(kBase)));
  EXPECT_EQ(change(*writer_, plan_failover_removal(key("a"))).error().code, Errc::kNotFound);
}

TEST_F(FailoverWatchTest, WhatCannotBeIsRefusedWithTheReason) {
  EXPECT_THAT(set("nobody").error().detail, HasSubstr("nobody.example. has no A records"));
  EXPECT_EQ(set("nobody").error().code, Errc::kNotFound);
  const FailoverKey soa{name(kZone), name(kZone), RrType::kNs};
  const auto setting =
      FailoverSetting::from_text(soa, "check:tcp:192.0.2.1:80 alternative:ns9.example.");
  ASSERT_TRUE(setting);
  EXPECT_EQ(change(*writer_, plan_failover(soa, *setting)).error().code, Errc::kRefused);
  ASSERT_TRUE(change(*writer_, plan_create(name("signed."), {},
                                           zone("a A 192.0.2.1\n"
                                                "@ RRSIG SOA 8 1 3600 20300101000000 "
                                                "20200101000000 1 signed. AAAA\n",
                                                "signed."))));
  const FailoverKey other{name("signed."), name("a.signed."), RrType::kA};
  const auto refused = change(
      *writer_, plan_failover(other, *FailoverSetting::from_text(other,
                                                                 "check:tcp:192.0.2.1:80 "
                                                                 "alternative:203.0.113.7")));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("signed elsewhere"));
  ASSERT_TRUE(change(*writer_, set_address(kZone, "c", "203.0.113.7")));
  EXPECT_THAT(set("c", "ttl:3600").error().detail, HasSubstr("the alternative already"));
}

}  // namespace
}  // namespace tandem::test
