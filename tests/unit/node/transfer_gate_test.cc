// So many transfers at once in all, so many for one peer.
#include "common/node/transfer_gate.h"

#include <vector>

#include <gtest/gtest.h>

namespace tandem {
namespace {

SocketAddress at(std::string_view text) {
  return *SocketAddress::from_text(text);
}

TEST(TransferGate, LetsSoManyInAndTheNextOneWhenAPlaceIsFree) {
  TransferGate gate(2, 2);
  auto first = gate.enter(at("192.0.2.1:1"));
  const auto second = gate.enter(at("192.0.2.2:1"));
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(gate.enter(at("192.0.2.3:1")));
  first.reset();
  EXPECT_TRUE(gate.enter(at("192.0.2.3:1")));
}

TEST(TransferGate, OnePeerHasFewerWhateverItsPort) {
  TransferGate gate(10, 2);
  std::vector<TransferGate::Slot> slots;
  slots.push_back(*gate.enter(at("192.0.2.1:1")));
  slots.push_back(*gate.enter(at("192.0.2.1:2")));
  EXPECT_FALSE(gate.enter(at("192.0.2.1:3")));
  EXPECT_FALSE(gate.enter(at("[::ffff:192.0.2.1]:4"))) << "the same, through an IPv6 socket";
  EXPECT_TRUE(gate.enter(at("192.0.2.2:1")));
  slots.pop_back();
  EXPECT_TRUE(gate.enter(at("192.0.2.1:3")));
}

TEST(TransferGate, AnIpv6NetworkOf64BitsIsOnePeer) {
  TransferGate gate(10, 1);
  const auto first = gate.enter(at("[2001:db8::1]:1"));
  EXPECT_TRUE(first);
  EXPECT_FALSE(gate.enter(at("[2001:db8::ffff:2]:1")));
  EXPECT_TRUE(gate.enter(at("[2001:db8:0:1::1]:1")));
}

TEST(TransferGate, APlaceThatWasMovedIsGivenBackOnce) {
  TransferGate gate(1, 1);
  {
    auto first = gate.enter(at("192.0.2.1:1"));
    const TransferGate::Slot moved = *std::move(first);
    first.reset();
    EXPECT_FALSE(gate.enter(at("192.0.2.1:1")));
  }
  const auto again = gate.enter(at("192.0.2.1:1"));
  EXPECT_TRUE(again);
  EXPECT_FALSE(gate.enter(at("192.0.2.1:1")));
}

}  // namespace
}  // namespace tandem
