#include "common/node/signature_dates.h"

#include <chrono>

#include "common/base/bytes.h"

namespace tandem {
namespace {

constexpr int kShare = 100;  // a zone is read in at most one of so many parts of the time
// Of the rdata (RFC 4034 s3.1).
constexpr std::size_t kExpirationAt = 8;
constexpr std::size_t kInceptionAt = 12;
constexpr std::size_t kTimesEnd = 16;

/// The time with these 32 bits that is nearest to `now` (RFC 4034 s3.1.5, RFC 1982).
WallTime time_near(std::uint32_t low, WallTime now) {
  const std::int64_t here =
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const auto ahead = static_cast<std::int32_t>(low - static_cast<std::uint32_t>(here));
  return WallTime(std::chrono::seconds(here + ahead));
}

}  // namespace

std::optional<SignatureTimes> first_signature(const Zone& zone, WallTime now) {
  std::optional<SignatureTimes> first;
  zone.for_each_record([&](const PackedRecord& record) {
    if (record.type != RrType::kRrsig || record.rdata.size() < kTimesEnd) {
      return;
    }
    const WallTime expiration = time_near(load_be32(record.rdata.data() + kExpirationAt), now);
    if (!first || expiration < first->expiration) {
      first = {time_near(load_be32(record.rdata.data() + kInceptionAt), now), expiration};
    }
  });
  return first;
}

std::optional<SignatureTimes> SignatureDates::of(const ZoneRecord& record, const Clock& clock) {
  if (record.zone == nullptr || !record.zone->is_presigned()) {
    return std::nullopt;
  }
  const MonotonicTime now = clock.monotonic();
  const auto [found, is_new] = seen_.try_emplace(record.id);
  Seen& seen = found->second;
  seen.is_wanted = true;
  if (is_new || (seen.digest != record.digest && now >= seen.again)) {
    seen.first = first_signature(*record.zone, clock.wall());
    seen.digest = record.digest;
    const MonotonicTime end = clock.monotonic();
    seen.again = end + kShare * (end - now);
  }
  return seen.first;
}

void SignatureDates::end_round() {
  std::erase_if(seen_, [](const auto& each) { return !each.second.is_wanted; });
  for (auto& [zone, seen] : seen_) {
    seen.is_wanted = false;
  }
}

}  // namespace tandem
