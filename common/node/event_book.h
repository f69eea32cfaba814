// What is to be told of what holds: each condition once when it begins, once more for each higher
// level, and once when it is over. Pure: time is given. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/node/event.h"

namespace tandem {

/// Something that holds now.
struct Condition {
  EventKind kind = EventKind::kAlarm;  ///< Of its begin.
  std::string subject;                 ///< What it is about: one of a kind.
  std::uint64_t level = 1;             ///< A higher one is told anew.
  std::string zone;
  std::string peer;
  std::string text;      ///< Told when it begins.
  std::string end_text;  ///< Told when it is over; empty: nothing is.
};

/// What comes and goes within so long is one: it ends when it was away for longer.
inline constexpr std::chrono::seconds kSettle{10};

class EventBook {
 public:
  /// What is to be told, after a look that found `holding`: at most one condition for each kind and
  /// subject. Runways that begin, rise or end together are told as one, by the first of them.
  std::vector<Event> look(const std::vector<Condition>& holding, MonotonicTime now, WallTime time);

  /// It is not over, there is just nobody to say so: nothing is told.
  void forget(EventKind kind, const std::string& subject);

  /// Of conditions that were told and are not over.
  [[nodiscard]] std::vector<std::string> subjects(EventKind kind) const;

 private:
  struct Open {
    Condition told;
    MonotonicTime seen;  // holding, the last time
  };

  std::map<std::pair<EventKind, std::string>, Open> open_;
};

}  // namespace tandem
