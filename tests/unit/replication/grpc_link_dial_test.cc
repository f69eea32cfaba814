// Addresses: what can be listened on, and that what is dialled is kept connected. 5 s.
#include <thread>

#include <gtest/gtest.h>

#include "common/replication/link_address.h"
#include "tests/unit/replication/link_pair.h"

namespace tandem::testing {
namespace {

Error error_of_listening(const std::string& address) {
  LinkEnd end;
  GrpcLinkOptions options;
  options.key = end.key;
  options.listen = {address};
  auto link = GrpcLink::start(options, end.handler);
  return link ? Error{Errc::kInternal, "listens"} : link.error();
}

TEST(Listen, NamesTheProgramThatIsInTheWay) {
  LinkEnd first;
  const std::string address = first.listen({});
  const Error error = error_of_listening(address);
  EXPECT_EQ(error.code, Errc::kIo);
  EXPECT_EQ(error.detail, "link address " + address + ": in use by another program");
}

TEST(Listen, RefusesAnAddressThatIsNotOfThisMachine) {
  const Error error = error_of_listening("192.0.2.1:0");
  EXPECT_EQ(error.code, Errc::kIo);
  EXPECT_EQ(error.detail, "link address 192.0.2.1:0: this machine has no such address");
}

TEST(Listen, RefusesWhatIsNoAddress) {
  EXPECT_EQ(error_of_listening("localhost:7953").code, Errc::kInvalid);
  EXPECT_EQ(error_of_listening("127.0.0.1").code, Errc::kInvalid);
}

TEST(Listen, TakesSeveralAddresses) {
  LinkEnd end;
  GrpcLinkOptions options;
  options.key = end.key;
  options.listen = {"127.0.0.1:0", "127.0.0.2:0"};
  const auto link = start_link(std::move(options), end.handler);
  ASSERT_NE(link, nullptr);
  ASSERT_EQ(link->listening().size(), 2U);
  EXPECT_FALSE(link->listening().at(1).ends_with(":0"));
}

TEST(Listen, TakesThePortOfAListenerThatEnded) {
  LinkEnd first;
  const std::string address = first.listen({});
  first.link.reset();
  LinkEnd second;
  EXPECT_EQ(second.listen({}, address), address);
}

TEST(Dial, ReachesIpv6) {
  LinkPair pair;
  const std::string address = pair.listener.listen(pair.dialler.key.pin, "[::1]:0");
  pair.dialler.dial(pair.listener.key.pin, address);
  ASSERT_NE(pair.dialler.handler.wait_open(), nullptr);
  EXPECT_EQ(pair.of_dialler()->address(), address);
  ASSERT_NE(pair.listener.handler.wait_open(), nullptr);
  EXPECT_TRUE(pair.of_listener()->address().starts_with("[::1]:"));
}

TEST(Dial, ResolvesNames) {
  LinkPair pair;
  const auto address = parse_host_port(pair.listener.listen(pair.dialler.key.pin));
  ASSERT_TRUE(address.has_value());
  pair.dialler.dial(pair.listener.key.pin, "localhost:" + std::to_string(address->port));
  EXPECT_NE(pair.dialler.handler.wait_open(), nullptr);
}

TEST(Dial, RefusesPortZero) {
  LinkEnd end;
  GrpcLinkOptions options;
  options.key = end.key;
  options.dial = {"127.0.0.1:0"};
  const auto link = GrpcLink::start(options, end.handler);
  ASSERT_FALSE(link.has_value());
  EXPECT_EQ(link.error().code, Errc::kInvalid);
}

TEST(Dial, ComesBackWhenTheListenerDoes) {
  LinkPair pair;
  ASSERT_TRUE(pair.connect());
  const std::string address = pair.listener.link->listening().at(0);
  pair.listener.link.reset();
  pair.dialler.handler.wait_closed();
  EXPECT_EQ(pair.listener.listen(pair.dialler.key.pin, address), address);
  EXPECT_NE(pair.dialler.handler.wait_open(1), nullptr);
}

TEST(Dial, ComesBackAfterTheListenerClosedTheStream) {
  LinkPair pair;
  ASSERT_TRUE(pair.connect());
  pair.of_listener()->close("again, please");
  EXPECT_NE(pair.dialler.handler.wait_open(1), nullptr);
}

/// Asks until the state is as `is_there` wants it.
template <class Is>
DialState wait_state(const GrpcLink& link, Is is_there) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!is_there(link.dialling().at(0)) && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  return link.dialling().at(0);
}

TEST(DialState, ShowsAConnection) {
  LinkPair pair;
  ASSERT_TRUE(pair.connect());
  const DialState state = pair.dialler.link->dialling().at(0);
  EXPECT_EQ(state.address, pair.listener.link->listening().at(0));
  EXPECT_TRUE(state.connected);
  EXPECT_EQ(state.last_error, "");
}

TEST(DialState, ShowsWhyTheStreamEnded) {
  LinkPair pair;
  ASSERT_TRUE(pair.connect());
  pair.of_listener()->close("role changed");
  const DialState state = wait_state(
      *pair.dialler.link, [](const DialState& s) { return !s.last_error.empty() || !s.connected; });
  EXPECT_EQ(state.last_error, "role changed");
}

TEST(DialState, ShowsThatNobodyListens) {
  LinkEnd end;
  std::string address;
  {
    LinkEnd gone;
    address = gone.listen({});
  }
  end.dial({}, address);
  const DialState state =
      wait_state(*end.link, [](const DialState& s) { return !s.last_error.empty(); });
  EXPECT_FALSE(state.connected);
  EXPECT_EQ(state.last_error, "connection refused: nothing listens there");
}

}  // namespace
}  // namespace tandem::testing
