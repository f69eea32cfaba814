// What nodes say to each other, as plain values. docs/formats/link.md gives the conversation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/crypto/join_token.h"
#include "common/log/entry.h"
#include "common/log/position.h"

namespace tandem {

constexpr std::uint32_t kProtocolMin = 1;
constexpr std::uint32_t kProtocolMax = 3;
/// From which on a node knows HandOverRequestFrame and HandOverReplyFrame.
constexpr std::uint32_t kProtocolOfHandOver = 2;
/// The same for KeysFrame and KeysTakenFrame.
constexpr std::uint32_t kProtocolOfKeys = 2;
/// The same for OrphanRequestFrame and OrphanReplyFrame.
constexpr std::uint32_t kProtocolOfOrphans = 3;
/// Also gRPC's limit, so that a hostile peer cannot make us hold more than one such frame.
constexpr std::size_t kMaxFrameOctets = 4U << 20U;
/// All frames but those of entries, of image chunks, of forwarded messages and of orphans.
constexpr std::size_t kMaxSmallFrameOctets = 64U << 10U;
constexpr std::size_t kMaxFrameEntries = 32'768;
constexpr std::size_t kMaxFrameEpochs = 1'024;
constexpr std::size_t kMaxFrameChains = 1'024;
constexpr std::size_t kMaxFrameZones = 1'024;
constexpr std::size_t kMaxFrameVerdicts = 1'024;
constexpr std::size_t kMaxFrameKinds = 256;
constexpr std::size_t kMaxFramePins = 4;
/// Texts are printable ASCII: what is longer is cut, what is other is sent as '?'.
constexpr std::size_t kMaxFrameText = 1'024;

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

  friend bool operator==(const HelloFrame&, const HelloFrame&) = default;
};

struct EntriesFrame {
  Position after;
  std::vector<Octets> entries;

  friend bool operator==(const EntriesFrame&, const EntriesFrame&) = default;
};

struct ImageOfferFrame {
  ZoneId zone;
  ImageRef image;

  friend bool operator==(const ImageOfferFrame&, const ImageOfferFrame&) = default;
};

struct ImageWantFrame {
  ZoneId zone;
  Digest256 content_digest{};
  std::uint32_t from_chunk = 0;

  friend bool operator==(const ImageWantFrame&, const ImageWantFrame&) = default;
};

struct ImageChunkFrame {
  ZoneId zone;
  Digest256 content_digest{};
  std::uint32_t chunk = 0;
  Octets octets;

  friend bool operator==(const ImageChunkFrame&, const ImageChunkFrame&) = default;
};

struct SecretFrame {
  SecretId secret;
  Octets octets;

  friend bool operator==(const SecretFrame&, const SecretFrame&) = default;
};

struct AckFrame {
  Position position;

  friend bool operator==(const AckFrame&, const AckFrame&) = default;
};

/// How long a zone that its leader takes from elsewhere is good, in seconds; negative: it has
/// expired.
struct ZoneLeft {
  ZoneId zone;
  std::int64_t seconds = 0;

  friend bool operator==(const ZoneLeft&, const ZoneLeft&) = default;
};

/// Names a health check by what it asks and how: the same on every node that has the setting.
using CheckId = std::array<std::uint8_t, 16>;

struct HealthVerdict {
  CheckId check{};
  bool is_down = false;

  friend bool operator==(const HealthVerdict&, const HealthVerdict&) = default;
};

/// What a node says of health checks.
struct HealthReport {
  /// Of a follower: of its own checks, as far as they have come to one; of a leader: those in
  /// force.
  std::vector<HealthVerdict> verdicts;
  std::optional<NodeId> judge;  // leader: whose verdicts are in force; nothing: its own

  friend bool operator==(const HealthReport&, const HealthReport&) = default;
};

struct HeartbeatFrame {
  Position position;
  WallTime wall_time;
  std::string observed_address;
  std::string alarm;  // leader: why the follower is not served; the follower shows it
  /// Leader: zones from elsewhere that lack contact there; those first that have the least left.
  std::vector<ZoneLeft> zones_left = {};
  HealthReport health = {};

  friend bool operator==(const HeartbeatFrame&, const HeartbeatFrame&) = default;
};

struct CutBeginFrame {
  Position position;
  EpochTable epochs;
  ClusterId cluster;
  ImageRef state;  // of zone id 0: the LogState
  /// Where the receiver's history leaves this one, which keeps its entries after that as orphans.
  /// 0: it does not.
  std::uint64_t common_sequence = 0;

  friend bool operator==(const CutBeginFrame&, const CutBeginFrame&) = default;
};

struct CutEndFrame {
  friend bool operator==(const CutEndFrame&, const CutEndFrame&) = default;
};

