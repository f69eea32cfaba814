// The part of notify_schedule.h that is about what came of messages: what is next for a server.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "common/node/notify_schedule.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kFirstWait{1};
constexpr seconds kLongestWait{60};
constexpr std::chrono::hours kPatience{1};
constexpr milliseconds kFirstAsk{100};  // a small zone has been transferred by then
constexpr milliseconds kHurriedAsk{25};
constexpr unsigned kAsksPerNotify = 5;  // three seconds of them, twice as long each time

/// `first`, doubled so many times, at most kLongestWait.
milliseconds doubled(milliseconds first, unsigned times) {
  milliseconds wait = first;
  for (unsigned i = 0; i < times && wait < kLongestWait; ++i) {
    wait *= 2;
  }
  return std::min<milliseconds>(wait, kLongestWait);
}

/// Whether there was any answer, good or bad.
template <class T>
bool is_answered(const Result<T>& outcome) {
  return outcome || outcome.error().code == Errc::kRefused ||
         outcome.error().code == Errc::kCorrupt;
}

}  // namespace

/// One that was silent and answers gets all that waits for it.
void NotifySchedule::hear(Work& work, bool is_answered, MonotonicTime now) {
  const bool comes_back = work.target.is_silent && is_answered;
  work.target.is_silent = !is_answered;
  if (!comes_back) {
    return;
  }
  std::set<std::pair<MonotonicTime, ZoneId>> due;
  for (const auto& [time, zone] : work.due) {
    Follow& follow = follow_of(zone, work);
    follow.due = std::min(time, now);
    due.emplace(follow.due, zone);
  }
  work.due = std::move(due);
}

/// The pair that the message was for; nothing: the server or the zone is gone meanwhile.
std::optional<NotifySchedule::Returned> NotifySchedule::take_back(const Job& job, bool is_answered,
                                                                  MonotonicTime now) {
  --on_their_way_;
  Work* const work = work_of(job.target);
  if (work == nullptr) {
    return std::nullopt;
  }
  --work->on_their_way;
  hear(*work, is_answered, now);
  Follow* const follow = find_follow(job.zone, job.target);
  if (follow == nullptr) {
    return std::nullopt;
  }
  follow->is_on_its_way = false;
  const ZoneRecordPtr record = find_(job.zone);
  if (record == nullptr) {
    forget(job.zone);
    return std::nullopt;
  }
  return Returned{*work, *follow, record->zone->serial()};
}

bool NotifySchedule::hurries(const ZoneId& zone, MonotonicTime now) const {
  const auto found = zones_.find(zone);
  return found != zones_.end() && found->second.hurry_until > now;
}

void NotifySchedule::notified(const Job& job, Serial sent, const Status& outcome, const Now& now) {
  const auto returned = take_back(job, is_answered(outcome), now.monotonic);
  if (!returned) {
    return;
  }
  const auto& [work, follow, ours] = *returned;
  FollowState& state = follow.state;
  state.notified = now.wall;
  ++follow.notifies;
  follow.asks = 0;
  if (outcome) {
    follow.told = sent;
    // A version that came before the message was made has been told of with it.
    follow.is_changed = follow.is_changed && sent != ours;
  }
  if (is_answered(outcome)) {
    state.answered = now.wall;
    state.refusal = outcome ? std::string() : outcome.error().detail;
  } else {
    state.problem = outcome.error().detail;
  }
  if (follow.is_changed || !is_answered(outcome)) {
    go_on(job, follow, ours, now.monotonic);
    return;
  }
  // One that refused may look for itself from time to time.
  follow.step = Step::kAsk;
  const bool at_once = !outcome || hurries(job.zone, now.monotonic);
  put_due(work, job.zone, follow, now.monotonic + (at_once ? milliseconds(0) : kFirstAsk));
}

void NotifySchedule::take_serial(Work& work, Follow& follow, Serial serves, Serial ours) {
  follow.state.serves = serves;
  set_behind(work, follow, serves != ours);
  std::string& problem = follow.state.problem;
  if (serves == ours) {
    problem.clear();
  } else if (!is_newer(ours, serves)) {
    problem = fmt::format(
        "it has serial {}, which our {} is not newer than: it takes nothing before that", serves,
        ours);
  } else if (follow.told == ours) {
    problem = fmt::format("it has been told and still has serial {}", serves);
  } else {
    problem = fmt::format("it has serial {}", serves);
  }
}

void NotifySchedule::asked(const Job& job, const Result<Serial>& outcome, const Now& now) {
  const auto returned = take_back(job, is_answered(outcome), now.monotonic);
  if (!returned) {
    return;
  }
  const auto& [work, follow, ours] = *returned;
  ++follow.asks;
  if (outcome) {
    follow.state.seen = now.wall;
    take_serial(work, follow, *outcome, ours);
  } else {
    follow.state.problem = outcome.error().detail;
    set_behind(work, follow, follow.state.is_behind || is_answered(outcome));
  }
  if (outcome && !follow.state.is_behind) {
    follow.is_open = false;
    follow.is_changed = false;
  } else {
    go_on(job, follow, ours, now.monotonic);
  }
}

/// What is next for a server that is behind, or of which nothing is known.
void NotifySchedule::go_on(const Job& job, Follow& follow, Serial ours, MonotonicTime now) {
  const FollowState& state = follow.state;
  const bool is_ahead = state.serves && *state.serves != ours && !is_newer(ours, *state.serves);
  const bool is_first = follow.notifies == 0 && state.is_behind && !is_ahead;
  const auto put = [&](Step step, MonotonicTime::duration wait) {
    follow.step = step;
    put_due(*work_of(job.target), job.zone, follow, now + wait);
  };
  if (std::exchange(follow.is_changed, false) || is_first) {
    put(Step::kNotify, {});
  } else if (now - follow.since >= kPatience || is_ahead) {
    put(state.is_behind && !is_ahead ? Step::kNotify : Step::kAsk, kPatience);
  } else if (follow.told == ours && hurries(job.zone, now)) {
    put(Step::kAsk, kHurriedAsk);
  } else if (follow.told == ours && follow.asks < kAsksPerNotify + follow.notifies - 1) {
    put(Step::kAsk, doubled(kFirstAsk, follow.asks));
  } else if (follow.told == ours) {
    put(Step::kNotify, {});  // some drop it while they transfer, although they answer
  } else if (follow.notifies == 0) {
    put(Step::kAsk, doubled(kFirstWait, follow.asks - 1));
  } else {
    put(Step::kNotify, doubled(kFirstWait, follow.notifies - 1));
  }
}

}  // namespace tandem
