#include "common/node/notifier.h"

#include <algorithm>
#include <utility>

#include "common/base/background.h"
#include "common/base/random.h"
#include "common/transfer/notify.h"

namespace tandem {
namespace {

// Half a second is long for a server that is there; what is lost is sent again in the meantime.
constexpr AskOptions kAsking{
    .timeout = std::chrono::milliseconds(500), .tries = 3, .over_tcp = false};

/// Whether a server has a change: what it serves is that version or a later one of ours.
bool has_it(const FollowState* state, Serial serial, Serial ours) noexcept {
  return state != nullptr && state->serves &&
         (*state->serves == serial ||
          (is_newer(*state->serves, serial) && !is_newer(*state->serves, ours)));
}

}  // namespace

Notifier::Notifier(Services services, Options options)
    : services_(std::move(services)),
      options_(std::move(options)),
      schedule_([this](const ZoneId& id) { return find(id); }) {}

Notifier::~Notifier() {
  stop();
}

void Notifier::start() {
  {
    const std::lock_guard lock(mutex_);
    generations_ = services_.cluster.generation() + services_.local.generation();
  }
  is_begun_ = true;
  if (options_.pace == Worker::Pace::kThread) {
    thread_ = std::thread([this] { run(); });
  }
}

void Notifier::stop() {
  std::vector<Ready> ready;
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    ready = take_ready(nullptr);
  }
  {
    const std::lock_guard lock(news_mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
  finish(std::move(ready));
}

void Notifier::wake() {
  {
    const std::lock_guard lock(news_mutex_);
    has_news_ = true;
  }
  wake_.notify_one();
}

NotifySchedule::Now Notifier::now() const {
  return {services_.clock.monotonic(), services_.clock.wall()};
}

/// A name that both logs have is answered from the cluster's.
ZoneRecordPtr Notifier::find(const ZoneId& id) const {
  ZoneRecordPtr record = services_.cluster.table().find(id);
  if (record == nullptr) {
    record = services_.local.table().find(id);
    if (record != nullptr && services_.cluster.table().find(record->name) != nullptr) {
      return nullptr;
    }
  }
  return record != nullptr && record->zone != nullptr ? record : nullptr;
}

ZoneRecordPtr Notifier::find(NameView zone) const {
  ZoneRecordPtr record = services_.cluster.table().find(zone);
  if (record == nullptr) {
    record = services_.local.table().find(zone);
  }
  return record != nullptr && record->zone != nullptr ? record : nullptr;
}

NotifySchedule::ZoneList Notifier::all_zones() const {
  auto out = std::make_shared<std::vector<ZoneId>>();
  for (ReplicatedLog* const log : {&services_.cluster, &services_.local}) {
    for (const ZoneRecordPtr& record : log->table().all()) {
      out->push_back(record->id);
    }
  }
  return out;
}

void Notifier::on_commit(const CommittedGroup& group) {
  if (!is_begun_) {
    return;  // every server is asked about every zone then
  }
  if (!has_servers_ &&
      services_.cluster.table().settings_revision(SettingKind::kSecondary) == settings_revision_) {
    return;
  }
  {
    const std::lock_guard lock(news_mutex_);
    for (const EncodedEntry& entry : group.entries) {
      changed_.insert(entry.zones.begin(), entry.zones.end());
    }
    has_news_ = true;
  }
  wake_.notify_one();
}

void Notifier::check() {
  if (!is_begun_) {
    return;
  }
  const std::uint64_t generations = services_.cluster.generation() + services_.local.generation();
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(generations_, generations) == generations) {
      return;
    }
    schedule_.check_all(all_zones(), services_.clock.monotonic());
  }
  wake();
}

/// Servers that came or went, zones that changed. With the lock held.
void Notifier::take_news() {
  std::set<ZoneId> changed;
  {
    const std::lock_guard lock(news_mutex_);
    changed.swap(changed_);
    has_news_ = false;
  }
  const ZoneTable& table = services_.cluster.table();
  if (const std::uint64_t revision = table.settings_revision(SettingKind::kSecondary);
      !has_looked_ || revision != settings_revision_) {
    has_looked_ = true;
    settings_revision_ = revision;
    has_servers_ = true;  // what is committed from here on may not be among the zones
    const SettingBook logged = options_.logged == LoggedServers::kTold
                                   ? table.settings(SettingKind::kSecondary)
                                   : SettingBook();
    schedule_.set_targets(notify_targets(named_secondaries(options_.configured, logged)),
                          all_zones(), services_.clock.monotonic());
    has_servers_ = !schedule_.targets().empty();
  }
  for (const ZoneId& zone : changed) {
    schedule_.zone_changed(zone, services_.clock.monotonic());
  }
}

bool Notifier::step() {
  Jobs jobs;
  std::vector<Ready> ready;
  {
    const std::lock_guard lock(mutex_);
    take_news();
    jobs = schedule_.take(services_.clock.monotonic());
    ready = take_ready(nullptr);
  }
  for (const NotifySchedule::Job& job : jobs) {
    send(job);
  }
  const bool has_done = !jobs.empty() || !ready.empty();
  finish(std::move(ready));
  return has_done;
}

void Notifier::run() {
  give_way();
  while (true) {
    static_cast<void>(step());
    MonotonicTime until;
    {
      const std::lock_guard lock(mutex_);
      until = next_wake();
    }
    std::unique_lock lock(news_mutex_);
    const auto is_woken = [this] { return has_news_ || is_stopping_; };
    if (until == MonotonicTime::max()) {
      wake_.wait(lock, is_woken);
    } else {
      wake_.wait_for(lock, until - services_.clock.monotonic(), is_woken);
    }
    if (is_stopping_) {
      return;
    }
  }
}

