// After a promotion: every zone gets a serial above all that the node which led before can have
// given out, so that nobody outside stays on one of a history that is gone. Not those signed
// elsewhere (their signatures cover it) nor those taken from elsewhere; a catalog that is made here
// gets its serial when a zone in it changes.
//
//   meta   "serial-jump"   there: not every zone has it yet
//
// Thread rule: start() once; the rest happens on the writer's thread, one zone after the other
// between the changes of others.
#pragma once

#include <memory>
#include <vector>

#include "common/node/change.h"
#include "common/node/replicated_log.h"
#include "common/node/zone_sources.h"

namespace tandem {

/// How far: more changes than a node makes while it is cut off and does not know it.
constexpr Serial kSerialJump = 10'000;

/// max(what the policy names for `now`, `current` + kSerialJump); zero is skipped.
[[nodiscard]] Serial jumped_serial(Serial current, SerialPolicy policy, WallTime now) noexcept;

/// The change that raises the zone's serial; none for a zone that keeps it.
[[nodiscard]] Planner plan_serial_jump(const ZoneId& zone, const ZoneSources& sources,
                                       WallTime now);

class SerialJump : public std::enable_shared_from_this<SerialJump> {
 public:
  /// Requires: log and sink outlive every receipt.
  static std::shared_ptr<SerialJump> make(ReplicatedLog& log, ChangeSink& sink,
                                          ZoneSources sources);

  /// Makes the mark part of what a promotion writes.
  static void put_mark(WriteBatch& batch);
  static void erase_mark(WriteBatch& batch);

  /// Begins where the mark says that zones are left; also after a restart. Does nothing without it.
  void start();

 private:
  SerialJump(ReplicatedLog& log, ChangeSink& sink, ZoneSources sources);
  void next();
  void finish();

  ReplicatedLog& log_;
  ChangeSink& sink_;
  const ZoneSources sources_;
  std::vector<ZoneId> left_;  // of the writer's thread once it began
};

}  // namespace tandem
