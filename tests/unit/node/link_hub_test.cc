// Who may speak for which node, and when a silent peer is given up.
#include "common/node/link_hub.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

KeyPin pin(std::uint8_t octet) {
  KeyPin out;
  out.digest.fill(octet);
  return out;
}

class FakePeer final : public LinkPeer {
 public:
  explicit FakePeer(const KeyPin& pin) : pin_(pin) {}

  void send(const Frame& /*frame*/) override {}

  [[nodiscard]] std::size_t queued_octets() const override { return 0; }

  void close(std::string_view reason) override {
    const std::lock_guard lock(mutex_);
    closed_ = reason;
  }

  [[nodiscard]] const KeyPin& pin() const override { return pin_; }

  [[nodiscard]] const std::string& address() const override { return address_; }

  [[nodiscard]] bool is_dialled() const override { return false; }

  [[nodiscard]] std::string closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  KeyPin pin_;
  std::string address_ = "192.0.2.1:7953";
  mutable std::mutex mutex_;
  std::string closed_;
};

class LinkHubTest : public ::testing::Test {
 protected:
  LinkHubTest() : hub_(options(), clock_) {}

  static LinkHub::Options options() {
    LinkHub::Options options;
    options.self = node_id(1);
    options.hello = [] { return HelloFrame(); };
    options.position = [] { return Position(); };
    options.look = std::chrono::milliseconds(1);
    return options;
  }

  std::shared_ptr<FakePeer> greeted(const NodeId& node, const KeyPin& pin) {
    auto peer = std::make_shared<FakePeer>(pin);
    hub_.on_open(peer);
    HelloFrame hello;
    hello.node = node;
    hub_.on_frame(peer, hello);
    return peer;
  }

  ManualClock clock_;
  LinkHub hub_;
};

TEST_F(LinkHubTest, ASilentPeerIsGivenUpWithin15Seconds) {
  hub_.start();
  const auto peer = greeted(node_id(2), pin(2));
  clock_.advance(std::chrono::milliseconds(15'000) - LinkHub::Options().look);
  EXPECT_TRUE(eventually([&] { return peer->closed().starts_with("nothing heard"); }));
}

TEST_F(LinkHubTest, ConnectedNodesKeepTheirKey) {
  const auto peer = greeted(node_id(2), pin(2));
  const auto other = greeted(node_id(2), pin(3));
  EXPECT_EQ(peer->closed(), "");
  EXPECT_EQ(other->closed(), "that node is connected with another key");
  hub_.on_close(peer, "gone");
  EXPECT_EQ(greeted(node_id(2), pin(3))->closed(), "") << "a new key, or a new machine";
}

TEST_F(LinkHubTest, OneKeyDoesNotMakeNodesWithoutEnd) {
  for (std::uint8_t number = 10; number < 50; ++number) {
    hub_.on_close(greeted(node_id(number), pin(2)), "gone");
    clock_.advance(std::chrono::seconds(1));
  }
  EXPECT_EQ(hub_.peers().size(), 4U);
  EXPECT_EQ(hub_.peers().back().node, node_id(49)) << "the newest stay";
  greeted(node_id(60), pin(3));
  EXPECT_EQ(hub_.peers().size(), 5U);
}

/// Counts the streams that it has.
class CountingRole final : public PeerRole {
 public:
  void on_peer(const std::shared_ptr<LinkPeer>& /*peer*/, const HelloFrame& /*hello*/) override {
    ++streams;
  }

  void on_frame(const std::shared_ptr<LinkPeer>& /*peer*/, Frame /*frame*/) override {}

  void on_writable(const std::shared_ptr<LinkPeer>& /*peer*/) override {}

  void on_gone(const std::shared_ptr<LinkPeer>& /*peer*/) override { --streams; }

  std::atomic<int> streams = 0;
};

class LeadingHubTest : public ::testing::Test {
 protected:
  LeadingHubTest() : hub_(options(), clock_) { hub_.set_roles(&role_, nullptr); }

  LinkHub::Options options() {
    LinkHub::Options options;
    options.self = node_id(1);
    options.hello = [] { return greeting(2, 1, true); };
    options.position = [] { return Position(); };
    options.on_contest = [this](Leadership leadership, const HelloFrame& /*hello*/) {
      contests_.push_back(leadership);
    };
    return options;
  }

  static HelloFrame greeting(std::uint64_t epoch, std::uint8_t node, bool is_leader) {
    HelloFrame hello;
    hello.node = node_id(node);
    hello.cluster = cluster_id(7);
    hello.is_leader = is_leader;
    hello.epochs = {{{epoch, node_id(node)}, 1}};
    return hello;
  }

  std::shared_ptr<FakePeer> greeted(std::uint64_t epoch, bool is_leader) {
    auto peer = std::make_shared<FakePeer>(pin(2));
    hub_.on_open(peer);
    hub_.on_frame(peer, greeting(epoch, 2, is_leader));
    return peer;
  }

  ManualClock clock_;
  CountingRole role_;
  std::vector<Leadership> contests_;
  LinkHub hub_;
};

TEST_F(LeadingHubTest, ANewerEpochIsToldOfAndItsStreamEnds) {
  EXPECT_NE(greeted(3, true)->closed(), "");
  EXPECT_NE(greeted(3, false)->closed(), "");
  EXPECT_NE(greeted(2, true)->closed(), "");
  EXPECT_NE(greeted(1, true)->closed(), "");
  EXPECT_EQ(contests_, (std::vector{Leadership::kWeGiveWay, Leadership::kWeGiveWay,
                                    Leadership::kBothInOneEpoch}));
  EXPECT_EQ(role_.streams, 0) << "none of them is served";
}

TEST_F(LeadingHubTest, APauseEndsAllStreamsAndTakesNone) {
  const auto peer = greeted(2, false);
  EXPECT_EQ(role_.streams, 1);
  std::thread pausing([&] { hub_.pause("another role"); });
  EXPECT_TRUE(eventually([&] { return peer->closed() == "another role"; }));
  hub_.on_close(peer, "another role");
  pausing.join();
  EXPECT_EQ(role_.streams, 0);
  EXPECT_NE(greeted(2, false)->closed(), "") << "while it is paused";
  CountingRole next;
  hub_.resume(&next, nullptr);
  const auto again = greeted(2, false);
  EXPECT_EQ(again->closed(), "");
  EXPECT_EQ(next.streams, 1);
  EXPECT_EQ(role_.streams, 0);
  hub_.on_close(again, "the end");
}

}  // namespace
}  // namespace tandem::test
