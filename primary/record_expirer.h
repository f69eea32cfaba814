// Takes records away whose time is up, by changes like any other, one for each zone.
//
// Thread rule: one thread calls check(), about every second. Outcomes come on the writer's thread.
#pragma once

#include <memory>
#include <mutex>
#include <set>

#include "common/node/change.h"
#include "common/node/replicated_log.h"

namespace tandem {

class RecordExpirer {
 public:
  /// Requires: both outlive it, and `sink` all that it is asked for.
  RecordExpirer(ReplicatedLog& log, ChangeSink& sink) : log_(log), sink_(sink) {}

  /// Asks for what is due now, unless that of the zone is still on its way. What cannot be done
  /// stands in the node's log, once, and is tried again.
  void check();

 private:
  struct Zones {
    std::mutex mutex;
    std::set<ZoneId> asked;   // guarded by mutex: on their way
    std::set<ZoneId> failed;  // guarded by mutex: at the last try
  };

  static void take_outcome(Zones& zones, const ZoneId& zone, const Result<Receipt>& receipt);

  ReplicatedLog& log_;
  ChangeSink& sink_;
  std::shared_ptr<Zones> zones_ = std::make_shared<Zones>();
};

}  // namespace tandem
