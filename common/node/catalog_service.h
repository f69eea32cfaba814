// What the rest of a node sees of the catalogs that it follows (RFC 9432).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/dns/name.h"
#include "common/zone/serial.h"

namespace tandem {

/// One catalog, as it was looked at last.
struct FollowedState {
  Name catalog;
  std::optional<Serial> applied = {};  // what is here is as it said at this serial
  std::string problem = {};            // why it is not as the catalog says now; empty: it is
  std::size_t clash_count = 0;         // members that somebody else has already
  std::vector<Name> clashes = {};      // the first of these
};

class CatalogService {
 public:
  CatalogService() = default;
  CatalogService(const CatalogService&) = delete;
  CatalogService& operator=(const CatalogService&) = delete;
  virtual ~CatalogService() = default;

  static constexpr std::size_t kShownClashes = 20;

  /// Nothing: it is not followed here, or was not looked at yet. Any thread.
  [[nodiscard]] virtual std::optional<FollowedState> state(NameView catalog) const = 0;
  /// All that were looked at. Any thread.
  [[nodiscard]] virtual std::vector<FollowedState> states() const = 0;
};

}  // namespace tandem
