#include "primary/pusher.h"

#include <algorithm>

#include "common/base/logging.h"

namespace tandem {
namespace {

constexpr std::size_t kFrameGoal = 1 << 20;   // entries per frame, about
constexpr std::size_t kQueueGoal = 4 << 20;   // octets on their way to one follower
constexpr std::chrono::hours kHoldFor{24 * 7};

}  // namespace

Pusher::Pusher(ReplicatedLog& log, const SecretSealer& sealer, LinkHub& hub, Options options)
    : log_(log),
      sealer_(sealer),
      hub_(hub),
      options_(std::move(options)),
      receiver_(log, sealer),
      applier_(log, receiver_),
      is_doubtful_(options_.is_doubtful) {}

History Pusher::our_history() const {
  History history;
  history.position = log_.entries().head();
  history.first_sequence = log_.entries().first_sequence();
  history.epochs = log_.entries().epochs();
  history.chain_at = [this](std::uint64_t sequence) -> std::optional<Digest256> {
    const auto chain = log_.entries().chain_at(sequence);
    return chain ? *chain : std::nullopt;
  };
  return history;
}

Pusher::SessionPtr Pusher::session_of(const std::shared_ptr<LinkPeer>& peer) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(peer.get());
  return found != sessions_.end() ? found->second : nullptr;
}

void Pusher::on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) {
  auto session = std::make_shared<Session>(log_, sealer_, peer);
  session->node = hello.node;
  session->hello = hello;
  session->acked = hello.position;
  {
    const std::lock_guard lock(mutex_);
    sessions_[peer.get()] = session;
    holds_[hello.node] = {hello.position.sequence, log_.clock().monotonic()};
  }
  const std::lock_guard lock(session->mutex);
  start(*session, relation_of(our_history(), hello));
}

void Pusher::start(Session& session, Relation relation) {
  switch (relation) {
    case Relation::kCanFollow:
      end_doubt();
      session.mode = Mode::kStreaming;
      session.next = session.hello.position;
      pump(session);
      return;
    case Relation::kNeedsImages:
      end_doubt();
      start_cut(session, 0);
      return;
    case Relation::kPeerGivesWay: {
      const Position head = log_.entries().head();
      start_cut(session, common_sequence(log_.entries().epochs(), head.sequence,
                                         session.hello.epochs, session.hello.position.sequence));
      return;
    }
    case Relation::kPeerAhead:
      if (is_doubtful()) {
        log_warn("taking back entries from a follower that has more peer={} here={} there={}",
                 session.node.to_text(), log_.entries().head().sequence,
                 session.hello.position.sequence);
        session.mode = Mode::kTakingTail;
        session.peer->send(TailRequestFrame{log_.entries().head()});
        return;
      }
      diverged(session);
      return;
    case Relation::kWeGiveWay:
      session.mode = Mode::kIdle;
      options_.on_diverged(
          fmt::format("the node {} knows a newer epoch: it was promoted while this node was away",
                      session.node.to_text()));
      session.peer->send(ByeFrame{"this node leads an older epoch"});
      return;
    case Relation::kDiverged:
      diverged(session);
      return;
  }
}

void Pusher::diverged(Session& session) {
  std::optional<Keep> keep;
  {
    const std::lock_guard lock(mutex_);
    keep = keep_;
  }
  if (!keep) {
    session.mode = Mode::kIdle;
    hub_.note_detail(session.peer, "diverged");
    options_.on_diverged(fmt::format(
        "the node {} has another history in the same epoch (a disk or a machine was put back?): "
        "`tandemctl link keep this` keeps this node's data, `tandemctl link keep peer` the other's",
        session.node.to_text()));
    return;
  }
  // Where do they part? The chain digests tell, by halves.
  session.mode = Mode::kFindingFork;
  session.fork_low = 0;
  session.fork_high =
      std::min(log_.entries().head().sequence, session.hello.position.sequence) + 1;
  narrow_fork(session, {});
}

