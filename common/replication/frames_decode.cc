// The part of frames.h that reads what a peer sent.
#include <algorithm>
#include <string_view>

#include "common/log/codec.h"
#include "common/log/codec_fields.h"
#include "common/replication/frame_envelope.h"
#include "common/replication/frames.h"
#include "proto/tandem/v1/link.pb.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxDnsMessageOctets = 65'535;

std::unexpected<Error> corrupt(std::string_view what) {
  return fail(Errc::kCorrupt, "{}", what);
}

Result<Digest256> digest_from(std::string_view bytes) {
  return fixed<32>("a content digest", bytes);
}

Result<std::string> text_from(std::string_view text) {
  if (text.size() > kMaxFrameText || !std::ranges::all_of(text, is_frame_octet)) {
    return corrupt("a text is too long or not printable ASCII");
  }
  return std::string(text);
}

Status at_most(std::string_view what, int count, std::size_t limit) {
  if (static_cast<std::size_t>(count) > limit) {
    return fail(Errc::kCorrupt, "{} {}, the limit is {}", count, what, limit);
  }
  return {};
}

Result<Epoch> epoch_from(const v1::Epoch& m) {
  return Epoch{m.number(), TRY(id_from<NodeId>("a leader's id", m.leader()))};
}

template <class Message>
Result<Position> position_from(bool is_there, const Message& m) {
  if (!is_there || !m.has_epoch()) {
    return corrupt("a position or its epoch is missing");
  }
  return Position{TRY(epoch_from(m.epoch())), m.sequence(),
                  TRY((fixed<32>("a chain digest", m.chain())))};
}

template <class Message>
Result<EpochTable> epochs_from(const Message& m) {
  TRYV(at_most("epochs", m.epochs_size(), kMaxFrameEpochs));
  EpochTable out;
  for (const v1::EpochStartPoint& point : m.epochs()) {
    const EpochStartPoint start{TRY(epoch_from(point.epoch())), point.sequence()};
    if (!out.empty() &&
        (start.epoch.number <= out.back().epoch.number || start.sequence <= out.back().sequence)) {
      return corrupt("a table of epochs is not in order");
    }
    out.push_back(start);
  }
  return out;
}

Result<Frame> from(const v1::Hello& m) {
  TRYV(at_most("kinds of change", m.change_kinds_size(), kMaxFrameKinds));
  HelloFrame f;
  f.protocol_min = m.protocol_min();
  f.protocol_max = m.protocol_max();
  if (!m.cluster_id().empty()) {
    f.cluster = TRY(id_from<ClusterId>("a cluster's id", m.cluster_id()));
  }
  f.node = TRY(id_from<NodeId>("a node's id", m.node_id()));
  f.version = TRY(text_from(m.version()));
  f.is_leader = m.is_leader();
  f.is_doubtful = m.is_doubtful();
  f.change_kinds.assign(m.change_kinds().begin(), m.change_kinds().end());
  f.epochs = TRY(epochs_from(m));
  f.position = TRY(position_from(m.has_position(), m.position()));
  f.first_sequence = m.first_sequence();
  return f;
}

Result<Frame> from(const v1::Entries& m) {
  TRYV(at_most("entries", m.octets_size(), kMaxFrameEntries));
  EntriesFrame f{.after = TRY(position_from(m.has_after(), m.after())), .entries = {}};
  f.entries.reserve(static_cast<std::size_t>(m.octets_size()));
  for (const std::string& entry : m.octets()) {
    if (entry.empty() || entry.size() > kMaxEntryOctets) {
      return fail(Errc::kCorrupt, "an entry of {} octets", entry.size());
    }
    f.entries.push_back(to_octets(as_octets(entry)));
  }
  return f;
}

Result<ImageRef> image_from(const v1::ImageRef& m) {
  return ImageRef{TRY(digest_from(m.content_digest())), m.chunk_count(), m.record_count(),
                  m.serial()};
}

Result<Frame> from(const v1::ImageOffer& m) {
  return ImageOfferFrame{TRY(id_from<ZoneId>("a zone's id", m.zone_id())),
                         TRY(image_from(m.image()))};
}

Result<Frame> from(const v1::ImageWant& m) {
  return ImageWantFrame{TRY(id_from<ZoneId>("a zone's id", m.zone_id())),
                        TRY(digest_from(m.content_digest())), m.from_chunk()};
}

Result<Frame> from(const v1::ImageChunk& m) {
  return ImageChunkFrame{TRY(id_from<ZoneId>("a zone's id", m.zone_id())),
                         TRY(digest_from(m.content_digest())), m.chunk(),
                         to_octets(as_octets(m.octets()))};
}

Result<Frame> from(const v1::Secret& m) {
  return SecretFrame{TRY(id_from<SecretId>("a secret's id", m.secret_id())),
                     to_octets(as_octets(m.octets()))};
}

