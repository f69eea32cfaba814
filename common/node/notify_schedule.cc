#include "common/node/notify_schedule.h"

#include <algorithm>
#include <utility>

namespace tandem {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostOnTheirWay = 256;  // sockets
constexpr std::size_t kMostOfOneTarget = 32;
constexpr milliseconds kCheckPace{10};  // 100,000 zones in 17 minutes, at 100 questions a second
}  // namespace

NotifySchedule::Work* NotifySchedule::work_of(TargetId id) {
  const auto found =
      std::ranges::find_if(works_, [id](const Work& work) { return work.target.id == id; });
  return found != works_.end() ? &*found : nullptr;
}

const NotifySchedule::Work* NotifySchedule::work_of(TargetId id) const {
  const auto found =
      std::ranges::find_if(works_, [id](const Work& work) { return work.target.id == id; });
  return found != works_.end() ? &*found : nullptr;
}

const NotifyTarget* NotifySchedule::find_target(TargetId id) const {
  const Work* const work = work_of(id);
  return work != nullptr ? &work->target.target : nullptr;
}

bool NotifySchedule::is_full(const Work& work) noexcept {
  return work.on_their_way >= (work.target.is_silent ? 1 : kMostOfOneTarget);
}

std::vector<NotifySchedule::Target> NotifySchedule::targets() const {
  std::vector<Target> out;
  for (const Work& work : works_) {
    out.push_back(work.target);
  }
  return out;
}

void NotifySchedule::set_targets(std::vector<NotifyTarget> targets, const ZoneList& zones,
                                 MonotonicTime now) {
  std::vector<Work> next;
  for (NotifyTarget& target : targets) {
    const auto kept = std::ranges::find_if(works_, [&](const Work& work) {
      return work.target.id != 0 && work.target.target == target;
    });
    if (kept != works_.end()) {
      next.push_back(std::exchange(*kept, Work{}));
    } else {
      Work work;
      work.target.id = ++last_id_;
      work.target.target = std::move(target);
      work.to_check = zones;
      work.next_check = now;
      next.push_back(std::move(work));
    }
  }
  for (const Work& gone : works_) {
    if (gone.target.id != 0) {
      forget_target(gone.target.id);
    }
  }
  works_ = std::move(next);
}

void NotifySchedule::check_all(const ZoneList& zones, MonotonicTime now) {
  for (Work& work : works_) {
    work.to_check = zones;
    work.checked = 0;
    work.next_check = now;
  }
}

NotifySchedule::Follow* NotifySchedule::find_follow(const ZoneId& zone, TargetId target) {
  const auto found = zones_.find(zone);
  if (found == zones_.end()) {
    return nullptr;
  }
  const auto follow = std::ranges::find(found->second.follows, target, &Follow::target);
  return follow != found->second.follows.end() ? &*follow : nullptr;
}

NotifySchedule::Follow& NotifySchedule::follow_of(const ZoneId& zone, Work& work) {
  if (Follow* const there = find_follow(zone, work.target.id); there != nullptr) {
    return *there;
  }
  ++work.target.known;
  Follow& made = zones_[zone].follows.emplace_back();
  made.target = work.target.id;
  return made;
}

const FollowState* NotifySchedule::state(TargetId target, const ZoneId& zone) const {
  const auto found = zones_.find(zone);
  if (found == zones_.end()) {
    return nullptr;
  }
  const auto follow = std::ranges::find(found->second.follows, target, &Follow::target);
  return follow != found->second.follows.end() ? &follow->state : nullptr;
}

std::vector<ZoneId> NotifySchedule::some_zones(TargetId target, std::size_t most) const {
  std::vector<ZoneId> out;
  const Work* const work = work_of(target);
  if (work == nullptr) {
    return out;
  }
  for (auto at = work->due.begin(); at != work->due.end() && out.size() < most; ++at) {
    out.push_back(at->second);
  }
  for (auto at = zones_.begin(); at != zones_.end() && out.size() < most; ++at) {
    const auto& follows = at->second.follows;
    const auto follow = std::ranges::find(follows, target, &Follow::target);
    if (follow != follows.end() && !work->due.contains({follow->due, at->first})) {
      out.push_back(at->first);
    }
  }
  return out;
}

void NotifySchedule::set_behind(Work& work, Follow& follow, bool is_behind) {
  work.target.behind += is_behind ? 1 : 0;
  work.target.behind -= follow.state.is_behind ? 1 : 0;
  follow.state.is_behind = is_behind;
}

void NotifySchedule::forget(const ZoneId& zone) {
  const auto found = zones_.find(zone);
  if (found == zones_.end()) {
    return;
  }
  for (Follow& follow : found->second.follows) {
    if (Work* const work = work_of(follow.target); work != nullptr) {
      set_behind(*work, follow, false);
      --work->target.known;
      work->due.erase({follow.due, zone});
    }
  }
  zones_.erase(found);
}

