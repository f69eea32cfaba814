// The leader's side of the link: brings each follower to the log's end and keeps it there.
//
// Nothing is queued per follower but what the network is taking at the moment: a session is a position in the log, and
// entries are read from there when the stream has room. So a slow or frozen follower costs a position, and never slows
// the writer.
//
// Any thread may call it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

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
    /// This node may have lost its newest entries (recovered from a damaged log, restored from a backup).
    bool is_doubtful = false;
    /// Called when a follower showed that nothing was lost, or gave it back: changes may be taken.
    std::function<void()> on_doubt_ended;
    /// Called with a reason when a follower's history is not ours: changes must not be taken.
    std::function<void(std::string)> on_diverged;
  };


  Pusher(ReplicatedLog& log, const SecretSealer& sealer, LinkHub& hub, Options options);

  /// Sends what was committed. Called by the log after each commit, on the committing thread.
  void on_commit();

  /// The operator's choice after a divergence: whose history stays. Acts on all streams at once.
  enum class Keep : std::uint8_t { kOurs, kPeers };
  void keep(Keep whose);
  [[nodiscard]] bool is_doubtful() const;

  /// The lowest position that a follower which still has a hold acknowledged; the log is not trimmed above it.
  [[nodiscard]] std::uint64_t trim_limit() const;

  void on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) override;
  void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) override;
  void on_writable(const std::shared_ptr<LinkPeer>& peer) override;
  void on_gone(const std::shared_ptr<LinkPeer>& peer) override;

 private:
  enum class Mode : std::uint8_t {
    kIdle,         // diverged, or doubtful and waiting
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
    Position next;   // entries up to here were sent
    Position acked;  // durable and visible there
    HelloFrame hello;
    CutSender images;
    bool waits_for_images = false;  // the next entries refer to images that are on their way
    std::uint64_t fork_low = 0;     // histories are known to agree here
    std::uint64_t fork_high = 0;    // and to differ here
  };
  using SessionPtr = std::shared_ptr<Session>;

  [[nodiscard]] SessionPtr session_of(const std::shared_ptr<LinkPeer>& peer) const;
  void start(Session& session, Relation relation);
  void start_cut(Session& session, std::uint64_t fork);
  void diverged(Session& session);
  void pump(Session& session);
  Status send_entries(Session& session);
  void take_tail(Session& session, const EntriesFrame& frame);
  void narrow_fork(Session& session, const ChainAnswerFrame& answer);
  void take_cut(Session& session, Frame frame);
  Status take_cut_frame(Session& session, Frame frame);
  void end_doubt();
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
  std::optional<Keep> keep_;                        // guarded by mutex_

  struct Hold {
    std::uint64_t acked = 0;
    MonotonicTime last_seen;
  };
  std::map<NodeId, Hold> holds_;  // guarded by mutex_
};

}  // namespace tandem
