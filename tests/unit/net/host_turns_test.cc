// Whose turn it is, of many that wait for few places.
#include "common/net/host_turns.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace tandem::test {
namespace {

class HostTurnsTest : public testing::Test {
 protected:
  void wait(std::string_view item, std::string_view host) {
    turns.wait(*SocketAddress::from_text(host), std::string(item));
  }

  /// The item; empty: none.
  std::string next() {
    const auto turn = turns.next();
    if (!turn) {
      return {};
    }
    last = turn->host;
    return turn->item;
  }

  HostTurns<std::string> turns{4, 3};
  Octets last;  // the host of the last turn that there was
};

TEST_F(HostTurnsTest, OfOneHostItGoesInOrder) {
  wait("a", "192.0.2.1:53");
  wait("b", "192.0.2.1:53");
  EXPECT_EQ(next(), "a");
  EXPECT_EQ(next(), "b");
  EXPECT_EQ(next(), "");
}

TEST_F(HostTurnsTest, NoHostHasAllPlaces) {
  for (const char* const item : {"a", "b", "c", "d"}) {
    wait(item, "192.0.2.1:53");
  }
  wait("e", "192.0.2.2:53");
  EXPECT_EQ(next(), "a");
  const Octets silent = last;
  EXPECT_EQ(next(), "e") << "it has none yet";
  EXPECT_EQ(next(), "b");
  turns.release(last);
  EXPECT_EQ(next(), "c");
  EXPECT_EQ(next(), "d");
  EXPECT_EQ(last, silent);
}

TEST_F(HostTurnsTest, AnotherPortIsNoOtherHost) {
  wait("a", "192.0.2.1:53");
  wait("b", "192.0.2.1:54");
  wait("c", "192.0.2.1:55");
  wait("d", "192.0.2.1:56");
  EXPECT_EQ(next(), "a");
  EXPECT_EQ(next(), "b");
  EXPECT_EQ(next(), "c");
  EXPECT_EQ(next(), "") << "three of four places are its";
  turns.release(last);
  EXPECT_EQ(next(), "d");
}

TEST_F(HostTurnsTest, ThereAreNoMorePlacesThanThereAre) {
  for (const char* const host :
       {"192.0.2.1:53", "192.0.2.2:53", "192.0.2.3:53", "192.0.2.4:53", "[2001:db8::1]:53"}) {
    wait("a", host);
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(next(), "a");
  }
  EXPECT_EQ(next(), "");
  turns.release(last);
  EXPECT_EQ(next(), "a");
}

TEST_F(HostTurnsTest, WhatWaitsCanBeTakenBack) {
  for (const char* const item : {"a", "b", "c", "d"}) {
    wait(item, "192.0.2.1:53");
  }
  wait("e", "192.0.2.2:53");
  EXPECT_EQ(next(), "a");
  const auto waiting = turns.take_waiting();
  EXPECT_EQ(waiting, (std::vector<std::string>{"b", "c", "d", "e"}));
  EXPECT_EQ(next(), "");
  turns.release(last);
  wait("f", "192.0.2.1:53");
  EXPECT_EQ(next(), "f");
}

}  // namespace
}  // namespace tandem::test
