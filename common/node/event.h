// What a human is told of a node, in the forms in which that leaves it
// (docs/operations/telling.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/log/position.h"

namespace tandem {

enum class EventKind : std::uint8_t {
  kPeerLost,
  kPeerBack,
  kPromotion,
  kOrphans,
  kAlarm,
  kAlarmOver,
  kRunway,
  kRunwayOver,
  kDiskLow,
  kDiskOver,
  kTest,
};

/// `peer_lost` and so on, as in the JSON.
[[nodiscard]] std::string_view to_text(EventKind kind) noexcept;

struct Event {
  EventKind kind = EventKind::kTest;
  std::string zone;         ///< Empty: it is about none.
  std::string peer;         ///< A node's id. Empty: it is about none.
  std::uint64_t level = 0;  ///< Percent of a runway, number of orphans; 0: it has none.
  std::string text;         ///< One line of UTF-8.
  WallTime time;
  std::string id;  ///< Of this event alone, the same at each attempt to tell it.
};

/// A new one, with an id, and a text on one line whatever `text` holds.
[[nodiscard]] Event make_event(EventKind kind, std::string_view text, WallTime time);

/// `{"id":...,"event":...,"node":...,"time":...,"text":...}` with `zone`, `peer` and `level` where
/// it has them.
[[nodiscard]] std::string event_json(const Event& event, const NodeId& node);

/// The same as variables: TANDEM_ID, TANDEM_EVENT and so on; empty where the event has none.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> event_environment(
    const Event& event, const NodeId& node);

}  // namespace tandem
