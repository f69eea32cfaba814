#include "secondary/puller.h"

#include <algorithm>
#include <utility>

#include "common/base/background.h"
#include "common/base/logging.h"

namespace tandem {
namespace {

using std::chrono::seconds;

// RFC 1996 s3.11: whatever comes, and from whoever forged it, a zone is not asked for more often.
constexpr seconds kLeastBetweenRounds{1};
// Long enough for a first round at a start; nothing expires before it.
constexpr seconds kFirstRound{15};
// Expiry is looked at every second; every ten with 100,000 zones, to leave the processor alone.
constexpr std::size_t kExpiriesPerSecond = 10'000;
constexpr seconds kLongestSleep{1};

bool is_same_host(const SocketAddress& a, const SocketAddress& b) noexcept {
  return a.family() == b.family() && std::ranges::equal(a.octets(), b.octets());
}

bool is_from(const ZoneSource& source, const SocketAddress& from, const std::optional<Name>& key) {
  return std::ranges::any_of(source.primaries, [&](const ZonePrimary& primary) {
    const bool has_key = key && primary.key && key->view() == primary.key->view();
    return has_key || is_same_host(primary.address, from);
  });
}

}  // namespace

void PullInbox::post(Report report) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
      return;
    }
    reports_.push_back(std::move(report));
  }
  wake_.notify_one();
}

std::deque<PullInbox::Report> PullInbox::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(reports_, {});
}

void PullInbox::wait_until(MonotonicTime now, MonotonicTime deadline) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::max(deadline - now, MonotonicTime::duration::zero()),
                 [this] { return is_closed_ || is_awake_ || !reports_.empty(); });
  is_awake_ = false;
}

void PullInbox::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  wake_.notify_one();
}

bool PullInbox::is_closed() const {
  const std::lock_guard lock(mutex_);
  return is_closed_;
}

void PullInbox::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_awake_ = true;
  }
  wake_.notify_one();
}

Puller::Puller(const Services& services, Options options)
    : services_(services),
      clock_(services.log.clock()),
      options_(std::move(options)),
      started_(clock_.monotonic()),
      schedule_(options_.seed),
      contacts_(services.log.store(), clock_) {}

Puller::~Puller() {
  stop();
}

void Puller::start() {
  thread_ = std::thread([this] { run(); });
}

void Puller::stop() {
  inbox_->close();
  if (thread_.joinable()) {
    thread_.join();
  }
  const std::lock_guard lock(mutex_);
  contacts_.keep_now();
}

void Puller::run() {
  give_way();
  while (!inbox_->is_closed()) {
    turn();
    const MonotonicTime now = clock_.monotonic();
    MonotonicTime until;
    {
      const std::lock_guard lock(mutex_);
      until = deadline(now);
    }
    inbox_->wait_until(now, until);
  }
}

void Puller::turn() {
  std::deque<PullInbox::Report> reports = inbox_->take();
  const std::lock_guard lock(mutex_);
  for (PullInbox::Report& report : reports) {
    report(*this);
  }
  look_at_sources();
  const MonotonicTime now = clock_.monotonic();
  begin_due(now);
  begin_transfers();
  check_expiry(now);
  contacts_.keep();
}

MonotonicTime Puller::deadline(MonotonicTime now) const {
  return std::min(schedule_.next().value_or(now + kLongestSleep), now + kLongestSleep);
}

void Puller::look_at_sources() {
  ZoneTable& table = services_.log.table();
  const std::uint64_t revision = table.settings_revision(SettingKind::kSource);
  if (sources_revision_ == revision) {
    return;
  }
  sources_revision_ = revision;
  const std::vector<ZoneSources::Item> items = options_.sources.all(table);
  for (const ZoneSources::Item& item : items) {
    add(item);
  }
  std::erase_if(zones_, [&](const auto& pulled) {
    const bool is_there = std::ranges::binary_search(
        items, pulled.first.view(), {}, [](const auto& item) { return item.zone.view(); });
    if (!is_there) {
      forget(pulled.first, pulled.second);
    }
    return !is_there;
  });
}

