#include "common/net/cpus.h"

#include <sched.h>
#include <thread>

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(AllowedCpus, AreThoseOfTheCallersSet) {
  const std::vector<int> all = allowed_cpus();
  ASSERT_FALSE(all.empty());
  std::thread([&all] {  // the set of a thread is its own
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(all.back()), &set);
    ASSERT_EQ(::sched_setaffinity(0, sizeof set, &set), 0);
    EXPECT_EQ(allowed_cpus(), std::vector<int>{all.back()});
  })
      .join();
}

TEST(CpuTurns, GiveEachCpuBeforeOneAgain) {
  CpuTurns turns({3, 5, 8});
  for (const int cpu : {3, 5, 8, 3, 5}) {
    EXPECT_EQ(turns.next(), cpu);
  }
  EXPECT_EQ(CpuTurns({}).next(), -1) << "any";
}

}  // namespace
}  // namespace tandem
