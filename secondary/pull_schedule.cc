#include "secondary/pull_schedule.h"

#include <algorithm>

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A refresh or retry of zero or a few seconds is a slip of a pen, and would be a flood from many
// zones: who wants changes sooner sends NOTIFY.
constexpr seconds kLeastRefresh{30};
constexpr seconds kLeastRetry{10};
// NOTIFY gets lost: a week without a question would be a week behind.
constexpr seconds kMostRefresh{24 * 3600};
constexpr seconds kMostRetry{3600};
// Before the first content there is no SOA that says how often to try.
constexpr SoaTimers kNoTimers{kMostRetry, kLeastRetry, kMostRefresh};
// A short EXPIRE wins over all of these, or the zone would expire although its primary is there.
constexpr seconds kLeast{1};
constexpr unsigned kMostDoublings = 16;

}  // namespace

SoaTimers soa_timers(const Zone& zone) {
  const RrSet soa = zone.soa();
  const std::uint8_t* const numbers =
      soa.rdatas.front().data() + soa.rdatas.front().size() - kSoaNumbersOctets;
  return {seconds(load_be32(numbers + 4)), seconds(load_be32(numbers + 8)),
          seconds(load_be32(numbers + 12))};
}

void PullSchedule::put(NameView zone, MonotonicTime when) {
  erase(zone);
  times_.emplace(zone, when);
  due_.emplace(when, zone);
}

void PullSchedule::erase(NameView zone) {
  if (const auto found = times_.find(zone); found != times_.end()) {
    due_.erase({found->second, found->first});
    times_.erase(found);
  }
}

std::optional<MonotonicTime> PullSchedule::time_of(NameView zone) const {
  const auto found = times_.find(zone);
  return found != times_.end() ? std::optional(found->second) : std::nullopt;
}

std::vector<StoredName> PullSchedule::take_due(MonotonicTime now) {
  const std::chrono::duration<double> since = now - counted_;
  may_begin_ = std::min<double>(kAtOnce, may_begin_ + since.count() * kPerSecond);
  counted_ = now;
  std::vector<StoredName> out;
  while (!due_.empty() && due_.begin()->first <= now && may_begin_ >= 1) {
    may_begin_ -= 1;
    out.push_back(due_.begin()->second);
    times_.erase(times_.find(out.back().view()));
    due_.erase(due_.begin());
  }
  return out;
}

std::optional<MonotonicTime> PullSchedule::next() const {
  if (due_.empty()) {
    return std::nullopt;
  }
  const MonotonicTime soonest = counted_ + milliseconds(may_begin_ >= 1 ? 0 : 1000 / kPerSecond);
  return std::max(due_.begin()->first, soonest);
}

milliseconds PullSchedule::after_contact(const SoaTimers& timers) {
  const seconds refresh = std::clamp(timers.refresh, kLeastRefresh, kMostRefresh);
  return spread(std::max<milliseconds>(std::min(refresh, timers.expire / 2), kLeast));
}

milliseconds PullSchedule::after_failure(const std::optional<SoaTimers>& timers,
                                         unsigned failures) {
  const SoaTimers& from = timers ? *timers : kNoTimers;
  const seconds retry = std::clamp(from.retry, kLeastRetry, kMostRetry);
  const seconds most = std::max(retry, std::clamp(from.refresh, kLeastRefresh, kMostRefresh));
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0, kMostDoublings);
  const seconds wait = std::min(retry * (1 << doublings), most);
  return spread(std::max<milliseconds>(std::min(wait, from.expire / 2), kLeast));
}

/// Up to a tenth more or less.
milliseconds PullSchedule::spread(milliseconds time) {
  std::uniform_int_distribution<std::int64_t> tenth(-time.count() / 10, time.count() / 10);
  return time + milliseconds(tenth(random_));
}

}  // namespace tandem
