// The follower's side of the link: takes entries and images from the leader, durable before visible
// before acknowledged, and never shows half a change.
//
// Calls come from the hub, one at a time per peer; a lock keeps two leaders' streams apart.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "common/node/cut_receiver.h"
#include "common/node/cut_sender.h"
#include "common/node/entry_applier.h"
#include "common/node/link_hub.h"
#include "common/node/replicated_log.h"

namespace tandem {

class Replica final : public PeerRole {
 public:
  struct Options {
    /// Called when a leader of the current epoch shows this node at its position, or is bringing it
    /// there.
    std::function<void()> on_contact;
    /// Called when this node is at its leader's position: it has lost nothing that counts.
    std::function<void()> on_in_step;
    /// Called with a reason when something needs a human, with an empty one when it is over.
    std::function<void(std::string)> on_alarm;
    /// This node's cluster became known with the first cut; to be kept in `batch`.
    std::function<void(const ClusterId&, WriteBatch&)> on_cluster;
    /// The cluster this node belongs to; zero while it belongs to none.
    std::function<ClusterId()> cluster;
  };

  Replica(ReplicatedLog& log, const SecretSealer& sealer, LinkHub& hub, Options options);

  /// Opens a store that refuses writes anew, whatever it was that failed. To be called every second
  /// or so: a follower without a stream has no other occasion.
  void recover();

  void on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) override;
  void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) override;
  void on_writable(const std::shared_ptr<LinkPeer>& peer) override;
  void on_gone(const std::shared_ptr<LinkPeer>& peer) override;

 private:
  Status take(const std::shared_ptr<LinkPeer>& peer, Frame& frame);
  [[nodiscard]] bool is_ours(const Position& position) const;
  void acknowledge(LinkPeer& peer);
  Status take_entries(const EntriesFrame& frame, LinkPeer& peer);
  Status take_cut_end(LinkPeer& peer);
  Status give_tail(const TailRequestFrame& request, const std::shared_ptr<LinkPeer>& peer);
  Status pump_given(LinkPeer& peer);
  void stop_giving();
  Status answer_chain(const ChainQueryFrame& query, LinkPeer& peer);
  void note_contact(const Position& leader);

  ReplicatedLog& log_;
  const SecretSealer& sealer_;
  LinkHub& hub_;
  Options options_;

  std::mutex mutex_;
  CutReceiver receiver_;
  EntryApplier applier_;
  std::shared_ptr<LinkPeer> leader_;
  std::unique_ptr<CutSender> giving_;  // images that the leader takes from this node
  std::optional<Position> tail_;       // the leader takes the entries after it, when it has those
  bool has_alarm_ = false;
  bool waits_for_cut_ = false;  // images were asked for on this stream
};

}  // namespace tandem
