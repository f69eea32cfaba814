// What makes one version of a zone into another, record by record.
#pragma once

#include "common/zone/changeset.h"
#include "common/zone/zone.h"

namespace tandem {

/// The changeset that turns `from` into `to`. `from` may be null: everything is added.
[[nodiscard]] Changeset diff_zones(const Zone* from, const Zone& to);

/// The changeset that gives the zone's SOA another serial and changes nothing else.
[[nodiscard]] Changeset serial_change(const Zone& zone, Serial serial);

}  // namespace tandem
