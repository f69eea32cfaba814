// Entries with fixed content, one of each kind of change, and entries as text for comparing them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/log/entry.h"

namespace tandem::testing {

struct SampleEntry {
  std::string name;  // of the kind of change
  Entry entry;
};

/// One entry of each kind of change, then some of several. They never change: golden files hold
/// their octets.
[[nodiscard]] std::vector<SampleEntry> sample_entries();

/// An entry with every field set, of one change.
[[nodiscard]] Entry entry_with(ZoneId zone, ChangeKind kind);

[[nodiscard]] Name name_of(std::string_view text);
[[nodiscard]] ZoneId zone_id(std::uint8_t octet);
[[nodiscard]] Digest256 digest_of_octet(std::uint8_t octet);
[[nodiscard]] ImageRef image_ref(std::uint8_t octet);
[[nodiscard]] SecretInfo secret_info();
RuleSet rule_set();
[[nodiscard]] RecordNote disabled_note();
/// In the order of their records.
[[nodiscard]] std::vector<RecordNote> noted_records();

/// Packs `owner ttl type rdata` lines.
[[nodiscard]] Octets packed(std::string_view lines);

/// All that an entry, change or state says, as text: equal texts are equal values.
[[nodiscard]] std::string to_text(const Entry& entry);
[[nodiscard]] std::string to_text(const Change& change);

}  // namespace tandem::testing
