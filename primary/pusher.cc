#include "primary/pusher.h"

#include <algorithm>
#include <utility>

#include "common/base/logging.h"
#include "common/replication/link_stream.h"

namespace tandem {

Pusher::Pusher(ReplicatedLog& log, const SecretSealer& sealer, LinkHub& hub, Options options)
    : log_(log),
      sealer_(sealer),
      hub_(hub),
      options_(std::move(options)),
      members_(log, options_.hold_octets),
      receiver_(log, sealer),
      applier_(log, receiver_),
      is_doubtful_(options_.is_doubtful || members_.prove_loss()),
      worker_(options_.pace) {
  for (const Members::Member& member : members_.all()) {
    hub_.remember(member.node, false, member.acked, member.last_seen, member.change_kinds);
  }
  const std::optional<Octets> kept =
      log.store().get(Family::kMeta, as_octets(kDivergedKey)).value_or(std::nullopt);
  if (kept) {
    diverged_ = as_text(*kept);
    has_fork_ = true;
  }
}

Pusher::~Pusher() {
  stop();
}

void Pusher::stop() {
  worker_.stop();
}

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
  sessions.reserve(sessions_.size());
  for (const auto& [key, session] : sessions_) {
    sessions.push_back(session);
  }
  return sessions;
}

Strand::Task Pusher::on(const SessionPtr& session, Piece piece) {
  return [weak = std::weak_ptr(session), piece = std::move(piece)] {
    if (const SessionPtr here = weak.lock(); here != nullptr) {
      piece(*here);
    }
  };
}

void Pusher::on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) {
  const auto session = std::make_shared<Session>(log_, sealer_, worker_, peer, hello);
  {
    const std::lock_guard lock(mutex_);
    sessions_[peer.get()] = session;
  }
  session->strand->run(on(session, [this](Session& here) { greet(here); }));
}

void Pusher::greet(Session& session) {
  const Relation relation = relation_of(our_history(), session.hello);
  session.acked_before = members_.acked_by(session.node);
  const bool follows = relation == Relation::kCanFollow || relation == Relation::kNeedsImages;
  members_.greeted(session.node, session.hello.position,
                   follows                            ? Members::Standing::kOnOurHistory
                   : relation == Relation::kPeerAhead ? Members::Standing::kAhead
                                                      : Members::Standing::kElsewhere,
                   session.hello.change_kinds);
  start(session, relation);
}

void Pusher::start(Session& session, Relation relation) {
  switch (relation) {
    case Relation::kCanFollow:
      end_doubt_if_shown(session, session.hello.position);
      forget_choice_without_fork();
      session.mode = Mode::kStreaming;
      session.next = session.hello.position;
      pump(session);
      return;
    case Relation::kNeedsImages:
      end_doubt_if_shown(session, session.hello.position);
      start_cut(session, 0);
      return;
    case Relation::kUnproven:
      start_unproven(session);
      return;
    case Relation::kPeerGivesWay: {
      const EpochTable& theirs = session.hello.epochs;
      if (!theirs.empty() && theirs.back().epoch.number == log_.entries().head().epoch.number) {
        settle_history();  // both led, and a human told the other one to follow
      }
      const Position head = log_.entries().head();
      start_cut(session, common_sequence(log_.entries().epochs(), head.sequence,
                                         session.hello.epochs, session.hello.position.sequence));
      return;
    }
    case Relation::kPeerAhead:
      // Where the operator chose already, nothing is taken back.
      if (is_doubtful() && !has_choice_for(session.node)) {
        ask_for_tail(session);
      } else {
        diverged(session);
      }
      return;
    case Relation::kWeGiveWay:
      session.mode = Mode::kIdle;
      stop_changes(
          fmt::format("the node {} knows a newer epoch: it was promoted while this node was away",
                      session.node.to_text()));
      session.peer->send(ByeFrame{"this node leads an older epoch"});
      return;
    case Relation::kDiverged:
      diverged(session);
      return;
  }
}

/// The log cannot tell whether what the follower has is ours; what it acknowledged here can. A
/// leader that was put back and went on since would have it otherwise drop what it alone has.
void Pusher::start_unproven(Session& session) {
  const Position& theirs = session.hello.position;
  const std::optional<Position>& acked = session.acked_before;
  if (acked == theirs) {
    end_doubt_if_shown(session, theirs);
    start_cut(session, 0);
    return;
  }
  const std::uint64_t known = acked && acked->sequence <= theirs.sequence ? acked->sequence : 0;
  log_warn("a follower's entries cannot be told from others: it keeps them aside peer={} after={}",
           session.node.to_text(), known);
  start_cut(session, std::max<std::uint64_t>(known, 1));
}

bool Pusher::is_served(const Session& session) noexcept {
  return session.mode == Mode::kStreaming || session.mode == Mode::kCut;
}

/// Images of everything are written first: not on the thread that asks for it.
void Pusher::start_cut(Session& session, std::uint64_t fork) {
  session.mode = Mode::kCut;
  session.strand->run_next(
      on(session.shared_from_this(), [this, fork](Session& here) { begin_cut(here, fork); }));
}

void Pusher::begin_cut(Session& session, std::uint64_t fork) {
  if (const auto begun = session.images.begin(options_.cluster, fork); !begun) {
    fail_session(session, begun.error());
    return;
  }
  session.next = session.images.position();
  session.prepared = session.next.sequence;
  members_.brings_to(session.node, session.next.sequence);
  log_info("sending images peer={} sequence={}", session.node.to_text(), session.next.sequence);
  pump(session);
}

