#include "common/node/expiry.h"

#include <algorithm>

#include "common/base/logging.h"

namespace tandem {
namespace {

constexpr std::chrono::seconds kPersistEvery{60};
// Long enough for a first dial, its timeout and a second one.
constexpr std::chrono::seconds kFirstAttempt{15};
constexpr std::string_view kContactKey = "contact";

}  // namespace

ExpiryWatch::ExpiryWatch(ReplicatedLog& log, Publisher& publisher)
    : log_(log), publisher_(publisher), started_(log.clock().monotonic()) {
  const std::optional<Octets> kept =
      log.store().get(Family::kMeta, as_octets(kContactKey)).value_or(std::nullopt);
  if (kept && kept->size() == 8) {
    contact_wall_ =
        WallTime(std::chrono::microseconds(static_cast<std::int64_t>(load_be64(kept->data()))));
  }
}

void ExpiryWatch::on_contact() {
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = log_.clock().monotonic();
  contact_ = now;
  contact_wall_ = log_.clock().wall();
  if (persisted_ && now - *persisted_ < kPersistEvery) {
    return;
  }
  persisted_ = now;
  Octets value;
  append_be(value, static_cast<std::uint64_t>(contact_wall_->time_since_epoch().count()));
  WriteBatch batch;
  batch.put(Family::kMeta, as_octets(kContactKey), value);
  if (const auto kept = log_.store().write(batch, Durability::kBuffered); !kept) {
    log_warn("cannot keep the time of contact reason=\"{}\"", kept.error().detail);
  }
}

std::optional<WallTime> ExpiryWatch::last_contact() const {
  const std::lock_guard lock(mutex_);
  return contact_wall_;
}

std::optional<std::chrono::seconds> ExpiryWatch::silence() const {
  const std::lock_guard lock(mutex_);
  const bool may_be_met_yet = !contact_ && log_.clock().monotonic() - started_ < kFirstAttempt;
  return contact_wall_ && !may_be_met_yet ? std::optional(since_contact()) : std::nullopt;
}

/// With the lock held. Requires: contact_wall_.
std::chrono::seconds ExpiryWatch::since_contact() const {
  return contact_ ? std::chrono::floor<std::chrono::seconds>(log_.clock().monotonic() - *contact_)
                  : std::chrono::floor<std::chrono::seconds>(log_.clock().wall() - *contact_wall_);
}

void ExpiryWatch::on_zones_left(const std::vector<ZoneLeft>& zones) {
  constexpr std::int64_t kMostSeconds = 0xffff'ffff;  // as SOA EXPIRE has: whatever the leader says
  const MonotonicTime now = log_.clock().monotonic();
  const std::lock_guard lock(mutex_);
  ends_.clear();
  for (const ZoneLeft& left : zones) {
    ends_[left.zone] =
        now + std::chrono::seconds(std::clamp(left.seconds, -kMostSeconds, kMostSeconds));
  }
}

bool ExpiryWatch::is_over_at_leader(const ZoneId& zone) const {
  const std::lock_guard lock(mutex_);
  const auto end = ends_.find(zone);
  return end != ends_.end() && end->second < log_.clock().monotonic();
}

std::optional<std::uint32_t> ExpiryWatch::remaining(const Zone& zone) const {
  const ZoneRecordPtr record = log_.table().find(zone.origin());
  std::chrono::seconds silent_for{0};
  std::int64_t most = zone.expire_seconds();
  {
    const std::lock_guard lock(mutex_);
    if (const auto end = record != nullptr ? ends_.find(record->id) : ends_.end();
        end != ends_.end()) {
      most =
          std::chrono::floor<std::chrono::seconds>(end->second - log_.clock().monotonic()).count();
    }
    if (!contact_wall_) {
      return std::nullopt;
    }
    silent_for = since_contact();  // also right after a start: this answers for nothing yet
  }
  const std::int64_t expire = zone.expire_seconds();
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(std::min(expire - silent_for.count(), most), 0, expire));
}

void ExpiryWatch::check() {
  const auto silent_for = silence();
  if (!silent_for) {
    return;
  }
  std::vector<Publisher::StateChange> changes;
  for (const ZoneRecordPtr& record : log_.table().all()) {
    if (record->zone == nullptr) {
      continue;
    }
    const bool over = silent_for->count() > std::int64_t{record->zone->expire_seconds()} ||
                      is_over_at_leader(record->id);
    const ServeState past =
        record->options.serve_after_expire ? ServeState::kStale : ServeState::kExpired;
    const ServeState state = over ? past : ServeState::kServing;
    if (state != publisher_.state_of(record->name)) {
      changes.push_back({record->name, state});
      log_at(over ? LogLevel::kError : LogLevel::kInfo, "zone {} zone={} silent_s={} expire_s={}",
             over ? (state == ServeState::kStale ? "stale" : "expired") : "in contact again",
             record->name.to_text(), silent_for->count(), record->zone->expire_seconds());
    }
  }
  if (!changes.empty()) {
    publisher_.set_states(log_.id(), changes);
  }
}

}  // namespace tandem
