// The pusher's part for histories that differ: what a doubtful leader takes back, where two
// histories part, and the operator's choice of the one that stays.
#include <algorithm>
#include <utility>

#include "common/base/logging.h"
#include "primary/pusher.h"

namespace tandem {

void Pusher::diverged(Session& session) {
  {
    const std::lock_guard lock(mutex_);
    const auto chosen = choices_.find(session.node);
    session.choice = chosen != choices_.end() ? chosen->second : keep_;
    has_fork_ = true;  // also where a choice is there: it counts for this fork
  }
  if (!session.choice) {
    session.mode = Mode::kIdle;
    hub_.note_detail(session.peer, "diverged");
    stop_changes(fmt::format(
        "the node {} has another history in the same epoch (a disk or a machine was put back?): "
        "`tandemctl link keep this` keeps this node's data, `tandemctl link keep peer` the other's",
        session.node.to_text()));
    session.peer->send(HeartbeatFrame{
        log_.entries().head(), log_.clock().wall(), session.peer->address(),
        "the leader has another history in the same epoch: `tandemctl link keep` there says whose "
        "stays"});
    return;
  }
  // Where do they part? The chain digests tell, by halves.
  session.mode = Mode::kFindingFork;
  session.fork_low = 0;
  session.fork_high = std::min(log_.entries().head().sequence, session.hello.position.sequence) + 1;
  narrow_fork(session, {});
}

/// No changes until somebody chose, over restarts too: they would be on a history that may not
/// stay.
void Pusher::stop_changes(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    diverged_ = reason;
    has_fork_ = true;
  }
  WriteBatch batch;
  batch.put(Family::kMeta, as_octets(kDivergedKey), as_octets(reason));
  if (const auto kept = log_.store().write(batch, Durability::kSynced); !kept) {
    log_error("cannot keep the mark of divergence reason=\"{}\"", kept.error().detail);
  }
  options_.on_diverged(reason);
}

void Pusher::forget_all(WriteBatch& batch) {
  batch.erase(Family::kMeta, as_octets(kDivergedKey));
  Members::forget_all(batch);
}

void Pusher::forget_divergence() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(diverged_, {}).empty()) {
      return;
    }
  }
  WriteBatch batch;
  batch.erase(Family::kMeta, as_octets(kDivergedKey));
  if (const auto cleared = log_.store().write(batch, Durability::kSynced); !cleared) {
    log_error("cannot clear the mark of divergence reason=\"{}\"", cleared.error().detail);
  }
}

std::string Pusher::diverged_reason() const {
  const std::lock_guard lock(mutex_);
  return diverged_;
}

/// Only from a follower whose log goes through our end: otherwise it has another history, or does
/// not know it any more.
void Pusher::ask_for_tail(Session& session) {
  if (!may_give(session)) {
    return;
  }
  session.mode = Mode::kAskingForTail;
  session.peer->send(ChainQueryFrame{{log_.entries().head().sequence}});
}

void Pusher::take_end_of_tail(Session& session, const ChainAnswerFrame& answer) {
  const Position head = log_.entries().head();
  const auto ours = std::pair(head.sequence, std::optional(head.chain));
  if (std::ranges::find(answer.chains, ours) == answer.chains.end()) {
    stop_taking(session);
    diverged(session);
    return;
  }
  log_warn("taking back entries from a follower that has more peer={} here={} there={}",
           session.node.to_text(), head.sequence, session.hello.position.sequence);
  session.mode = Mode::kTakingTail;
  session.peer->send(TailRequestFrame{head});
}

/// Whether this follower is the one that gives back what it has more; the others are greeted anew
/// afterwards.
bool Pusher::may_give(const Session& session) {
  const std::lock_guard lock(mutex_);
  if (giver_ == nullptr || giver_ == session.peer.get()) {
    giver_ = session.peer.get();
    return true;
  }
  has_waiting_ = true;
  return false;
}

void Pusher::narrow_fork(Session& session, const ChainAnswerFrame& answer) {
  for (const auto& [sequence, theirs] : answer.chains) {
    if (sequence <= session.fork_low || sequence >= session.fork_high) {
      continue;  // not what was asked
    }
    const auto read = log_.entries().chain_at(sequence);
    const std::optional<Digest256> ours = read ? *read : std::nullopt;
    // What the side that gives way has trimmed cannot become orphans, so the fork is looked for
    // above; what only the other one has trimmed may differ, and rather too much is kept.
    const bool is_gone = session.choice == Keep::kOurs ? !theirs : !ours;
    const bool same = is_gone || (ours && ours == theirs);
    (same ? session.fork_low : session.fork_high) = sequence;
  }
  if (session.fork_high - session.fork_low <= 1) {
    // The first entry starts the cluster: it is the same on both sides, and 0 would say that there
    // is no fork.
    session.fork_low = std::max<std::uint64_t>(session.fork_low, 1);
    if (session.choice == Keep::kOurs) {
      start_cut(session, session.fork_low);
      return;
    }
    if (!may_give(session)) {
      return;
    }
    session.mode = Mode::kTakingCut;
    session.peer->send(NeedImagesFrame{"the operator chose this history", session.fork_low});
    return;
  }
  const std::uint64_t middle = session.fork_low + (session.fork_high - session.fork_low) / 2;
  session.peer->send(ChainQueryFrame{{middle}});
}

