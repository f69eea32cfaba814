// When a node may be made the leader, in which epoch, and what is said before.
#include "common/node/promotion.h"

#include <gtest/gtest.h>

#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

Position at(std::uint64_t sequence, std::uint64_t epoch) {
  return {{epoch, node_id(1)}, sequence, {}};
}

PeerStatus peer(std::uint8_t node, bool is_leader, bool connected, const Position& position,
                std::int64_t heard = 0) {
  PeerStatus status;
  status.node = node_id(node);
  status.is_leader = is_leader;
  status.connected = connected;
  status.position = position;
  status.last_contact = WallTime(std::chrono::seconds(heard));
  return status;
}

PromotionView view_of(const std::vector<PeerStatus>& peers, const Position& here = at(10, 1)) {
  return promotion_view(node_id(9), {Role::kFollower, 1, {}}, here, peers);
}

std::string refusal(const PromotionView& view, const PromotionWish& wish) {
  const Status allowed = check_promotion(view, wish);
  return allowed ? "" : allowed.error().detail;
}

constexpr PromotionWish kPlain{};
constexpr PromotionWish kPlanned{.planned = true};
constexpr PromotionWish kForced{.force = true};

TEST(Promotion, TheEpochIsAboveAllThatAreKnown) {
  EXPECT_EQ(view_of({}).next_epoch, (Epoch{2, node_id(9)}));
  EXPECT_EQ(view_of({peer(1, false, false, at(3, 6))}).next_epoch.number, 7U);
  EXPECT_EQ(promotion_view(node_id(9), {Role::kFollower, 8, {}}, at(10, 1), {}).next_epoch.number,
            9U);
}

TEST(Promotion, TheLeaderIsTheOneThatIsConnectedOrWasHeardLast) {
  const PeerStatus follower = peer(3, false, true, at(99, 1), 900);
  const PeerStatus old = peer(1, true, false, at(12, 1), 100);
  const PeerStatus newer = peer(2, true, false, at(15, 1), 200);
  EXPECT_EQ(view_of({follower}).leader, std::nullopt);
  EXPECT_EQ(view_of({newer, old, follower}).leader->node, newer.node);
  EXPECT_EQ(view_of({newer, peer(1, true, true, at(12, 1), 100)}).leader->node, old.node);
}

TEST(Promotion, WhatTheLeaderWasKnownToHaveMoreIsMissing) {
  EXPECT_EQ(known_missing(view_of({})), 0U);
  EXPECT_EQ(known_missing(view_of({peer(1, true, false, at(14, 1))})), 4U);
  EXPECT_EQ(known_missing(view_of({peer(1, true, false, at(4, 1))})), 0U);
}

TEST(Promotion, WithoutALeaderANodeMayLead) {
  const PromotionView view = view_of({peer(1, true, false, at(10, 1))});
  EXPECT_EQ(refusal(view, kPlain), "");
  EXPECT_EQ(refusal(view, kForced), "");
  EXPECT_NE(refusal(view, kPlanned).find("no leader is connected"), std::string::npos);
}

TEST(Promotion, ALeaderThatIsConnectedHandsOver) {
  const PromotionView view = view_of({peer(1, true, true, at(10, 1))});
  EXPECT_NE(refusal(view, kPlain).find("--planned"), std::string::npos);
  EXPECT_EQ(refusal(view, kPlanned), "");
  EXPECT_EQ(refusal(view, kForced), "");
}

TEST(Promotion, WhoMayMissSomethingHasToBeForced) {
  PromotionView filling = view_of({});
  filling.is_filling = true;
  PromotionView doubtful = view_of({});
  doubtful.is_doubtful = true;
  for (const PromotionView& view : {filling, doubtful}) {
    EXPECT_NE(refusal(view, kPlain).find("--force"), std::string::npos);
    EXPECT_EQ(refusal(view, kForced), "");
  }
}

TEST(Promotion, NothingMakesALeaderOfANodeThatHasNothingOrLeads) {
  for (const PromotionWish& wish : {kPlain, kPlanned, kForced}) {
    EXPECT_NE(refusal(view_of({peer(1, true, true, at(10, 1))}, {}), wish), "");
    PromotionView leads = view_of({peer(1, true, true, at(10, 1))});
    leads.role = Role::kLeader;
    EXPECT_NE(refusal(leads, wish).find("leads already"), std::string::npos);
  }
  EXPECT_NE(refusal(view_of({}), {.planned = true, .force = true}), "");
}

}  // namespace
}  // namespace tandem::test
