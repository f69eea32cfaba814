// The part of a stream that is the same over every network, over a wire that the test holds in its
// hands.
#include "common/replication/link_stream.h"

#include <optional>

#include <gtest/gtest.h>

#include "tests/unit/replication/link_recorder.h"

namespace tandem::testing {
namespace {

/// Keeps the one frame that is being written until it is taken.
class HeldWire final : public LinkWire {
 public:
  void write(Octets frame) override {
    EXPECT_FALSE(held.has_value()) << "two writes at once";
    held = std::move(frame);
    ++writes;
  }

  void wake() override { ++wakes; }

  std::optional<Octets> held;
  int writes = 0;
  int wakes = 0;
};

class LinkStreamTest : public ::testing::Test {
 protected:
  LinkStreamTest() { stream->open(); }

  void take() {
    wire.held.reset();
    stream->written();
  }

  HeldWire wire;
  LinkRecorder handler;
  std::shared_ptr<LinkStream> stream =
      std::make_shared<LinkStream>(wire, handler, StreamPeer{KeyPin{}, "test:1"});
};

const Frame kSmall = ByeFrame{"x"};

Frame chunk_of(std::size_t octets) {
  ImageChunkFrame chunk;
  chunk.octets.resize(octets);
  return chunk;
}

TEST_F(LinkStreamTest, WritesOneAtATimeInOrder) {
  stream->send(ByeFrame{"1"});
  stream->send(ByeFrame{"2"});
  EXPECT_EQ(wire.writes, 1);
  EXPECT_EQ(wire.held, encode_frame(ByeFrame{"1"}));
  take();
  EXPECT_EQ(wire.held, encode_frame(ByeFrame{"2"}));
}

TEST_F(LinkStreamTest, CountsWhatIsQueuedAndBeingWritten) {
  stream->send(kSmall);
  stream->send(kSmall);
  EXPECT_EQ(stream->queued_octets(), 2 * encode_frame(kSmall).size());
  take();
  EXPECT_EQ(stream->queued_octets(), encode_frame(kSmall).size());
  take();
  EXPECT_EQ(stream->queued_octets(), 0U);
}

TEST_F(LinkStreamTest, SaysWritableWhenTheQueueIsEmptyOnly) {
  stream->send(kSmall);
  stream->send(kSmall);
  take();
  EXPECT_EQ(handler.stream().writable_calls, 0U);
  take();
  EXPECT_EQ(handler.stream().writable_calls, 1U);
}

TEST_F(LinkStreamTest, EndsWhenTheQueueIsOverTheLimit) {
  const Frame chunk = chunk_of(std::size_t{1} << 20U);
  for (int i = 0; i < 63; ++i) {
    stream->send(chunk);
  }
  EXPECT_EQ(stream->wish(), StreamWish::kStay);
  stream->send(chunk);
  EXPECT_EQ(stream->wish(), StreamWish::kAbort);
  EXPECT_EQ(wire.wakes, 1);
  EXPECT_NE(stream->own_reason().find("does not keep up"), std::string::npos);
}

TEST_F(LinkStreamTest, EndsRatherThanSendAFrameOverTheLimit) {
  stream->send(chunk_of(kMaxFrameOctets));
  EXPECT_EQ(stream->wish(), StreamWish::kAbort);
  EXPECT_EQ(wire.writes, 0);
}

TEST_F(LinkStreamTest, CloseLetsOutWhatIsQueued) {
  stream->send(kSmall);
  stream->close("done");
  EXPECT_EQ(stream->wish(), StreamWish::kClose);
  EXPECT_FALSE(stream->is_drained());
  take();
  EXPECT_TRUE(stream->is_drained());
}

TEST_F(LinkStreamTest, TakesNothingAfterClose) {
  stream->close("done");
  stream->send(kSmall);
  EXPECT_EQ(wire.writes, 0);
}

TEST_F(LinkStreamTest, FirstReasonCounts) {
  stream->close("first");
  stream->close("second");
  stream->end("the wire's");
  EXPECT_EQ(handler.stream().closed, "first");
}

TEST_F(LinkStreamTest, ReasonOfTheWireCountsWithoutOneOfOurs) {
  stream->end("the wire's");
  EXPECT_EQ(handler.stream().closed, "the wire's");
}

TEST_F(LinkStreamTest, HandsOnWhatIsAFrame) {
  stream->receive(encode_frame(kSmall));
  EXPECT_EQ(handler.stream().frames, std::vector{kSmall});
}

TEST_F(LinkStreamTest, EndsOnWhatIsNoFrame) {
  stream->receive(Octets{1, 2, 3});
  EXPECT_EQ(stream->wish(), StreamWish::kAbort);
  EXPECT_TRUE(stream->own_reason().starts_with("peer sent "));
}

TEST_F(LinkStreamTest, HandsOnNothingAfterTheFirstWrongFrame) {
  stream->receive(Octets{1, 2, 3});
  stream->receive(encode_frame(kSmall));
  EXPECT_TRUE(handler.stream().frames.empty());
}

TEST_F(LinkStreamTest, DetachWaitsForTheWrite) {
  stream->send(kSmall);
  EXPECT_FALSE(stream->detach());
  take();
  EXPECT_TRUE(stream->detach());
}

TEST_F(LinkStreamTest, DetachStartsNoMoreWrites) {
  stream->send(kSmall);
  stream->send(kSmall);
  EXPECT_FALSE(stream->detach());
  take();
  EXPECT_EQ(wire.writes, 1);
}

TEST_F(LinkStreamTest, LeavesTheWireAloneOnceDetached) {
  EXPECT_TRUE(stream->detach());
  stream->send(kSmall);
  stream->close("late");
  EXPECT_EQ(wire.writes, 0);
  EXPECT_EQ(wire.wakes, 0);
}

}  // namespace
}  // namespace tandem::testing
