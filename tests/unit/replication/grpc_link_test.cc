// Streams over gRPC between two nodes that know each other: what arrives, and how a stream ends. 10
// s.
#include "common/replication/grpc_link.h"

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/replication/link_pair.h"
#include "tests/unit/replication/sample_frames.h"

namespace tandem::testing {
namespace {

Frame numbered(std::uint64_t number) {
  return ChainQueryFrame{{number}};
}

Frame chunk_of(std::size_t octets, std::uint32_t number = 0) {
  ImageChunkFrame chunk;
  chunk.chunk = number;
  chunk.octets.resize(octets, static_cast<std::uint8_t>(number));
  return chunk;
}

class GrpcLinkTest : public ::testing::Test {
 protected:
  void connect() { ASSERT_TRUE(pair.connect()); }

  LinkPair pair;
};

TEST_F(GrpcLinkTest, ShowsEachSideTheKeyOfTheOther) {
  connect();
  EXPECT_EQ(pair.of_listener()->pin(), pair.dialler.key.pin);
  EXPECT_EQ(pair.of_dialler()->pin(), pair.listener.key.pin);
}

TEST_F(GrpcLinkTest, ShowsTheAddressOfTheOther) {
  connect();
  EXPECT_EQ(pair.of_dialler()->address(), pair.listener.link->listening().at(0));
  EXPECT_TRUE(pair.of_listener()->address().starts_with("127.0.0.1:"));
}

TEST_F(GrpcLinkTest, CarriesEachKind) {
  connect();
  for (const Frame& frame : sample_frames()) {
    pair.of_dialler()->send(frame);
  }
  ASSERT_TRUE(pair.listener.handler.wait_frames(sample_frames().size()));
  EXPECT_EQ(pair.listener.handler.stream().frames, sample_frames());
}

TEST_F(GrpcLinkTest, KeepsTheOrderOfManySmallFramesBothWays) {
  connect();
  constexpr std::uint64_t kCount = 5'000;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    pair.of_dialler()->send(numbered(i));
    pair.of_listener()->send(numbered(i));
  }
  for (LinkEnd* end : {&pair.listener, &pair.dialler}) {
    ASSERT_TRUE(end->handler.wait_frames(kCount));
    const auto frames = end->handler.stream().frames;
    for (std::uint64_t i = 0; i < kCount; ++i) {
      ASSERT_EQ(frames.at(i), numbered(i));
    }
  }
}

TEST_F(GrpcLinkTest, TakesFramesFromManyThreadsWhole) {
  connect();
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 500;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([this] {
      for (std::size_t i = 0; i < kEach; ++i) {
        pair.of_dialler()->send(ByeFrame{"hello"});
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  ASSERT_TRUE(pair.listener.handler.wait_frames(kThreads * kEach));
  EXPECT_EQ(pair.listener.handler.stream().frames.back(), Frame(ByeFrame{"hello"}));
}

TEST_F(GrpcLinkTest, CarriesTheLargestFramesBothWays) {
  connect();
  const Frame largest = chunk_of(kMaxFrameOctets - 128, 7);
  for (int i = 0; i < 8; ++i) {
    pair.of_dialler()->send(largest);
    pair.of_listener()->send(largest);
  }
  ASSERT_TRUE(pair.listener.handler.wait_frames(8));
  ASSERT_TRUE(pair.dialler.handler.wait_frames(8));
  EXPECT_EQ(pair.listener.handler.stream().frames.back(), largest);
}

TEST_F(GrpcLinkTest, SaysWritableWhenTheQueueIsEmpty) {
  connect();
  pair.of_dialler()->send(chunk_of(100'000));
  EXPECT_TRUE(pair.dialler.handler.wait_writable(1));
  EXPECT_EQ(pair.of_dialler()->queued_octets(), 0U);
}

TEST_F(GrpcLinkTest, DiallersCloseDeliversWhatWasQueued) {
  connect();
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    pair.of_dialler()->send(numbered(i));
  }
  pair.of_dialler()->close("done");
  EXPECT_EQ(pair.dialler.handler.wait_closed(), "done");
  EXPECT_EQ(pair.listener.handler.wait_closed(), "closed by the peer");
  EXPECT_EQ(pair.listener.handler.stream().frames.size(), 1'000U);
}

TEST_F(GrpcLinkTest, ListenersCloseDeliversWhatWasQueuedAndTheReason) {
  connect();
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    pair.of_listener()->send(numbered(i));
  }
  pair.of_listener()->close("done");
  EXPECT_EQ(pair.listener.handler.wait_closed(), "done");
  EXPECT_EQ(pair.dialler.handler.wait_closed(), "done");
  EXPECT_EQ(pair.dialler.handler.stream().frames.size(), 1'000U);
}

TEST_F(GrpcLinkTest, SendAfterTheEndDoesNothing) {
  connect();
  const auto peer = pair.of_dialler();
  peer->close("done");
  pair.dialler.handler.wait_closed();
  peer->send(numbered(1));
  EXPECT_EQ(peer->queued_octets(), 0U);
}

TEST_F(GrpcLinkTest, PeerMayOutliveTheLink) {
  connect();
  const auto peer = pair.of_dialler();
  pair.dialler.link.reset();
  peer->send(numbered(1));
  peer->close("late");
  EXPECT_EQ(peer->queued_octets(), 0U);
}

TEST_F(GrpcLinkTest, EndOfTheDiallersNodeEndsTheStream) {
  connect();
  pair.dialler.link.reset();
  EXPECT_EQ(pair.dialler.handler.stream().closed, "shutting down");
  EXPECT_EQ(pair.listener.handler.wait_closed(), "closed by the peer");
}

TEST_F(GrpcLinkTest, EndOfTheListenersNodeEndsTheStream) {
  connect();
  pair.listener.link.reset();
  EXPECT_EQ(pair.listener.handler.stream().closed, "shutting down");
  EXPECT_EQ(pair.dialler.handler.wait_closed(), "shutting down");
}

TEST_F(GrpcLinkTest, FrameOverTheLimitEndsTheStream) {
  connect();
  pair.of_dialler()->send(chunk_of(kMaxFrameOctets));
  EXPECT_NE(pair.dialler.handler.wait_closed().find("over the limit"), std::string::npos);
}

/// The listener's handler waits in its first frame until released, so that it reads no more.
class FrozenReader : public GrpcLinkTest {
 protected:
  FrozenReader() {
    pair.listener.handler.keep_no_frames();
    pair.listener.handler.on_each_frame([this](const auto&, const Frame&) { released_.wait(); });
  }

  ~FrozenReader() override {
    release();
    pair.listener.link.reset();  // its handler waits for what is a member here
  }

  void release() {
    if (!is_released_) {
      is_released_ = true;
      release_.set_value();
    }
  }

 private:
  std::promise<void> release_;
  std::shared_future<void> released_{release_.get_future()};
  bool is_released_ = false;
};

TEST_F(FrozenReader, IsGivenUpWhenTheQueueIsFull) {
  connect();
  const auto peer = pair.of_dialler();
  const Frame chunk = chunk_of(std::size_t{1} << 20U);
  for (int i = 0; i < 200 && !pair.dialler.handler.stream().closed; ++i) {
    peer->send(chunk);
  }
  EXPECT_NE(pair.dialler.handler.wait_closed().find("does not keep up"), std::string::npos);
}

TEST_F(FrozenReader, DoesNotKeepCloseFromEnding) {
  connect();
  for (int i = 0; i < 16; ++i) {
    pair.of_dialler()->send(chunk_of(std::size_t{1} << 20U));
  }
  pair.of_dialler()->close("had enough");
  EXPECT_EQ(pair.dialler.handler.wait_closed(0, std::chrono::seconds(5)), "had enough");
}

TEST_F(FrozenReader, DoesNotKeepTheOtherNodeFromEnding) {
  connect();
  for (int i = 0; i < 16; ++i) {
    pair.of_dialler()->send(chunk_of(std::size_t{1} << 20U));
  }
  const auto start = std::chrono::steady_clock::now();
  pair.dialler.link.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
  EXPECT_EQ(pair.dialler.handler.stream().closed, "shutting down");
}

TEST(GrpcLinkEnd, WaitsForAHandlerThatIsBusy) {
  for (const bool is_listener : {true, false}) {
    LinkPair pair;
    LinkEnd& busy = is_listener ? pair.listener : pair.dialler;
    LinkEnd& other = is_listener ? pair.dialler : pair.listener;
    std::promise<void> begun;
    std::promise<void> release;
    std::atomic<bool> is_first{true};
    busy.handler.on_each_frame([&](const auto& /*peer*/, const Frame& /*frame*/) {
      if (is_first.exchange(false)) {
        begun.set_value();
        release.get_future().wait();
      }
    });
    ASSERT_TRUE(pair.connect());
    other.handler.peer()->send(numbered(1));
    other.handler.peer()->send(numbered(2));
    begun.get_future().wait();
    auto stopped = std::async(std::launch::async, [&busy] { busy.link.reset(); });
    // Longer than streams have to end in.
    EXPECT_EQ(stopped.wait_for(std::chrono::milliseconds(2'500)), std::future_status::timeout);
    release.set_value();
    ASSERT_EQ(stopped.wait_for(std::chrono::seconds(10)), std::future_status::ready);
    EXPECT_EQ(busy.handler.wait_closed(), "shutting down");
    EXPECT_NE(other.handler.wait_closed(), "still open");
  }
}

TEST(GrpcLinkEnd, IsCleanUnderTraffic) {
  for (int round = 0; round < 6; ++round) {
    LinkPair pair;
    const auto send_more = [](const auto& peer, const Frame& frame) { peer->send(frame); };
    for (LinkEnd* end : {&pair.listener, &pair.dialler}) {
      end->handler.keep_no_frames();
      end->handler.on_each_frame(send_more);
    }
    ASSERT_TRUE(pair.connect());
    std::atomic<bool> is_over{false};
    std::thread flood([&, peer = pair.of_dialler()] {
      for (std::uint64_t i = 0; i < 500 || !is_over; ++i) {
        if (peer->queued_octets() < kMaxSmallFrameOctets) {
          peer->send(numbered(i));
        }
      }
    });
    ASSERT_TRUE(pair.listener.handler.wait_frames(200));
    const auto start = std::chrono::steady_clock::now();
    (round % 2 == 0 ? pair.listener : pair.dialler).link.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
    is_over = true;
    flood.join();
    EXPECT_NE(pair.listener.handler.wait_closed(), "still open");
    EXPECT_NE(pair.dialler.handler.wait_closed(), "still open");
  }
}

}  // namespace
}  // namespace tandem::testing
