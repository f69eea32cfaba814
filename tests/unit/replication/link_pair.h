// Two nodes with a gRPC link between them, on loopback.
#pragma once

#include <memory>
#include <string>

#include "common/replication/grpc_link.h"
#include "tests/unit/replication/link_recorder.h"

namespace tandem::testing {

/// Fails the test when the link does not start.
[[nodiscard]] std::unique_ptr<GrpcLink> start_link(GrpcLinkOptions options, LinkHandler& handler);

/// One end. The handler outlives the link.
struct LinkEnd {
  NodeKey key = new_node_key();
  LinkRecorder handler;
  std::unique_ptr<GrpcLink> link;

  /// Starts listening on loopback (port 0: any); gives the address.
  std::string listen(const KeyPin& peer, const std::string& address = "127.0.0.1:0");
  void dial(const KeyPin& peer, const std::string& address);
};

/// `listener` and `dialler`, started by connect().
struct LinkPair {
  LinkEnd listener;
  LinkEnd dialler;

  /// False when no stream opens on both sides.
  bool connect();

  /// What the one end uses to speak to the other. Requires: connected.
  [[nodiscard]] std::shared_ptr<LinkPeer> of_listener() const { return listener.handler.peer(); }

  [[nodiscard]] std::shared_ptr<LinkPeer> of_dialler() const { return dialler.handler.peer(); }
};

}  // namespace tandem::testing
