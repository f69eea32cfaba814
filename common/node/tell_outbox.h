// Events on their way to one place: in order, each tried until it was taken, with longer and longer
// pauses. Pure: time is given. Not safe for several threads at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "common/base/clock.h"
#include "common/node/event.h"

namespace tandem {

class TellOutbox {
 public:
  static constexpr std::size_t kMostWaiting = 100;
  static constexpr std::chrono::seconds kFirstPause{1};
  static constexpr std::chrono::seconds kLongestPause{300};
  static constexpr std::chrono::hours kKept{24};

  /// The oldest one goes when there are too many.
  void add(Event event, MonotonicTime now);

  /// The event that is to be tried now; null: none. There until the next call of anything else.
  [[nodiscard]] const Event* due(MonotonicTime now);
  /// When there will be one; nothing: when one is added.
  [[nodiscard]] std::optional<MonotonicTime> next() const;

  /// What due() gave was taken, or was not. By its id: it may have gone meanwhile.
  void succeeded(const std::string& id);
  void failed(MonotonicTime now);

  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

  /// Events that were never taken: there were too many, or they were older than kKept.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  struct Waiting {
    Event event;
    MonotonicTime since;
  };

  std::deque<Waiting> waiting_;
  MonotonicTime not_before_;
  std::chrono::seconds pause_{0};  // the last one; 0: the last try was good
  std::uint64_t dropped_ = 0;
};

}  // namespace tandem
