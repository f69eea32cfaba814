// Outside secondaries of the configuration and of the log together, and what they may have.
#pragma once

#include <string>
#include <vector>

#include "common/node/outside_server.h"
#include "common/node/transfer_rule.h"
#include "common/node/zone_table.h"

namespace tandem {

/// An outside secondary with what it is called by.
struct NamedSecondary {
  std::string name;  // of one of the configuration: its first address
  bool is_logged = false;
  OutsideSecondary secondary;
};

struct Config;

/// All of the configuration: those that are told of changes alone first.
[[nodiscard]] std::vector<OutsideSecondary> configured_secondaries(const Config& config);

/// Those of the configuration, then those of the log by name. One that a newer version wrote and
/// this one does not understand is left out and logged.
[[nodiscard]] std::vector<NamedSecondary> named_secondaries(
    const std::vector<OutsideSecondary>& configured, const SettingBook& logged);

/// Who may have zones because it follows them: from the addresses of `transfer:`, without those
/// from the notified ones.
[[nodiscard]] std::vector<TransferRule> transfer_rules_of(
    const std::vector<NamedSecondary>& secondaries);

}  // namespace tandem
