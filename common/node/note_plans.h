// Plans about named addresses and about records that go by themselves. Pure functions over a draft.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/node/change.h"
#include "common/node/named_address.h"

namespace tandem {

/// Gives a named address a value, a new one or another, and the same step gives it to every record
/// that follows it, in every zone. Fails: kInvalid for a value that such a record cannot have.
[[nodiscard]] Planner plan_address(const std::string& name, const AddressValue& value);

/// Takes the name away: records that followed it keep their data. Fails: kNotFound.
[[nodiscard]] Planner plan_address_removal(const std::string& name);

/// Lets every A or AAAA record of these zones that has the address `name` follow it. Fails:
/// kNotFound for an address or a zone that is not there.
[[nodiscard]] Planner plan_binding(const std::string& name, std::vector<Name> zones);

/// Takes away every record whose time is up at `now`, in seconds since 1970.
[[nodiscard]] Planner plan_expiry(std::int64_t now);

/// What makes records that `added` brings to a zone with these notes go by themselves at `at`.
[[nodiscard]] ZoneNotesChange expiring(const NoteSet& notes, const Octets& added, std::int64_t at);

}  // namespace tandem
