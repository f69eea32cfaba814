#include "secondary/replica.h"

#include "common/base/logging.h"

namespace tandem {
namespace {

constexpr std::size_t kTailOctets = 1 << 20;

/// The log is the leader's, and what came of it is not: only images settle that.
bool is_mismatch(const Error& error) noexcept {
  return error.code == Errc::kCorrupt || error.code == Errc::kConflict ||
         error.code == Errc::kInvalid;
}

}  // namespace

Replica::Replica(ReplicatedLog& log, const SecretSealer& sealer, LinkHub& hub, Options options)
    : log_(log),
      sealer_(sealer),
      hub_(hub),
      options_(std::move(options)),
      receiver_(log, sealer),
      applier_(log, receiver_) {}

void Replica::on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& /*hello*/) {
  const std::lock_guard lock(mutex_);
  leader_ = peer;
  receiver_.abandon();
  giving_.reset();
}

void Replica::on_gone(const std::shared_ptr<LinkPeer>& peer) {
  const std::lock_guard lock(mutex_);
  if (leader_ == peer) {
    leader_.reset();
    receiver_.abandon();
    giving_.reset();
  }
}

void Replica::on_writable(const std::shared_ptr<LinkPeer>& peer) {
  const std::lock_guard lock(mutex_);
  if (giving_ != nullptr && leader_ == peer) {
    if (const auto sent = giving_->pump(); !sent) {
      peer->close(sent.error().detail);
    }
  }
}

void Replica::on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) {
  const std::lock_guard lock(mutex_);
  if (leader_ != peer) {
    return;
  }
  const auto taken = take(peer, frame);
  if (taken) {
    return;
  }
  const Error& error = taken.error();
  log_error("cannot take what the leader sent reason=\"{}\"", error.detail);
  if (log_.is_broken() && log_.recover()) {
    peer->close("the store was opened anew");  // the next greeting says where this node is
    return;
  }
  if (!is_mismatch(error) || receiver_.in_cut() || error.code == Errc::kRefused) {
    options_.on_alarm(error.detail);
    has_alarm_ = true;
    peer->close(error.detail);
    return;
  }
  options_.on_alarm(fmt::format("{}; asking for images", error.detail));
  has_alarm_ = true;
  hub_.note_detail(peer, "waits for images");
  peer->send(NeedImagesFrame{error.detail, 0});
}

Status Replica::take(const std::shared_ptr<LinkPeer>& peer, Frame& frame) {
  if (const auto* const entries = std::get_if<EntriesFrame>(&frame)) {
    return take_entries(*entries, *peer);
  }
  if (auto* const begin = std::get_if<CutBeginFrame>(&frame)) {
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
    receiver_.on_secret(std::move(*secret));
    return {};
  }
  if (std::holds_alternative<CutEndFrame>(frame)) {
    return take_cut_end(*peer);
  }
  if (const auto* const heartbeat = std::get_if<HeartbeatFrame>(&frame)) {
    note_contact(heartbeat->position);
    return {};
  }
  if (const auto* const tail = std::get_if<TailRequestFrame>(&frame)) {
    return give_tail(*tail, *peer);
  }
  if (const auto* const query = std::get_if<ChainQueryFrame>(&frame)) {
    return answer_chain(*query, *peer);
  }
  if (const auto* const need = std::get_if<NeedImagesFrame>(&frame)) {
    giving_ = std::make_unique<CutSender>(log_, sealer_, peer);
    return giving_->begin(options_.cluster(), need->common_sequence);
  }
  if (const auto* const want = std::get_if<ImageWantFrame>(&frame); want != nullptr && giving_) {
    giving_->on_want(*want);
    return giving_->pump();
  }
  return {};
}

Status Replica::take_entries(const EntriesFrame& frame, LinkPeer& peer) {
  TRYV(applier_.apply(frame));
  peer.send(AckFrame{log_.entries().head()});
  if (has_alarm_) {
    has_alarm_ = false;
    options_.on_alarm("");
  }
  options_.on_contact();
  return {};
}

Status Replica::take_cut_end(LinkPeer& peer) {
  if (!receiver_.in_cut()) {
    return fail(Errc::kCorrupt, "the end of a cut came without its begin");
  }
  WriteBatch with;
  options_.on_cluster(receiver_.cluster(), with);
  TRYV(receiver_.finish(std::move(with)));
  peer.send(AckFrame{log_.entries().head()});
  if (has_alarm_) {
    has_alarm_ = false;
    options_.on_alarm("");
  }
  options_.on_contact();
  return {};
}

/// Contact counts only when this node is where the leader is, or on the way there without error: an alarm does not.
void Replica::note_contact(const Position& leader) {
  const bool in_step = log_.entries().head() == leader;
  if (!has_alarm_ && (in_step || receiver_.in_cut())) {
    options_.on_contact();
  }
}

Status Replica::give_tail(const TailRequestFrame& request, LinkPeer& peer) {
  const auto chain = TRY(log_.entries().chain_at(request.after.sequence));
  if (!chain || *chain != request.after.chain) {
    peer.send(ByeFrame{"that position is not on this node's history"});
    return {};
  }
  Position after = request.after;
  while (true) {
    const std::vector<EncodedEntry> entries =
        TRY(log_.entries().read_after(after.sequence, kTailOctets));
    if (entries.empty()) {
      return {};
    }
    EntriesFrame frame{after, {}};
    for (const EncodedEntry& entry : entries) {
      frame.entries.push_back(entry.octets);
      if (entry.starts_epoch) {
        after.epoch = *entry.starts_epoch;
      }
      after.sequence = entry.sequence;
      after.chain = entry.chain;
    }
    peer.send(Frame(std::move(frame)));
  }
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
