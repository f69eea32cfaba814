// Whose verdict about a health check counts on this node. One node judges for all: a follower,
// which is in the cloud and sees the service as its users do; of several the one with the least id.
// While none is connected each node believes itself. Pure. One thread at a time.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "common/log/position.h"
#include "common/node/health_check.h"
#include "common/node/link_hub.h"
#include "common/node/role.h"
#include "common/replication/frames.h"

namespace tandem {

class VerdictBook {
 public:
  explicit VerdictBook(const NodeId& self) : self_(self) {}

  /// What a node said last.
  void note(const NodeId& node, const HealthReport& report);
  /// Who is connected now; what the others said does not count any more.
  void set_peers(Role own, const std::vector<PeerStatus>& peers);

  /// `own`: what the node itself has come to.
  [[nodiscard]] Health in_force(const CheckId& check, Health own) const;

  /// Whose verdicts are in force where that is not this node.
  [[nodiscard]] std::optional<NodeId> judge() const noexcept;

 private:
  struct Peer {
    std::map<CheckId, bool> is_down;
    std::optional<NodeId> judge;
    bool is_leader = false;
  };

  /// What it says; kUnknown: nothing.
  [[nodiscard]] static Health said(const Peer& peer, const CheckId& check);
  [[nodiscard]] const Peer* leader() const noexcept;

  NodeId self_;
  Role own_role_ = Role::kFollower;
  std::map<NodeId, Peer> peers_;  // connected ones that have said something
};

}  // namespace tandem
