// The leader's side of the link: brings each follower to the log's end and keeps it there.
//
// Nothing is queued per follower but what the network is taking at the moment: a session is a
// position in the log, and entries are read from there when the stream has room. So a slow or
// frozen follower costs a position, and never slows the writer.
//
// Any thread may call it.
#pragma once

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

namespace tandem {

class Pusher final : public PeerRole {
 public:
  struct Options {
    ClusterId cluster;
    /// This node may have lost its newest entries (recovered from a damaged log, restored from a
    /// backup).
    bool is_doubtful = false;
    /// Called when a follower showed that nothing was lost, or gave it back: changes may be taken.
    std::function<void()> on_doubt_ended;
    /// Called with a reason when a follower's history is not ours: changes must not be taken.
    std::function<void(std::string)> on_diverged;
  };

  Pusher(ReplicatedLog& log, const SecretSealer& sealer, LinkHub& hub, Options options);

  /// Sends what was committed. Called by the log after each commit, on the committing thread.
  void on_commit();

  /// The operator's choice after a divergence: whose history stays. Acts at once on the followers
  /// that wait for it; those in step stay so.
  enum class Keep : std::uint8_t { kOurs, kPeers };
  void keep(Keep whose);
  [[nodiscard]] bool is_doubtful() const;
  /// Whether there is something for keep() to choose: a fork was met, or this node is doubtful.
  [[nodiscard]] bool has_choice() const;

  /// The lowest position that a follower which still has a hold acknowledged; the log is not
  /// trimmed above it.
  [[nodiscard]] std::uint64_t trim_limit() const;

  void on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) override;
  void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) override;
  void on_writable(const std::shared_ptr<LinkPeer>& peer) override;
  void on_gone(const std::shared_ptr<LinkPeer>& peer) override;

 private:
  enum class Mode : std::uint8_t {
    kIdle,         // diverged, or waiting while another follower gives back
    kStreaming,    // entries after `next`
    kCut,          // images first
    kTakingTail,   // the follower gives back what we lost
    kFindingFork,  // where do the histories part?
    kTakingCut,    // the operator chose the follower's history
  };

  struct Session {
    Session(ReplicatedLog& log, const SecretSealer& sealer, std::shared_ptr<LinkPeer> to)
        : peer(std::move(to)), images(log, sealer, peer) {}

    std::mutex mutex;
    std::shared_ptr<LinkPeer> peer;
    NodeId node;
    Mode mode = Mode::kIdle;
    Position next;  // entries up to here were sent
    HelloFrame hello;
    CutSender images;
    std::uint64_t prepared = 0;   // images and secrets of the entries up to here were sent
    std::optional<Keep> choice;   // for the fork that is being looked for
    std::uint64_t fork_low = 0;   // histories are known to agree here
    std::uint64_t fork_high = 0;  // and to differ here
  };

  using SessionPtr = std::shared_ptr<Session>;

  [[nodiscard]] SessionPtr session_of(const std::shared_ptr<LinkPeer>& peer) const;
  [[nodiscard]] std::vector<SessionPtr> sessions() const;
  void start(Session& session, Relation relation);
  void start_cut(Session& session, std::uint64_t fork);
  void diverged(Session& session);
  void pump(Session& session);
  Status send_entries(Session& session);
  void take_tail(Session& session, const EntriesFrame& frame, std::unique_lock<std::mutex>& lock);
  [[nodiscard]] bool may_give(const Session& session);
  void note_ack(Session& session, const Position& position);
  void narrow_fork(Session& session, const ChainAnswerFrame& answer);
  void take_cut(const SessionPtr& session, Frame frame, std::unique_lock<std::mutex>& lock);
  Status take_images_frame(Session& session, Frame frame);
  void end_doubt();
  void end_doubt_unless_one_gives();
  void forget_choice_without_fork();
  void choose(const NodeId& node, Keep whose);
  void settle_history();
  void restart_others(const Session& giver, std::uint64_t fork);
  void fail_session(Session& session, const Error& error);
  [[nodiscard]] History our_history() const;

  ReplicatedLog& log_;
  const SecretSealer& sealer_;
  LinkHub& hub_;
  Options options_;
  CutReceiver receiver_;  // for what a follower gives back
  EntryApplier applier_;

  mutable std::mutex mutex_;
  std::map<const LinkPeer*, SessionPtr> sessions_;  // guarded by mutex_
  bool is_doubtful_;                                // guarded by mutex_
  std::optional<Keep> keep_;         // for the first fork that is met; guarded by mutex_
  std::map<NodeId, Keep> choices_;   // for the forks that were; guarded by mutex_
  bool has_fork_ = false;            // the operator is asked; guarded by mutex_
  const LinkPeer* giver_ = nullptr;  // whoever gives back, one at a time; guarded by mutex_
  bool has_waiting_ = false;         // others would give too; guarded by mutex_

  struct Hold {
    std::uint64_t acked = 0;
    MonotonicTime last_seen;
  };

  std::map<NodeId, Hold> holds_;  // guarded by mutex_
};

}  // namespace tandem