/// A follower that lacks more than this group is being served already: by what it wants next, by
/// room in its stream, by the piece at hand.
void Pusher::on_commit(const CommittedGroup& group) {
  const std::uint64_t before = group.entries.front().sequence - 1;
  for (const SessionPtr& session : sessions()) {
    // Acquire and release: whoever takes the flag down sees the table that was published before.
    if (session->is_told_of_commit.exchange(true, std::memory_order_acq_rel)) {
      continue;
    }
    session->strand->run(on(session, [this, before](Session& here) {
      here.is_told_of_commit.exchange(false, std::memory_order_acq_rel);
      if (here.mode == Mode::kStreaming && here.next.sequence >= before) {
        pump(here);
      }
    }));
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
  if (!session.in_step_at) {
    session.in_step_at = log_.table().position().sequence;
    tell_what_it_has(session, session.hello.position.sequence);
  }
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
  std::vector<EncodedEntry> entries =
      TRY(log_.entries().read_after(session.next.sequence, kLinkFrameGoal));
  // Durable is not visible yet: nobody has an entry before this node answers with it.
  const std::uint64_t visible = log_.table().position().sequence;
  std::erase_if(entries, [visible](const auto& entry) { return entry.sequence > visible; });
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
  if (session->strand->waiting_octets() > kMaxQueuedOctets) {
    peer->close("it says too much while a copy is being made for it");
    return;
  }
  const auto* const entries = std::get_if<EntriesFrame>(&frame);
  const bool installs = std::holds_alternative<CutEndFrame>(frame) ||
                        (entries != nullptr && replaces_zones(*entries));
  const std::size_t octets = octets_of(frame);
  const auto shared = std::make_shared<Frame>(std::move(frame));
  session->strand->run(
      on(session, [this, shared](Session& here) { take(here, std::move(*shared)); }),
      installs ? Strand::Weight::kHeavy : Strand::Weight::kLight, octets);
}

void Pusher::take(Session& session, Frame frame) {
  if (const auto* const ack = std::get_if<AckFrame>(&frame)) {
    note_ack(session, ack->position);
  } else if (const auto* const want = std::get_if<ImageWantFrame>(&frame)) {
    session.images.on_want(*want);
    pump(session);
  } else if (const auto* const need = std::get_if<NeedImagesFrame>(&frame)) {
    log_error("follower asks for images peer={} reason=\"{}\"", session.node.to_text(),
              need->reason);
    if (session.mode == Mode::kStreaming || session.mode == Mode::kCut) {
      start_cut(session, 0);
    } else if (!is_served(session)) {
      session.peer->close("images are for followers that follow");
    }
  } else if (auto* const request = std::get_if<ForwardedRequestFrame>(&frame)) {
    take_request(session, std::move(*request));
  } else if (const auto* const hand_over = std::get_if<HandOverRequestFrame>(&frame)) {
    take_hand_over(session, *hand_over);
  } else if (auto* const orphan = std::get_if<OrphanRequestFrame>(&frame)) {
    take_orphan(session, std::move(*orphan));
  } else if (session.mode == Mode::kTakingCut) {
    take_cut(session, std::move(frame));
  } else if (const auto* const entries = std::get_if<EntriesFrame>(&frame)) {
    take_tail(session, *entries);
  } else if (const auto* const answer = std::get_if<ChainAnswerFrame>(&frame)) {
    if (session.mode == Mode::kFindingFork) {
      narrow_fork(session, *answer);
    } else if (session.mode == Mode::kAskingForTail) {
      take_end_of_tail(session, *answer);
    }
  } else if (std::get_if<HeartbeatFrame>(&frame) != nullptr) {
    if (is_served(session)) {
      members_.served(session.node);
    }
  } else if (session.mode == Mode::kTakingTail) {
    if (const auto taken = take_images_frame(session, std::move(frame)); !taken) {
      fail_session(session, taken.error());
    }
  }
}

void Pusher::note_ack(Session& session, const Position& position) {
  hub_.note_position(session.peer, position);
  members_.acked(session.node, position);
  tell_what_it_has(session, position.sequence);
  if (session.choice != Keep::kOurs || !session.images.is_done()) {
    return;
  }
  session.choice.reset();
  bool is_last = false;
  {
    const std::lock_guard lock(mutex_);
    choices_.erase(session.node);
    keep_.reset();  // the fork is gone; the next one is for the operator to judge again
    has_fork_ = !choices_.empty();
    is_last = !has_fork_;
  }
  if (is_last) {
    forget_divergence();  // also what was noted while the operator chose
  }
}

/// A follower that is being filled has nothing that anybody waits for.
void Pusher::tell_what_it_has(const Session& session, std::uint64_t sequence) const {
  if (is_served(session) && session.in_step_at && sequence >= *session.in_step_at &&
      options_.on_has) {
    options_.on_has(&session, session.node, sequence);
  }
}

void Pusher::on_writable(const std::shared_ptr<LinkPeer>& peer) {
  if (const SessionPtr session = session_of(peer); session != nullptr) {
    session->strand->run(on(session, [this](Session& here) { pump(here); }));
  }
}

void Pusher::on_gone(const std::shared_ptr<LinkPeer>& peer) {
  if (const SessionPtr session = session_of(peer); session != nullptr) {
    session->strand->run(on(session, [this](Session& here) {
      stop_taking(here);
      here.mode = Mode::kIdle;  // nothing it says counts any more
      if (options_.on_left) {
        options_.on_left(&here);
      }
      const std::lock_guard lock(mutex_);
      sessions_.erase(here.peer.get());
    }));
  }
}

/// Another follower may give back now.
void Pusher::stop_taking(const Session& session) {
  bool others_wait = false;
  {
    const std::lock_guard lock(mutex_);
    if (giver_ != session.peer.get()) {
      return;
    }
    receiver_.abandon();
    giver_ = nullptr;
    others_wait = std::exchange(has_waiting_, false);
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

}  // namespace tandem
