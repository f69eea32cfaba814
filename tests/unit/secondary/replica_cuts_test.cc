// A stream of changes of every kind while links break after any frame and followers restart: in
// the end everybody has the same, and nobody ever showed half a change.
#include <algorithm>
#include <random>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/support/zone_text.h"
#include "tests/unit/secondary/pair.h"

namespace tandem::test {
namespace {

constexpr int kChanges = 150;

/// Each change sets both names to one address: a reader that sees two has seen half a change.
Planner set_both(std::string_view address) {
  const Name origin = name(kZone);
  return [origin, address = std::string(address)](const TableDraft& zones) -> Result<Plan> {
    Plan plan = *set_address(kZone, "left", address)(zones);
    Plan other = *set_address(kZone, "right", address)(zones);
    std::ranges::move(other.changes, std::back_inserter(plan.changes));
    return plan;
  };
}

bool is_half(const Zone& zone) {
  const auto left = zone.find_rrset(name("left.example."), RrType::kA);
  const auto right = zone.find_rrset(name("right.example."), RrType::kA);
  return (left ? left->rdatas : std::vector<Octets>()) !=
         (right ? right->rdatas : std::vector<Octets>());
}

ZonePtr large_zone(int version, std::string_view origin = kZone) {
  std::string lines = "left A 192.0.2.1\nright A 192.0.2.1\n";
  for (int i = 0; i < 3000; ++i) {
    lines += fmt::format("n{} TXT \"{}-{}\"\n", i, version, std::string(200, 'x'));
  }
  return zone(lines, origin);
}

/// One change of some kind.
void change_something(LeaderNode& leader, std::mt19937& random, int i) {
  const auto expect_taken = [](const Result<Receipt>& receipt) {
    ASSERT_TRUE(receipt) << receipt.error().detail;
  };
  const std::string origin = fmt::format("z{}.", i);
  switch (std::uniform_int_distribution(0, 19)(random)) {
    case 0:
      expect_taken(
          change(leader.writer(), plan_import(name(kZone), large_zone(i), IfMissing::kRefuse)));
      return;
    case 1:
      expect_taken(change(leader.writer(), plan_create(name(origin), {}, large_zone(i, origin))));
      return;
    case 2:
      expect_taken(change(leader.writer(), [i](const TableDraft&) -> Result<Plan> {
        return Plan{{secret_change(fmt::format("key{}.", i), fmt::format("secret {}", i))}, {}, {}};
      }));
      return;
    default:
      expect_taken(
          change(leader.writer(), set_both(fmt::format("198.51.{}.{}", i / 250, i % 250 + 1))));
  }
}

/// Watches what a follower answers until it goes.
class Watcher {
 public:
  explicit Watcher(FollowerNode& follower)
      : thread_([this, &follower] {
          while (!stopping_) {
            if (const ZonePtr zone = follower.log().answered(kZone); zone != nullptr) {
              halves_ += is_half(*zone) ? 1 : 0;
              ++looks_;
            }
            std::this_thread::yield();
          }
        }) {}

  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  ~Watcher() {
    stopping_ = true;
    thread_.join();
  }

  [[nodiscard]] int halves() const { return halves_; }

  [[nodiscard]] int looks() const { return looks_; }

 private:
  std::atomic<bool> stopping_ = false;
  std::atomic<int> halves_ = 0;
  std::atomic<int> looks_ = 0;
  std::thread thread_;
};

/// A follower whose links break after a random number of frames until it is told to hold.
struct Shaken {
  Shaken(LeaderNode& leader, Store& disk, const Clock& clock, std::uint8_t number)
      : follower(disk, clock, number), watcher(follower), random(number) {
    cable.emplace(leader, follower, [this]() -> std::optional<std::size_t> {
      return holds ? std::nullopt
                   : std::optional<std::size_t>(std::uniform_int_distribution(1, 40)(random));
    });
  }

  FollowerNode follower;
  Watcher watcher;
  std::mt19937 random;  // the cable's thread's
  std::atomic<bool> holds = false;
  std::optional<Cable> cable;
};

/// The leader's end of a link on which a test says what it wants said.
class SilentPeer final : public LinkPeer {
 public:
  void send(const Frame& /*frame*/) override {}

