#include "common/zone/arena.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(Arena, KeepsItsBlobsWhenItIsFittedAndGoesOn) {
  Arena arena(10'000);
  const auto blob_of = [&](std::uint8_t octet, std::size_t octets) {
    const Arena::Blob blob = arena.allocate(octets);
    std::ranges::fill(blob.octets, octet);
    return blob.offset;
  };
  const ArenaOffset first = blob_of(1, 100);
  const ArenaOffset second = blob_of(2, 60);
  arena.fit();
  const ArenaOffset third = blob_of(3, 5000);
  for (const auto& [offset, octet] :
       {std::pair(first, 1), std::pair(second, 2), std::pair(third, 3)}) {
    EXPECT_EQ(*arena.table()->at(offset), octet);
  }
  EXPECT_EQ(*(arena.table()->at(first) + 99), 1);
  EXPECT_EQ(*(arena.table()->at(second) + 59), 2);
}

}  // namespace
}  // namespace tandem
