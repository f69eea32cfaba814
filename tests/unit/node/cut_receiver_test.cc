// What a peer with a good key and bad manners cannot do.
#include "common/node/cut_receiver.h"

#include <gtest/gtest.h>

#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

TEST(CutReceiverTest, KeepsSecretsUpToALimit) {
  const ManualClock clock;
  MemoryStore disk;
  TestLog log(disk, clock);
  CutReceiver receiver(*log, sealer_of_node(2));
  const Octets large(std::size_t{256} << 10U);
  SecretId id;
  for (int again = 0; again < 3; ++again) {  // what comes twice counts once
    for (std::uint8_t i = 0; i < 255; ++i) {
      id.octets[0] = i;
      ASSERT_TRUE(receiver.on_secret({id, large}));
    }
  }
  id.octets[1] = 1;
  ASSERT_TRUE(receiver.on_secret({id, large}));
  id.octets[1] = 2;
  const auto more = receiver.on_secret({id, large});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::kCorrupt);
  receiver.abandon();
  EXPECT_TRUE(receiver.on_secret({id, large}));
}

}  // namespace
}  // namespace tandem::test
