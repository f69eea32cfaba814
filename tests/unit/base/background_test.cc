#include "common/base/background.h"

#include <cerrno>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace tandem {
namespace {

int nice_of_this_thread() {
  errno = 0;
  const int nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  EXPECT_EQ(errno, 0);
  return nice;
}

TEST(Background, GivesWayWithItsOwnThreadAlone) {
  const int before = nice_of_this_thread();
  int nicer = before;
  std::thread([&] {
    give_way();
    nicer = nice_of_this_thread();
  }).join();
  EXPECT_GT(nicer, before);
  EXPECT_EQ(nice_of_this_thread(), before);
}

}  // namespace
}  // namespace tandem
