// A variant of a zone: the same version, serial included, with other data in some of its sets. It
// is answered, and nothing else: one node makes it for itself, as long as it wants.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "common/dns/rr_set.h"
#include "common/dns/stored_name.h"
#include "common/zone/zone.h"

namespace tandem {

/// By zone, complete sets, each in the place of the one that its owner has of its type.
using Alternatives = std::unordered_map<StoredName, std::vector<RrSet>, NameHash, NameEqual>;

/// `base` with those of the sets that it has itself; a set that it lacks stays away. Shares the
/// memory of `base` (Zone::apply()). What was signed elsewhere is given back as it is, and so is a
/// zone with which the sets would not be valid; that stands in the node's log.
[[nodiscard]] ZonePtr variant_of(const ZonePtr& base, std::span<const RrSet> sets,
                                 const ZoneLimits& limits);

}  // namespace tandem
