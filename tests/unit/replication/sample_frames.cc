#include "tests/unit/replication/sample_frames.h"

namespace tandem::testing {
namespace {

template <class Id>
Id id_of(std::uint8_t seed) {
  Id id;
  id.octets.fill(seed);
  return id;
}

Digest256 digest(std::uint8_t seed) {
  Digest256 out;
  out.fill(seed);
  return out;
}

HelloFrame sample_hello() {
  return {.protocol_min = 1,
          .protocol_max = 3,
          .cluster = id_of<ClusterId>(0x11),
          .node = node_id(0x12),
          .version = "0.1.0 (test)",
          .is_leader = true,
          .is_doubtful = true,
          .change_kinds = {2, 3, 9},
          .epochs = {{{1, node_id(1)}, 1}, {{2, node_id(2)}, 77}},
          .position = position(90),
          .first_sequence = 13};
}

CutBeginFrame sample_cut() {
  return {.position = position(5000),
          .epochs = {{{4, node_id(4)}, 4000}},
          .cluster = id_of<ClusterId>(0x21),
          .state = {digest(0x22), 2, 3, 4},
          .common_sequence = 4711};
}

}  // namespace

NodeId node_id(std::uint8_t seed) {
  return id_of<NodeId>(seed);
}

Position position(std::uint64_t sequence) {
  return {{7, node_id(0x77)}, sequence, digest(static_cast<std::uint8_t>(sequence))};
}

std::vector<Frame> sample_frames() {
  const auto zone = id_of<ZoneId>(0x31);
  return {
      sample_hello(),
      EntriesFrame{position(8), {{1, 2, 3}, {4}}},
      ImageOfferFrame{zone, {digest(0x32), 12, 3456, 2026}},
      ImageWantFrame{zone, digest(0x33), 5},
      ImageChunkFrame{zone, digest(0x34), 6, {9, 8, 7}},
      SecretFrame{id_of<SecretId>(0x35), {'s', 0, 's'}},
      AckFrame{position(1)},
      HeartbeatFrame{position(2),
                     WallTime(std::chrono::microseconds(1'750'000'000'000'001)),
                     "[2001:db8::1]:7953",
                     "another history",
                     {{zone, -7}, {id_of<ZoneId>(0x37), 3600}},
                     {{{CheckId{0x38}, true}, {CheckId{0x39}, false}}, node_id(0x3a)}},
      sample_cut(),
      CutEndFrame{},
      NeedImagesFrame{"digest of example. differs", 42},
      TailRequestFrame{position(3)},
      ChainQueryFrame{{1, 300, 18'446'744'073'709'551'615U}},
      ChainAnswerFrame{{{1, digest(0x36)}, {300, std::nullopt}}},
      ByeFrame{"going away"},
      ForwardedRequestFrame{7, Octets(40, 0x28), "192.0.2.1:4711"},
      ForwardedReplyFrame{7, Octets(40, 0xa8)},
      HandOverRequestFrame{true},
      HandOverReplyFrame{"not now", position(4)},
      OrphanRequestFrame{Octets(50, 0x51), Octets(60, 0x52), true},
      OrphanReplyFrame{"changed since", true, true, 4712},
      JoinOfferFrame{digest(0x41)},
      JoinAnswerFrame{digest(0x42), digest(0x43)},
      JoinGrantFrame{digest(0x44)},
      KeysFrame{{KeyPin{digest(0x45)}, KeyPin{digest(0x46)}}},
      KeysTakenFrame{{KeyPin{digest(0x46)}}},
  };
}

}  // namespace tandem::testing