/// With the lock held.
MonotonicTime Notifier::next_wake() const {
  MonotonicTime next = schedule_.next_due().value_or(MonotonicTime::max());
  for (const Waiting& waiting : waiting_) {
    next = std::min(next, waiting.deadline);
  }
  return next;
}

Result<DnsPeer> Notifier::peer_of(NotifySchedule::TargetId id) const {
  const std::lock_guard lock(mutex_);
  const NotifyTarget* const target = schedule_.find_target(id);
  if (target == nullptr) {
    return fail(Errc::kUnavailable, "the server was taken away");
  }
  DnsPeer peer;
  peer.address = target->address;
  peer.from = target->via;
  if (target->key) {
    peer.key = services_.keys.find(*target->key);
    if (peer.key == nullptr) {
      return fail(Errc::kUnavailable, "there is no key {} here", target->key->to_text());
    }
  }
  return peer;
}

void Notifier::send(const NotifySchedule::Job& job) {
  const ZoneRecordPtr record = find(job.zone);
  const Result<DnsPeer> peer =
      record != nullptr ? peer_of(job.target) : fail(Errc::kUnavailable, "the zone is gone");
  if (job.step == NotifySchedule::Step::kNotify) {
    if (!peer) {
      take_notified(job, 0, std::unexpected(peer.error()));
      return;
    }
    const Serial serial = record->zone->serial();
    ++stats_.sent;
    services_.ask(*peer, notify_request(*record->zone, random_u16()), kAsking,
                  [this, job, serial](Result<Octets> answer) {
                    take_notified(job, serial,
                                  answer ? check_notify_answer(*answer)
                                         : Status(std::unexpected(answer.error())));
                  });
    return;
  }
  if (!peer) {
    take_asked(job, std::unexpected(peer.error()));
    return;
  }
  services_.ask(*peer, soa_question(record->name, random_u16()), kAsking,
                [this, job, zone = Name(record->name.view())](Result<Octets> answer) {
                  take_asked(job, answer ? serial_of_answer(*answer, zone)
                                         : Result<Serial>(std::unexpected(answer.error())));
                });
}

void Notifier::take_notified(const NotifySchedule::Job& job, Serial sent, const Status& outcome) {
  const bool is_refused = !outcome && (outcome.error().code == Errc::kRefused ||
                                       outcome.error().code == Errc::kCorrupt);
  ++(outcome ? stats_.answered : is_refused ? stats_.refused : stats_.unanswered);
  {
    const std::lock_guard lock(mutex_);
    schedule_.notified(job, sent, outcome, now());
  }
  wake();
}

void Notifier::take_asked(const NotifySchedule::Job& job, const Result<Serial>& outcome) {
  std::vector<Ready> ready;
  {
    const std::lock_guard lock(mutex_);
    schedule_.asked(job, outcome, now());
    ready = take_ready(&job.zone);
  }
  wake();
  finish(std::move(ready));
}

void Notifier::await(const ZoneId& zone, Serial serial, MonotonicTime deadline, Reached reached) {
  std::vector<Ready> ready;
  {
    const std::lock_guard lock(mutex_);
    if (is_begun_) {
      take_news();  // the change may not have been looked at
      schedule_.hurry(zone, deadline, services_.clock.monotonic());
    }
    waiting_.push_back({zone, serial, deadline, std::move(reached)});
    ready = take_ready(&zone);
  }
  wake();
  finish(std::move(ready));
}

/// What every server that is told of the zone has. With the lock held.
std::vector<OutsideReached> Notifier::reached(const ZoneId& zone, Serial serial) const {
  std::vector<OutsideReached> out;
  const ZoneRecordPtr record = find(zone);
  if (record == nullptr) {
    return out;
  }
  for (const NotifySchedule::Target& each : schedule_.targets()) {
    if (!each.target.follows(record->name)) {
      continue;
    }
    const FollowState* const state = schedule_.state(each.id, zone);
    out.push_back({each.target.name, each.target.address.to_text(),
                   state != nullptr ? state->serves : std::nullopt,
                   has_it(state, serial, record->zone->serial())});
  }
  return out;
}

/// Those that wait for `changed` and have it everywhere, and those whose time is up. With the lock
/// held.
std::vector<Notifier::Ready> Notifier::take_ready(const ZoneId* changed) {
  std::vector<Ready> ready;
  const MonotonicTime now = services_.clock.monotonic();
  std::erase_if(waiting_, [&](Waiting& waiting) {
    const bool is_late = is_over_ || waiting.deadline <= now;
    if (!is_late && (changed == nullptr || waiting.zone != *changed)) {
      return false;
    }
    std::vector<OutsideReached> servers = reached(waiting.zone, waiting.serial);
    if (!is_late && !std::ranges::all_of(servers, &OutsideReached::has_it)) {
      return false;
    }
    ready.push_back({std::move(waiting.reached), std::move(servers)});
    return true;
  });
  return ready;
}

void Notifier::finish(std::vector<Ready> ready) {
  for (Ready& each : ready) {
    each.reached(std::move(each.servers));
  }
}

Status Notifier::tell(NameView zone, std::string_view name) {
  {
    const std::lock_guard lock(mutex_);
    const ZoneRecordPtr record = find(zone);
    if (record == nullptr) {
      return fail(Errc::kNotFound, "there is no zone {}", zone.to_text());
    }
    take_news();
    if (schedule_.tell(record->id, name, services_.clock.monotonic()) == 0) {
      return fail(Errc::kNotFound, "{} is told of {} by this node",
                  name.empty() ? "no outside secondary" : "no server named " + std::string(name),
                  zone.to_text());
    }
  }
  wake();
  return {};
}

}  // namespace tandem