void NotifySchedule::forget_target(TargetId target) {
  for (auto at = zones_.begin(); at != zones_.end();) {
    std::erase_if(at->second.follows,
                  [target](const Follow& follow) { return follow.target == target; });
    at = at->second.follows.empty() ? zones_.erase(at) : std::next(at);
  }
}

void NotifySchedule::put_due(Work& work, const ZoneId& zone, Follow& follow, MonotonicTime due) {
  work.due.erase({follow.due, zone});
  follow.due = due;
  work.due.emplace(due, zone);
}

void NotifySchedule::begin(Work& work, const ZoneId& zone, Follow& follow, MonotonicTime now) {
  set_behind(work, follow, true);
  follow.told.reset();
  follow.is_open = true;
  follow.step = Step::kNotify;
  follow.since = now;
  follow.notifies = 0;
  follow.asks = 0;
  if (follow.is_on_its_way) {
    follow.is_changed = true;
  } else {
    put_due(work, zone, follow, now);
  }
}

std::size_t NotifySchedule::tell(const ZoneId& zone, std::string_view name, MonotonicTime now) {
  const ZoneRecordPtr record = find_(zone);
  std::size_t count = 0;
  for (Work& work : works_) {
    const NotifyTarget& target = work.target.target;
    if (record != nullptr && target.follows(record->name) &&
        (name.empty() || target.name == name)) {
      begin(work, zone, follow_of(zone, work), now);
      ++count;
    }
  }
  return count;
}

void NotifySchedule::zone_changed(const ZoneId& zone, MonotonicTime now) {
  const ZoneRecordPtr record = find_(zone);
  if (record == nullptr) {
    forget(zone);
    return;
  }
  const Serial serial = record->zone->serial();
  for (Work& work : works_) {
    if (!work.target.target.follows(record->name)) {
      continue;
    }
    Follow& follow = follow_of(zone, work);
    const bool has_it = follow.state.serves == serial && !follow.state.is_behind;
    if (follow.told != serial && !has_it) {
      begin(work, zone, follow, now);
    }
  }
}

void NotifySchedule::hurry(const ZoneId& zone, MonotonicTime until, MonotonicTime now) {
  const auto found = zones_.find(zone);
  if (found == zones_.end()) {
    return;
  }
  found->second.hurry_until = std::max(found->second.hurry_until, until);
  for (Follow& follow : found->second.follows) {
    Work* const work = work_of(follow.target);
    if (work != nullptr && follow.is_open && !follow.is_on_its_way && follow.step == Step::kAsk) {
      put_due(*work, zone, follow, std::min(follow.due, now));
    }
  }
}

bool NotifySchedule::take_one(Work& work, MonotonicTime now, std::vector<Job>& jobs) {
  if (work.due.empty() || work.due.begin()->first > now) {
    return take_check(work, now, jobs);
  }
  const ZoneId zone = work.due.begin()->second;
  work.due.erase(work.due.begin());
  Follow& follow = follow_of(zone, work);
  follow.is_on_its_way = true;
  jobs.push_back({work.target.id, zone, follow.step});
  return true;
}

/// The next zone that the server was not asked for yet.
bool NotifySchedule::take_check(Work& work, MonotonicTime now, std::vector<Job>& jobs) {
  while (work.has_checks() && work.next_check <= now) {
    const ZoneId zone = (*work.to_check)[work.checked++];
    const ZoneRecordPtr record = find_(zone);
    if (record == nullptr || !work.target.target.follows(record->name)) {
      continue;
    }
    Follow& follow = follow_of(zone, work);
    if (follow.is_open) {
      continue;  // it is asked anyway
    }
    follow.is_open = true;
    follow.is_on_its_way = true;
    follow.step = Step::kAsk;
    follow.since = now;
    follow.notifies = 0;
    follow.asks = 0;
    work.next_check = now + kCheckPace;
    jobs.push_back({work.target.id, zone, Step::kAsk});
    return true;
  }
  return false;
}

std::vector<NotifySchedule::Job> NotifySchedule::take(MonotonicTime now) {
  std::vector<Job> jobs;
  bool has_taken = true;
  while (has_taken) {  // one of each in turn
    has_taken = false;
    for (std::size_t i = 0; i < works_.size() && on_their_way_ < kMostOnTheirWay; ++i) {
      Work& work = works_[(first_ + i) % works_.size()];
      if (!is_full(work) && take_one(work, now, jobs)) {
        ++work.on_their_way;
        ++on_their_way_;
        has_taken = true;
      }
    }
    ++first_;
  }
  return jobs;
}

std::optional<MonotonicTime> NotifySchedule::next_due() const {
  std::optional<MonotonicTime> next;
  if (on_their_way_ >= kMostOnTheirWay) {
    return next;
  }
  for (const Work& work : works_) {
    if (is_full(work)) {
      continue;
    }
    if (!work.due.empty()) {
      next = std::min(next.value_or(MonotonicTime::max()), work.due.begin()->first);
    }
    if (work.has_checks()) {
      next = std::min(next.value_or(MonotonicTime::max()), work.next_check);
    }
  }
  return next;
}

}  // namespace tandem