/// A doubtful leader has no changes of its own in the making, so applying here does not meet the
/// writer: keep() ends the doubt between two pieces of this session.
void Pusher::take_tail(Session& session, const EntriesFrame& frame) {
  if (session.mode != Mode::kTakingTail) {
    return;
  }
  const Status applied = applier_.apply(frame);
  if (!applied && !is_history_mismatch(applied.error())) {
    if (log_.is_broken()) {
      static_cast<void>(log_.recover());  // what it is worth shows at the next greeting
    }
    fail_session(session, applied.error());
    return;
  }
  if (!applied) {
    log_error("entries from a follower do not follow ours peer={} reason=\"{}\"",
              session.node.to_text(), applied.error().detail);
    stop_taking(session);
    diverged(session);
    return;
  }
  if (log_.entries().head().sequence >= session.hello.position.sequence) {
    const Position head = log_.entries().head();
    receiver_.settle();
    members_.greeted(session.node, head, Members::Standing::kOnOurHistory,
                     session.hello.change_kinds);
    end_doubt_if_shown(session, head);
    stop_taking(session);
    session.mode = Mode::kStreaming;
    session.next = head;
    pump(session);
  }
}

void Pusher::take_cut(Session& session, Frame frame) {
  const bool is_end = std::holds_alternative<CutEndFrame>(frame);
  if (const auto taken = take_images_frame(session, std::move(frame)); !taken) {
    fail_session(session, taken.error());
    return;
  }
  if (is_end) {
    const std::uint64_t fork = session.fork_low;
    session.choice.reset();
    session.mode = Mode::kStreaming;
    session.next = log_.entries().head();
    settle_history();
    stop_taking(session);
    pump(session);
    restart_others(session, fork);
  }
}

/// Followers that were on the history that this node gave up get the one that stays.
void Pusher::restart_others(const Session& giver, std::uint64_t fork) {
  for (const SessionPtr& other : sessions()) {
    if (other.get() == &giver) {
      continue;
    }
    other->strand->run(on(other, [this, fork](Session& here) {
      if (here.mode == Mode::kStreaming || here.mode == Mode::kCut) {
        start_cut(here, fork);
      }
    }));
  }
}

Status Pusher::take_images_frame(Session& session, Frame frame) {
  if (auto* const begin = std::get_if<CutBeginFrame>(&frame)) {
    receiver_.begin(std::move(*begin));
  } else if (const auto* const offer = std::get_if<ImageOfferFrame>(&frame)) {
    return receiver_.on_offer(*offer, *session.peer);
  } else if (const auto* const chunk = std::get_if<ImageChunkFrame>(&frame)) {
    return receiver_.on_chunk(*chunk);
  } else if (auto* const secret = std::get_if<SecretFrame>(&frame)) {
    return receiver_.on_secret(std::move(*secret));
  } else if (std::holds_alternative<CutEndFrame>(frame) && receiver_.in_cut()) {
    return receiver_.finish({});
  }
  return {};
}

bool Pusher::is_doubtful() const {
  const std::lock_guard lock(mutex_);
  return is_doubtful_;
}

/// A follower at `at` of our history may show that nothing is missing; nobody does who has nothing,
/// or is from before our epoch, or while another one gives back or has another history.
void Pusher::end_doubt_if_shown(const Session& session, const Position& at) {
  {
    const std::lock_guard lock(mutex_);
    const bool another_gives = giver_ != nullptr && giver_ != session.peer.get();
    if (!is_doubtful_ || another_gives || has_fork_) {
      return;
    }
  }
  const Position head = log_.entries().head();
  if (at.sequence == 0 || at.epoch != head.epoch || !members_.show_no_loss(at == head)) {
    log_warn("still in doubt: not every follower that had more was met peer={} here={} there={}",
             session.node.to_text(), head.sequence, at.sequence);
    return;
  }
  settle_history();
}

bool Pusher::has_choice() const {
  const std::lock_guard lock(mutex_);
  return has_fork_ || is_doubtful_;
}

/// This node's history is whole and the cluster's: whatever made the writer wait is over. `next`:
/// the choice for the forks that are met yet.
void Pusher::settle_history(std::optional<Keep> next) {
  {
    const std::lock_guard lock(mutex_);
    is_doubtful_ = false;
    keep_ = next;
    choices_.clear();
    has_fork_ = false;
  }
  forget_divergence();
  members_.settle();
  options_.on_doubt_ended();
}

/// A choice that no fork waited for must not decide about one that nobody has seen yet.
void Pusher::forget_choice_without_fork() {
  const std::lock_guard lock(mutex_);
  if (!has_fork_) {
    keep_.reset();
  }
}

/// Each follower that waits for the choice has it, whichever of them comes first.
void Pusher::choose(const NodeId& node, Keep whose) {
  const std::lock_guard lock(mutex_);
  choices_[node] = whose;
}

bool Pusher::has_choice_for(const NodeId& node) const {
  const std::lock_guard lock(mutex_);
  return keep_.has_value() || choices_.contains(node);
}

Pusher::SessionPtr Pusher::giver() const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(giver_);
  return found != sessions_.end() ? found->second : nullptr;
}

/// Changes are taken from here on, so nothing may be taken back beside them: a follower that gives
/// is let go first.
void Pusher::end_doubt_for(Keep whose) {
  const SessionPtr giving = giver();
  if (giving == nullptr) {
    settle_history(whose);
    return;
  }
  giving->strand->run([this, giving, whose] {
    giving->mode = Mode::kIdle;
    giving->peer->close("the operator chose which history stays");
    stop_taking(*giving);
    settle_history(whose);
  });
}

void Pusher::keep(Keep whose) {
  if (whose == Keep::kOurs && is_doubtful()) {
    end_doubt_for(whose);
  } else {
    const std::lock_guard lock(mutex_);
    keep_ = whose;
  }
  if (whose == Keep::kOurs) {
    forget_divergence();
    members_.settle();
  }
  for (const SessionPtr& session : sessions()) {
    session->strand->run(on(session, [this, whose](Session& here) {
      if (!is_served(here)) {
        choose(here.node, whose);
        here.peer->close("the operator chose which history stays");
      }
    }));
  }
}

}  // namespace tandem