void Pusher::narrow_fork(Session& session, const ChainAnswerFrame& answer) {
  for (const auto& [sequence, theirs] : answer.chains) {
    const auto ours = log_.entries().chain_at(sequence);
    const bool same = ours && *ours && theirs && **ours == *theirs;
    (same ? session.fork_low : session.fork_high) = sequence;
  }
  if (session.fork_high - session.fork_low <= 1) {
    bool keep_ours = false;
    {
      const std::lock_guard lock(mutex_);
      keep_ours = keep_ == Keep::kOurs;
    }
    if (keep_ours) {
      start_cut(session, session.fork_low);
      return;
    }
    session.mode = Mode::kTakingCut;
    session.peer->send(NeedImagesFrame{"the operator chose this history", session.fork_low});
    return;
  }
  const std::uint64_t middle = session.fork_low + (session.fork_high - session.fork_low) / 2;
  session.peer->send(ChainQueryFrame{{middle}});
}

void Pusher::start_cut(Session& session, std::uint64_t fork) {
  session.mode = Mode::kCut;
  if (const auto begun = session.images.begin(options_.cluster, fork); !begun) {
    fail_session(session, begun.error());
    return;
  }
  session.next = session.images.position();
  log_info("sending images peer={} sequence={}", session.node.to_text(), session.next.sequence);
}

void Pusher::on_commit() {
  std::vector<SessionPtr> sessions;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, session] : sessions_) {
      sessions.push_back(session);
    }
  }
  for (const SessionPtr& session : sessions) {
    const std::lock_guard lock(session->mutex);
    pump(*session);
  }
}

void Pusher::pump(Session& session) {
  if (session.mode != Mode::kStreaming && session.mode != Mode::kCut) {
    return;
  }
  if (const auto sent = session.images.pump(); !sent) {
    fail_session(session, sent.error());
    return;
  }
  if (!session.images.is_done()) {
    return;
  }
  session.mode = Mode::kStreaming;
  while (session.peer->queued_octets() < kQueueGoal && session.images.is_done() &&
         session.next.sequence < log_.table().position().sequence) {
    if (const auto sent = send_entries(session); !sent) {
      fail_session(session, sent.error());
      return;
    }
  }
}

/// Sends the next frame of entries, or the images and secrets that they need first.
Status Pusher::send_entries(Session& session) {
  const std::vector<EncodedEntry> entries =
      TRY(log_.entries().read_after(session.next.sequence, kFrameGoal));
  if (entries.empty()) {
    return {};
  }
  if (!session.waits_for_images) {
    for (const EncodedEntry& entry : entries) {
      for (const SecretId& secret : entry.secrets) {
        TRYV(session.images.send_secret(secret));
      }
      for (const auto& [zone, image] : entry.images) {
        session.images.offer(zone, image);
      }
    }
    session.waits_for_images = !session.images.is_done();
    if (session.waits_for_images) {
      return {};
    }
  }
  session.waits_for_images = false;
  EntriesFrame frame{session.next, {}};
  for (const EncodedEntry& entry : entries) {
    frame.entries.push_back(entry.octets);
    if (entry.starts_epoch) {
      session.next.epoch = *entry.starts_epoch;
    }
    session.next.sequence = entry.sequence;
    session.next.chain = entry.chain;
  }
  session.peer->send(Frame(std::move(frame)));
  return {};
}

void Pusher::on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) {
  const SessionPtr session = session_of(peer);
  if (session == nullptr) {
    return;
  }
  const std::lock_guard lock(session->mutex);
  if (const auto* const ack = std::get_if<AckFrame>(&frame)) {
    session->acked = ack->position;
    hub_.note_position(peer, ack->position);
    const std::lock_guard holds(mutex_);
    holds_[session->node] = {ack->position.sequence, log_.clock().monotonic()};
  } else if (const auto* const want = std::get_if<ImageWantFrame>(&frame)) {
    session->images.on_want(*want);
    pump(*session);
  } else if (const auto* const need = std::get_if<NeedImagesFrame>(&frame)) {
    log_error("follower asks for images peer={} reason=\"{}\"", session->node.to_text(),
              need->reason);
    start_cut(*session, 0);
  } else if (session->mode == Mode::kTakingCut) {
    take_cut(*session, std::move(frame));
  } else if (const auto* const entries = std::get_if<EntriesFrame>(&frame)) {
    take_tail(*session, *entries);
  } else if (const auto* const answer = std::get_if<ChainAnswerFrame>(&frame)) {
    if (session->mode == Mode::kFindingFork) {
      narrow_fork(*session, *answer);
    }
  } else if (std::get_if<HeartbeatFrame>(&frame) != nullptr) {
    const std::lock_guard holds(mutex_);
    holds_[session->node].last_seen = log_.clock().monotonic();
  }
}

