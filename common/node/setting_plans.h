// The plans behind settings of the log: outside secondaries, where zones are taken from, catalogs.
// Pure functions over a draft. Named addresses have their own (note_plans.h): records follow them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/node/change.h"
#include "common/node/outside_server.h"

namespace tandem {

/// What people call an outside secondary by: 1 to 63 letters, digits, `-`, `_` and `.`. Fails:
/// kInvalid.
Status check_secondary_name(std::string_view name);

/// A setting that is to be there. Requires: check_setting().
struct WantedSetting {
  Setting setting;
  std::vector<Name> keys;  // TSIG keys that it names
};

/// What is to be said of those of `keys`, TSIG keys that a setting names, that the log does not
/// have. Keys of one node's configuration are to be left out by whoever knows them.
[[nodiscard]] std::vector<std::string> key_warnings(const std::vector<Name>& keys,
                                                    const TableDraft& zones);

/// Gives a setting its value, a new one or another; nothing changes when it has it. Warns as
/// key_warnings(). Fails: kTooLarge when there are too many of the kind.
[[nodiscard]] Planner plan_setting(WantedSetting wanted);

/// Fails: kNotFound.
[[nodiscard]] Planner plan_setting_removal(SettingKind kind, const std::string& name);

/// The setting of an outside secondary, for plan_setting(). Fails: as check_secondary_name(), and
/// kInvalid when its text is too long.
Result<WantedSetting> secondary_setting(std::string_view name, const OutsideSecondary& secondary);

/// Of one kind in one log: the state of a log is one image, and each outside secondary is told of
/// every zone.
[[nodiscard]] std::size_t most_settings(SettingKind kind) noexcept;
/// Fails: kTooLarge when one more would be too many.
Status check_room_for_setting(const TableDraft& zones, SettingKind kind);

/// `outside secondary`, `zone from elsewhere`, ... for people.
[[nodiscard]] std::string_view noun_of(SettingKind kind) noexcept;

}  // namespace tandem
