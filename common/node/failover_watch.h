// Makes the health checks of the log's failover settings, and lets this node answer alternatives
// while their services are down. Whose verdict counts: verdict_book.h.
//
// Thread rule: it has its own thread, which alone acts; any thread may call the public functions.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/turns.h"
#include "common/net/health_prober.h"
#include "common/node/failover_setting.h"
#include "common/node/health_check.h"
#include "common/node/publisher.h"
#include "common/node/verdict_book.h"
#include "common/node/zone_table.h"

namespace tandem {

/// One failover as this node sees it.
struct FailoverView {
  std::string name;  // of the setting
  Failover failover;
  Health own = Health::kUnknown;       // by this node's own check
  Health in_force = Health::kUnknown;  // what it acts by
  std::optional<NodeId> judge;         // whose verdicts are in force; nothing: its own
  WallTime since;                      // of in_force
  std::string failure;                 // of its own last check; empty: it was good
};

class FailoverWatch {
 public:
  /// Requires: all outlive it.
  struct Services {
    const ZoneTable& table;  // of the cluster's log
    Publisher& publisher;
    const Clock& clock;
    std::function<void(HealthTarget, std::chrono::milliseconds, HealthProber::Outcome)> probe;
    std::function<Role()> role;
    std::function<std::vector<PeerStatus>()> peers;
    /// Tells the others report() now.
    std::function<void()> tell;
  };

  FailoverWatch(Services services, const NodeId& self);
  FailoverWatch(const FailoverWatch&) = delete;
  FailoverWatch& operator=(const FailoverWatch&) = delete;
  /// Stops.
  ~FailoverWatch() = default;

  void start() { turns_.start(); }

  /// What is answered stays as it is. Idempotent.
  void stop() { turns_.stop(); }

  /// One look at what is due and what has come. For who does not start() it.
  void turn();

  /// A log has changed.
  void on_commit();
  /// Another node has said something.
  void note(const NodeId& node, const HealthReport& report);

  /// For heartbeats.
  [[nodiscard]] HealthReport report() const;
  /// Ascending by name.
  [[nodiscard]] std::vector<FailoverView> all() const;

 private:
  struct Item {
    Failover failover;
    HealthCheck check;
    Health in_force = Health::kUnknown;
    WallTime since;
  };

  /// Requires of all these: mutex_ is held.
  bool read_settings();
  bool judge(Role role, const std::vector<PeerStatus>& peers);
  std::vector<Failover> take_due();
  [[nodiscard]] Alternatives alternatives() const;

  void begin(const Failover& failover);
  void end(const CheckId& check, const Status& outcome);
  void tell_change(const Item& item, Health before) const;

  Services services_;
  std::atomic<std::uint64_t> looked_revision_ = ~std::uint64_t{0};

  mutable std::mutex mutex_;
  bool has_news_ = false;              // own verdicts that were not told; guarded by mutex_
  Role role_ = Role::kFollower;        // as of the last turn; guarded by mutex_
  VerdictBook book_;                   // guarded by mutex_
  std::map<std::string, Item> items_;  // by the setting's name; guarded by mutex_
  Turns turns_;
};

}  // namespace tandem
