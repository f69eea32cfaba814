#include "common/base/turns.h"

#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Turns, ComeAgainAfterThePause) {
  std::promise<void> third;
  int count = 0;
  Turns turns([&] {
    if (++count == 3) {
      third.set_value();
    }
    return milliseconds(count < 3 ? 1 : hours(1) / milliseconds(1));
  });
  turns.start();
  third.get_future().wait();
  turns.stop();
  EXPECT_EQ(count, 3);
}

TEST(Turns, WhoIsWokenDoesNotWait) {
  std::promise<void> first;
  std::promise<void> second;
  int count = 0;
  Turns turns([&] {
    (++count == 1 ? first : second).set_value();
    return hours(1);
  });
  turns.start();
  first.get_future().wait();
  turns.wake();
  second.get_future().wait();
  turns.stop();
  EXPECT_EQ(count, 2);
}

TEST(Turns, AWakeDuringATurnIsNotLost) {
  std::promise<void> second;
  int count = 0;
  Turns* itself = nullptr;
  Turns turns([&] {
    if (++count == 1) {
      itself->wake();
    } else {
      second.set_value();
    }
    return hours(1);
  });
  itself = &turns;
  turns.start();
  second.get_future().wait();
  turns.stop();
  EXPECT_EQ(count, 2);
}

TEST(Turns, MayBeStoppedTwiceAndWithoutAStart) {
  int count = 0;
  Turns turns([&] {
    ++count;
    return hours(1);
  });
  turns.wake();
  turns.stop();
  turns.stop();
  EXPECT_EQ(count, 0);
}

}  // namespace
}  // namespace tandem
