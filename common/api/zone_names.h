// Names of zones by id, deleted ones included: what the table no longer knows the log still tells,
// as long as it keeps the entry that deleted the zone.
#pragma once

#include <map>
#include <string>

#include "common/api/api.h"
#include "common/log/position.h"

namespace tandem {

/// Remembers what it has found: made anew for each request. One thread.
class ZoneNames {
 public:
  explicit ZoneNames(const ApiServices& services) : services_(services) {}

  /// The name of a zone, its id in hex where nothing tells.
  [[nodiscard]] const std::string& of(const ZoneId& id);

 private:
  const ApiServices& services_;
  std::map<ZoneId, std::string> known_;
};

}  // namespace tandem
