// All live streams of this node: greets each peer, hands it to the role that the two nodes' roles
// call for, keeps the heartbeat, ends what is silent.
//
// Any thread may call it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/node/history.h"
#include "common/replication/link.h"

namespace tandem {

/// What a node does with a peer of the other role. Calls for one peer come one at a time and in
/// order.
class PeerRole {
 public:
  PeerRole() = default;
  PeerRole(const PeerRole&) = delete;
  PeerRole& operator=(const PeerRole&) = delete;
  virtual ~PeerRole() = default;

  virtual void on_peer(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) = 0;
  virtual void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) = 0;
  virtual void on_writable(const std::shared_ptr<LinkPeer>& peer) = 0;
  virtual void on_gone(const std::shared_ptr<LinkPeer>& peer) = 0;
};

/// What is known of one other node, connected or not.
struct PeerStatus {
  NodeId node;
  std::string address;
  std::string version;
  bool is_leader = false;
  bool connected = false;
  WallTime since;  // of the stream, or of its end
  WallTime last_contact;
  std::int64_t clock_offset_ms = 0;              // its clock minus ours, transit included
  std::string observed_address;                  // where it sees us
  Position position;                             // as it said last
  std::string detail;                            // why the stream ended, what it waits for
  std::vector<std::uint32_t> change_kinds = {};  // that it knows
  std::optional<KeyPin> key = {};                // since it was met
};

class LinkHub final : public LinkHandler {
 public:
  struct Options {
    NodeId self;
    /// Our Hello as of now.
    std::function<HelloFrame()> hello;
    /// Our durable position, for heartbeats.
    std::function<Position()> position;
    /// Of a leader, for heartbeats: HeartbeatFrame::zones_left, at most kMaxFrameZones. Empty:
    /// there are none.
    std::function<std::vector<ZoneLeft>()> zones_left = {};
    /// Of health checks, for heartbeats; at most kMaxFrameVerdicts. Empty: there are none.
    std::function<HealthReport()> health = {};
    /// Called with what another node says of them.
    std::function<void(const NodeId&, const HealthReport&)> on_health = {};
    /// Called with a greeting after which this node cannot lead on as it does: it has to give way,
    /// or an operator has to choose. The stream is ended.
    std::function<void(Leadership, const HelloFrame&)> on_contest = {};
    /// The node of that key says which ones it may show from here on; durable before it returns.
    std::function<Status(const KeyPin& of, const std::vector<KeyPin>& pins)> take_keys = {};
    /// The node of that key has stored ours.
    std::function<void(const KeyPin& by, const std::vector<KeyPin>& pins)> keys_taken = {};
    std::chrono::milliseconds heartbeat{5'000};
    /// A peer that says nothing for so long is dead. With `look`: found within 15 s.
    std::chrono::milliseconds silence{14'000};
    std::chrono::milliseconds look{1'000};  // for silent peers, so often
  };

  LinkHub(Options options, const Clock& clock);
  LinkHub(const LinkHub&) = delete;
  LinkHub& operator=(const LinkHub&) = delete;
  ~LinkHub() override;

  /// The role for peers that follow (this node leads) and for peers that lead. To be set before the
  /// link starts.
  void set_roles(PeerRole* for_followers, PeerRole* for_leaders);
  /// Ends every stream and takes no new one until resume(): this node's role changes. Returns when
  /// the roles are not called any more. Not for a thread of the link.
  void pause(std::string_view reason);
  /// With the roles of now, as set_roles().
  void resume(PeerRole* for_followers, PeerRole* for_leaders);
  void start();
  void stop();
  /// What the thread does each `look`: ends what is silent, and beats when it is time. For who does
  /// not start() it.
  void turn();

  /// Says at once what is due only with the next heartbeat.
  void send_heartbeats();

  [[nodiscard]] std::vector<PeerStatus> peers() const;
  /// The position a peer acknowledged; kept over its absences.
  void note_position(const std::shared_ptr<LinkPeer>& peer, const Position& position);
  /// A node that was met before this process began: for peers(), until it comes. `change_kinds`:
  /// that it knew then.
  void remember(const NodeId& node, bool is_leader, const Position& position, WallTime last_contact,
                std::vector<std::uint32_t> change_kinds);
  /// It is no member any more. Requires: it has no stream.
  void forget(const NodeId& node);
  void note_detail(const std::shared_ptr<LinkPeer>& peer, std::string detail);
  /// Sends a frame to every node that is connected and knows it, which is by protocol `since`.
  void tell_all(const Frame& frame, std::uint32_t since);
  /// Ends every stream, so that both sides greet each other anew.
  void reconnect_all(std::string_view reason);

  void on_open(const std::shared_ptr<LinkPeer>& peer) override;
  void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) override;
  void on_writable(const std::shared_ptr<LinkPeer>& peer) override;
  void on_close(const std::shared_ptr<LinkPeer>& peer, std::string_view reason) override;

 private:
  struct Stream {
    std::shared_ptr<LinkPeer> peer;
    PeerRole* role = nullptr;  // null: not greeted yet, or nothing to do with each other
    bool is_greeted = false;
    NodeId node;
    std::uint32_t protocol_max = 0;
    MonotonicTime last_heard;
  };

  void greet(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello);
  [[nodiscard]] bool is_contested(LinkPeer& peer, const HelloFrame& hello);
  [[nodiscard]] std::string objection_to(const HelloFrame& hello) const;
  /// Why `pin` may not speak for `node` now; makes room for a new node of that key. Requires:
  /// mutex_ is held.
  [[nodiscard]] std::string objection_to_key(const NodeId& node, const KeyPin& pin);
  void refuse(LinkPeer& peer, const HelloFrame& hello, const std::string& objection);
  /// Of two connections with one node, the one to close. Where each node dialled one, both must
  /// name the same: what the node with the greater id dialled. Otherwise the older one, which the
  /// other side may know to be dead. Null: there is only this one. Requires: mutex_ is held.
  [[nodiscard]] std::shared_ptr<LinkPeer> surplus_of(const std::shared_ptr<LinkPeer>& peer,
                                                     const NodeId& node) const;
  void note_greeting(const LinkPeer& peer, const HelloFrame& hello, const PeerRole* role);
  void take_keys(const std::shared_ptr<LinkPeer>& peer, const KeysFrame& keys);
  void take_heartbeat(const std::shared_ptr<LinkPeer>& peer, const HeartbeatFrame& heartbeat);
  /// Whose it is; nothing: it has not greeted yet.
  std::optional<NodeId> note_heartbeat(const std::shared_ptr<LinkPeer>& peer,
                                       const HeartbeatFrame& heartbeat);
  [[nodiscard]] PeerRole* heard_from(const std::shared_ptr<LinkPeer>& peer);
  void beat();
  [[nodiscard]] std::chrono::milliseconds look_every() const;
  void end_silent();

  Options options_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  PeerRole* for_followers_ = nullptr;  // guarded by mutex_
  PeerRole* for_leaders_ = nullptr;    // guarded by mutex_
  bool is_paused_ = false;             // guarded by mutex_
  std::size_t with_role_ = 0;          // streams whose role has not heard of their end; as above
  std::condition_variable without_role_;
  std::condition_variable wake_;
  bool stopping_ = false;                      // guarded by mutex_
  std::map<const LinkPeer*, Stream> streams_;  // guarded by mutex_
  std::map<NodeId, PeerStatus> known_;         // guarded by mutex_
  std::map<NodeId, KeyPin> keys_;              // of those met since the start; guarded by mutex_
  std::chrono::milliseconds since_beat_{0};    // of the thread
  std::thread heart_;
};

}  // namespace tandem
