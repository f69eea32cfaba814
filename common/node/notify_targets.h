// The servers that are told of changes, one address each: those of the configuration and those of
// the log, together. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/dns/name.h"
#include "common/net/address.h"
#include "common/node/outside_secondaries.h"

namespace tandem {

struct NotifyTarget {
  std::string name;  // NamedSecondary
  bool is_logged = false;
  SocketAddress address;
  std::optional<SocketAddress> via;
  std::optional<Name> key;
  std::vector<Name> zones;  // ascending; none: all

  [[nodiscard]] bool follows(NameView zone) const noexcept;

  friend bool operator==(const NotifyTarget& a, const NotifyTarget& b);
};

/// Where NOTIFY goes, in the same order.
[[nodiscard]] std::vector<NotifyTarget> notify_targets(
    const std::vector<NamedSecondary>& secondaries);

}  // namespace tandem