Result<Frame> from(const v1::Ack& m) {
  return AckFrame{TRY(position_from(m.has_position(), m.position()))};
}

Result<Frame> from(const v1::Heartbeat& m) {
  const auto time = wall_time_from(m.wall_time_us());
  if (!time) {
    return fail(Errc::kCorrupt, "a heartbeat's time is before 1970 or after 9999");
  }
  HeartbeatFrame out{TRY(position_from(m.has_position(), m.position())), *time,
                     TRY(text_from(m.observed_address())), TRY(text_from(m.alarm()))};
  TRYV(at_most("zones", m.zones_left_size(), kMaxFrameZones));
  for (const v1::ZoneLeft& zone : m.zones_left()) {
    out.zones_left.push_back({TRY(id_from<ZoneId>("a zone's id", zone.zone_id())), zone.seconds()});
  }
  TRYV(at_most("verdicts", m.verdicts_size(), kMaxFrameVerdicts));
  for (const v1::HealthVerdict& verdict : m.verdicts()) {
    out.health.verdicts.push_back(
        {TRY((fixed<sizeof(CheckId)>("a check's id", verdict.check()))), verdict.is_down()});
  }
  if (!m.judge().empty()) {
    out.health.judge = TRY(id_from<NodeId>("a node's id", m.judge()));
  }
  return out;
}

Result<Frame> from(const v1::CutBegin& m) {
  return CutBeginFrame{TRY(position_from(m.has_position(), m.position())), TRY(epochs_from(m)),
                       TRY(id_from<ClusterId>("a cluster's id", m.cluster_id())),
                       TRY(image_from(m.state())), m.common_sequence()};
}

Result<Frame> from(const v1::CutEnd& /*m*/) {
  return CutEndFrame{};
}

Result<Frame> from(const v1::NeedImages& m) {
  return NeedImagesFrame{TRY(text_from(m.reason())), m.common_sequence()};
}

Result<Frame> from(const v1::TailRequest& m) {
  return TailRequestFrame{TRY(position_from(m.has_after(), m.after()))};
}

Result<Frame> from(const v1::ChainQuery& m) {
  TRYV(at_most("chain queries", m.sequences_size(), kMaxFrameChains));
  return ChainQueryFrame{{m.sequences().begin(), m.sequences().end()}};
}

Result<Frame> from(const v1::ChainAnswer& m) {
  TRYV(at_most("chain answers", m.sequences_size(), kMaxFrameChains));
  if (m.sequences_size() != m.chains_size()) {
    return corrupt("a chain answer has not one chain for each sequence");
  }
  ChainAnswerFrame f;
  for (int i = 0; i < m.sequences_size(); ++i) {
    std::optional<Digest256> chain;
    if (!m.chains(i).empty()) {
      chain = TRY((fixed<32>("a chain digest", m.chains(i))));
    }
    f.chains.emplace_back(m.sequences(i), chain);
  }
  return f;
}

Result<Frame> from(const v1::Bye& m) {
  return ByeFrame{TRY(text_from(m.reason()))};
}

Result<Octets> dns_message_from(std::string_view bytes) {
  if (bytes.size() > kMaxDnsMessageOctets) {
    return corrupt("a forwarded message is larger than any DNS message");
  }
  return to_octets(as_octets(bytes));
}

Result<Frame> from(const v1::ForwardedRequest& m) {
  return ForwardedRequestFrame{m.id(), TRY(dns_message_from(m.message())),
                               TRY(text_from(m.from()))};
}

Result<Frame> from(const v1::ForwardedReply& m) {
  return ForwardedReplyFrame{m.id(), TRY(dns_message_from(m.message()))};
}

Result<Frame> from(const v1::HandOverRequest& m) {
  return HandOverRequestFrame{m.gives_up()};
}

Result<Frame> from(const v1::HandOverReply& m) {
  return HandOverReplyFrame{TRY(text_from(m.refusal())),
                            TRY(position_from(m.has_position(), m.position()))};
}

Result<Octets> entry_from(std::string_view bytes) {
  if (bytes.size() > kMaxEntryOctets) {
    return corrupt("an entry is larger than any in a log");
  }
  return to_octets(as_octets(bytes));
}

Result<Frame> from(const v1::OrphanRequest& m) {
  return OrphanRequestFrame{TRY(entry_from(m.entry())), TRY(entry_from(m.wish())), m.is_forced()};
}

Result<Frame> from(const v1::OrphanReply& m) {
  return OrphanReplyFrame{TRY(text_from(m.refusal())), m.is_conflict(), m.changed(), m.sequence()};
}

Result<JoinNonce> nonce_from(std::string_view bytes) {
  return fixed<32>("a nonce", bytes);
}

Result<JoinProof> proof_from(std::string_view bytes) {
  return fixed<32>("a proof", bytes);
}

