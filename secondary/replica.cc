#include "secondary/replica.h"

#include <utility>

#include "common/base/failpoint.h"
#include "common/base/logging.h"
#include "common/replication/link_stream.h"

namespace tandem {
namespace {

/// Frames that ask for what this node has, for a leader that lost it or lets it stay.
bool asks_for_ours(const Frame& frame) noexcept {
  return std::holds_alternative<TailRequestFrame>(frame) ||
         std::holds_alternative<ChainQueryFrame>(frame) ||
         std::holds_alternative<NeedImagesFrame>(frame) ||
         std::holds_alternative<ImageWantFrame>(frame);
}

/// What takes long: a zone or a copy of everything is installed, or made.
bool is_heavy(const Frame& frame) {
  if (const auto* const entries = std::get_if<EntriesFrame>(&frame)) {
    return replaces_zones(*entries);
  }
  return std::holds_alternative<CutEndFrame>(frame) ||
         std::holds_alternative<NeedImagesFrame>(frame) ||
         std::holds_alternative<TailRequestFrame>(frame);
}

}  // namespace

Replica::Replica(ReplicatedLog& log, const SecretSealer& sealer, LinkHub& hub, Options options)
    : log_(log),
      sealer_(sealer),
      hub_(hub),
      options_(std::move(options)),
      receiver_(log, sealer),
      applier_(log, receiver_),
      worker_(options_.pace),
      strand_(std::make_shared<Strand>(worker_)) {}

Replica::~Replica() {
  stop();
}

void Replica::stop() {
  worker_.stop();
}

void Replica::on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) {
  strand_->run([this, peer, protocol = hello.protocol_max] {
    end_asking("the leader came with another connection");
    leader_ = peer;
    leader_protocol_ = protocol;
    if (options_.on_leader) {
      options_.on_leader(peer);
    }
    waits_for_cut_ = false;
    is_filling_ = false;
    receiver_.abandon();
    stop_giving();
  });
}

void Replica::recover() {
  if (!log_.is_broken()) {
    return;
  }
  strand_->run(
      [this] {
        if (log_.is_broken() && log_.recover() && leader_ != nullptr) {
          leave(leader_, "the store was opened anew");  // the next greeting says where this node is
        }
      },
      Strand::Weight::kHeavy);
}

void Replica::forget_leader() {
  end_asking("the link to the leader is gone");
  leader_.reset();
  is_filling_ = false;
  if (options_.on_leader) {
    options_.on_leader(nullptr);
  }
  receiver_.abandon();
  stop_giving();
}

void Replica::stop_giving() {
  giving_.reset();
  tail_.reset();
}

void Replica::on_gone(const std::shared_ptr<LinkPeer>& peer) {
  strand_->run([this, peer] {
    if (leader_ == peer) {
      forget_leader();
    }
  });
}

void Replica::on_writable(const std::shared_ptr<LinkPeer>& peer) {
  strand_->run([this, peer] {
    if (giving_ == nullptr || leader_ != peer) {
      return;
    }
    if (const auto sent = pump_given(*peer); !sent) {
      peer->close(sent.error().detail);
    }
  });
}

void Replica::on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) {
  // Changes come in while a cut is being installed; what is too much comes again afterwards.
  if (strand_->waiting_octets() > kMaxQueuedOctets) {
    peer->close("more came than this node keeps while it installs images");
    return;
  }
  const Strand::Weight weight = is_heavy(frame) ? Strand::Weight::kHeavy : Strand::Weight::kLight;
  const std::size_t octets = octets_of(frame);
  const auto shared = std::make_shared<Frame>(std::move(frame));
  strand_->run([this, peer, shared] { take_or_say_why(peer, std::move(*shared)); }, weight, octets);
}

void Replica::take_or_say_why(const std::shared_ptr<LinkPeer>& peer, Frame frame) {
  if (leader_ != peer) {
    return;
  }
  if (const auto taken = take(peer, frame); !taken) {
    refuse(peer, frame, taken.error());
  }
}

/// Ends the stream: what is on its way there already was sent to a node in another state, and is
/// not looked at.
void Replica::leave(const std::shared_ptr<LinkPeer>& peer, std::string_view why) {
  peer->close(why);
  forget_leader();
}

