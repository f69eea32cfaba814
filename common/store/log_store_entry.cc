// How one entry of a log follows the one before it: its place, its octets, its chain digest.
#include <algorithm>
#include <utility>

#include "common/log/codec.h"
#include "common/log/entry_check.h"
#include "common/store/log_store.h"
#include "common/store/log_store_rows.h"

namespace tandem {
namespace {

/// The sequence is the next one; the epoch is the same, or a later one that this very entry starts.
Status check_place(const Position& before, const Entry& entry) {
  if (entry.sequence != before.sequence + 1) {
    return fail(Errc::kConflict, "entry {} cannot follow entry {}", entry.sequence,
                before.sequence);
  }
  const auto starts = [](const Change& c) { return std::holds_alternative<EpochStart>(c.kind); };
  const auto starts_count = std::ranges::count_if(entry.changes, starts);
  const bool same = entry.epoch == before.epoch;
  const bool in_order = same ? starts_count == 0
                             : starts_count == 1 && entry.epoch.number > before.epoch.number &&
                                   starts(entry.changes.front());
  if (!in_order) {
    return fail(Errc::kConflict,
                "entry {} is of epoch {} of {} after epoch {} of {}: an epoch starts with its own "
                "entry and a higher number",
                entry.sequence, entry.epoch.number, entry.epoch.leader.to_text(),
                before.epoch.number, before.epoch.leader.to_text());
  }
  return {};
}

}  // namespace

Position position_after(const Position& before, const EncodedEntry& entry) {
  return {entry.starts_epoch.value_or(before.epoch), entry.sequence, entry.chain};
}

Result<EncodedEntry> encode_after(const Position& before, const Entry& entry) {
  TRYV(check_entry(entry));
  TRYV(check_place(before, entry));
  EncodedEntry out = described(entry);
  out.octets = encode_entry(entry);
  if (out.octets.size() > kMaxEntryOctets) {
    return fail(Errc::kTooLarge, "the change needs an entry of {} octets, {} is the most",
                out.octets.size(), kMaxEntryOctets);
  }
  out.chain = extend_chain(before.chain, out.octets);
  return out;
}

Result<DecodedEntry> decode_after(const Position& before, OctetSpan octets) {
  DecodedEntry out{TRY(decode_entry(octets)), {}};
  TRYV(check_place(before, out.entry));
  out.encoded = described(out.entry);
  out.encoded.octets = to_octets(octets);
  out.encoded.chain = extend_chain(before.chain, octets);
  return out;
}

}  // namespace tandem
