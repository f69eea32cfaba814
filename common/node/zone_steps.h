// What leads from a version of a zone that somebody has to the present one, found in the log (IXFR,
// RFC 1995): all changes since, as one.
//
// Thread rule: any, beside the writer. Reads entries, which may take long.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/result.h"
#include "common/node/replicated_log.h"
#include "common/transfer/ixfr_writer.h"
#include "common/zone/zone.h"

namespace tandem {

struct StepLimits {
  std::size_t octets = std::size_t{4} << 20U;  // of the change; beyond, the whole zone is no worse
  std::size_t read_octets = std::size_t{64} << 20U;  // of changes on the way: as much as a second
};

/// From the version with the serial `known` to `present`, which is or was the zone that `log`
/// holds. Nothing when there is no way that is sure and short: that serial is not in the log, or
/// not in it alone; the zone was replaced or made anew since; the change is above the limits or has
/// more records than the zone. Fails: as reading the log.
Result<std::optional<ZoneStep>> find_step(ReplicatedLog& log, const Zone& present, Serial known,
                                          const StepLimits& limits);

}  // namespace tandem
