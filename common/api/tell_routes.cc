// Who is told what a human has to know, and how long the node can go on alone: what status says of
// both, and /tell/test.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/route.h"

namespace tandem {

namespace json = boost::json;

json::value runway_json(const ApiServices& services) {
  const Runways runways = services.watch->runways();
  const Runway* const shortest = runways.shortest();
  if (shortest == nullptr) {
    return nullptr;
  }
  json::object out{{"kind", to_text(shortest->kind)}, {"text", shortest->to_text()}};
  out[shortest->kind == RunwayKind::kCertificate ? "file" : "zone"] = shortest->what;
  out["end"] = to_text(shortest->end);
  out["left_s"] = shortest->left.count();
  out["used_percent"] = shortest->used;
  return out;
}

json::array tell_json(const ApiServices& services) {
  json::array places;
  for (const TellState& state : services.teller->states()) {
    json::object place{{"kind", state.kind}, {"name", state.name},     {"waiting", state.waiting},
                       {"told", state.told}, {"failed", state.failed}, {"dropped", state.dropped}};
    place["last_try"] = state.last_try ? json::value(to_text(*state.last_try)) : nullptr;
    place["last_error"] = state.last_error;
    places.push_back(std::move(place));
  }
  return places;
}

void route_tell_test(const ApiServices& services, const HttpRequest& request,
                     const HttpRespond& respond) {
  if (request.method != "POST") {
    respond(method_not_allowed(request));
    return;
  }
  const Event event =
      make_event(EventKind::kTest, "a test: somebody asked for it", services.node->clock().wall());
  const Status begun = services.teller->test(
      event, [respond, id = event.id](const std::vector<TellOutcome>& outcomes) {
        json::array places;
        for (const TellOutcome& outcome : outcomes) {
          places.push_back(json::object{{"kind", outcome.kind},
                                        {"name", outcome.name},
                                        {"taken", outcome.error.empty()},
                                        {"error", outcome.error}});
        }
        respond(json_response(200, json::object{{"id", id}, {"places", std::move(places)}}));
      });
  if (!begun) {
    respond(error_response(begun.error()));
  }
}

}  // namespace tandem
