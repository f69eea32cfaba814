// Alternatives to record sets: which there are, what their health checks say, what is answered.
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/api/submit.h"
#include "common/dns/rdata.h"
#include "common/node/failover_plans.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// `alternative`, `base`, or `nothing` where the zone has no such set to stand in for.
std::string_view answers_of(const ApiServices& services, const FailoverView& view) {
  const FailoverKey& key = view.failover.key;
  const ZoneRecordPtr record = services.node->cluster_log().table().find(key.zone);
  if (record == nullptr || record->zone == nullptr ||
      !record->zone->find_rrset(key.owner, key.type)) {
    return "nothing";
  }
  const FailoverSetting& setting = view.failover.setting;
  const bool is_alternative = setting.mode == FailoverMode::kChanges
                                  ? setting.base.has_value()
                                  : view.in_force == Health::kDown && !record->zone->is_presigned();
  return is_alternative ? "alternative" : "base";
}

json::object failover_json(const ApiServices& services, const FailoverView& view) {
  const auto& [key, setting, check] = view.failover;
  json::array data;
  for (const Octets& rdata : setting.alternative.rdatas) {
    data.emplace_back(rdata_to_text(key.type, rdata));
  }
  return {{"zone", key.zone.to_text()},
          {"name", key.owner.to_text()},
          {"type", to_text(key.type)},
          {"mode", to_text(setting.mode)},
          {"ttl", setting.alternative.ttl},
          {"alternative", std::move(data)},
          {"check", setting.target.to_text()},
          {"host", setting.target.host},
          {"status", setting.target.status},
          {"text", setting.target.text},
          {"every_s", setting.pace.every.count()},
          {"fall", setting.pace.fall},
          {"rise", setting.pace.rise},
          {"health", to_text(view.in_force)},
          {"since", to_text(view.since)},
          {"judge", view.judge ? view.judge->to_text() : services.node->id().to_text()},
          {"own_health", to_text(view.own)},
          {"own_failure", view.failure},
          {"answers", answers_of(services, view)}};
}

Result<FailoverKey> key_of(const std::vector<std::string>& path) {
  const auto type = rr_type_from_text(path[3]);
  if (!type) {
    return fail(Errc::kInvalid, "{} is no record type", path[3]);
  }
  return FailoverKey{TRY(zone_name(path[1])).lower(), TRY(zone_name(path[2])).lower(), *type};
}

/// The body as the words of a setting.
Result<std::string> read_words(const json::object& body) {
  TRYV(check_members(body, {"check", "host", "status", "text", "every_s", "fall", "rise", "mode",
                            "ttl", "alternative"}));
  std::string words;
  for (const std::string_view member : {"check", "host", "text", "mode"}) {
    const std::string value = TRY(text_member(body, member, ""));
    const bool is_any_text = member == "text";
    if (!is_any_text && value.find(' ') != std::string::npos) {
      return fail(Errc::kInvalid, "{}: it has no spaces", member);
    }
    if (!value.empty()) {
      words += fmt::format("{}:{} ", member, is_any_text ? encoded_word(value) : value);
    }
  }
  for (const auto& [member, kind] :
       {std::pair{"status", "status"}, std::pair{"every_s", "every"}, std::pair{"fall", "fall"},
        std::pair{"rise", "rise"}, std::pair{"ttl", "ttl"}}) {
    if (const auto value = TRY(number_member(body, member))) {
      words += fmt::format("{}:{} ", kind, *value);
    }
  }
  for (const std::string& data : TRY(text_list(body, "alternative"))) {
    words += fmt::format("alternative:{} ", encoded_word(data));
  }
  return words;
}

Status set(const ApiServices& services, const HttpRequest& request,
           const std::vector<std::string>& path, const HttpRespond& respond) {
  const FailoverKey key = TRY(key_of(path));
  const json::object body = TRY(parse_object(request));
  const std::string words = TRY(read_words(body));
  const FailoverSetting setting = TRY(FailoverSetting::from_text(key, words));
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  TRYV(check_members_know(services, &sink, KnownChange::kFailover));
  submit(sink, TRY(caller_of(request)), plan_failover(key, setting), 200, respond);
  return {};
}

Status remove(const ApiServices& services, const HttpRequest& request,
              const std::vector<std::string>& path, const HttpRespond& respond) {
  const FailoverKey key = TRY(key_of(path));
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  submit(sink, TRY(caller_of(request)), plan_failover_removal(key), 200, respond);
  return {};
}

}  // namespace

json::array failovers_json(const ApiServices& services) {
  json::array out;
  for (const FailoverView& view : services.failover->all()) {
    out.push_back(failover_json(services, view));
  }
  return out;
}

void route_failover(const ApiServices& services, const HttpRequest& request,
                    const std::vector<std::string>& path, const HttpRespond& respond) {
  if (path.size() == 1 && is_read(request)) {
    respond(json_response(200, json::object{{"failovers", failovers_json(services)}}));
  } else if (path.size() == 4 && request.method == "PUT") {
    answer_failure(set(services, request, path, respond), respond);
  } else if (path.size() == 4 && request.method == "DELETE") {
    answer_failure(remove(services, request, path, respond), respond);
  } else {
    respond(method_not_allowed(request));
  }
}

}  // namespace tandem
