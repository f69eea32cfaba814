#include "common/node/tell_outbox.h"

#include <algorithm>
#include <utility>

namespace tandem {

void TellOutbox::add(Event event, MonotonicTime now) {
  if (waiting_.size() == kMostWaiting) {
    waiting_.pop_front();
    ++dropped_;
  }
  waiting_.push_back({std::move(event), now});
}

const Event* TellOutbox::due(MonotonicTime now) {
  while (!waiting_.empty() && now - waiting_.front().since >= kKept) {
    waiting_.pop_front();
    ++dropped_;
  }
  const bool is_due = !waiting_.empty() && (pause_.count() == 0 || now >= not_before_);
  return is_due ? &waiting_.front().event : nullptr;
}

std::optional<MonotonicTime> TellOutbox::next() const {
  if (waiting_.empty()) {
    return std::nullopt;
  }
  return pause_.count() == 0 ? waiting_.front().since : not_before_;
}

void TellOutbox::succeeded(const std::string& id) {
  if (!waiting_.empty() && waiting_.front().event.id == id) {
    waiting_.pop_front();
  }
  pause_ = std::chrono::seconds(0);
}

void TellOutbox::failed(MonotonicTime now) {
  pause_ = pause_.count() == 0 ? kFirstPause : std::min(pause_ * 2, kLongestPause);
  not_before_ = now + pause_;
}

}  // namespace tandem
