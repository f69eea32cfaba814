#include "common/replication/frames.h"

#include <climits>
#include <string_view>

#include "common/base/check.h"
#include "common/replication/frame_envelope.h"
#include "proto/tandem/v1/link.pb.h"

namespace tandem {
namespace {

std::string to_bytes(OctetSpan octets) {
  return std::string(as_text(octets));
}

void fill(v1::Epoch& to, const Epoch& from) {
  to.set_number(from.number);
  to.set_leader(to_bytes(from.leader.octets));
}

void fill(v1::LogPosition& to, const Position& from) {
  fill(*to.mutable_epoch(), from.epoch);
  to.set_sequence(from.sequence);
  to.set_chain(to_bytes(from.chain));
}

void fill(v1::ImageRef& to, const ImageRef& from) {
  to.set_content_digest(to_bytes(from.content_digest));
  to.set_chunk_count(from.chunk_count);
  to.set_record_count(from.record_count);
  to.set_serial(from.serial);
}

template <class Message>
void fill_epochs(Message& to, const EpochTable& from) {
  for (const EpochStartPoint& start : from) {
    v1::EpochStartPoint& point = *to.add_epochs();
    fill(*point.mutable_epoch(), start.epoch);
    point.set_sequence(start.sequence);
  }
}

struct FillFrame {
  v1::Frame& to;

  void operator()(const HelloFrame& f) const {
    v1::Hello& m = *to.mutable_hello();
    m.set_protocol_min(f.protocol_min);
    m.set_protocol_max(f.protocol_max);
    if (f.cluster) {
      m.set_cluster_id(to_bytes(f.cluster->octets));
    }
    m.set_node_id(to_bytes(f.node.octets));
    m.set_version(frame_text(f.version));
    m.set_is_leader(f.is_leader);
    m.set_is_doubtful(f.is_doubtful);
    m.mutable_change_kinds()->Add(f.change_kinds.begin(), f.change_kinds.end());
    fill_epochs(m, f.epochs);
    fill(*m.mutable_position(), f.position);
    m.set_first_sequence(f.first_sequence);
  }

  void operator()(const EntriesFrame& f) const {
    v1::Entries& m = *to.mutable_entries();
    fill(*m.mutable_after(), f.after);
    for (const Octets& entry : f.entries) {
      m.add_octets(entry.data(), entry.size());
    }
  }

  void operator()(const ImageOfferFrame& f) const {
    v1::ImageOffer& m = *to.mutable_image_offer();
    m.set_zone_id(to_bytes(f.zone.octets));
    fill(*m.mutable_image(), f.image);
  }

  void operator()(const ImageWantFrame& f) const {
    v1::ImageWant& m = *to.mutable_image_want();
    m.set_zone_id(to_bytes(f.zone.octets));
    m.set_content_digest(to_bytes(f.content_digest));
    m.set_from_chunk(f.from_chunk);
  }

  void operator()(const ImageChunkFrame& f) const {
    v1::ImageChunk& m = *to.mutable_image_chunk();
    m.set_zone_id(to_bytes(f.zone.octets));
    m.set_content_digest(to_bytes(f.content_digest));
    m.set_chunk(f.chunk);
    m.set_octets(f.octets.data(), f.octets.size());
  }

  void operator()(const SecretFrame& f) const {
    to.mutable_secret()->set_secret_id(to_bytes(f.secret.octets));
    to.mutable_secret()->set_octets(f.octets.data(), f.octets.size());
  }

  void operator()(const AckFrame& f) const {
    fill(*to.mutable_ack()->mutable_position(), f.position);
  }

  void operator()(const HeartbeatFrame& f) const {
    v1::Heartbeat& m = *to.mutable_heartbeat();
    fill(*m.mutable_position(), f.position);
    m.set_wall_time_us(f.wall_time.time_since_epoch().count());
    m.set_observed_address(frame_text(f.observed_address));
    m.set_alarm(frame_text(f.alarm));
    for (const ZoneLeft& left : f.zones_left) {
      v1::ZoneLeft& zone = *m.add_zones_left();
      zone.set_zone_id(to_bytes(left.zone.octets));
      zone.set_seconds(left.seconds);
    }
    for (const HealthVerdict& verdict : f.health.verdicts) {
      v1::HealthVerdict& to_verdict = *m.add_verdicts();
      to_verdict.set_check(to_bytes(verdict.check));
      to_verdict.set_is_down(verdict.is_down);
    }
    if (f.health.judge) {
      m.set_judge(to_bytes(f.health.judge->octets));
    }
  }

