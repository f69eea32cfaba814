// What the writer itself adds to a zone at the end of a group: a newer serial (RFC 2136 s3.6), and
// the digest of the whole where the zone's options ask for one (ZONEMD, RFC 8976).
#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/node/zone_table.h"

namespace tandem {

/// How `after` is to change so that it may follow `before`, which is null for a new zone. Empty:
/// not at all. The serial is raised unless the change brought a newer one; a digest that the
/// options do not ask for any more goes. Requires: `after` has content. Fails: kInvalid when the
/// zone would not be valid.
Result<Changeset> zone_end(const ZoneRecord* before, const ZoneRecord& after, WallTime now);

}  // namespace tandem
