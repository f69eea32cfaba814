// The row of the node's role: as it is written, as earlier versions wrote it, and what is none.
#include "common/node/role.h"

#include <gtest/gtest.h>

#include "common/store/memory_store.h"

namespace tandem::test {
namespace {

const RoleRow kRow{Role::kLeader, 7, WallTime(std::chrono::microseconds(1'800'000'000'000'001))};

TEST(RoleRow, IsReadAsItWasWritten) {
  MemoryStore store;
  EXPECT_EQ(*read_role(store), std::nullopt) << "a new store";
  WriteBatch batch;
  put_role(kRow, batch);
  ASSERT_TRUE(store.write(batch, Durability::kSynced));
  EXPECT_EQ(*read_role(store), kRow);
}

TEST(RoleRow, OfEarlierVersionsHasOneOctet) {
  EXPECT_EQ(*decode_role(Octets{0}), (RoleRow{Role::kFollower, 0, {}}));
  EXPECT_EQ(*decode_role(Octets{1}), (RoleRow{Role::kLeader, 0, {}}));
}

TEST(RoleRow, IsNotMadeOfOtherOctets) {
  Octets cut = encode_role(kRow);
  cut.pop_back();
  Octets other = encode_role(kRow);
  other.front() = 2;
  for (const Octets& octets : {Octets{}, Octets{2}, cut, other}) {
    const auto row = decode_role(octets);
    ASSERT_FALSE(row) << octets.size();
    EXPECT_EQ(row.error().code, Errc::kCorrupt);
  }
}

}  // namespace
}  // namespace tandem::test
