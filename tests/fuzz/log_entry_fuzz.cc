// Log entries and states from any octets: what decodes, encodes and decodes again to the same
// value; what it undoes may be logged; a place in the log takes it or says why not.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/log/codec.h"
#include "common/log/content_digest.h"
#include "common/log/entry_check.h"
#include "common/store/log_store.h"

namespace tandem {
namespace {

void check_inverse(const Entry& entry) {
  for (const Change& change : entry.changes) {
    Entry undoing = entry;
    undoing.changes = inverse_of(change);
    CHECK(check_entry(undoing));
    CHECK(decode_entry(encode_entry(undoing)) || encode_entry(undoing).size() > kMaxEntryOctets);
  }
}

void check_digest(const Entry& entry) {
  for (const Change& change : entry.changes) {
    const auto* const records = std::get_if<RecordChange>(&change.kind);
    if (records == nullptr) {
      continue;
    }
    ContentDigest digest;
    digest.apply(records->authored);
    digest.apply(records->derived);
    digest.apply(Changeset(records->derived).inverted());
    digest.apply(Changeset(records->authored).inverted());
    CHECK(digest == ContentDigest());
  }
}

void check_entry_octets(OctetSpan octets) {
  const auto entry = decode_entry(octets);
  if (!entry) {
    CHECK(entry.error().code == Errc::kCorrupt || entry.error().code == Errc::kRefused);
    return;
  }
  const Octets encoded = encode_entry(*entry);
  const auto again = decode_entry(encoded);
  if (!again) {  // other octets said the same thing in fewer
    CHECK(encoded.size() > kMaxEntryOctets);
    return;
  }
  CHECK(encode_entry(*again) == encoded);
  CHECK(again->sequence == entry->sequence && again->changes.size() == entry->changes.size() &&
        again->group_end == entry->group_end && again->actor == entry->actor &&
        again->zone_digests == entry->zone_digests);
  if (entry->changes.size() <= 16) {
    check_inverse(*entry);
  }
  check_digest(*entry);
  Position before;
  before.epoch = entry->epoch;
  before.sequence = entry->sequence - 1;
  const auto placed = decode_after(before, octets);
  CHECK(placed || placed.error().code == Errc::kConflict);
}

void check_state_octets(OctetSpan octets) {
  const auto state = decode_state(octets);
  if (!state) {
    return;
  }
  const auto again = decode_state(encode_state(*state));
  CHECK(again && *again == *state);
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tandem::check_entry_octets({data, size});
  tandem::check_state_octets({data, size});
  return 0;
}
