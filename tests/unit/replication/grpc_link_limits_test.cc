// Connections that strangers make, and peers that fall silent. 30 s: the limits themselves are 5
// and 15 s.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "common/replication/link_acceptor.h"
#include "tests/unit/replication/link_pair.h"
#include "tests/unit/replication/tcp_tools.h"

namespace tandem::testing {
namespace {

using std::chrono::seconds;

constexpr seconds kAtOnce{2};

std::string listen_with_cap(LinkEnd& end, const KeyPin& peer, std::size_t max_connections) {
  GrpcLinkOptions options;
  options.key = end.key;
  options.peers = {peer};
  options.listen = {"127.0.0.1:0"};
  options.max_connections = max_connections;
  end.link = start_link(std::move(options), end.handler);
  return end.link->listening().at(0);
}

TEST(LinkLimits, HalfOpenConnectionsAreDroppedAndTheirPlacesFreed) {
  LinkPair pair;
  const std::string address = listen_with_cap(pair.listener, pair.dialler.key.pin, 2);
  const UniqueFd first = connect_to(address);
  const UniqueFd second = connect_to(address);
  const UniqueFd third = connect_to(address);
  EXPECT_TRUE(time_to_close(third, kAtOnce).has_value()) << "over the cap";
  EXPECT_EQ(pair.listener.link->refused_count(), 1U);

  const auto lived = time_to_close(first, seconds(10));
  ASSERT_TRUE(lived.has_value());
  EXPECT_GT(*lived, seconds(2));
  EXPECT_LT(*lived, seconds(8));
  ASSERT_TRUE(time_to_close(second, kAtOnce).has_value());
  pair.dialler.dial(pair.listener.key.pin, address);
  EXPECT_NE(pair.dialler.handler.wait_open(), nullptr);
}

TEST(LinkLimits, HandshakesAtOnceAreCapped) {
  LinkEnd end;
  const std::string address = listen_with_cap(end, {}, 100);
  std::vector<UniqueFd> strangers;
  for (std::size_t i = 0; i < LinkAcceptor::kMaxHandshakes; ++i) {
    strangers.push_back(connect_to(address, fmt::format("127.0.0.{}", 10 + i)));
  }
  EXPECT_TRUE(time_to_close(connect_to(address), kAtOnce).has_value());
  EXPECT_FALSE(time_to_close(strangers.front(), std::chrono::milliseconds(100)).has_value());
}

TEST(LinkLimits, OneAddressDoesNotKeepOthersOut) {
  LinkPair pair;
  const std::string address = listen_with_cap(pair.listener, pair.dialler.key.pin, 100);
  std::vector<UniqueFd> strangers;
  for (std::size_t i = 0; i < LinkAcceptor::kMaxHandshakes; ++i) {
    strangers.push_back(connect_to(address, "127.0.0.9"));
  }
  EXPECT_TRUE(time_to_close(strangers.back(), kAtOnce).has_value());
  EXPECT_EQ(pair.listener.link->refused_count(),
            LinkAcceptor::kMaxHandshakes - LinkAcceptor::kMaxHandshakesOfOne);
  pair.dialler.dial(pair.listener.key.pin, address);
  EXPECT_NE(pair.dialler.handler.wait_open(), nullptr);
}

TEST(LinkLimits, StreamsDoNotCountAsHandshakes) {
  LinkPair pair;
  const std::string address =
      listen_with_cap(pair.listener, pair.dialler.key.pin, LinkAcceptor::kMaxHandshakes + 2);
  std::vector<std::unique_ptr<LinkEnd>> friends;
  for (std::size_t i = 0; i <= LinkAcceptor::kMaxHandshakes; ++i) {
    friends.push_back(std::make_unique<LinkEnd>());
    friends.back()->key = pair.dialler.key;
    friends.back()->dial(pair.listener.key.pin, address);
    ASSERT_NE(friends.back()->handler.wait_open(), nullptr) << i;
  }
}

TEST(LinkLimits, PlacesOfStreamsThatEndedAreFree) {
  LinkPair pair;
  const std::string address = listen_with_cap(pair.listener, pair.dialler.key.pin, 1);
  for (int i = 0; i < 3; ++i) {
    LinkEnd dialler;
    dialler.key = pair.dialler.key;
    dialler.dial(pair.listener.key.pin, address);
    ASSERT_NE(dialler.handler.wait_open(), nullptr) << i;
  }
}

TEST(LinkLimits, SilentPeerIsFoundDeadByBothWithin15Seconds) {
  LinkPair pair;
  TcpRelay relay(pair.listener.listen(pair.dialler.key.pin));
  pair.dialler.dial(pair.listener.key.pin, relay.address());
  ASSERT_NE(pair.dialler.handler.wait_open(), nullptr);
  ASSERT_NE(pair.listener.handler.wait_open(), nullptr);
  relay.freeze();
  constexpr seconds kDead{16};  // 15 and a little for a loaded machine
  EXPECT_NE(pair.dialler.handler.wait_closed(0, kDead), "still open");
  EXPECT_NE(pair.listener.handler.wait_closed(0, seconds(1)), "still open");
}

}  // namespace
}  // namespace tandem::testing
