// The follower's side of the link: takes entries and images from the leader, durable before visible
// before acknowledged, and never shows half a change.
//
// Calls come from the hub, on any thread; a strand puts the frames of all streams in one order and
// has a worker for whole copies.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "common/node/cut_receiver.h"
#include "common/node/cut_sender.h"
#include "common/node/entry_applier.h"
#include "common/node/link_hub.h"
#include "common/node/orphan_verdict.h"
#include "common/node/replicated_log.h"
#include "common/node/strand.h"

namespace tandem {

class Replica final : public PeerRole {
 public:
  struct Options {
    /// Called when a leader of the current epoch shows this node at its position, or is bringing it
    /// there.
    std::function<void()> on_contact;
    /// Called with HeartbeatFrame::zones_left of each heartbeat of the leader.
    std::function<void(const std::vector<ZoneLeft>&)> on_zones_left = {};
    /// Called when this node is at its leader's position: it has lost nothing that counts.
    std::function<void()> on_in_step;
    /// Called with a reason when something needs a human, with an empty one when it is over.
    std::function<void(std::string)> on_alarm;
    /// A cut says which cluster this is: kept in `batch`, which is written with the cut.
    std::function<void(const ClusterId&, WriteBatch&)> keep_cluster;
    /// That cut is durable: this node belongs to the cluster.
    std::function<void(const ClusterId&)> on_cluster;
    /// Called with the leader's stream, and with null when it is gone.
    std::function<void(std::shared_ptr<LinkPeer>)> on_leader;
    std::function<void(const ForwardedReplyFrame&)> on_reply;
    /// The cluster this node belongs to; zero while it belongs to none.
    std::function<ClusterId()> cluster;
    Worker::Pace pace = Worker::Pace::kThread;
  };

  Replica(ReplicatedLog& log, const SecretSealer& sealer, LinkHub& hub, Options options);
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;
  ~Replica() override;

  /// Returns when nothing of it runs any more; `options` are not called after that. To be called
  /// when the link is gone.
  void stop();

  /// Of its worker, when that has no thread.
  bool step() { return worker_.step(); }

  /// Opens a store that refuses writes anew, whatever it was that failed. To be called every second
  /// or so: a follower without a stream has no other occasion.
  void recover();

  /// Asks the leader to take no more changes; `done` comes once this node has all that there were,
  /// or with why that is not so. On any thread, once. Until the role ends or give_up_hand_over()
  /// the leader takes none.
  void ask_hand_over(std::function<void(Status)> done);
  void give_up_hand_over();

  /// Asks the leader to make a change again. On any thread, once. Fails: kUnavailable without a
  /// leader; kConflict, kRefused as it says, or when another one is on its way.
  void ask_orphan(OrphanRequestFrame request, OrphanDone done);

  /// Whether a copy of everything is on its way to this node.
  [[nodiscard]] bool is_filling() const noexcept {
    return is_filling_.load(std::memory_order_relaxed);  // to show, nothing hangs on it
  }

  void on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) override;
  void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) override;
  void on_writable(const std::shared_ptr<LinkPeer>& peer) override;
  void on_gone(const std::shared_ptr<LinkPeer>& peer) override;

 private:
  void take_or_say_why(const std::shared_ptr<LinkPeer>& peer, Frame frame);
  Status take(const std::shared_ptr<LinkPeer>& peer, Frame& frame);
  void refuse(const std::shared_ptr<LinkPeer>& peer, const Frame& frame, const Error& error);
  void forget_leader();
  void leave(const std::shared_ptr<LinkPeer>& peer, std::string_view why);
  [[nodiscard]] bool is_ours(const Position& position) const;
  void acknowledge(LinkPeer& peer);
  Status take_entries(const EntriesFrame& frame, LinkPeer& peer);
  Status take_cut_end(LinkPeer& peer);
  Status give_tail(const TailRequestFrame& request, const std::shared_ptr<LinkPeer>& peer);
  Status pump_given(LinkPeer& peer);
  void stop_giving();
  Status answer_chain(const ChainQueryFrame& query, LinkPeer& peer);
  void note_heartbeat(const HeartbeatFrame& heartbeat);
  void take_hand_over(const HandOverReplyFrame& reply);
  void end_hand_over(Status outcome);
  void look_at_hand_over();
  void take_orphan(const OrphanReplyFrame& reply);
  void end_orphan(Result<OrphanMade> outcome);
  void end_asking(std::string_view why);

  ReplicatedLog& log_;
  const SecretSealer& sealer_;
  LinkHub& hub_;
  Options options_;

  // What follows is touched by the strand's pieces alone.
  CutReceiver receiver_;
  EntryApplier applier_;
  std::shared_ptr<LinkPeer> leader_;
  std::unique_ptr<CutSender> giving_;  // images that the leader takes from this node
  std::optional<Position> tail_;       // the leader takes the entries after it, when it has those
  bool has_alarm_ = false;
  bool is_apart_ = false;       // the leader does not serve this node, and said so
  bool waits_for_cut_ = false;  // images were asked for on this stream
  std::uint32_t leader_protocol_ = 0;
  std::function<void(Status)> on_hand_over_;  // while the leader is asked to hand over
  std::optional<Position> hand_over_at_;      // its last position, once it said so
  OrphanDone on_orphan_;                      // while the leader is asked for one

  std::atomic<bool> is_filling_ = false;
  Worker worker_;
  std::shared_ptr<Strand> strand_;
};

}  // namespace tandem