void Replica::refuse(const std::shared_ptr<LinkPeer>& peer, const Frame& frame,
                     const Error& error) {
  if (asks_for_ours(frame)) {
    log_error("cannot give what the leader asks for reason=\"{}\"", error.detail);
    leave(peer, error.detail);
    return;
  }
  log_error("cannot take what the leader sent reason=\"{}\"", error.detail);
  if (log_.is_broken() && log_.recover()) {
    leave(peer, "the store was opened anew");  // the next greeting says where this node is
    return;
  }
  if (!is_history_mismatch(error) || receiver_.in_cut()) {
    options_.on_alarm(error.detail);
    has_alarm_ = true;
    leave(peer, error.detail);
    return;
  }
  if (const auto* const entries = std::get_if<EntriesFrame>(&frame);
      entries != nullptr && entries->after != log_.entries().head() && is_ours(entries->after)) {
    leave(peer, "this node's position is another one by now");  // the next greeting tells it
    return;
  }
  options_.on_alarm(fmt::format("{}; asking for images", error.detail));
  has_alarm_ = true;
  waits_for_cut_ = true;
  hub_.note_detail(peer, "waits for images");
  peer->send(NeedImagesFrame{error.detail, 0});
}

Status Replica::take(const std::shared_ptr<LinkPeer>& peer, Frame& frame) {
  if (const auto* const entries = std::get_if<EntriesFrame>(&frame)) {
    return take_entries(*entries, *peer);
  }
  if (auto* const begin = std::get_if<CutBeginFrame>(&frame)) {
    waits_for_cut_ = false;
    is_filling_ = true;
    receiver_.begin(std::move(*begin));
    return {};
  }
  if (const auto* const offer = std::get_if<ImageOfferFrame>(&frame)) {
    return receiver_.on_offer(*offer, *peer);
  }
  if (const auto* const chunk = std::get_if<ImageChunkFrame>(&frame)) {
    return receiver_.on_chunk(*chunk);
  }
  if (auto* const secret = std::get_if<SecretFrame>(&frame)) {
    return receiver_.on_secret(std::move(*secret));
  }
  if (std::holds_alternative<CutEndFrame>(frame)) {
    return take_cut_end(*peer);
  }
  if (const auto* const heartbeat = std::get_if<HeartbeatFrame>(&frame)) {
    note_heartbeat(*heartbeat);
    return {};
  }
  if (const auto* const reply = std::get_if<ForwardedReplyFrame>(&frame)) {
    if (options_.on_reply) {
      options_.on_reply(*reply);
    }
    return {};
  }
  if (const auto* const handed = std::get_if<HandOverReplyFrame>(&frame)) {
    take_hand_over(*handed);
    return {};
  }
  if (const auto* const orphan = std::get_if<OrphanReplyFrame>(&frame)) {
    take_orphan(*orphan);
    return {};
  }
  if (const auto* const tail = std::get_if<TailRequestFrame>(&frame)) {
    return give_tail(*tail, peer);
  }
  if (const auto* const query = std::get_if<ChainQueryFrame>(&frame)) {
    return answer_chain(*query, *peer);
  }
  if (const auto* const need = std::get_if<NeedImagesFrame>(&frame)) {
    stop_giving();
    giving_ = std::make_unique<CutSender>(log_, sealer_, peer);
    return giving_->begin(options_.cluster(), need->common_sequence);
  }
  if (const auto* const want = std::get_if<ImageWantFrame>(&frame); want != nullptr && giving_) {
    giving_->on_want(*want);
    return pump_given(*peer);
  }
  return {};
}

/// Whether our log stood there, or may have, before the images that it begins with: then the leader
/// sent what we have already.
bool Replica::is_ours(const Position& position) const {
  if (position.sequence + 1 < log_.entries().first_sequence()) {
    return true;
  }
  const auto chain = log_.entries().chain_at(position.sequence);
  return chain && *chain == position.chain;
}

/// What came is durable and answered.
void Replica::acknowledge(LinkPeer& peer) {
  const Position head = log_.entries().head();
  peer.send(AckFrame{head});
  failpoint("acknowledged");
  hub_.note_position(leader_, head);  // it is there, at the least
  const bool was_apart = std::exchange(is_apart_, false);
  if (std::exchange(has_alarm_, false) || was_apart) {
    options_.on_alarm("");
  }
  options_.on_contact();
  look_at_hand_over();
}

Status Replica::take_entries(const EntriesFrame& frame, LinkPeer& peer) {
  if (waits_for_cut_) {
    return {};  // sent before the leader knew that images are wanted
  }
  TRYV(applier_.apply(frame));
  receiver_.settle();
  acknowledge(peer);
  return {};
}

Status Replica::take_cut_end(LinkPeer& peer) {
  if (!receiver_.in_cut()) {
    return fail(Errc::kCorrupt, "the end of a cut came without its begin");
  }
  WriteBatch with;
  const ClusterId cluster = receiver_.cluster();
  options_.keep_cluster(cluster, with);
  TRYV(receiver_.finish(std::move(with)));
  is_filling_ = false;
  options_.on_cluster(cluster);
  acknowledge(peer);
  return {};
}

