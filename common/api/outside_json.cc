#include "common/api/outside_json.h"

namespace tandem {
namespace {

namespace json = boost::json;

void add_time(json::object& to, std::string_view name, WallTime time) {
  if (time != WallTime{}) {
    to[name] = to_text(time);
  }
}

void add_text(json::object& to, std::string_view name, const std::string& text) {
  if (!text.empty()) {
    to[name] = text;
  }
}

std::string_view state_of(const OutsideZone& zone) noexcept {
  if (!zone.is_known) {
    return "not asked yet";
  }
  if (zone.state.is_behind) {
    return "behind";
  }
  return zone.state.serves ? "in step" : "unknown";
}

}  // namespace

std::string_view source_of(bool is_logged) noexcept {
  return is_logged ? "log" : "configuration";
}

json::object outside_zone_json(const OutsideZone& zone) {
  json::object out{{"secondary", zone.name},  {"source", source_of(zone.is_logged)},
                   {"address", zone.address}, {"zone", zone.zone.to_text()},
                   {"ours", zone.ours},       {"state", state_of(zone)}};
  const FollowState& state = zone.state;
  if (state.serves) {
    out["serial"] = *state.serves;
  }
  add_time(out, "seen", state.seen);
  add_time(out, "notified", state.notified);
  add_time(out, "answered", state.answered);
  add_text(out, "refusal", state.refusal);
  add_text(out, "problem", state.problem);
  return out;
}

json::object checked_zone_json(const CheckedZone& zone) {
  json::object out{{"zone", zone.zone.to_text()}, {"address", zone.address}, {"ours", zone.ours}};
  if (zone.serves) {
    out["serial"] = *zone.serves;
  }
  add_text(out, "problem", zone.problem);
  return out;
}

}  // namespace tandem
