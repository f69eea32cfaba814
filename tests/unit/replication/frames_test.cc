// The codec of the link: every frame survives, nothing malformed does.
#include "common/replication/frames.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "proto/tandem/v1/link.pb.h"
#include "tests/unit/replication/sample_frames.h"

namespace tandem::testing {
namespace {

Octets octets_of(const v1::Frame& message) {
  return to_octets(as_octets(message.SerializeAsString()));
}

v1::Frame message_of(const Frame& frame) {
  v1::Frame message;
  EXPECT_TRUE(message.ParseFromString(std::string(as_text(encode_frame(frame)))));
  return message;
}

v1::Frame sample(std::size_t kind) {
  return message_of(sample_frames().at(kind));
}

void expect_fails(OctetSpan octets, Errc code) {
  const auto frame = decode_frame(octets);
  ASSERT_FALSE(frame.has_value());
  EXPECT_EQ(frame.error().code, code) << frame.error().detail;
}

TEST(Frames, SurviveTheWay) {
  for (const Frame& frame : sample_frames()) {
    const auto again = decode_frame(encode_frame(frame));
    ASSERT_TRUE(again.has_value()) << again.error().detail;
    EXPECT_EQ(*again, frame) << "kind " << frame.index();
  }
}

TEST(Frames, SampleHasEachKind) {
  EXPECT_EQ(sample_frames().size(), std::variant_size_v<Frame>);
  for (std::size_t kind = 0; kind < std::variant_size_v<Frame>; ++kind) {
    EXPECT_EQ(sample_frames().at(kind).index(), kind);
  }
}

TEST(Frames, EmptyLogSurvivesTheWay) {
  const Frame hello = HelloFrame{};
  EXPECT_EQ(decode_frame(encode_frame(hello)), hello);
}

TEST(Frames, CutShortAreRefused) {
  for (const Frame& frame : sample_frames()) {
    const Octets whole = encode_frame(frame);
    for (std::size_t octets = 0; octets < whole.size(); ++octets) {
      expect_fails(OctetSpan(whole).first(octets), Errc::kCorrupt);
    }
  }
}

TEST(Frames, WithOctetsBehindAreRefused) {
  for (const Frame& frame : sample_frames()) {
    Octets octets = encode_frame(frame);
    octets.push_back(0);
    expect_fails(octets, Errc::kCorrupt);
  }
}

TEST(Frames, TwoKindsInOneAreRefused) {
  Octets octets = encode_frame(Frame(CutEndFrame{}));
  append(octets, encode_frame(Frame(ByeFrame{"x"})));
  expect_fails(octets, Errc::kCorrupt);
}

TEST(Frames, KindOfALaterVersionIsRefusedAsSuch) {
  const Octets kind_200{0xC2, 0x0C, 0x00};
  expect_fails(kind_200, Errc::kRefused);
}

TEST(Frames, FieldOfALaterVersionIsPassedOver) {
  Octets octets = encode_frame(Frame(ByeFrame{"x"}));
  append(octets, Octets{0x98, 0x06, 0x01});  // field 99, varint 1
  octets[1] = static_cast<std::uint8_t>(octets[1] + 3);
  EXPECT_EQ(decode_frame(octets), Frame(ByeFrame{"x"}));
}

TEST(Frames, OverTheLimitAreRefused) {
  ImageChunkFrame chunk;
  chunk.octets.resize(kMaxFrameOctets);
  expect_fails(encode_frame(Frame(std::move(chunk))), Errc::kCorrupt);
}

TEST(Frames, TextIsSentAsPrintableAscii) {
  const auto frame =
      decode_frame(encode_frame(Frame(ByeFrame{"a\nb\x80"
                                               "c"})));
  EXPECT_EQ(frame, Frame(ByeFrame{"a?b?c"}));
}

TEST(Frames, TextIsCutToTheLimit) {
  const auto frame = decode_frame(encode_frame(Frame(ByeFrame{std::string(5000, 'x')})));
  EXPECT_EQ(frame, Frame(ByeFrame{std::string(kMaxFrameText, 'x')}));
}

// --- one thing wrong in an otherwise good frame --------------------------------------------------

struct Wrong {
  std::string name;
  std::size_t kind;  // index in sample_frames()
  std::function<void(v1::Frame&)> spoil;
};

class WrongFrame : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongFrame, IsRefused) {
  v1::Frame message = sample(GetParam().kind);
  GetParam().spoil(message);
  expect_fails(octets_of(message), Errc::kCorrupt);
}

void add_epochs(v1::Frame& m, std::size_t count) {
  const v1::EpochStartPoint first = m.hello().epochs(0);
  m.mutable_hello()->clear_epochs();
  for (std::size_t i = 0; i < count; ++i) {
    v1::EpochStartPoint& point = *m.mutable_hello()->add_epochs();
    point = first;
    point.mutable_epoch()->set_number(i + 1);
    point.set_sequence(i + 1);
  }
}

const std::string k15(15, 'x');
const std::string k31(31, 'x');
const std::string k33(33, 'x');

INSTANTIATE_TEST_SUITE_P(
    Link, WrongFrame,
    ::testing::Values(
        Wrong{"ClusterIdSize", 0, [](v1::Frame& m) { m.mutable_hello()->set_cluster_id(k15); }},
        Wrong{"NodeIdMissing", 0, [](v1::Frame& m) { m.mutable_hello()->clear_node_id(); }},
        Wrong{"PositionMissing", 0, [](v1::Frame& m) { m.mutable_hello()->clear_position(); }},
        Wrong{"VersionNotPrintable", 0,
              [](v1::Frame& m) { m.mutable_hello()->set_version("\x1b[2J"); }},
        Wrong{"VersionTooLong", 0,
              [](v1::Frame& m) { m.mutable_hello()->set_version(std::string(1025, 'v')); }},
        Wrong{"TooManyKinds", 0,
              [](v1::Frame& m) {
                for (std::uint32_t i = 0; i <= kMaxFrameKinds; ++i) {
                  m.mutable_hello()->add_change_kinds(i);
                }
              }},
        Wrong{"TooManyEpochs", 0, [](v1::Frame& m) { add_epochs(m, kMaxFrameEpochs + 1); }},
        Wrong{"EpochsNotAscending", 0,
              [](v1::Frame& m) {
                m.mutable_hello()->mutable_epochs(1)->mutable_epoch()->set_number(1);
              }},
        Wrong{"EpochsAtOneSequence", 0,
              [](v1::Frame& m) { m.mutable_hello()->mutable_epochs(1)->set_sequence(1); }},
        Wrong{"EpochWithoutLeader", 0,
              [](v1::Frame& m) { m.mutable_hello()->mutable_epochs(0)->clear_epoch(); }},
        Wrong{"EntriesWithoutPosition", 1,
              [](v1::Frame& m) { m.mutable_entries()->clear_after(); }},
        Wrong{"EmptyEntry", 1, [](v1::Frame& m) { m.mutable_entries()->add_octets(""); }},
        Wrong{"EntryTooLarge", 1,
              [](v1::Frame& m) {
                m.mutable_entries()->add_octets(std::string(kMaxEntryOctets + 1, 'e'));
              }},
        Wrong{"TooManyEntries", 1,
              [](v1::Frame& m) {
                for (std::size_t i = 0; i <= kMaxFrameEntries; ++i) {
                  m.mutable_entries()->add_octets("e");
                }
              }},
        Wrong{"OfferWithoutImage", 2, [](v1::Frame& m) { m.mutable_image_offer()->clear_image(); }},
        Wrong{"WantDigestSize", 3,
              [](v1::Frame& m) { m.mutable_image_want()->set_content_digest(k31); }},
        Wrong{"ChunkZoneIdSize", 4,
              [](v1::Frame& m) { m.mutable_image_chunk()->set_zone_id(k15); }},
        Wrong{"ChunkDigestSize", 4,
              [](v1::Frame& m) { m.mutable_image_chunk()->set_content_digest(k33); }},
        Wrong{"SecretIdSize", 5, [](v1::Frame& m) { m.mutable_secret()->set_secret_id(k31); }},
        Wrong{"SecretTooLarge", 5,
              [](v1::Frame& m) {
                m.mutable_secret()->set_octets(std::string(kMaxSmallFrameOctets, 's'));
              }},
        Wrong{"AckWithoutPosition", 6, [](v1::Frame& m) { m.mutable_ack()->clear_position(); }},
        Wrong{"ChainSize", 6,
              [](v1::Frame& m) { m.mutable_ack()->mutable_position()->set_chain(k31); }},
        Wrong{"LeaderSize", 6,
              [](v1::Frame& m) {
                m.mutable_ack()->mutable_position()->mutable_epoch()->set_leader(k15);
              }},
        Wrong{"PositionWithoutEpoch", 7,
              [](v1::Frame& m) { m.mutable_heartbeat()->mutable_position()->clear_epoch(); }},
        Wrong{"AddressNotPrintable", 7,
              [](v1::Frame& m) { m.mutable_heartbeat()->set_observed_address("a\tb"); }},
        Wrong{"CutWithoutCluster", 8,
              [](v1::Frame& m) { m.mutable_cut_begin()->clear_cluster_id(); }},
        Wrong{"CutWithoutState", 8, [](v1::Frame& m) { m.mutable_cut_begin()->clear_state(); }},
        Wrong{"TailWithoutPosition", 11,
              [](v1::Frame& m) { m.mutable_tail_request()->clear_after(); }},
        Wrong{"TooManyQueries", 12,
              [](v1::Frame& m) {
                for (std::size_t i = 0; i <= kMaxFrameChains; ++i) {
                  m.mutable_chain_query()->add_sequences(i);
                }
              }},
        Wrong{"ChainMissing", 13, [](v1::Frame& m) { m.mutable_chain_answer()->add_sequences(9); }},
        Wrong{"AnswerChainSize", 13,
              [](v1::Frame& m) { m.mutable_chain_answer()->set_chains(0, k31); }}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tandem::testing