Puller::Pulled* Puller::find_pulled(NameView zone) {
  look_at_sources();
  const auto found = zones_.find(zone);
  return found != zones_.end() ? &found->second : nullptr;
}

void Puller::add(const ZoneSources::Item& item) {
  const auto [place, is_new] = zones_.try_emplace(StoredName(item.zone));
  Pulled& pulled = place->second;
  pulled.is_configured = item.is_configured;
  if (is_new) {
    pulled.source = item.text;
    const ZoneRecordPtr record = services_.log.table().find(item.zone);
    if (record != nullptr && record->zone != nullptr) {
      contacts_.begin(item.zone, seconds(record->zone->expire_seconds()));
      schedule_.put(item.zone, clock_.monotonic());
    } else {  // before all that can be answered already
      schedule_.put(item.zone, MonotonicTime());
    }
  } else if (pulled.source != item.text) {
    pulled.source = item.text;
    pulled.round.reset();
    hurry(item.zone, pulled);
  }
}

void Puller::forget(NameView zone, const Pulled& pulled) {
  schedule_.erase(zone);
  contacts_.forget(zone);
  if (pulled.is_expired) {
    services_.publisher.set_states(services_.log.id(), {{StoredName(zone), ServeState::kServing}});
  }
}

void Puller::begin_due(MonotonicTime now) {
  for (const StoredName& zone : schedule_.take_due(now)) {
    begin_round(zone, zones_.find(zone.view())->second);
  }
}

void Puller::hurry(NameView zone, Pulled& pulled) {
  if (pulled.round != nullptr) {
    pulled.is_wanted_again = true;
    return;
  }
  const MonotonicTime now = clock_.monotonic();
  const MonotonicTime when =
      pulled.began ? std::max(now, *pulled.began + kLeastBetweenRounds) : now;
  if (const auto planned = schedule_.time_of(zone); !planned || when < *planned) {
    schedule_.put(zone, when);
  }
}

void Puller::check_expiry(MonotonicTime now) {
  const seconds pause(1 + static_cast<std::int64_t>(zones_.size() / kExpiriesPerSecond));
  if (expiry_checked_ && now - *expiry_checked_ < pause) {
    return;
  }
  expiry_checked_ = now;
  std::vector<Publisher::StateChange> changes;
  for (auto& [zone, pulled] : zones_) {
    const std::optional<seconds> left = contacts_.left(zone);
    if (!left || (!pulled.has_ended_one && now - started_ < kFirstRound)) {
      continue;
    }
    const bool is_over = *left < seconds(0);
    const ZoneRecordPtr record =
        is_over || pulled.is_expired ? services_.log.table().find(zone.view()) : nullptr;
    if (record == nullptr || record->zone == nullptr) {
      continue;
    }
    const ServeState past =
        record->options.serve_after_expire ? ServeState::kStale : ServeState::kExpired;
    const ServeState state = is_over ? past : ServeState::kServing;
    pulled.is_expired = is_over;
    if (state != services_.publisher.state_of(zone)) {
      changes.push_back({zone, state});
      log_at(is_over ? LogLevel::kError : LogLevel::kInfo, "zone {} zone={} source=\"{}\"",
             !is_over                      ? "in contact again"
             : state == ServeState::kStale ? "stale"
                                           : "expired",
             zone.to_text(), pulled.source);
    }
  }
  if (!changes.empty()) {
    services_.publisher.set_states(services_.log.id(), changes);
  }
}

std::optional<SoaTimers> Puller::timers_of(NameView zone) const {
  const ZoneRecordPtr record = services_.log.table().find(zone);
  return record != nullptr && record->zone != nullptr ? std::optional(soa_timers(*record->zone))
                                                      : std::nullopt;
}

