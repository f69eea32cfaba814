// What makes one version of a zone into another, record by record.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "common/zone/changeset.h"
#include "common/zone/zone.h"

namespace tandem {

enum class DiffSide : std::uint8_t { kRemoved, kAdded };

/// Is given each record that makes the difference, owner by owner in canonical order. False: that
/// is enough.
using DiffVisitor = std::function<bool(DiffSide side, const PackedRecord& record)>;

/// Whether names that differ in the case of letters alone (RFC 4343) make a difference.
enum class Letters : std::uint8_t { kIgnored, kCompared };

/// What turns `from` into `to`. `from` may be null: everything is added.
void visit_difference(const Zone* from, const Zone& to, const DiffVisitor& visit,
                      Letters letters = Letters::kIgnored);

/// The same as a changeset, letters compared. Nothing when it has more than `most_octets` octets.
[[nodiscard]] std::optional<Changeset> diff_zones(const Zone* from, const Zone& to,
                                                  std::size_t most_octets);

/// The changeset that gives the zone's SOA another serial and changes nothing else.
[[nodiscard]] Changeset serial_change(const Zone& zone, Serial serial);

}  // namespace tandem
