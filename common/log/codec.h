// Entries as octets and back: the only place that decodes what the log, the link or an image holds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/log/entry.h"

namespace tandem {

constexpr std::size_t kMaxStateOctets = std::size_t{256} << 20U;  // of an encoded LogState

/// The octets that are stored, sent and chained. Deterministic for one version of the program; what
/// counts later are the octets kept, never a second encoding. Requires: check_entry()
/// (entry_check.h) finds nothing; decode_entry() would refuse anything else.
[[nodiscard]] Octets encode_entry(const Entry& entry);

/// Fails: kCorrupt for octets that are no entry (sizes, ids, names, packed records all checked);
/// kRefused for a change kind or field that this version does not know: the log must not go on past
/// it.
Result<Entry> decode_entry(OctetSpan octets);

/// chain digest after an entry: SHA-256(before, octets).
[[nodiscard]] Digest256 extend_chain(const Digest256& before, OctetSpan entry_octets);

[[nodiscard]] Octets encode_state(const LogState& state);
Result<LogState> decode_state(OctetSpan octets);

/// Kinds of change that this version knows, by field number in Change.kind: told to peers in Hello.
[[nodiscard]] std::vector<std::uint32_t> known_change_kinds();

/// The undoing of a change, for roll-back and revert: the changes that lead back from after it to
/// before it, in the order to apply them. The undoing of a delete is a create and, when the zone
/// had content, a replace; that of the start of an epoch is nothing. Of records, derived and
/// authored change places, because what was applied last goes first.
[[nodiscard]] std::vector<Change> inverse_of(const Change& change);

/// A time of day off the wire or out of a file: microseconds since 1970, up to the year 9999.
[[nodiscard]] inline std::optional<WallTime> wall_time_from(std::int64_t microseconds) noexcept {
  constexpr std::int64_t kEnd = 253'402'300'800'000'000;
  if (microseconds < 0 || microseconds >= kEnd) {
    return std::nullopt;
  }
  return WallTime(std::chrono::microseconds(microseconds));
}

}  // namespace tandem
