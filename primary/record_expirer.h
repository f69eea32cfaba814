// Takes records away whose time is up, by changes like any other.
//
// Thread rule: one thread calls check(), about every second.
#pragma once

#include <atomic>
#include <memory>

#include "common/node/change.h"
#include "common/node/replicated_log.h"

namespace tandem {

class RecordExpirer {
 public:
  /// Requires: both outlive it, and `sink` all that it is asked for.
  RecordExpirer(ReplicatedLog& log, ChangeSink& sink) : log_(log), sink_(sink) {}

  /// Asks for one change that takes away all that is due, unless the last one is still on its way.
  void check();

 private:
  ReplicatedLog& log_;
  ChangeSink& sink_;
  std::shared_ptr<std::atomic<bool>> is_asked_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace tandem