  [[nodiscard]] std::size_t queued_octets() const override { return 0; }

  void close(std::string_view /*reason*/) override { closed = true; }

  [[nodiscard]] const KeyPin& pin() const override { return pin_; }

  [[nodiscard]] const std::string& address() const override { return address_; }

  [[nodiscard]] bool is_dialled() const override { return false; }

  std::atomic<bool> closed = false;

 private:
  KeyPin pin_{};
  std::string address_ = "test";
};

// A link breaks while the follower has frames of it to take: it greets from where it is before
// them, and gets again what it has by then.
TEST(ReplicaCuts, WhatComesBehindEntriesThatAreHereAlreadyIsNotLookedAt) {
  const ManualClock clock;
  MemoryStore leader_disk;
  MemoryStore disk;
  LeaderNode leader(leader_disk, clock);
  leader.create_zone();
  FollowerNode follower(disk, clock);
  Position before;
  {
    const Cable cable(leader, follower);
    ASSERT_TRUE(eventually([&] { return in_step(leader, follower); }));
    before = follower.log()->table().position();
    leader.set("b", "192.0.2.2");
    ASSERT_TRUE(eventually([&] { return in_step(leader, follower); }));
  }
  const auto peer = std::make_shared<SilentPeer>();
  HelloFrame hello;
  hello.node = node_id(9);
  hello.cluster = follower.cluster();
  hello.is_leader = true;
  follower.hub().on_open(peer);
  follower.hub().on_frame(peer, hello);
  Position ahead = follower.log()->table().position();
  ++ahead.sequence;
  follower.hub().on_frame(peer, EntriesFrame{before, {}});
  follower.hub().on_frame(peer, EntriesFrame{ahead, {}});
  EXPECT_TRUE(eventually([&] { return peer->closed.load(); }));
  EXPECT_EQ(follower.alarms(), 0);
}

TEST(ReplicaCuts, LinksThatBreakAfterAnyFrameLoseNothing) {
  const ManualClock clock;
  MemoryStore leader_disk;
  MemoryStore disks[2];
  LeaderNode leader(leader_disk, clock);
  leader.create_zone();
  Shaken first(leader, disks[0], clock, 2);
  Shaken second(leader, disks[1], clock, 3);
  std::mt19937 random(1);
  for (int i = 0; i < kChanges; ++i) {
    change_something(leader, random, i);
  }
  EXPECT_TRUE(eventually([&] { return first.cable->ended() >= 10 && second.cable->ended() >= 10; }))
      << "heartbeats alone use up a link's frames";
  first.holds = true;
  second.holds = true;
  EXPECT_TRUE(eventually([&] { return in_step(leader, first.follower); }));
  EXPECT_TRUE(eventually([&] { return in_step(leader, second.follower); }));
  EXPECT_EQ(first.watcher.halves() + second.watcher.halves(), 0);
  EXPECT_GT(first.watcher.looks(), 0);
  EXPECT_EQ(first.follower.alarms() + second.follower.alarms(), 0);
  EXPECT_EQ(orphans_of(disks[0]) + orphans_of(disks[1]), 0U);
  EXPECT_TRUE(leader.writer().read_only_reason().empty());
}

TEST(ReplicaCuts, AFollowerThatRestartsAgainAndAgainCatchesUp) {
  const ManualClock clock;
  MemoryStore leader_disk;
  MemoryStore disk;
  LeaderNode leader(leader_disk, clock);
  leader.create_zone();
  std::mt19937 random(2);
  for (int round = 0; round < 15; ++round) {
    Shaken shaken(leader, disk, clock, 2);
    for (int i = 0; i < 10; ++i) {
      change_something(leader, random, round * 10 + i);
    }
    ASSERT_TRUE(eventually([&] { return shaken.cable->ended() >= 1; }));
    EXPECT_EQ(shaken.watcher.halves(), 0);
    shaken.cable.reset();
  }
  FollowerNode follower(disk, clock);
  const Cable cable(leader, follower);
  EXPECT_TRUE(eventually([&] { return in_step(leader, follower); }));
  EXPECT_EQ(orphans_of(disk), 0U);
}

}  // namespace
}  // namespace tandem::test