/// A doubtful leader has no changes of its own in the making, so applying here does not meet the writer.
void Pusher::take_tail(Session& session, const EntriesFrame& frame) {
  if (session.mode != Mode::kTakingTail) {
    return;
  }
  if (const auto applied = applier_.apply(frame); !applied) {
    log_error("entries from a follower do not follow ours peer={} reason=\"{}\"",
              session.node.to_text(), applied.error().detail);
    diverged(session);
    return;
  }
  if (log_.entries().head().sequence >= session.hello.position.sequence) {
    end_doubt();
    session.mode = Mode::kStreaming;
    session.next = log_.entries().head();
    pump(session);
  }
}

void Pusher::take_cut(Session& session, Frame frame) {
  const bool is_end = std::holds_alternative<CutEndFrame>(frame);
  if (const auto taken = take_cut_frame(session, std::move(frame)); !taken) {
    fail_session(session, taken.error());
    return;
  }
  if (is_end) {
    end_doubt();
    session.mode = Mode::kStreaming;
    session.next = log_.entries().head();
    options_.on_doubt_ended();
    pump(session);
  }
}

Status Pusher::take_cut_frame(Session& session, Frame frame) {
  if (auto* const begin = std::get_if<CutBeginFrame>(&frame)) {
    receiver_.begin(std::move(*begin));
  } else if (const auto* const offer = std::get_if<ImageOfferFrame>(&frame)) {
    return receiver_.on_offer(*offer, *session.peer);
  } else if (const auto* const chunk = std::get_if<ImageChunkFrame>(&frame)) {
    return receiver_.on_chunk(*chunk);
  } else if (auto* const secret = std::get_if<SecretFrame>(&frame)) {
    receiver_.on_secret(std::move(*secret));
  } else if (std::holds_alternative<CutEndFrame>(frame) && receiver_.in_cut()) {
    return receiver_.finish({});
  }
  return {};
}

void Pusher::on_writable(const std::shared_ptr<LinkPeer>& peer) {
  if (const SessionPtr session = session_of(peer); session != nullptr) {
    const std::lock_guard lock(session->mutex);
    pump(*session);
  }
}

void Pusher::on_gone(const std::shared_ptr<LinkPeer>& peer) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(peer.get());
}

void Pusher::fail_session(Session& session, const Error& error) {
  session.mode = Mode::kIdle;
  log_error("cannot serve a follower peer={} reason=\"{}\"", session.node.to_text(), error.detail);
  session.peer->close(error.detail);
}

bool Pusher::is_doubtful() const {
  const std::lock_guard lock(mutex_);
  return is_doubtful_;
}

void Pusher::end_doubt() {
  {
    const std::lock_guard lock(mutex_);
    if (!is_doubtful_) {
      return;
    }
    is_doubtful_ = false;
  }
  options_.on_doubt_ended();
}

void Pusher::keep(Keep whose) {
  if (whose == Keep::kOurs) {
    end_doubt();
  }
  {
    const std::lock_guard lock(mutex_);
    keep_ = whose;
  }
  hub_.reconnect_all("the operator chose which history stays");
}

std::uint64_t Pusher::trim_limit() const {
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = log_.clock().monotonic();
  std::uint64_t limit = log_.table().position().sequence;
  for (const auto& [node, hold] : holds_) {
    if (now - hold.last_seen < kHoldFor) {
      limit = std::min(limit, hold.acked);
    }
  }
  return limit;
}

}  // namespace tandem
