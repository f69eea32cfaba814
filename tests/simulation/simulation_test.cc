// Thousands of histories of a leader and a follower, each from one number (simulation.h).
// TANDEM_SIM_SEEDS says how many, TANDEM_SIM_SEED is the one to run again.
#include "tests/simulation/simulation.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "common/base/logging.h"

namespace tandem::test {
namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

class SimulationTest : public ::testing::Test {
 protected:
  SimulationTest() { set_log_level(LogLevel::kOff); }  // faults are what it is about
};

using Counts = Judge::Counts;

void add(const Counts& one, Counts& all) {
  for (const auto member :
       {&Counts::requests, &Counts::entries, &Counts::acknowledged, &Counts::at_follower,
        &Counts::in_doubt, &Counts::repeated, &Counts::found_by_restart, &Counts::acks,
        &Counts::cuts, &Counts::starts}) {
    all.*member += one.*member;
  }
}

std::string to_text(const Counts& all) {
  return fmt::format(
      "{} requests, {} entries, {} acknowledged, {} of them at the follower, {} repeats, {} in "
      "doubt, {} entries found by restarts, {} acks, {} cuts of images, {} starts",
      all.requests, all.entries, all.acknowledged, all.at_follower, all.repeated, all.in_doubt,
      all.found_by_restart, all.acks, all.cuts, all.starts);
}

Counts run(std::uint64_t seed) {
  Simulation simulation(seed);
  EXPECT_TRUE(simulation.run()) << simulation.story() << "again: TANDEM_SIM_SEED=" << seed;
  return simulation.counts();
}

TEST_F(SimulationTest, WhatWasAcknowledgedStaysAndBothEndEqual) {
  constexpr std::uint64_t kSeeds = 500;
  if (std::getenv("TANDEM_SIM_SEED") != nullptr) {
    Simulation simulation(setting("TANDEM_SIM_SEED", 0));
    EXPECT_TRUE(simulation.run());
    fmt::print("{}", simulation.story());
    return;
  }
  const std::uint64_t first = setting("TANDEM_SIM_FIRST", 1);
  const std::uint64_t seeds = setting("TANDEM_SIM_SEEDS", kSeeds);
  Counts all;
  for (std::uint64_t i = 0; i < seeds && !HasFailure(); ++i) {
    add(run(first + i), all);
  }
  fmt::print("{}\n", to_text(all));
  if (seeds >= kSeeds) {  // it is about all of this
    EXPECT_GT(all.at_follower, 0U);
    EXPECT_GT(all.in_doubt, 0U);
    EXPECT_GT(all.repeated, 0U);
    EXPECT_GT(all.found_by_restart, 0U);
    EXPECT_GT(all.cuts, 0U);
  }
}

TEST_F(SimulationTest, IsTheSameForTheSameSeed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Simulation first(seed);
    Simulation second(seed);
    first.run();
    second.run();
    EXPECT_EQ(first.story(), second.story()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tandem::test
