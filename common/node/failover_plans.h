// The plans behind failover settings, and those that put alternatives into a zone and take them out
// again. Pure functions over a draft.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "common/node/change.h"
#include "common/node/failover_setting.h"

namespace tandem {

/// Gives a set an alternative, its first or another. One that is in the zone now by a change goes
/// in the same step. Fails: kNotFound for a zone or a set that is not there, kRefused in zones that
/// were signed elsewhere and in catalogs, for types that the zone's structure or its signatures
/// hang on, and by changes for sets whose records carry notes; kInvalid when the set is the
/// alternative already; kTooLarge.
[[nodiscard]] Planner plan_failover(const FailoverKey& key, const FailoverSetting& wanted);

/// Takes the alternative away; if it is in the zone, the base comes back in the same step. Fails:
/// kNotFound.
[[nodiscard]] Planner plan_failover_removal(const FailoverKey& key);

enum class Variant : std::uint8_t { kBase, kAlternative };

/// Puts a variant of a set into its zone, by the setting of that name, which has the mode
/// `changes`. What is so already changes nothing. A set that was changed since the alternative was
/// put there stays as it is. Fails: kNotFound, and as plan_failover().
[[nodiscard]] Planner plan_variant(const std::string& name, Variant variant);

}  // namespace tandem
