// The leader's side of the link: brings each follower to the log's end and keeps it there.
//
// Nothing is queued per follower but what the network is taking at the moment: a session is a
// position in the log, and entries are read from there when the stream has room. So a slow or
// frozen follower costs a position, and never slows the writer.
//
// Any thread may call it. What concerns one session goes through its strand, so nothing here waits
// for a copy of everything that is being made: that is the worker's.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/node/cut_receiver.h"
#include "common/node/cut_sender.h"
#include "common/node/entry_applier.h"
#include "common/node/history.h"
#include "common/node/link_hub.h"
#include "common/node/replicated_log.h"
#include "common/node/strand.h"
#include "primary/members.h"

namespace tandem {

class Pusher final : public PeerRole {
 public:
  struct Options {
    ClusterId cluster;
    /// This node may have lost its newest entries (recovered from a damaged log, restored from a
    /// backup). Also so when a follower acknowledged more than this node has.
    bool is_doubtful = false;
    /// A follower that is further behind gets images: the log is not kept for it.
    std::uint64_t hold_octets = std::uint64_t{1} << 30U;
    /// Called when a follower showed that nothing was lost, or gave it back: changes may be taken.
    std::function<void()> on_doubt_ended;
    /// Called with a reason when a follower's history is not ours: changes must not be taken.
    std::function<void(std::string)> on_diverged;
    /// Called when a follower in step answers with everything up to `sequence`. `stream` names this
    /// connection of it.
    std::function<void(const void* stream, const NodeId& node, std::uint64_t sequence)> on_has;
    std::function<void(const void* stream)> on_left;
    /// Called with what a follower passes on; `reply` may be called from any thread.
    std::function<void(ForwardedRequestFrame, std::function<void(Octets)> reply)> on_request;
    /// Called when a follower in step asks to lead in our place, or gives that up again; `reply`
    /// may be called from any thread.
    std::function<void(HandOverRequestFrame, std::function<void(HandOverReplyFrame)> reply)>
        on_hand_over = {};
    /// Called with a change that a follower wants again; `reply` may be called from any thread.
    std::function<void(OrphanRequestFrame, std::function<void(OrphanReplyFrame)> reply)> on_orphan =
        {};
    Worker::Pace pace = Worker::Pace::kThread;
  };

  Pusher(ReplicatedLog& log, const SecretSealer& sealer, LinkHub& hub, Options options);
  Pusher(const Pusher&) = delete;
  Pusher& operator=(const Pusher&) = delete;
  ~Pusher() override;

  /// Returns when nothing of it runs any more; `options` are not called after that. To be called
  /// when the link is gone.
  void stop();

  /// Of its worker, when that has no thread.
  bool step() { return worker_.step(); }

  /// Sends `group` to the followers that had everything before it. Called by the log after each
  /// commit, on the committing thread.
  void on_commit(const CommittedGroup& group);

  /// The operator's choice after a divergence: whose history stays. Acts at once on the followers
  /// that wait for it; those in step stay so.
  enum class Keep : std::uint8_t { kOurs, kPeers };
  void keep(Keep whose);
  [[nodiscard]] bool is_doubtful() const;
  /// Whether there is something for keep() to choose: a fork was met, or this node is doubtful.
  [[nodiscard]] bool has_choice() const;

  /// Why changes must not be taken since a follower's history was found to be another one, also
  /// before a restart; empty when none was, or it is settled.
  [[nodiscard]] std::string diverged_reason() const;

  /// Takes no more changes, for `reason`, until keep() or until nothing differs any more.
  void stop_changes(const std::string& reason);
  /// Makes it part of `batch` that nothing is left of an earlier time as leader.
  static void forget_all(WriteBatch& batch);

  /// What is known of the followers over their absences.
  [[nodiscard]] Members& members() noexcept { return members_; }

