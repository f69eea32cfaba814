// Zone files named at the start: loaded when the store lacks the zone or when the file is another
// than at its last load; never over changes that were made otherwise since.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/dns/master_file.h"
#include "common/node/change.h"
#include "common/node/config.h"
#include "common/node/node.h"

namespace tandem {

struct LoadedZone {
  ZonePtr zone;  // null when there are errors
  std::vector<Diagnostic> diagnostics;
};

/// Dropped when it is read, so that a large one makes room for its zone.
using ZoneText = std::shared_ptr<const std::string>;

/// A master file's text as a zone, with everything that is wrong or odd about it.
[[nodiscard]] LoadedZone load_zone(NameView origin, ZoneText text, const std::string& file_name,
                                   const IncludeOpener& includes, const ZoneLimits& limits);

/// Looks at every file and loads what is due into `log` through `sink`. A zone that the store lacks
/// is answered as soon as it is parsed, while it is being stored. What is wrong with a file is
/// logged, `file:line:column: what`; the other files are loaded all the same. Returns how many of
/// the files' zones are answered now. `on_not_now` is called, on the sink's thread, for a zone that
/// could not be stored for a reason that passes (a full disk, doubt, shutting down).
std::size_t load_zone_files(Node& node, ReplicatedLog& log, ChangeSink& sink,
                            const std::function<void()>& on_not_now);

}  // namespace tandem
