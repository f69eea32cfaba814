// What a node has to do with servers outside of the cluster: zones that it takes from them, and
// catalogs of theirs that say which ones.
#pragma once

#include "common/net/dns_client.h"
#include "common/node/node.h"
#include "secondary/catalog_follower.h"
#include "secondary/primary_client.h"
#include "secondary/puller.h"

namespace tandem {

class OutsideServers {
 public:
  /// `sink`: of the log that the node writes, `log`. Requires: all but `sources` outlive it.
  OutsideServers(Node& node, ReplicatedLog& log, ChangeSink& sink, const ZoneSources& sources,
                 DnsClient& client);

  void start() {
    puller_.start();
    follower_.start();
  }

  /// Before the sink and the client stop. Idempotent.
  void stop() {
    follower_.stop();
    puller_.stop();
  }

  /// The log has changed. Any thread.
  void on_commit() { follower_.on_commit(); }

  [[nodiscard]] PullService& pulls() noexcept { return puller_; }

  [[nodiscard]] const CatalogService& catalogs() const noexcept { return follower_; }

 private:
  DnsPrimaryClient primaries_;
  Puller puller_;
  CatalogFollower follower_;
};

}  // namespace tandem
