#include "common/node/event_book.h"

#include <fmt/core.h>

namespace tandem {
namespace {

EventKind end_of(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::kPeerLost:
      return EventKind::kPeerBack;
    case EventKind::kRunway:
      return EventKind::kRunwayOver;
    case EventKind::kDiskLow:
      return EventKind::kDiskOver;
    default:
      return EventKind::kAlarmOver;
  }
}

/// A link has its own silence before it is down (LinkHub), and is up at once.
std::chrono::seconds settle_of(EventKind kind) noexcept {
  return kind == EventKind::kPeerLost ? std::chrono::seconds(0) : kSettle;
}

/// Collects what one look found.
class Telling {
 public:
  explicit Telling(WallTime time) : time_(time) {}

  void begin(const Condition& what) { add(what.kind, what, what.text, what.level); }

  void end(const Condition& what) { add(end_of(what.kind), what, what.end_text, 0); }

  [[nodiscard]] std::vector<Event> take() {
    for (const auto& [key, alike] : alike_) {
      if (alike.more > 0) {
        events_[alike.at].text += fmt::format("; and {} more likewise", alike.more);
      }
    }
    return std::move(events_);
  }

 private:
  struct Alike {
    std::size_t at = 0;    // in events_
    std::size_t more = 0;  // that are not in it
  };

  void add(EventKind kind, const Condition& what, const std::string& text, std::uint64_t level) {
    if (what.kind == EventKind::kRunway) {
      const auto [found, is_new] = alike_.try_emplace({kind, level}, Alike{events_.size(), 0});
      if (!is_new) {
        ++found->second.more;
        return;
      }
    }
    Event event = make_event(kind, text, time_);
    event.zone = what.zone;
    event.peer = what.peer;
    event.level = what.kind == EventKind::kRunway || what.kind == EventKind::kOrphans ? level : 0;
    events_.push_back(std::move(event));
  }

  WallTime time_;
  std::vector<Event> events_;
  std::map<std::pair<EventKind, std::uint64_t>, Alike> alike_;
};

}  // namespace

std::vector<Event> EventBook::look(const std::vector<Condition>& holding, MonotonicTime now,
                                   WallTime time) {
  Telling telling(time);
  for (const Condition& each : holding) {
    const auto [found, is_new] = open_.try_emplace({each.kind, each.subject}, Open{each, now});
    found->second.seen = now;
    if (is_new || each.level > found->second.told.level) {
      found->second.told = each;
      telling.begin(each);
    }
  }
  for (auto at = open_.begin(); at != open_.end();) {
    const Open& open = at->second;
    if (open.seen == now || now - open.seen < settle_of(at->first.first)) {
      ++at;
      continue;
    }
    if (!open.told.end_text.empty()) {
      telling.end(open.told);
    }
    at = open_.erase(at);
  }
  return telling.take();
}

void EventBook::forget(EventKind kind, const std::string& subject) {
  open_.erase({kind, subject});
}

std::vector<std::string> EventBook::subjects(EventKind kind) const {
  std::vector<std::string> out;
  for (const auto& [key, open] : open_) {
    if (key.first == kind) {
      out.push_back(key.second);
    }
  }
  return out;
}

}  // namespace tandem
