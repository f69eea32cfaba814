// What a node has to do with servers outside of the cluster: zones that it takes from them.
#pragma once

#include "common/net/dns_client.h"
#include "common/node/node.h"
#include "secondary/primary_client.h"
#include "secondary/puller.h"

namespace tandem {

class OutsideServers {
 public:
  /// `sink`: of the log that the node writes, `log`. Requires: all outlive it.
  OutsideServers(Node& node, ReplicatedLog& log, ChangeSink& sink, DnsClient& client);

  void start() { puller_.start(); }

  /// Before the sink and the client stop. Idempotent.
  void stop() { puller_.stop(); }

  [[nodiscard]] PullService& pulls() noexcept { return puller_; }

 private:
  DnsPrimaryClient primaries_;
  Puller puller_;
};

}  // namespace tandem
