// What passes between this node and servers outside of the cluster.
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/outside_json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownZones = 1000;  // of each server

/// Of one zone, or of all: then those first that are behind.
Result<HttpResponse> read_status(const ApiServices& services, const HttpRequest& request) {
  json::array told;
  std::optional<Name> asked;
  if (const auto zone = request.parameter("zone")) {
    asked = TRY(zone_name(*zone));
  }
  json::array pulled = pulled_json(services, asked);
  if (asked) {
    const auto servers = services.notifier->servers_of(*asked);
    if (!servers && pulled.empty()) {  // one that is pulled may still have to come
      return std::unexpected(servers.error());
    }
    for (const OutsideZone& each : servers.value_or(std::vector<OutsideZone>())) {
      told.push_back(outside_zone_json(each));
    }
  } else {
    for (const OutsideServer& server : services.notifier->servers(kShownZones)) {
      for (const OutsideZone& each : server.zones) {
        told.push_back(outside_zone_json(each));
      }
    }
  }
  return json_response(200, json::object{{"told", std::move(told)}, {"pulled", std::move(pulled)}});
}

Result<HttpResponse> notify(const ApiServices& services, const HttpRequest& request) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"zone", "secondary"}));
  const std::string zone = TRY(text_member(body, "zone", ""));
  const std::string secondary = TRY(text_member(body, "secondary", ""));
  const Name name = TRY(zone_name(zone));
  TRYV(services.notifier->tell(name, secondary));
  return json_response(200, json::object{{"done", true}});
}

Result<HttpResponse> retransfer(const ApiServices& services, const HttpRequest& request) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"zone"}));
  const std::string zone = TRY(text_member(body, "zone", ""));
  const Name name = TRY(zone_name(zone));
  if (services.pulls == nullptr) {
    return fail(Errc::kUnavailable, "this node takes no zones from elsewhere yet");
  }
  TRYV(services.pulls->retransfer(name));
  return json_response(202, json::object{{"begun", true}});
}

HttpResponse to_response(Result<HttpResponse> result) {
  return result ? *std::move(result) : error_response(result.error());
}

}  // namespace

void route_xfr(const ApiServices& services, const HttpRequest& request,
               const std::vector<std::string>& path, const HttpRespond& respond) {
  if (path.size() == 2 && path[1] != "notify" && path[1] != "retransfer") {
    respond(not_found(request));
  } else if (path.size() == 1 && is_read(request)) {
    respond(to_response(read_status(services, request)));
  } else if (path.size() == 2 && request.method == "POST") {
    respond(to_response(path[1] == "notify" ? notify(services, request)
                                            : retransfer(services, request)));
  } else {
    respond(method_not_allowed(request));
  }
}

}  // namespace tandem
