#include "secondary/pull_contacts.h"

#include <algorithm>
#include <string_view>

#include "common/base/logging.h"

namespace tandem {
namespace {

using std::chrono::seconds;

constexpr seconds kKeepEvery{60};
// kMeta: "pulled/" zone, in lower case and wire form -> end:i64, microseconds since 1970
constexpr std::string_view kPrefix = "pulled/";
constexpr std::string_view kPrefixEnd = "pulled0";  // '0' follows '/'
constexpr std::size_t kEndOctets = 8;

Octets key_of(NameView zone) {
  Octets key = to_octets(as_octets(kPrefix));
  const Name lower = Name(zone).lower();
  key.insert(key.end(), lower.wire().begin(), lower.wire().end());
  return key;
}

}  // namespace

PullContacts::PullContacts(Store& store, const Clock& clock) : store_(store), clock_(clock) {
  const Status read = store_.scan(
      Family::kMeta, as_octets(kPrefix), as_octets(kPrefixEnd),
      [this](OctetSpan key, OctetSpan value) {
        const OctetSpan wire = key.subspan(kPrefix.size());
        if (value.size() == kEndOctets && wire_name_octets(wire) == wire.size()) {
          const auto end = static_cast<std::int64_t>(load_be64(value.data()));
          ends_.insert_or_assign(StoredName(NameView::unchecked(wire)),
                                 End{WallTime(std::chrono::microseconds(end)), std::nullopt});
        }
        return ScanNext::kContinue;
      });
  if (!read) {
    log_warn("cannot read when zones expire reason=\"{}\"", read.error().detail);
  }
}

void PullContacts::on_contact(NameView zone, Kind kind, seconds soa_expire,
                              std::optional<std::uint32_t> option) {
  seconds now_left = soa_expire;
  if (option) {
    now_left = seconds(*option);
    if (kind == Kind::kCurrent) {
      now_left = std::max(now_left, left(zone).value_or(seconds(0)));
    }
  }
  set_end(zone, std::min(now_left, soa_expire));
}

void PullContacts::begin(NameView zone, seconds soa_expire) {
  if (!ends_.contains(zone)) {
    set_end(zone, soa_expire);
  }
}

void PullContacts::set_end(NameView zone, seconds left) {
  ends_.insert_or_assign(StoredName(zone), End{clock_.wall() + left, clock_.monotonic() + left});
  changed_.insert(StoredName(zone));
}

void PullContacts::forget(NameView zone) {
  if (const auto found = ends_.find(zone); found != ends_.end()) {
    changed_.insert(found->first);
    ends_.erase(found);
  }
}

std::optional<seconds> PullContacts::left(NameView zone) const {
  const auto found = ends_.find(zone);
  if (found == ends_.end()) {
    return std::nullopt;
  }
  const End& end = found->second;
  return end.monotonic ? std::chrono::floor<seconds>(*end.monotonic - clock_.monotonic())
                       : std::chrono::floor<seconds>(end.wall - clock_.wall());
}

void PullContacts::keep() {
  if (!kept_ || clock_.monotonic() - *kept_ >= kKeepEvery) {
    keep_now();
  }
}

void PullContacts::keep_now() {
  if (changed_.empty()) {
    return;
  }
  kept_ = clock_.monotonic();
  WriteBatch batch;
  for (const StoredName& zone : changed_) {
    const auto found = ends_.find(zone.view());
    if (found == ends_.end()) {
      batch.erase(Family::kMeta, key_of(zone));
      continue;
    }
    Octets value;
    append_be(value, static_cast<std::uint64_t>(found->second.wall.time_since_epoch().count()));
    batch.put(Family::kMeta, key_of(zone), value);
  }
  if (const Status kept = store_.write(batch, Durability::kBuffered); kept) {
    changed_.clear();
  } else {
    log_warn("cannot keep when zones expire reason=\"{}\"", kept.error().detail);
  }
}

}  // namespace tandem
