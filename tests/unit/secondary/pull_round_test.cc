// From which primary a zone is taken.
#include "secondary/pull_round.h"

#include <gtest/gtest.h>

namespace tandem::test {
namespace {

TEST(PullRound, TakesFromWhoHasANewerSerial) {
  PullRound round(2, 5);
  EXPECT_EQ(round.best(), std::nullopt);
  round.answered(1, 6);
  EXPECT_EQ(round.best(), 1U);
  EXPECT_FALSE(round.has_all_answers());
  round.answered(0, 5);
  EXPECT_TRUE(round.has_all_answers());
  EXPECT_EQ(round.best(), 1U);
}

TEST(PullRound, TheNewestSerialWinsAndThenTheOrderOfTheList) {
  PullRound round(3, 5);
  round.answered(2, 8);
  round.answered(1, 8);
  round.answered(0, 7);
  EXPECT_EQ(round.best(), 1U);
  round.failed(1);
  EXPECT_EQ(round.best(), 2U);
  round.failed(2);
  EXPECT_EQ(round.best(), 0U);
}

TEST(PullRound, WhatIsThereIsCurrentWhenAPrimaryHasTheSame) {
  PullRound round(2, 5);
  round.failed(0);
  EXPECT_FALSE(round.has_contact());
  round.answered(1, 5);
  EXPECT_TRUE(round.has_contact());
  EXPECT_EQ(round.best(), std::nullopt);
  EXPECT_TRUE(round.has_all_answers());
}

TEST(PullRound, AfterATransferOnlyWhoIsNewerStillCounts) {
  PullRound round(3, 5);
  round.answered(0, 6);
  round.answered(1, 6);
  round.took(0, 6);
  EXPECT_TRUE(round.has_contact());
  EXPECT_EQ(round.best(), std::nullopt);
  round.answered(2, 7);
  EXPECT_EQ(round.best(), 2U);
}

TEST(PullRound, SerialsAreComparedAsNumbersThatGoAround) {
  PullRound round(1, 0xffff'fff0U);
  round.answered(0, 3);
  EXPECT_EQ(round.best(), 0U);
}

TEST(PullRound, AnOlderSerialIsNoContact) {
  PullRound round(2, 5);
  round.answered(0, 4);
  round.failed(1);
  EXPECT_EQ(round.best(), std::nullopt);
  EXPECT_FALSE(round.has_contact());
  EXPECT_EQ(round.older(), 4U);
}

TEST(PullRound, APrimaryThatLagsDoesNotMatterBesideOneThatDoesNot) {
  PullRound round(2, 5);
  round.answered(0, 4);
  round.answered(1, 5);
  EXPECT_EQ(round.older(), std::nullopt);
}

TEST(PullRound, WithoutAVersionAnySerialIsWelcome) {
  PullRound round(2, std::nullopt);
  round.answered(0, 4);
  EXPECT_EQ(round.best(), 0U);
  round.took(0, 4);
  EXPECT_EQ(round.best(), std::nullopt);
}

}  // namespace
}  // namespace tandem::test
