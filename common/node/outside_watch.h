// Who waits until outside secondaries have a change (wait=all): what asks, and what answers.
#pragma once

#include <functional>
#include <vector>

#include "common/base/clock.h"
#include "common/node/change.h"

namespace tandem {

class OutsideWatch {
 public:
  OutsideWatch() = default;
  OutsideWatch(const OutsideWatch&) = delete;
  OutsideWatch& operator=(const OutsideWatch&) = delete;
  virtual ~OutsideWatch() = default;

  using Reached = std::function<void(std::vector<OutsideReached>)>;

  /// Calls `reached` once: when every outside secondary that is told of the zone serves `serial` or
  /// a later one of ours, or with what they serve at `deadline`. At once when there is none. On any
  /// thread, also before it returns.
  virtual void await(const ZoneId& zone, Serial serial, MonotonicTime deadline,
                     Reached reached) = 0;
};

}  // namespace tandem
