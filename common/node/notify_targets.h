// The servers that are told of changes, one address each: those of the configuration and those of
// the log, together. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/dns/name.h"
#include "common/net/address.h"
#include "common/node/outside_server.h"
#include "common/node/zone_table.h"

namespace tandem {

struct NotifyTarget {
  std::string name;  // the secondary's in the log; of the configuration: its first address
  bool is_logged = false;
  SocketAddress address;
  std::optional<SocketAddress> via;
  std::optional<Name> key;
  std::vector<Name> zones;  // ascending; none: all

  [[nodiscard]] bool follows(NameView zone) const noexcept;

  friend bool operator==(const NotifyTarget& a, const NotifyTarget& b);
};

/// An outside secondary with what it is called by.
struct NamedSecondary {
  std::string name;
  bool is_logged = false;
  OutsideSecondary secondary;
};

/// Those of the configuration, then those of the log by name. One that a newer version wrote and
/// this one does not understand is left out and logged.
[[nodiscard]] std::vector<NamedSecondary> named_secondaries(
    const std::vector<OutsideSecondary>& configured, const SettingBook& logged);

/// Where NOTIFY goes, in the same order.
[[nodiscard]] std::vector<NotifyTarget> notify_targets(
    const std::vector<NamedSecondary>& secondaries);

}  // namespace tandem