/// Contact counts only when this node is where the leader is, or on the way there without error: an
/// alarm does not.
void Replica::note_heartbeat(const HeartbeatFrame& heartbeat) {
  const bool in_step = log_.entries().head() == heartbeat.position;
  // A write that failed may have been made all the same, and nothing more comes that shows it.
  const bool has_it_all = in_step && !waits_for_cut_ && !log_.is_broken();
  if (has_it_all && std::exchange(has_alarm_, false)) {
    options_.on_alarm("");
  }
  if (!heartbeat.alarm.empty()) {
    is_apart_ = true;
    options_.on_alarm(heartbeat.alarm);
  } else if (in_step && std::exchange(is_apart_, false)) {
    options_.on_alarm("");
  }
  if (!has_alarm_ && !is_apart_ && (in_step || receiver_.in_cut())) {
    options_.on_contact();
  }
  if (!has_alarm_ && in_step) {
    options_.on_in_step();
  }
  if (options_.on_zones_left) {
    options_.on_zones_left(heartbeat.zones_left);
  }
}

void Replica::ask_hand_over(std::function<void(Status)> done) {
  strand_->run([this, done = std::move(done)]() mutable {
    if (leader_ == nullptr || leader_protocol_ < kProtocolOfHandOver) {
      done(leader_ == nullptr ? fail(Errc::kUnavailable, "no leader is connected")
                              : fail(Errc::kConflict,
                                     "the leader's version cannot hand over: upgrade it, or stop "
                                     "it and promote this node then"));
      return;
    }
    hand_over_at_.reset();
    on_hand_over_ = std::move(done);
    leader_->send(HandOverRequestFrame{});
  });
}

void Replica::give_up_hand_over() {
  strand_->run([this] {
    on_hand_over_ = nullptr;
    if (leader_ != nullptr && leader_protocol_ >= kProtocolOfHandOver) {
      leader_->send(HandOverRequestFrame{.gives_up = true});
    }
  });
}

void Replica::take_hand_over(const HandOverReplyFrame& reply) {
  if (!reply.refusal.empty()) {
    end_hand_over(fail(Errc::kConflict, "the leader does not hand over: {}", reply.refusal));
    return;
  }
  hand_over_at_ = reply.position;
  look_at_hand_over();
}

void Replica::look_at_hand_over() {
  if (hand_over_at_ && log_.entries().head() == *hand_over_at_) {
    end_hand_over({});
  }
}

void Replica::end_hand_over(Status outcome) {
  hand_over_at_.reset();
  if (const auto done = std::exchange(on_hand_over_, nullptr); done) {
    done(std::move(outcome));
  }
}

Status Replica::give_tail(const TailRequestFrame& request, const std::shared_ptr<LinkPeer>& peer) {
  const auto chain = TRY(log_.entries().chain_at(request.after.sequence));
  if (!chain || *chain != request.after.chain) {
    peer->send(ByeFrame{"that position is not on this node's history"});
    return {};
  }
  // The images and secrets that the entries name go first, as they do to a follower.
  giving_ = std::make_unique<CutSender>(log_, sealer_, peer);
  std::uint64_t after = request.after.sequence;
  while (true) {
    const std::vector<EncodedEntry> entries = TRY(log_.entries().read_after(after, kLinkFrameGoal));
    if (entries.empty()) {
      break;
    }
    for (const EncodedEntry& entry : entries) {
      TRYV(giving_->prepare(entry));
    }
    after = entries.back().sequence;
  }
  tail_ = request.after;
  return pump_given(*peer);
}

/// Sends what the leader takes from this node as far as the queue allows.
Status Replica::pump_given(LinkPeer& peer) {
  TRYV(giving_->pump());
  while (tail_ && giving_->is_done() && peer.queued_octets() < kLinkQueueGoal) {
    const std::vector<EncodedEntry> entries =
        TRY(log_.entries().read_after(tail_->sequence, kLinkFrameGoal));
    if (entries.empty()) {
      tail_.reset();
      break;
    }
    peer.send(entries_frame(*tail_, entries));
  }
  return {};
}

Status Replica::answer_chain(const ChainQueryFrame& query, LinkPeer& peer) {
  ChainAnswerFrame answer;
  for (const std::uint64_t sequence : query.sequences) {
    answer.chains.emplace_back(sequence, TRY(log_.entries().chain_at(sequence)));
  }
  peer.send(Frame(std::move(answer)));
  return {};
}

}  // namespace tandem
