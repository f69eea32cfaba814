// Outside secondaries: who they are, what they serve, and whether they work.
#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/outside_json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/api/submit.h"
#include "common/node/setting_plans.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownZones = 20;  // of each server; /xfr has those of a zone

std::vector<NamedSecondary> all_secondaries(const ApiServices& services) {
  return named_secondaries(configured_secondaries(services.node->config()),
                           services.node->cluster_log().table().settings(SettingKind::kSecondary));
}

json::object server_json(const OutsideServer& server) {
  json::array zones;
  for (const OutsideZone& zone : server.zones) {
    zones.push_back(outside_zone_json(zone));
  }
  return {{"address", server.target.address.to_text()},
          {"answers", !server.is_silent},
          {"asked", server.known},
          {"behind", server.behind},
          {"zones", std::move(zones)}};
}

json::object secondary_json(const NamedSecondary& named,
                            const std::vector<OutsideServer>& servers) {
  json::array told;
  for (const OutsideServer& server : servers) {
    if (server.target.name == named.name && server.target.is_logged == named.is_logged) {
      told.push_back(server_json(server));
    }
  }
  return {{"name", named.name},
          {"source", source_of(named.is_logged)},
          {"words", named.secondary.to_text()},
          {"servers", std::move(told)}};
}

HttpResponse list(const ApiServices& services) {
  const std::vector<OutsideServer> servers = services.notifier->servers(kShownZones);
  json::array out;
  for (const NamedSecondary& named : all_secondaries(services)) {
    out.push_back(secondary_json(named, servers));
  }
  return json_response(200, json::object{{"secondaries", std::move(out)}});
}

/// The body's "words". Fails: kInvalid.
Result<OutsideSecondary> read_words(const json::object& body) {
  const std::string words = TRY(text_member(body, "words", ""));
  auto secondary = OutsideSecondary::from_text(words);
  if (!secondary) {
    return fail(Errc::kInvalid, "words: {}", secondary.error().detail);
  }
  return secondary;
}

Status set(const ApiServices& services, const HttpRequest& request, std::string_view name,
           const HttpRespond& respond) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"words"}));
  const OutsideSecondary secondary = TRY(read_words(body));
  WantedSetting wanted = TRY(secondary_setting(name, secondary));
  std::erase_if(wanted.keys,
                [&](const Name& key) { return services.node->keys().find_own(key) != nullptr; });
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  TRYV(check_members_know(services, &sink, KnownChange::kSecondary));
  submit(sink, TRY(caller_of(request)), plan_setting(std::move(wanted)), 200, respond);
  return {};
}

Status remove(const ApiServices& services, const HttpRequest& request, std::string_view name,
              const HttpRespond& respond) {
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  submit(sink, TRY(caller_of(request)),
         plan_setting_removal(SettingKind::kSecondary, std::string(name)), 200, respond);
  return {};
}

/// The zones that a check is about: the one of the body, else the first that the secondary follows.
Result<std::vector<ZoneRecordPtr>> zones_of(const ApiServices& services, const json::object& body,
                                            const OutsideSecondary& secondary) {
  if (const std::string zone = TRY(text_member(body, "zone", "")); !zone.empty()) {
    const FoundZone found = TRY(find_content(services, zone));
    if (!secondary.follows(found.record->name)) {
      return fail(Errc::kNotFound, "it does not follow {}", found.record->name.to_text());
    }
    return std::vector{found.record};
  }
  std::vector<ZoneRecordPtr> zones = services.node->cluster_log().table().all();
  for (ZoneRecordPtr& record : services.node->local_log().table().all()) {
    if (services.node->cluster_log().table().find(record->name) == nullptr) {
      zones.push_back(std::move(record));
    }
  }
  std::erase_if(zones, [&](const ZoneRecordPtr& record) {
    return record->zone == nullptr || !secondary.follows(record->name);
  });
  zones.resize(std::min(zones.size(), kMostCheckedZones));
  return zones;
}

Status check(const ApiServices& services, const json::object& body,
             const OutsideSecondary& secondary, const HttpRespond& respond) {
  const std::vector<ZoneRecordPtr> zones = TRY(zones_of(services, body, secondary));
  return check_secondary(services.ask_server, services.node->keys(), secondary, zones,
                         [respond](const std::vector<CheckedZone>& checked) {
                           json::array out;
                           for (const CheckedZone& zone : checked) {
                             out.push_back(checked_zone_json(zone));
                           }
                           respond(json_response(200, json::object{{"zones", std::move(out)}}));
                         });
}

Status check_words(const ApiServices& services, const HttpRequest& request,
                   const HttpRespond& respond) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"words", "zone"}));
  return check(services, body, TRY(read_words(body)), respond);
}

Status check_named(const ApiServices& services, const HttpRequest& request, std::string_view name,
                   const HttpRespond& respond) {
  const json::object body = request.body.empty() ? json::object() : TRY(parse_object(request));
  TRYV(check_members(body, {"zone"}));
  for (const NamedSecondary& named : all_secondaries(services)) {
    if (named.name == name) {
      return check(services, body, named.secondary, respond);
    }
  }
  return fail(Errc::kNotFound, "there is no outside secondary {}", name);
}

}  // namespace

void route_secondaries(const ApiServices& services, const HttpRequest& request,
                       const std::vector<std::string>& path, const HttpRespond& respond) {
  const std::string& method = request.method;
  if (path.size() == 3 && path[2] != "check") {
    respond(not_found(request));
  } else if (path.size() == 1 && is_read(request)) {
    respond(list(services));
  } else if (path.size() == 1 && method == "POST") {
    answer_failure(check_words(services, request, respond), respond);
  } else if (path.size() == 2 && method == "PUT") {
    answer_failure(set(services, request, path[1], respond), respond);
  } else if (path.size() == 2 && method == "DELETE") {
    answer_failure(remove(services, request, path[1], respond), respond);
  } else if (path.size() == 3 && method == "POST") {
    answer_failure(check_named(services, request, path[1], respond), respond);
  } else {
    respond(method_not_allowed(request));
  }
}

}  // namespace tandem