Result<Frame> from(const v1::JoinOffer& m) {
  return JoinOfferFrame{TRY(nonce_from(m.nonce()))};
}

Result<Frame> from(const v1::JoinAnswer& m) {
  return JoinAnswerFrame{TRY(nonce_from(m.nonce())), TRY(proof_from(m.proof()))};
}

Result<Frame> from(const v1::JoinGrant& m) {
  return JoinGrantFrame{TRY(proof_from(m.proof()))};
}

template <class Message>
Result<std::vector<KeyPin>> pins_from(const Message& m) {
  TRYV(at_most("keys", m.pins_size(), kMaxFramePins));
  if (m.pins().empty()) {
    return corrupt("no keys");
  }
  std::vector<KeyPin> pins;
  for (const std::string& pin : m.pins()) {
    pins.push_back(KeyPin{TRY((fixed<32>("a key's pin", pin)))});
  }
  return pins;
}

Result<Frame> from(const v1::Keys& m) {
  return KeysFrame{TRY(pins_from(m))};
}

Result<Frame> from(const v1::KeysTaken& m) {
  return KeysTakenFrame{TRY(pins_from(m))};
}

template <class Message>
Result<Frame> parse(OctetSpan body, std::size_t limit = kMaxSmallFrameOctets) {
  Message message;
  if (body.size() > limit || !message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return fail(Errc::kCorrupt, "{} octets are no {}", body.size(), Message::descriptor()->name());
  }
  return from(message);
}

}  // namespace

Result<Frame> decode_frame(OctetSpan octets) {
  const FrameEnvelope frame = TRY(open_envelope(octets));
  switch (frame.kind) {
    case v1::Frame::kHelloFieldNumber:
      return parse<v1::Hello>(frame.body);
    case v1::Frame::kEntriesFieldNumber:
      return parse<v1::Entries>(frame.body, kMaxFrameOctets);
    case v1::Frame::kImageOfferFieldNumber:
      return parse<v1::ImageOffer>(frame.body);
    case v1::Frame::kImageWantFieldNumber:
      return parse<v1::ImageWant>(frame.body);
    case v1::Frame::kImageChunkFieldNumber:
      return parse<v1::ImageChunk>(frame.body, kMaxFrameOctets);
    case v1::Frame::kSecretFieldNumber:
      return parse<v1::Secret>(frame.body);
    case v1::Frame::kAckFieldNumber:
      return parse<v1::Ack>(frame.body);
    case v1::Frame::kHeartbeatFieldNumber:
      return parse<v1::Heartbeat>(frame.body);
    case v1::Frame::kCutBeginFieldNumber:
      return parse<v1::CutBegin>(frame.body);
    case v1::Frame::kCutEndFieldNumber:
      return parse<v1::CutEnd>(frame.body);
    case v1::Frame::kNeedImagesFieldNumber:
      return parse<v1::NeedImages>(frame.body);
    case v1::Frame::kTailRequestFieldNumber:
      return parse<v1::TailRequest>(frame.body);
    case v1::Frame::kChainQueryFieldNumber:
      return parse<v1::ChainQuery>(frame.body);
    case v1::Frame::kChainAnswerFieldNumber:
      return parse<v1::ChainAnswer>(frame.body);
    case v1::Frame::kByeFieldNumber:
      return parse<v1::Bye>(frame.body);
    case v1::Frame::kForwardedRequestFieldNumber:
      return parse<v1::ForwardedRequest>(frame.body, kMaxFrameOctets);
    case v1::Frame::kForwardedReplyFieldNumber:
      return parse<v1::ForwardedReply>(frame.body, kMaxFrameOctets);
    case v1::Frame::kHandOverRequestFieldNumber:
      return parse<v1::HandOverRequest>(frame.body);
    case v1::Frame::kHandOverReplyFieldNumber:
      return parse<v1::HandOverReply>(frame.body);
    case v1::Frame::kOrphanRequestFieldNumber:
      return parse<v1::OrphanRequest>(frame.body, kMaxFrameOctets);
    case v1::Frame::kOrphanReplyFieldNumber:
      return parse<v1::OrphanReply>(frame.body);
    case v1::Frame::kJoinOfferFieldNumber:
      return parse<v1::JoinOffer>(frame.body);
    case v1::Frame::kJoinAnswerFieldNumber:
      return parse<v1::JoinAnswer>(frame.body);
    case v1::Frame::kJoinGrantFieldNumber:
      return parse<v1::JoinGrant>(frame.body);
    case v1::Frame::kKeysFieldNumber:
      return parse<v1::Keys>(frame.body);
    case v1::Frame::kKeysTakenFieldNumber:
      return parse<v1::KeysTaken>(frame.body);
    default:
      return fail(Errc::kRefused, "a frame of kind {}, which is of a later version", frame.kind);
  }
}

}  // namespace tandem
