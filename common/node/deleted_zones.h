// Zones that are gone: the log tells of them for as long as it keeps the entry that deleted them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/node/replicated_log.h"

namespace tandem {

struct DeletedZone {
  ZoneId id;
  std::uint64_t sequence = 0;  // of the entry that deleted it
  WallTime time;
  Actor actor;
  ZoneDelete gone;
  NoteSet notes;  // that it had
};

/// What deleted the zone `id`. Nothing when it is there, or the log does not know any more. Fails:
/// as reading the log.
Result<std::optional<DeletedZone>> deletion_of(const LogStore& log, const ZoneId& id);

/// All of one log, the newest deletion first. Fails: as reading the log.
Result<std::vector<DeletedZone>> deleted_zones(ReplicatedLog& log);

}  // namespace tandem