  void operator()(const CutBeginFrame& f) const {
    v1::CutBegin& m = *to.mutable_cut_begin();
    fill(*m.mutable_position(), f.position);
    fill_epochs(m, f.epochs);
    m.set_cluster_id(to_bytes(f.cluster.octets));
    fill(*m.mutable_state(), f.state);
    m.set_common_sequence(f.common_sequence);
  }

  void operator()(const CutEndFrame& /*f*/) const { to.mutable_cut_end(); }

  void operator()(const NeedImagesFrame& f) const {
    to.mutable_need_images()->set_reason(frame_text(f.reason));
    to.mutable_need_images()->set_common_sequence(f.common_sequence);
  }

  void operator()(const TailRequestFrame& f) const {
    fill(*to.mutable_tail_request()->mutable_after(), f.after);
  }

  void operator()(const ChainQueryFrame& f) const {
    to.mutable_chain_query()->mutable_sequences()->Add(f.sequences.begin(), f.sequences.end());
  }

  void operator()(const ChainAnswerFrame& f) const {
    v1::ChainAnswer& m = *to.mutable_chain_answer();
    for (const auto& [sequence, chain] : f.chains) {
      m.add_sequences(sequence);
      m.add_chains(chain ? to_bytes(*chain) : std::string());
    }
  }

  void operator()(const ForwardedRequestFrame& f) const {
    v1::ForwardedRequest& m = *to.mutable_forwarded_request();
    m.set_id(f.id);
    m.set_message(to_bytes(f.message));
    m.set_from(frame_text(f.from));
  }

  void operator()(const ForwardedReplyFrame& f) const {
    to.mutable_forwarded_reply()->set_id(f.id);
    to.mutable_forwarded_reply()->set_message(to_bytes(f.message));
  }

  void operator()(const HandOverRequestFrame& f) const {
    to.mutable_hand_over_request()->set_gives_up(f.gives_up);
  }

  void operator()(const HandOverReplyFrame& f) const {
    to.mutable_hand_over_reply()->set_refusal(frame_text(f.refusal));
    fill(*to.mutable_hand_over_reply()->mutable_position(), f.position);
  }

  void operator()(const OrphanRequestFrame& f) const {
    v1::OrphanRequest& m = *to.mutable_orphan_request();
    m.set_entry(to_bytes(f.entry));
    m.set_wish(to_bytes(f.wish));
    m.set_is_forced(f.is_forced);
  }

  void operator()(const OrphanReplyFrame& f) const {
    v1::OrphanReply& m = *to.mutable_orphan_reply();
    m.set_refusal(frame_text(f.refusal));
    m.set_is_conflict(f.is_conflict);
    m.set_changed(f.changed);
    m.set_sequence(f.sequence);
  }

  void operator()(const JoinOfferFrame& f) const {
    to.mutable_join_offer()->set_nonce(to_bytes(f.nonce));
  }

  void operator()(const JoinAnswerFrame& f) const {
    to.mutable_join_answer()->set_nonce(to_bytes(f.nonce));
    to.mutable_join_answer()->set_proof(to_bytes(f.proof));
  }

  void operator()(const JoinGrantFrame& f) const {
    to.mutable_join_grant()->set_proof(to_bytes(f.proof));
  }

  void operator()(const KeysFrame& f) const {
    for (const KeyPin& pin : f.pins) {
      to.mutable_keys()->add_pins(to_bytes(pin.digest));
    }
  }

  void operator()(const KeysTakenFrame& f) const {
    for (const KeyPin& pin : f.pins) {
      to.mutable_keys_taken()->add_pins(to_bytes(pin.digest));
    }
  }

  void operator()(const ByeFrame& f) const { to.mutable_bye()->set_reason(frame_text(f.reason)); }
};

}  // namespace

Octets encode_frame(const Frame& frame) {
  v1::Frame message;
  std::visit(FillFrame{message}, frame);
  const std::size_t octets = message.ByteSizeLong();
  CHECK(octets <= INT_MAX);
  Octets out(octets);
  CHECK(message.SerializeToArray(out.data(), static_cast<int>(octets)));
  return out;
}

}  // namespace tandem
