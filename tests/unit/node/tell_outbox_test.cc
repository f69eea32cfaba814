// How often an event is tried, and when nobody tries any more.
#include "common/node/tell_outbox.h"

#include <gtest/gtest.h>

namespace tandem::test {
namespace {

using std::chrono::seconds;

class TellOutboxTest : public ::testing::Test {
 protected:
  void add(std::string id) {
    Event event;
    event.id = std::move(id);
    box_.add(std::move(event), now_);
  }

  std::string due() {
    const Event* const event = box_.due(now_);
    return event != nullptr ? event->id : "";
  }

  TellOutbox box_;
  MonotonicTime now_{seconds(100)};
};

TEST_F(TellOutboxTest, EventsGoInTheirOrder) {
  EXPECT_FALSE(box_.next());
  add("a");
  add("b");
  EXPECT_EQ(due(), "a");
  box_.succeeded("a");
  EXPECT_EQ(due(), "b");
  box_.succeeded("b");
  EXPECT_EQ(due(), "");
  EXPECT_FALSE(box_.next());
}

TEST_F(TellOutboxTest, PausesDoubleUpToTheLongestAndBeginAnewAfterSuccess) {
  add("a");
  for (const int pause : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
    ASSERT_EQ(due(), "a");
    box_.failed(now_);
    EXPECT_EQ(box_.next(), now_ + seconds(pause));
    now_ += seconds(pause) - std::chrono::nanoseconds(1);
    EXPECT_EQ(due(), "");
    now_ += std::chrono::nanoseconds(1);
  }
  box_.succeeded("a");
  add("b");
  EXPECT_EQ(due(), "b");
  box_.failed(now_);
  EXPECT_EQ(box_.next(), now_ + seconds(1));
}

TEST_F(TellOutboxTest, ANewEventDoesNotEndThePause) {
  add("a");
  box_.failed(now_);
  add("b");
  EXPECT_EQ(due(), "");
  now_ += seconds(1);
  EXPECT_EQ(due(), "a");
}

TEST_F(TellOutboxTest, TheOldestGoWhenThereAreTooMany) {
  for (std::size_t i = 0; i < TellOutbox::kMostWaiting + 2; ++i) {
    add(std::to_string(i));
  }
  EXPECT_EQ(box_.waiting(), TellOutbox::kMostWaiting);
  EXPECT_EQ(box_.dropped(), 2U);
  EXPECT_EQ(due(), "2");
  box_.succeeded("1");  // it went while it was tried
  EXPECT_EQ(due(), "2");
}

TEST_F(TellOutboxTest, WhatIsADayOldIsNotTriedAnyMore) {
  add("a");
  now_ += TellOutbox::kKept - seconds(1);
  add("b");
  EXPECT_EQ(due(), "a");
  now_ += seconds(1);
  EXPECT_EQ(due(), "b");
  EXPECT_EQ(box_.dropped(), 1U);
}

}  // namespace
}  // namespace tandem::test
