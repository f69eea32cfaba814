// What nodes say to each other, as plain values. docs/formats/link.md gives the conversation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/log/position.h"

namespace tandem {

constexpr std::uint32_t kProtocolMin = 1;
constexpr std::uint32_t kProtocolMax = 1;
/// gRPC is told the same limit, so that a hostile peer cannot make us hold more than one such
/// frame.
constexpr std::size_t kMaxFrameOctets = 4U << 20U;
/// Frames that carry neither entries nor an image nor the state of a cut.
constexpr std::size_t kMaxSmallFrameOctets = 64U << 10U;
constexpr std::size_t kMaxFrameEntries = 10'000;
constexpr std::size_t kMaxFrameEpochs = 1'024;
constexpr std::size_t kMaxFrameChains = 1'024;
constexpr std::size_t kMaxFrameKinds = 256;
constexpr std::size_t kMaxFrameText =
    1'024;  // printable ASCII; what is longer or other is cut or shown as '?'

struct HelloFrame {
  std::uint32_t protocol_min = kProtocolMin;
  std::uint32_t protocol_max = kProtocolMax;
  std::optional<ClusterId> cluster;
  NodeId node;
  std::string version;
  bool is_leader = false;
  bool is_doubtful = false;
  std::vector<std::uint32_t> change_kinds;
  EpochTable epochs;
  Position position;
  std::uint64_t first_sequence = 0;
};

struct EntriesFrame {
  Position after;
  std::vector<Octets> entries;
};

struct ImageOfferFrame {
  ZoneId zone;
  ImageRef image;
};

struct ImageWantFrame {
  ZoneId zone;
  Digest256 content_digest{};
  std::uint32_t from_chunk = 0;
};

struct ImageChunkFrame {
  ZoneId zone;
  Digest256 content_digest{};
  std::uint32_t chunk = 0;
  Octets octets;
};

struct SecretFrame {
  SecretId secret;
  Octets octets;
};

struct AckFrame {
  Position position;
};

struct HeartbeatFrame {
  Position position;
  WallTime wall_time;
  std::string observed_address;
};

struct CutBeginFrame {
  Position position;
  EpochTable epochs;
  ClusterId cluster;
  ImageRef state;  // of zone id 0: the LogState
  /// Where the receiver's history leaves this one: it keeps its entries after that as orphans. 0:
  /// it does not.
  std::uint64_t common_sequence = 0;
};

struct CutEndFrame {};

struct NeedImagesFrame {
  std::string reason;
  std::uint64_t common_sequence = 0;  // to be given back in CutBeginFrame
};

struct TailRequestFrame {
  Position after;
};

struct ChainQueryFrame {
  std::vector<std::uint64_t> sequences;
};

struct ChainAnswerFrame {
  std::vector<std::pair<std::uint64_t, std::optional<Digest256>>> chains;
};

struct ByeFrame {
  std::string reason;
};

using Frame =
    std::variant<HelloFrame, EntriesFrame, ImageOfferFrame, ImageWantFrame, ImageChunkFrame,
                 SecretFrame, AckFrame, HeartbeatFrame, CutBeginFrame, CutEndFrame, NeedImagesFrame,
                 TailRequestFrame, ChainQueryFrame, ChainAnswerFrame, ByeFrame>;

/// Requires: the limits above; the link closes a stream rather than send a frame over
/// kMaxFrameOctets.
[[nodiscard]] Octets encode_frame(const Frame& frame);

/// Fails: kCorrupt for octets that are no frame of ours (sizes, ids, counts, order of epochs
/// checked; entries stay octets and are checked by log/codec.h later); kRefused for a kind that
/// this version does not know. Unknown fields of a known kind are passed over: a later version may
/// say more.
Result<Frame> decode_frame(OctetSpan octets);

}  // namespace tandem
