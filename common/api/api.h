// The HTTP API of a node (docs/http_api.md): reads what the node knows, turns changes into requests
// for the writer.
//
// Thread rule: handle() on the HTTP server's thread; answers to changes come from the writer's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/net/http_server.h"
#include "common/node/catalog_service.h"
#include "common/node/change.h"
#include "common/node/enrolment.h"
#include "common/node/failover_watch.h"
#include "common/node/keeper.h"
#include "common/node/link_hub.h"
#include "common/node/node.h"
#include "common/node/node_watch.h"
#include "common/node/notifier.h"
#include "common/node/orphan_verdict.h"
#include "common/node/promotion.h"
#include "common/node/pull_service.h"
#include "common/node/teller.h"
#include "common/replication/grpc_link.h"

namespace tandem {

/// What the API shows and drives. Everything outlives the API; what may be absent is a function or
/// a null.
struct ApiServices {
  std::string program;
  std::string version;
  Node* node = nullptr;
  ChangeSink* cluster_sink = nullptr;  // null: this node follows
  ChangeSink* local_sink = nullptr;    // null: no changes to the local log
  Keeper* cluster_keeper = nullptr;
  LinkHub* hub = nullptr;
  Enrolment* enrolment = nullptr;
  Teller* teller = nullptr;
  const NodeWatch* watch = nullptr;
  Notifier* notifier = nullptr;
  AskServer ask_server;                      // for the check of an outside secondary
  PullService* pulls = nullptr;              // null: nothing is taken from elsewhere
  const CatalogService* catalogs = nullptr;  // null: none is followed
  const FailoverWatch* failover = nullptr;
  /// Why changes are refused now; empty when they are taken.
  std::function<std::string()> read_only_reason;
  std::function<std::vector<std::string>()> link_listening;
  std::function<std::vector<DialState>()> link_dialling;
  /// The operator's choice after a divergence. Fails: kRefused where there is nothing to choose.
  std::function<Status(std::string_view keep)> keep_history;
  Promote promote;
  ApplyOrphan apply_orphan;

  /// Numbers of the roles for /metrics: name, help, value.
  struct Metric {
    std::string name;
    std::string help;
    double value = 0;
    bool is_counter = true;
  };

  std::function<std::vector<Metric>()> role_metrics;
};

class Api {
 public:
  explicit Api(ApiServices services);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  void handle(HttpRequest request, HttpRespond respond);
  /// Tells waiting log readers that there is something, or that the end has come.
  void on_commit();
  void stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace tandem
