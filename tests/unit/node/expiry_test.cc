// SOA EXPIRE at a follower (RFC 1035 s3.3.13), by a clock that the test owns. The zone expires
// after 604,800 s.
#include "common/node/expiry.h"

#include <gtest/gtest.h>

#include "tests/support/zone_text.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr seconds kExpire{604'800};

class ExpiryTest : public ::testing::Test {
 protected:
  ExpiryTest() { load(); }

  void load(ZoneOptions options = {}) {
    TableDraft draft = log_->draft();
    const ZonePtr content = zone("");
    ZoneId id;
    id.octets.fill(3);
    if (log_->table().find(id) == nullptr) {
      EXPECT_TRUE(draft.apply({id, ZoneCreate{name("example."), options}}));
    } else {
      EXPECT_TRUE(draft.apply({id, ZoneOptionsChange{{}, options}}));
    }
    EXPECT_TRUE(draft.set_content(id, content, content_digest_of(*content)));
    log_.show(draft);
  }

  [[nodiscard]] ServeState state() {
    watch_->check();
    return *log_.serve_state("example.");
  }

  void restart() {
    watch_.reset();
    log_.restart();
    load();
    watch_ = std::make_unique<ExpiryWatch>(*log_, log_.publisher());
  }

  ManualClock clock_;
  MemoryStore store_;
  TestLog log_{store_, clock_};
  std::unique_ptr<ExpiryWatch> watch_ = std::make_unique<ExpiryWatch>(*log_, log_.publisher());
};

TEST_F(ExpiryTest, AZoneExpiresWhenTheLeaderIsSilentForLongerAndComesBackWithIt) {
  watch_->on_contact();
  clock_.advance(kExpire);
  EXPECT_EQ(state(), ServeState::kServing);
  clock_.advance(seconds(1));
  EXPECT_EQ(state(), ServeState::kExpired);
  watch_->on_contact();
  EXPECT_EQ(state(), ServeState::kServing);
}

TEST_F(ExpiryTest, AZoneThatIsToldToServeOnIsStale) {
  load({SerialPolicy::kIncrement, true, 0});
  watch_->on_contact();
  clock_.advance(kExpire + seconds(1));
  EXPECT_EQ(state(), ServeState::kStale);
  load({});
  EXPECT_EQ(state(), ServeState::kExpired) << "an option that changes meanwhile counts";
}

TEST_F(ExpiryTest, TheTimeOfDayDoesNotCountWhileTheProcessRuns) {
  watch_->on_contact();
  clock_.step_wall(hours(24 * 365));
  EXPECT_EQ(state(), ServeState::kServing);
}

TEST_F(ExpiryTest, AcrossARestartTheTimeOfDayCountsButNotBeforeAnAttemptAtContact) {
  watch_->on_contact();
  clock_.advance(kExpire + seconds(60));
  restart();
  EXPECT_EQ(state(), ServeState::kServing);
  clock_.advance(seconds(14));
  EXPECT_EQ(state(), ServeState::kServing);
  clock_.advance(seconds(2));
  EXPECT_EQ(state(), ServeState::kExpired);
  watch_->on_contact();
  EXPECT_EQ(state(), ServeState::kServing);
}

TEST_F(ExpiryTest, AShortAbsenceAcrossARestartIsNone) {
  watch_->on_contact();
  const WallTime contact = clock_.wall();
  clock_.advance(hours(1));
  restart();
  EXPECT_EQ(watch_->last_contact(), contact);
  clock_.advance(seconds(20));
  EXPECT_EQ(state(), ServeState::kServing);
}

// RFC 7314 s3.2
TEST_F(ExpiryTest, WhatRemainsCountsDownFromContactAlsoAcrossARestart) {
  const ZonePtr content = zone("");
  EXPECT_EQ(watch_->remaining(*content), std::nullopt) << "there never was contact";
  watch_->on_contact();
  EXPECT_EQ(watch_->remaining(*content), kExpire.count());
  clock_.advance(seconds(100));
  EXPECT_EQ(watch_->remaining(*content), kExpire.count() - 100);
  restart();
  clock_.advance(seconds(1));
  EXPECT_EQ(watch_->remaining(*content), kExpire.count() - 101);
  clock_.step_wall(-hours(1));
  EXPECT_EQ(watch_->remaining(*content), kExpire.count()) << "never more than the SOA says";
  clock_.step_wall(hours(24 * 30));
  EXPECT_EQ(watch_->remaining(*content), 0U);
}

TEST_F(ExpiryTest, AZoneExpiresWithTheContactThatItsLeaderHas) {
  const ZoneId id = log_->table().find(name("example."))->id;
  watch_->on_contact();
  watch_->on_zones_left({{id, 100}});
  EXPECT_EQ(watch_->remaining(*zone("")), 100U);
  EXPECT_EQ(state(), ServeState::kServing);
  clock_.advance(seconds(101));
  watch_->on_contact();
  EXPECT_EQ(state(), ServeState::kExpired) << "the link is there, the leader's primary is not";
  EXPECT_EQ(watch_->remaining(*zone("")), 0U);
  watch_->on_zones_left({});
  EXPECT_EQ(state(), ServeState::kServing);
  watch_->on_zones_left({{id, std::numeric_limits<std::int64_t>::min()}});
  EXPECT_EQ(state(), ServeState::kExpired);
}

TEST_F(ExpiryTest, AClockThatWasPutBackExpiresNothing) {
  watch_->on_contact();
  restart();
  clock_.advance(seconds(20));
  clock_.step_wall(-hours(24 * 30));
  EXPECT_EQ(state(), ServeState::kServing);
}

TEST_F(ExpiryTest, ContactIsWrittenAtMostOnceAMinute) {
  const auto kept = [this] { return **store_.get(Family::kMeta, as_octets("contact")); };
  watch_->on_contact();
  const Octets first = kept();
  clock_.advance(seconds(59));
  watch_->on_contact();
  EXPECT_EQ(kept(), first);
  clock_.advance(seconds(1));
  watch_->on_contact();
  EXPECT_NE(kept(), first);
}

TEST_F(ExpiryTest, ANodeThatNeverHadALeaderExpiresNothing) {
  clock_.advance(kExpire * 2);
  EXPECT_EQ(state(), ServeState::kServing);
}

}  // namespace
}  // namespace tandem::test
