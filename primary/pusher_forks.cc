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
    has_fork_ = true;
  }
  if (!session.choice) {
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
  session.fork_high = std::min(log_.entries().head().sequence, session.hello.position.sequence) + 1;
  narrow_fork(session, {});
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
/// writer. `lock` is of the session: applying ends in on_commit(), which takes it.
void Pusher::take_tail(Session& session, const EntriesFrame& frame,
                       std::unique_lock<std::mutex>& lock) {
  if (session.mode != Mode::kTakingTail) {
    return;
  }
  lock.unlock();
  const Status applied = applier_.apply(frame);
  lock.lock();
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

void Pusher::take_cut(const SessionPtr& session, Frame frame, std::unique_lock<std::mutex>& lock) {
  const bool is_end = std::holds_alternative<CutEndFrame>(frame);
  if (const auto taken = take_images_frame(*session, std::move(frame)); !taken) {
    fail_session(*session, taken.error());
    return;
  }
  if (is_end) {
    const std::uint64_t fork = session->fork_low;
    session->choice.reset();
    session->mode = Mode::kStreaming;
    session->next = log_.entries().head();
    settle_history();
    pump(*session);
    lock.unlock();
    restart_others(*session, fork);
  }
}

/// Followers that were on the history that this node gave up get the one that stays. No session may
/// be locked.
void Pusher::restart_others(const Session& giver, std::uint64_t fork) {
  for (const SessionPtr& other : sessions()) {
    if (other.get() == &giver) {
      continue;
    }
    const std::lock_guard lock(other->mutex);
    if (other->mode == Mode::kStreaming || other->mode == Mode::kCut) {
      start_cut(*other, fork);
    }
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
    receiver_.on_secret(std::move(*secret));
  } else if (std::holds_alternative<CutEndFrame>(frame) && receiver_.in_cut()) {
    return receiver_.finish({});
  }
  return {};
}

bool Pusher::is_doubtful() const {
  const std::lock_guard lock(mutex_);
  return is_doubtful_;
}

void Pusher::end_doubt() {
  if (is_doubtful()) {
    settle_history();
  }
}

/// A follower that has no more than this node shows that nothing is missing, unless another one is
/// giving back right now.
void Pusher::end_doubt_unless_one_gives() {
  {
    const std::lock_guard lock(mutex_);
    if (giver_ != nullptr) {
      return;
    }
  }
  end_doubt();
}

bool Pusher::has_choice() const {
  const std::lock_guard lock(mutex_);
  return has_fork_ || is_doubtful_;
}

/// This node's history is whole and the cluster's: whatever made the writer wait is over.
void Pusher::settle_history() {
  bool others_wait = false;
  {
    const std::lock_guard lock(mutex_);
    is_doubtful_ = false;
    keep_.reset();
    choices_.clear();
    has_fork_ = false;
    giver_ = nullptr;
    others_wait = std::exchange(has_waiting_, false);
  }
  options_.on_doubt_ended();
  if (others_wait) {
    hub_.reconnect_all("what a follower had more is taken back");
  }
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

void Pusher::keep(Keep whose) {
  if (whose == Keep::kOurs) {
    end_doubt();
  }
  {
    const std::lock_guard lock(mutex_);
    keep_ = whose;
  }
  for (const SessionPtr& session : sessions()) {
    const std::lock_guard lock(session->mutex);
    if (session->mode != Mode::kStreaming && session->mode != Mode::kCut) {
      choose(session->node, whose);
      session->peer->close("the operator chose which history stays");
    }
  }
}

}  // namespace tandem
