// The wire between nodes: authenticated, ordered, bounded streams of frames, whoever dialled. What
// the frames mean is the roles' business (primary/pusher.h, secondary/replica.h).
//
// Two implementations: gRPC (grpc_link.h), and one inside of the process for tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/crypto/node_key.h"
#include "common/replication/frames.h"

namespace tandem {

/// One live stream to one authenticated peer. Any thread may call it.
class LinkPeer {
 public:
  LinkPeer() = default;
  LinkPeer(const LinkPeer&) = delete;
  LinkPeer& operator=(const LinkPeer&) = delete;
  virtual ~LinkPeer() = default;

  /// Queues a frame; frames go out in order. After the stream ended it does nothing.
  virtual void send(const Frame& frame) = 0;
  /// Octets queued and not yet handed to the network: senders of much wait for on_writable below
  /// their limit.
  [[nodiscard]] virtual std::size_t queued_octets() const = 0;
  /// Ends the stream after what is queued, or at once when the peer does not read; on_close
  /// follows.
  virtual void close(std::string_view reason) = 0;

  [[nodiscard]] virtual const KeyPin& pin() const = 0;
  /// Address and port of the other side as the network shows it.
  [[nodiscard]] virtual const std::string& address() const = 0;
  /// Whether this end dialled.
  [[nodiscard]] virtual bool is_dialled() const = 0;
};

/// The role's side. Calls for one peer come one at a time and in order; calls for different peers
/// may overlap. A handler must not block: it hands work on.
class LinkHandler {
 public:
  LinkHandler() = default;
  LinkHandler(const LinkHandler&) = delete;
  LinkHandler& operator=(const LinkHandler&) = delete;
  virtual ~LinkHandler() = default;

  virtual void on_open(const std::shared_ptr<LinkPeer>& peer) = 0;
  virtual void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) = 0;
  /// The queue has become empty.
  virtual void on_writable(const std::shared_ptr<LinkPeer>& peer) = 0;
  /// Exactly once for every on_open, and the last call for that peer.
  virtual void on_close(const std::shared_ptr<LinkPeer>& peer, std::string_view reason) = 0;
};

}  // namespace tandem
