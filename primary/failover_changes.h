// Puts alternatives into zones and takes them out again, by changes like any other, where a
// failover has the mode `changes`.
//
// Thread rule: one thread calls check(), about every second. Outcomes come on the writer's thread.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/node/change.h"
#include "common/node/failover_watch.h"

namespace tandem {

class FailoverChanges {
 public:
  /// Requires: `sink` outlives all that it is asked for.
  explicit FailoverChanges(ChangeSink& sink) : sink_(sink) {}

  /// Asks for what the verdicts come to, unless that is on its way. What cannot be done stands in
  /// the node's log, once, and is tried again.
  void check(const std::vector<FailoverView>& all);

 private:
  struct Names {
    std::mutex mutex;
    std::set<std::string> asked;   // guarded by mutex: on their way
    std::set<std::string> failed;  // guarded by mutex: at the last try
  };

  static void take_outcome(Names& names, const std::string& name, const Result<Receipt>& receipt);

  ChangeSink& sink_;
  std::shared_ptr<Names> names_ = std::make_shared<Names>();
};

}  // namespace tandem
