#include "primary/pusher.h"

#include <algorithm>
#include <utility>

#include "common/base/logging.h"

namespace tandem {
namespace {

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

std::vector<Pusher::SessionPtr> Pusher::sessions() const {
  const std::lock_guard lock(mutex_);
  std::vector<SessionPtr> sessions;
  for (const auto& [key, session] : sessions_) {
    sessions.push_back(session);
  }
  return sessions;
}

void Pusher::on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) {
  auto session = std::make_shared<Session>(log_, sealer_, peer);
  session->node = hello.node;
  session->hello = hello;
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
      end_doubt_unless_one_gives();
      forget_choice_without_fork();
      session.mode = Mode::kStreaming;
      session.next = session.hello.position;
      pump(session);
      return;
    case Relation::kNeedsImages:
      end_doubt_unless_one_gives();
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
        if (!may_give(session)) {
          return;
        }
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

void Pusher::start_cut(Session& session, std::uint64_t fork) {
  session.mode = Mode::kCut;
  if (const auto begun = session.images.begin(options_.cluster, fork); !begun) {
    fail_session(session, begun.error());
    return;
  }
  session.next = session.images.position();
  session.prepared = session.next.sequence;
  log_info("sending images peer={} sequence={}", session.node.to_text(), session.next.sequence);
}

void Pusher::on_commit() {
  for (const SessionPtr& session : sessions()) {
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
  while (session.peer->queued_octets() < kLinkQueueGoal && session.images.is_done() &&
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
      TRY(log_.entries().read_after(session.next.sequence, kLinkFrameGoal));
  if (entries.empty()) {
    return {};
  }
  // Entries may have joined those that waited for their images when this was called last.
  for (const EncodedEntry& entry : entries) {
    if (entry.sequence <= session.prepared) {
      continue;
    }
    TRYV(session.images.prepare(entry));
    session.prepared = entry.sequence;
  }
  if (!session.images.is_done()) {
    return {};
  }
  session.peer->send(entries_frame(session.next, entries));
  return {};
}

void Pusher::on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) {
  const SessionPtr session = session_of(peer);
  if (session == nullptr) {
    return;
  }
  std::unique_lock lock(session->mutex);
  if (const auto* const ack = std::get_if<AckFrame>(&frame)) {
    note_ack(*session, ack->position);
  } else if (const auto* const want = std::get_if<ImageWantFrame>(&frame)) {
    session->images.on_want(*want);
    pump(*session);
  } else if (const auto* const need = std::get_if<NeedImagesFrame>(&frame)) {
    log_error("follower asks for images peer={} reason=\"{}\"", session->node.to_text(),
              need->reason);
    if (session->mode == Mode::kStreaming || session->mode == Mode::kCut) {
      start_cut(*session, 0);
    } else {
      peer->close("images are for followers that follow");
    }
  } else if (session->mode == Mode::kTakingCut) {
    take_cut(session, std::move(frame), lock);
  } else if (const auto* const entries = std::get_if<EntriesFrame>(&frame)) {
    take_tail(*session, *entries, lock);
  } else if (const auto* const answer = std::get_if<ChainAnswerFrame>(&frame)) {
    if (session->mode == Mode::kFindingFork) {
      narrow_fork(*session, *answer);
    }
  } else if (std::get_if<HeartbeatFrame>(&frame) != nullptr) {
    const std::lock_guard holds(mutex_);
    holds_[session->node].last_seen = log_.clock().monotonic();
  } else if (session->mode == Mode::kTakingTail) {
    if (const auto taken = take_images_frame(*session, std::move(frame)); !taken) {
      fail_session(*session, taken.error());
    }
  }
}

void Pusher::note_ack(Session& session, const Position& position) {
  hub_.note_position(session.peer, position);
  const std::lock_guard lock(mutex_);
  holds_[session.node] = {position.sequence, log_.clock().monotonic()};
  if (session.choice == Keep::kOurs && session.images.is_done()) {
    session.choice.reset();
    choices_.erase(session.node);
    keep_.reset();  // the fork is gone; the next one is for the operator to judge again
    has_fork_ = !choices_.empty();
  }
}

void Pusher::on_writable(const std::shared_ptr<LinkPeer>& peer) {
  if (const SessionPtr session = session_of(peer); session != nullptr) {
    const std::lock_guard lock(session->mutex);
    pump(*session);
  }
}

void Pusher::on_gone(const std::shared_ptr<LinkPeer>& peer) {
  bool others_wait = false;
  {
    const std::lock_guard lock(mutex_);
    sessions_.erase(peer.get());
    if (giver_ == peer.get()) {
      receiver_.abandon();
      giver_ = nullptr;
      others_wait = std::exchange(has_waiting_, false);
    }
  }
  if (others_wait) {
    hub_.reconnect_all("another follower may give back now");
  }
}

void Pusher::fail_session(Session& session, const Error& error) {
  session.mode = Mode::kIdle;
  log_error("cannot serve a follower peer={} reason=\"{}\"", session.node.to_text(), error.detail);
  session.peer->close(error.detail);
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