  void on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) override;
  void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) override;
  void on_writable(const std::shared_ptr<LinkPeer>& peer) override;
  void on_gone(const std::shared_ptr<LinkPeer>& peer) override;

 private:
  enum class Mode : std::uint8_t {
    kIdle,           // diverged, or waiting while another follower gives back
    kStreaming,      // entries after `next`
    kCut,            // images first
    kAskingForTail,  // does what the follower has more follow our end?
    kTakingTail,     // the follower gives back what we lost
    kFindingFork,    // where do the histories part?
    kTakingCut,      // the operator chose the follower's history
  };

  /// One follower's stream. But for the first four, which do not change, and the flag: touched by
  /// the strand's pieces alone.
  struct Session : std::enable_shared_from_this<Session> {
    Session(ReplicatedLog& log, const SecretSealer& sealer, Worker& worker,
            std::shared_ptr<LinkPeer> to, const HelloFrame& greeting)
        : strand(std::make_shared<Strand>(worker)),
          peer(std::move(to)),
          node(greeting.node),
          hello(greeting),
          images(log, sealer, peer) {}

    std::shared_ptr<Strand> strand;
    std::shared_ptr<LinkPeer> peer;
    NodeId node;
    HelloFrame hello;
    std::atomic<bool> is_told_of_commit = false;  // and has not looked yet
    Mode mode = Mode::kIdle;
    Position next;  // entries up to here were sent
    CutSender images;
    std::uint64_t prepared = 0;  // images and secrets of the entries up to here were sent
    std::optional<std::uint64_t> in_step_at;  // once it has this; the log's end when it began
    std::optional<Keep> choice;               // for the fork that is being looked for
    std::uint64_t fork_low = 0;               // histories are known to agree here
    std::uint64_t fork_high = 0;              // and to differ here
    std::optional<Position> acked_before;     // what is known of it from before this stream
  };

  /// In `meta`: why changes must not be taken.
  static constexpr std::string_view kDivergedKey = "diverged";

  using SessionPtr = std::shared_ptr<Session>;

  using Piece = std::function<void(Session&)>;

  /// `piece` as one of the session's strand, which it does not keep alive.
  static Strand::Task on(const SessionPtr& session, Piece piece);
  [[nodiscard]] SessionPtr session_of(const std::shared_ptr<LinkPeer>& peer) const;
  [[nodiscard]] std::vector<SessionPtr> sessions() const;
  void greet(Session& session);
  void start(Session& session, Relation relation);
  void start_unproven(Session& session);
  void ask_for_tail(Session& session);
  void take_end_of_tail(Session& session, const ChainAnswerFrame& answer);
  void start_cut(Session& session, std::uint64_t fork);
  void begin_cut(Session& session, std::uint64_t fork);
  void take(Session& session, Frame frame);
  void diverged(Session& session);
  void forget_divergence();
  [[nodiscard]] static bool is_served(const Session& session) noexcept;
  void pump(Session& session);
  Status send_entries(Session& session);
  void take_tail(Session& session, const EntriesFrame& frame);
  [[nodiscard]] bool may_give(const Session& session);
  [[nodiscard]] SessionPtr giver() const;
  void end_doubt_for(Keep whose);
  void note_ack(Session& session, const Position& position);
  void take_request(const Session& session, ForwardedRequestFrame request) const;
  void take_hand_over(const Session& session, const HandOverRequestFrame& request) const;
  void take_orphan(const Session& session, OrphanRequestFrame request) const;
  void tell_what_it_has(const Session& session, std::uint64_t sequence) const;
  void narrow_fork(Session& session, const ChainAnswerFrame& answer);
  void take_cut(Session& session, Frame frame);
  Status take_images_frame(Session& session, Frame frame);
  void stop_taking(const Session& session);
  void end_doubt_if_shown(const Session& session, const Position& at);
  void forget_choice_without_fork();
  void choose(const NodeId& node, Keep whose);
  [[nodiscard]] bool has_choice_for(const NodeId& node) const;
  void settle_history(std::optional<Keep> next = std::nullopt);
  void restart_others(const Session& giver, std::uint64_t fork);
  void fail_session(Session& session, const Error& error);
  [[nodiscard]] History our_history() const;

  ReplicatedLog& log_;
  const SecretSealer& sealer_;
  LinkHub& hub_;
  Options options_;
  Members members_;
  CutReceiver receiver_;  // for what a follower gives back: the giver's pieces alone
  EntryApplier applier_;

  mutable std::mutex mutex_;
  std::map<const LinkPeer*, SessionPtr> sessions_;  // guarded by mutex_
  bool is_doubtful_;                                // guarded by mutex_
  std::optional<Keep> keep_;         // for the first fork that is met; guarded by mutex_
  std::map<NodeId, Keep> choices_;   // for the forks that were; guarded by mutex_
  bool has_fork_ = false;            // the operator is asked; guarded by mutex_
  std::string diverged_;             // as kept in the store; guarded by mutex_
  const LinkPeer* giver_ = nullptr;  // whoever gives back, one at a time; guarded by mutex_
  bool has_waiting_ = false;         // others would give too; guarded by mutex_

  Worker worker_;
};

}  // namespace tandem
