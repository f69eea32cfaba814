#include "common/node/event.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "common/base/encoding.h"
#include "common/base/random.h"
#include "common/base/text.h"

namespace tandem {
namespace {

/// What comes from other nodes and libraries may be anything; it ends in mails and shells.
std::string one_line(std::string_view text) {
  std::string out(text);
  const bool is_good = is_utf8(text);
  for (char& octet : out) {
    const auto value = static_cast<unsigned char>(octet);
    if (value < 0x20 || value == 0x7f) {
      octet = ' ';
    } else if (!is_good && value > 0x7f) {
      octet = '?';
    }
  }
  return out;
}

}  // namespace

std::string_view to_text(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::kPeerLost:
      return "peer_lost";
    case EventKind::kPeerBack:
      return "peer_back";
    case EventKind::kPromotion:
      return "promotion";
    case EventKind::kOrphans:
      return "orphans";
    case EventKind::kAlarm:
      return "alarm";
    case EventKind::kAlarmOver:
      return "alarm_over";
    case EventKind::kRunway:
      return "runway";
    case EventKind::kRunwayOver:
      return "runway_over";
    case EventKind::kDiskLow:
      return "disk_low";
    case EventKind::kDiskOver:
      return "disk_over";
    case EventKind::kTest:
      return "test";
  }
  return "test";
}

Event make_event(EventKind kind, std::string_view text, WallTime time) {
  Event event;
  event.kind = kind;
  event.text = one_line(text);
  event.time = time;
  event.id = to_hex(random_array<16>());
  return event;
}

std::string event_json(const Event& event, const NodeId& node) {
  boost::json::object out{{"id", event.id},
                          {"event", to_text(event.kind)},
                          {"node", node.to_text()},
                          {"time", to_text(event.time)},
                          {"text", event.text}};
  if (!event.zone.empty()) {
    out["zone"] = event.zone;
  }
  if (!event.peer.empty()) {
    out["peer"] = event.peer;
  }
  if (event.level != 0) {
    out["level"] = event.level;
  }
  return boost::json::serialize(out);
}

std::vector<std::pair<std::string, std::string>> event_environment(const Event& event,
                                                                   const NodeId& node) {
  return {{"TANDEM_ID", event.id},
          {"TANDEM_EVENT", std::string(to_text(event.kind))},
          {"TANDEM_NODE", node.to_text()},
          {"TANDEM_TIME", to_text(event.time)},
          {"TANDEM_TEXT", event.text},
          {"TANDEM_ZONE", event.zone},
          {"TANDEM_PEER", event.peer},
          {"TANDEM_LEVEL", event.level != 0 ? std::to_string(event.level) : ""}};
}

}  // namespace tandem