Puller::NotifyTaken Puller::notify(const IncomingNotify& notify, const SocketAddress& from,
                                   const std::optional<Name>& key) {
  {
    const std::lock_guard lock(mutex_);
    Pulled* const pulled = find_pulled(notify.zone);
    if (pulled == nullptr) {
      return NotifyTaken::kNotPulled;
    }
    const auto source = ZoneSource::from_text(pulled->source);
    if (!source || !is_from(*source, from, key)) {
      ++stats_.notifies_refused;
      return NotifyTaken::kRefused;
    }
    ++stats_.notifies;
    const ZoneRecordPtr record = services_.log.table().find(notify.zone);
    const bool is_known = notify.serial && record != nullptr && record->zone != nullptr &&
                          !is_newer(*notify.serial, record->zone->serial());
    if (is_known && !pulled->is_expired) {
      return NotifyTaken::kYes;
    }
    hurry(notify.zone, *pulled);
  }
  inbox_->wake();
  return NotifyTaken::kYes;
}

Status Puller::retransfer(NameView zone) {
  {
    const std::lock_guard lock(mutex_);
    Pulled* const pulled = find_pulled(zone);
    if (pulled == nullptr) {
      return fail(Errc::kNotFound, "the zone {} is not taken from elsewhere by this node",
                  zone.to_text());
    }
    pulled->is_wanted_whole = true;
    hurry(zone, *pulled);
  }
  inbox_->wake();
  return {};
}

PulledState Puller::full_state(NameView zone, const Pulled& pulled) const {
  PulledState state = pulled.last;
  state.zone = zone;
  state.source = pulled.source;
  state.is_configured = pulled.is_configured;
  state.is_busy = pulled.round != nullptr;
  if (const auto record = services_.log.table().find(zone);
      record != nullptr && record->zone != nullptr) {
    state.serial = record->zone->serial();
  }
  const MonotonicTime now = clock_.monotonic();
  if (const auto when = schedule_.time_of(zone)) {
    state.next_check = std::chrono::ceil<seconds>(std::max(*when, now) - now);
  }
  state.expires = contacts_.left(zone);
  return state;
}

std::vector<PulledState> Puller::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<PulledState> out;
  out.reserve(zones_.size());
  for (const auto& [zone, pulled] : zones_) {
    out.push_back(full_state(zone, pulled));
  }
  std::ranges::sort(out, {}, &PulledState::zone);
  return out;
}

std::optional<PulledState> Puller::state(NameView zone) const {
  const std::lock_guard lock(mutex_);
  const auto found = zones_.find(zone);
  return found != zones_.end() ? std::optional(full_state(zone, found->second)) : std::nullopt;
}

std::optional<seconds> Puller::remaining(NameView zone) const {
  const std::lock_guard lock(mutex_);
  if (!zones_.contains(zone)) {
    return std::nullopt;
  }
  return std::max(contacts_.left(zone).value_or(seconds(0)), seconds(0));
}

PullStats Puller::stats() const {
  const std::lock_guard lock(mutex_);
  PullStats out = stats_;
  out.zones = zones_.size();
  for (const auto& [zone, pulled] : zones_) {
    out.failing += pulled.failures > 0 ? 1 : 0;
    out.expired += pulled.is_expired ? 1 : 0;
  }
  return out;
}

std::vector<ZoneLeft> Puller::zones_left() const {
  std::vector<ZoneLeft> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [zone, pulled] : zones_) {
      const auto left = contacts_.left(zone);
      if (left && (pulled.failures > 0 || pulled.is_expired)) {
        if (const ZoneRecordPtr record = services_.log.table().find(zone.view())) {
          out.push_back({record->id, left->count()});
        }
      }
    }
  }
  std::ranges::sort(out, {}, &ZoneLeft::seconds);
  out.resize(std::min(out.size(), kMaxFrameZones));
  return out;
}

}  // namespace tandem
