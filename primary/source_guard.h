// Keeps zones that are taken from elsewhere as their primaries have them.
#pragma once

#include "common/base/result.h"
#include "common/node/change.h"
#include "common/node/zone_sources.h"

namespace tandem {

/// Whether a zone's content, or its being there, may change so: a zone that has a source takes
/// nothing else than what comes from there, and nothing from there once it has none. Fails:
/// kRefused, naming the primaries; kConflict.
Status check_source(const ZoneSources& sources, const TableDraft& draft,
                    const PlannedChange& planned, bool is_from_source);

}  // namespace tandem
