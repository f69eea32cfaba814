// The link that other tests stand on: same contract as the real one.
#include "tests/support/memory_link.h"

#include <gtest/gtest.h>

#include "tests/unit/replication/link_recorder.h"
#include "tests/unit/replication/sample_frames.h"

namespace tandem::testing {
namespace {

class ManualLink : public ::testing::Test {
 protected:
  LinkRecorder a;
  LinkRecorder b;
  MemoryLink link{a, b, LinkDelivery::kManual};
};

TEST_F(ManualLink, OpensBothSides) {
  link.pump();
  EXPECT_EQ(a.stream_count(), 1U);
  EXPECT_EQ(b.stream_count(), 1U);
}

TEST_F(ManualLink, DeliversNothingByItself) {
  link.peer_of(LinkSide::kA)->send(ByeFrame{"x"});
  EXPECT_EQ(b.stream_count(), 0U);
}

TEST_F(ManualLink, CarriesEachKindInOrder) {
  for (const Frame& frame : sample_frames()) {
    link.peer_of(LinkSide::kA)->send(frame);
  }
  link.pump();
  EXPECT_EQ(b.stream().frames, sample_frames());
}

TEST_F(ManualLink, CarriesBothWays) {
  link.peer_of(LinkSide::kB)->send(ByeFrame{"to a"});
  link.pump();
  EXPECT_EQ(a.stream().frames, std::vector{Frame(ByeFrame{"to a"})});
}

TEST_F(ManualLink, CutLosesWhatWasNotDelivered) {
  link.pump();
  link.peer_of(LinkSide::kA)->send(ByeFrame{"x"});
  link.cut("wire gone");
  link.pump();
  EXPECT_TRUE(b.stream().frames.empty());
  EXPECT_EQ(a.stream().closed, "wire gone");
  EXPECT_EQ(b.stream().closed, "wire gone");
}

TEST_F(ManualLink, CutsAfterAnyFrame) {
  link.cut_after(3);
  for (int i = 0; i < 5; ++i) {
    link.peer_of(LinkSide::kA)->send(ByeFrame{"x"});
  }
  link.pump();
  EXPECT_EQ(b.stream().frames.size(), 3U);
  EXPECT_TRUE(link.is_cut());
  EXPECT_TRUE(a.stream().closed.has_value());
}

TEST_F(ManualLink, CloseDeliversWhatWasQueued) {
  for (int i = 0; i < 5; ++i) {
    link.peer_of(LinkSide::kA)->send(ByeFrame{"x"});
  }
  link.peer_of(LinkSide::kA)->close("done");
  link.pump();
  EXPECT_EQ(b.stream().frames.size(), 5U);
  EXPECT_EQ(a.stream().closed, "done");
  EXPECT_EQ(b.stream().closed, "closed by the peer");
}

TEST_F(ManualLink, SendAfterTheEndDoesNothing) {
  link.cut();
  link.pump();
  link.peer_of(LinkSide::kA)->send(ByeFrame{"x"});
  link.pump();
  EXPECT_TRUE(b.stream().frames.empty());
}

TEST(ThreadedLink, AnswersFromTheHandler) {
  LinkRecorder a;
  LinkRecorder b;
  b.on_each_frame([](const auto& peer, const Frame& frame) { peer->send(frame); });
  MemoryLink link(a, b);
  for (int i = 0; i < 1000; ++i) {
    link.peer_of(LinkSide::kA)->send(ChainQueryFrame{{static_cast<std::uint64_t>(i)}});
  }
  ASSERT_TRUE(a.wait_frames(1000));
  EXPECT_EQ(a.stream().frames.at(999), Frame(ChainQueryFrame{{999}}));
}

TEST(ThreadedLink, EndsUnderTrafficFromAllSides) {
  LinkRecorder a;
  LinkRecorder b;
  a.keep_no_frames();
  b.keep_no_frames();
  const auto send_more = [](const auto& peer, const Frame& frame) { peer->send(frame); };
  a.on_each_frame(send_more);
  b.on_each_frame(send_more);
  {
    MemoryLink link(a, b);
    for (int i = 0; i < 10; ++i) {
      link.peer_of(LinkSide::kA)->send(ByeFrame{"x"});
      link.peer_of(LinkSide::kB)->send(ByeFrame{"y"});
    }
    ASSERT_TRUE(a.wait_frames(100));
    link.cut_after(50);
    a.wait_closed();
  }
  EXPECT_TRUE(a.stream().closed.has_value());
  EXPECT_TRUE(b.stream().closed.has_value());
}

TEST(ThreadedLink, PeerMayOutliveTheLink) {
  LinkRecorder a;
  LinkRecorder b;
  std::shared_ptr<LinkPeer> peer;
  {
    MemoryLink link(a, b);
    peer = link.peer_of(LinkSide::kA);
  }
  peer->send(ByeFrame{"x"});
  peer->close("late");
  EXPECT_EQ(peer->queued_octets(), 0U);
}

}  // namespace
}  // namespace tandem::testing
