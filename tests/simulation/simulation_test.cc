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

void run(std::uint64_t seed) {
  Simulation simulation(seed);
  EXPECT_TRUE(simulation.run()) << simulation.story() << "again: TANDEM_SIM_SEED=" << seed;
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
  for (std::uint64_t i = 0; i < seeds && !HasFailure(); ++i) {
    run(first + i);
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