struct NeedImagesFrame {
  std::string reason;
  std::uint64_t common_sequence = 0;  // to be given back in CutBeginFrame

  friend bool operator==(const NeedImagesFrame&, const NeedImagesFrame&) = default;
};

struct TailRequestFrame {
  Position after;

  friend bool operator==(const TailRequestFrame&, const TailRequestFrame&) = default;
};

struct ChainQueryFrame {
  std::vector<std::uint64_t> sequences;

  friend bool operator==(const ChainQueryFrame&, const ChainQueryFrame&) = default;
};

struct ChainAnswerFrame {
  std::vector<std::pair<std::uint64_t, std::optional<Digest256>>> chains;

  friend bool operator==(const ChainAnswerFrame&, const ChainAnswerFrame&) = default;
};

struct ByeFrame {
  std::string reason;

  friend bool operator==(const ByeFrame&, const ByeFrame&) = default;
};

struct ForwardedRequestFrame {
  std::uint64_t id = 0;
  Octets message;
  std::string from;  // address and port

  friend bool operator==(const ForwardedRequestFrame&, const ForwardedRequestFrame&) = default;
};

struct ForwardedReplyFrame {
  std::uint64_t id = 0;
  Octets message;  // empty: there is no answer

  friend bool operator==(const ForwardedReplyFrame&, const ForwardedReplyFrame&) = default;
};

struct HandOverRequestFrame {
  bool gives_up = false;  // it does not take over after all: the leader goes on

  friend bool operator==(const HandOverRequestFrame&, const HandOverRequestFrame&) = default;
};

struct HandOverReplyFrame {
  std::string refusal;  // empty: the leader takes no more changes
  Position position;    // its last one

  friend bool operator==(const HandOverReplyFrame&, const HandOverReplyFrame&) = default;
};

/// A follower wants a change again that it alone has. Entries stay octets and are checked by
/// node/orphans.h later.
struct OrphanRequestFrame {
  Octets entry;
  Octets wish;             // an entry: who wants it, and RRsets as they were before the change
  bool is_forced = false;  // also where somebody else changed the same since

  friend bool operator==(const OrphanRequestFrame&, const OrphanRequestFrame&) = default;
};

struct OrphanReplyFrame {
  std::string refusal;  // empty: it is made, or there already
  bool is_conflict = false;
  bool changed = false;
  std::uint64_t sequence = 0;  // of the new entry

  friend bool operator==(const OrphanReplyFrame&, const OrphanReplyFrame&) = default;
};

/// The exchange by which a node becomes a member (crypto/join_token.h).
struct JoinOfferFrame {
  JoinNonce nonce{};

  friend bool operator==(const JoinOfferFrame&, const JoinOfferFrame&) = default;
};

struct JoinAnswerFrame {
  JoinNonce nonce{};
  JoinProof proof{};

  friend bool operator==(const JoinAnswerFrame&, const JoinAnswerFrame&) = default;
};

struct JoinGrantFrame {
  JoinProof proof{};

  friend bool operator==(const JoinGrantFrame&, const JoinGrantFrame&) = default;
};

/// All keys that the sender may show from here on, in the order in which it takes them into use.
struct KeysFrame {
  std::vector<KeyPin> pins;

  friend bool operator==(const KeysFrame&, const KeysFrame&) = default;
};

/// The peer's keys are stored.
struct KeysTakenFrame {
  std::vector<KeyPin> pins;

  friend bool operator==(const KeysTakenFrame&, const KeysTakenFrame&) = default;
};

using Frame =
    std::variant<HelloFrame, EntriesFrame, ImageOfferFrame, ImageWantFrame, ImageChunkFrame,
                 SecretFrame, AckFrame, HeartbeatFrame, CutBeginFrame, CutEndFrame, NeedImagesFrame,
                 TailRequestFrame, ChainQueryFrame, ChainAnswerFrame, ByeFrame,
                 ForwardedRequestFrame, ForwardedReplyFrame, HandOverRequestFrame,
                 HandOverReplyFrame, OrphanRequestFrame, OrphanReplyFrame, JoinOfferFrame,
                 JoinAnswerFrame, JoinGrantFrame, KeysFrame, KeysTakenFrame>;

/// What a frame holds in memory, about.
[[nodiscard]] std::size_t octets_of(const Frame& frame);

/// Requires: the limits above; the link closes a stream rather than send a frame over
/// kMaxFrameOctets.
[[nodiscard]] Octets encode_frame(const Frame& frame);

/// Fails: kCorrupt for octets that are no frame of ours (sizes, ids, counts, order of epochs
/// checked; entries stay octets and are checked by log/codec.h later); kRefused for a kind that
/// this version does not know. Unknown fields of a known kind are passed over: a later version may
/// say more.
Result<Frame> decode_frame(OctetSpan octets);

}  // namespace tandem
