// Plans about named addresses and about records that go by themselves. Pure functions over a draft.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/node/change.h"
#include "common/node/named_address.h"

namespace tandem {

/// Gives a named address a value, a new one or another, and the same step gives it to every record
/// that follows it, in every zone but those signed elsewhere. Fails: kInvalid for a value that such
/// a record cannot have.
[[nodiscard]] Planner plan_address(const std::string& name, const AddressValue& value);

/// Takes the name away: records that followed it keep their data. Fails: kNotFound.
[[nodiscard]] Planner plan_address_removal(const std::string& name);

/// Lets every A or AAAA record of these zones that has the address `name` follow it; those of zones
/// signed elsewhere do not. Fails: kNotFound for an address or a zone that is not there.
[[nodiscard]] Planner plan_binding(const std::string& name, std::vector<Name> origins);

/// Takes away records of a zone whose time is up at `now`, in seconds since 1970, as many as one
/// entry holds easily. In a zone signed elsewhere they stay, without a time.
[[nodiscard]] Planner plan_expiry(const ZoneId& zone, std::int64_t now);

/// What makes these records of a zone with these notes go by themselves at `at`; those that do so
/// anyway only when that is later by more than `slack` seconds.
[[nodiscard]] ZoneNotesChange expiring(const NoteSet& notes, std::span<const PackedRecord> records,
                                       std::int64_t at, std::int64_t slack);

}  // namespace tandem
