#include "common/node/zone_history_walk.h"

#include <algorithm>
#include <utility>

#include "common/log/codec.h"

namespace tandem {
namespace {

constexpr std::size_t kPage = 256;  // sequences, a few kilobytes

std::optional<Serial> soa_serial_in(const Octets& packed) {
  RrUnpacker records(packed);
  while (const auto record = records.next()) {
    if (record->type == RrType::kSoa) {
      return soa_serial(record->rdata);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Serial> serial_before(const RecordChange& change, std::optional<Serial> after) {
  if (const auto removed = soa_serial_in(change.authored.removed)) {
    return removed;
  }
  if (soa_serial_in(change.authored.added)) {
    return std::nullopt;
  }
  const auto removed = soa_serial_in(change.derived.removed);
  return removed ? removed : after;
}

bool is_of_address(const Change& change) noexcept {
  const auto* const setting = std::get_if<SettingChange>(&change.kind);
  return setting != nullptr && setting->kind == SettingKind::kAddress;
}

Result<Entry> read_entry(const LogStore& log, std::uint64_t sequence) {
  const EncodedEntry encoded = TRY(log.read(sequence));
  return decode_entry(encoded.octets);
}

Result<std::optional<Entry>> ZoneEntryWalk::next() {
  while (at_ == page_.size()) {
    if (zone_ == zones_.size()) {
      return std::nullopt;
    }
    page_ = TRY(log_.zone_entries(zones_[zone_], before_, kPage));
    at_ = 0;
    if (page_.empty()) {
      ++zone_;
      before_ = end_;
    } else {
      before_ = page_.back();
    }
  }
  Entry entry = TRY(read_entry(log_, page_[at_++]));
  std::erase_if(entry.changes, [this](const Change& change) {
    return change.zone != zone() && !is_of_address(change);
  });
  return entry;
}

std::optional<Serial> GroupEnd::serial_of(const ZoneId& zone) const noexcept {
  const auto found = std::ranges::find(zones, zone, &ZoneDigest::zone);
  return found != zones.end() ? std::optional(found->serial) : std::nullopt;
}

Result<const GroupEnd*> GroupEnds::of(std::uint64_t sequence) {
  for (std::uint64_t at = sequence;; ++at) {
    if (known_from_ != 0 && at >= known_from_ && at <= known_.sequence) {
      break;
    }
    const EncodedEntry encoded = TRY(log_.read(at));
    if (encoded.group_end) {
      known_ = {at, TRY(decode_entry(encoded.octets)).zone_digests};
      break;
    }
  }
  known_from_ = sequence;
  return &known_;
}

}  // namespace tandem
