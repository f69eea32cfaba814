#include "common/node/failover_watch.h"

#include <algorithm>
#include <utility>

#include "common/base/logging.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Checks are due at whole seconds after each other; outcomes, changes and reports wake the thread.
constexpr milliseconds kLook{200};
constexpr seconds kIdle{10};  // nothing is checked: a change of the settings wakes it
constexpr milliseconds kMaxTimeout{5'000};

}  // namespace

FailoverWatch::FailoverWatch(Services services, const NodeId& self)
    : services_(std::move(services)), book_(self), turns_([this] {
        turn();
        const std::lock_guard lock(mutex_);
        return items_.empty() ? kIdle : kLook;
      }) {}

void FailoverWatch::on_commit() {
  // What it was at the last look: a look too many or a bit later is no harm.
  if (services_.table.settings_revision(SettingKind::kFailover) !=
      looked_revision_.load(std::memory_order_relaxed)) {
    turns_.wake();
  }
}

void FailoverWatch::note(const NodeId& node, const HealthReport& report) {
  {
    const std::lock_guard lock(mutex_);
    book_.note(node, report);
  }
  turns_.wake();
}

void FailoverWatch::turn() {
  const Role role = services_.role();
  const std::vector<PeerStatus> peers = services_.peers();
  std::optional<Alternatives> alternatives;
  std::vector<Failover> due;
  bool has_news = false;
  {
    const std::lock_guard lock(mutex_);
    const bool is_other = read_settings();
    const bool is_judged_anew = judge(role, peers);
    if (is_other || is_judged_anew) {
      alternatives = this->alternatives();
    }
    has_news = std::exchange(has_news_, false) || is_judged_anew;
    due = take_due();
  }
  if (alternatives) {
    services_.publisher.set_alternatives(*std::move(alternatives));
  }
  if (has_news) {
    services_.tell();
  }
  for (const Failover& failover : due) {
    begin(failover);
  }
}

/// True: something is other than it was.
bool FailoverWatch::read_settings() {
  const std::uint64_t revision = services_.table.settings_revision(SettingKind::kFailover);
  if (revision == looked_revision_.load(std::memory_order_relaxed)) {
    return false;
  }
  looked_revision_ = revision;
  std::map<std::string, Item> next;
  for (const auto& [name, value] : services_.table.settings(SettingKind::kFailover)) {
    auto failover = Failover::from(name, value);
    if (!failover) {
      log_warn("failover not understood name=\"{}\" reason=\"{}\"", name, failover.error().detail);
      continue;
    }
    const HealthCheck check(failover->setting.pace, services_.clock.monotonic());
    Item item{*std::move(failover), check, Health::kUnknown, services_.clock.wall()};
    const auto before = items_.find(name);
    if (before != items_.end() && before->second.failover.check == item.failover.check) {
      item.check = before->second.check;
      item.in_force = before->second.in_force;
      item.since = before->second.since;
    }
    next.emplace(name, std::move(item));
  }
  items_ = std::move(next);
  return true;
}

bool FailoverWatch::judge(Role role, const std::vector<PeerStatus>& peers) {
  role_ = role;
  book_.set_peers(role, peers);
  bool is_changed = false;
  for (auto& [name, item] : items_) {
    const Health now = book_.in_force(item.failover.check, item.check.verdict());
    if (now != item.in_force) {
      const Health before = std::exchange(item.in_force, now);
      item.since = services_.clock.wall();
      tell_change(item, before);
      is_changed = true;
    }
  }
  return is_changed;
}

void FailoverWatch::tell_change(const Item& item, Health before) const {
  const std::optional<NodeId> judge = book_.judge();
  const std::string who = judge ? judge->to_text() : "self";
  const FailoverKey& key = item.failover.key;
  const std::string_view mode = to_text(item.failover.setting.mode);
  if (item.in_force == Health::kDown) {
    log_warn("service down owner={} type={} mode={} check={} judge={} reason=\"{}\"",
             key.owner.to_text(), to_text(key.type), mode, item.failover.setting.target.to_text(),
             who, item.check.failure());
  } else if (before == Health::kDown) {
    log_info("service {} owner={} type={} mode={} check={} judge={}",
             item.in_force == Health::kUp ? "up" : "unknown", key.owner.to_text(),
             to_text(key.type), mode, item.failover.setting.target.to_text(), who);
  }
}

std::vector<Failover> FailoverWatch::take_due() {
  std::vector<Failover> due;
  const MonotonicTime now = services_.clock.monotonic();
  for (auto& [name, item] : items_) {
    if (item.check.is_due(now)) {
      item.check.begin(now);
      due.push_back(item.failover);
    }
  }
  return due;
}

Alternatives FailoverWatch::alternatives() const {
  Alternatives out;
  for (const auto& [name, item] : items_) {
    const FailoverSetting& setting = item.failover.setting;
    if (item.in_force == Health::kDown && setting.mode == FailoverMode::kAnswers) {
      out[item.failover.key.zone].push_back(setting.alternative);
    }
  }
  return out;
}

void FailoverWatch::begin(const Failover& failover) {
  const auto timeout = std::min<milliseconds>(kMaxTimeout, failover.setting.pace.every);
  services_.probe(failover.setting.target, timeout,
                  [this, check = failover.check](const Status& outcome) { end(check, outcome); });
}

void FailoverWatch::end(const CheckId& check, const Status& outcome) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(
        items_, [&](const auto& each) { return each.second.failover.check == check; });
    if (found == items_.end() || !found->second.check.end(outcome)) {
      return;
    }
    has_news_ = true;
  }
  turns_.wake();
}

HealthReport FailoverWatch::report() const {
  const std::lock_guard lock(mutex_);
  HealthReport out;
  const bool is_leader = role_ == Role::kLeader;
  out.judge = is_leader ? book_.judge() : std::nullopt;
  for (const auto& [name, item] : items_) {
    const Health said = is_leader ? item.in_force : item.check.verdict();
    if (said != Health::kUnknown && out.verdicts.size() < kMaxFrameVerdicts) {
      out.verdicts.push_back({item.failover.check, said == Health::kDown});
    }
  }
  return out;
}

std::vector<FailoverView> FailoverWatch::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<FailoverView> out;
  out.reserve(items_.size());
  for (const auto& [name, item] : items_) {
    out.push_back({name, item.failover, item.check.verdict(), item.in_force, book_.judge(),
                   item.since, item.check.failure()});
  }
  return out;
}

}  // namespace tandem
