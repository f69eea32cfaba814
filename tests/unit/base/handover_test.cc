#include "common/base/handover.h"

#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(Handover, GivesAllPiecesInOrderThroughLittleRoom) {
  Handover<int> queue(2);
  const std::jthread maker([&] {
    const Handover<int>::Closing closing(queue);
    for (int i = 0; i < 1000; ++i) {
      EXPECT_TRUE(queue.put(i));
    }
  });
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(queue.take(), i);
  }
  EXPECT_EQ(queue.take(), std::nullopt);
}

TEST(Handover, LetsAMakerGoWhoseTakerLeft) {
  Handover<std::unique_ptr<int>> queue(1);
  std::jthread maker([&] {
    while (queue.put(std::make_unique<int>(1))) {
    }
  });
  EXPECT_NE(queue.take(), nullptr);
  queue.close();
  maker.join();
}

TEST(Handover, StillGivesWhatWasPutBeforeItClosed) {
  Handover<int> queue(4);
  EXPECT_TRUE(queue.put(1));
  queue.close();
  EXPECT_FALSE(queue.put(2));
  EXPECT_EQ(queue.take(), 1);
  EXPECT_EQ(queue.take(), std::nullopt);
}

}  // namespace
}  // namespace tandem
