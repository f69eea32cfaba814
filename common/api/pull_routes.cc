// Zones that are taken from elsewhere: from whom, and how they came.
#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/api/submit.h"
#include "common/log/entry_check.h"
#include "common/node/setting_plans.h"

namespace tandem {
namespace {

namespace json = boost::json;

json::value time_or_null(const std::optional<WallTime>& time) {
  return time ? json::value(to_text(*time)) : json::value(nullptr);
}

json::value seconds_or_null(const std::optional<std::chrono::seconds>& time) {
  return time ? json::value(time->count()) : json::value(nullptr);
}

/// Refused for what the configuration of this node says: only there it can be changed.
Status check_not_configured(const ApiServices& services, const Name& zone) {
  if (services.node->config().pulls.contains(setting_name(zone))) {
    return fail(Errc::kRefused,
                "the configuration of this node says where {} is taken from: change `pull` there",
                zone.to_text());
  }
  return {};
}

Result<WantedSetting> wanted_source(const ApiServices& services, const HttpRequest& request,
                                    const Name& zone) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"primaries"}));
  std::string text;
  for (const std::string& primary : TRY(text_list(body, "primaries"))) {
    text += (text.empty() ? "" : " ") + primary;
  }
  const ZoneSource source = TRY(ZoneSource::from_text(text));
  WantedSetting wanted{{SettingKind::kSource, setting_name(zone), source.to_text()}, {}};
  TRYV(check_setting(wanted.setting));
  for (const ZonePrimary& primary : source.primaries) {
    if (primary.key && services.node->keys().find_own(*primary.key) == nullptr) {
      wanted.keys.push_back(*primary.key);
    }
  }
  return wanted;
}

/// Whose primaries a catalog has is said where it is made or followed.
Status check_no_catalog(const TableDraft& zones, const Name& zone) {
  if (!zones.setting(SettingKind::kCatalog, setting_name(zone)).empty()) {
    return fail(Errc::kRefused,
                "{} is a catalog: `tandemctl catalog follow` says where it is taken from, "
                "`tandemctl catalog remove` ends it",
                zone.to_text());
  }
  return {};
}

/// With a word about the content that the zone has already; one that is not there is made, so that
/// it can be seen and can have options (limits of its sets) before it comes.
Planner plan_source(const Name& zone, WantedSetting wanted) {
  return [zone, plan = plan_setting(std::move(wanted))](const TableDraft& zones) -> Result<Plan> {
    TRYV(check_no_catalog(zones, zone));
    Plan out = TRY(plan(zones));
    const ZoneRecordPtr record = zones.find(zone);
    const bool is_new = zones.setting(SettingKind::kSource, setting_name(zone)).empty();
    if (record == nullptr && is_new) {
      Plan made = TRY(plan_create(zone, {}, nullptr)(zones));
      std::ranges::move(out.changes, std::back_inserter(made.changes));
      out.changes = std::move(made.changes);
    } else if (!out.changes.empty() && record != nullptr && record->zone != nullptr) {
      out.warnings.push_back(fmt::format(
          "{} is here with serial {}: a primary's content takes its place once its serial is "
          "newer, or after `tandemctl xfr retransfer {}`",
          zone.to_text(), record->zone->serial(), zone.to_text()));
    }
    return out;
  };
}

Status set(const ApiServices& services, const HttpRequest& request, std::string_view zone,
           const HttpRespond& respond) {
  const Name name = TRY(zone_name(zone));
  TRYV(check_not_configured(services, name));
  WantedSetting wanted = TRY(wanted_source(services, request, name));
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  TRYV(check_members_know(services, &sink, KnownChange::kSource));
  submit(sink, TRY(caller_of(request)), plan_source(name, std::move(wanted)), 200, respond);
  return {};
}

Status remove(const ApiServices& services, const HttpRequest& request, std::string_view zone,
              const HttpRespond& respond) {
  const Name name = TRY(zone_name(zone));
  TRYV(check_not_configured(services, name));
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  const Planner plan = [name](const TableDraft& zones) -> Result<Plan> {
    TRYV(check_no_catalog(zones, name));
    return plan_setting_removal(SettingKind::kSource, setting_name(name))(zones);
  };
  submit(sink, TRY(caller_of(request)), plan, 200, respond);
  return {};
}

json::object state_json(const PulledState& state) {
  return {{"zone", state.zone.to_text()},
          {"source", state.source},
          {"configured", state.is_configured},
          {"serial", state.serial ? json::value(*state.serial) : json::value(nullptr)},
          {"busy", state.is_busy},
          {"by", to_text(state.by)},
          {"from", state.from},
          {"checked", time_or_null(state.checked)},
          {"contact", time_or_null(state.contact)},
          {"received", time_or_null(state.received)},
          {"records", state.records},
          {"octets", state.octets},
          {"took_ms", state.took.count()},
          {"next_check_s", seconds_or_null(state.next_check)},
          {"expires_s", seconds_or_null(state.expires)},
          {"error", state.error}};
}

}  // namespace

std::string source_of_zone(const ApiServices& services, NameView zone, LogId log) {
  const std::string name = setting_name(zone);
  Node& node = *services.node;
  const bool is_written_here = (log == LogId::kCluster) == (node.role() == Role::kLeader);
  if (is_written_here) {
    if (std::string own = setting_in(&node.config().pulls, name); !own.empty()) {
      return own;
    }
  }
  ReplicatedLog& of = log == LogId::kCluster ? node.cluster_log() : node.local_log();
  return of.table().setting(SettingKind::kSource, name);
}

json::object pulls_json(const ApiServices& services) {
  const PullStats stats = services.pulls != nullptr ? services.pulls->stats() : PullStats();
  return {{"zones", stats.zones}, {"failing", stats.failing}, {"expired", stats.expired}};
}

json::array pulled_json(const ApiServices& services, const std::optional<Name>& zone) {
  json::array zones;
  if (services.pulls == nullptr) {
    return zones;
  }
  if (!zone) {
    for (const PulledState& state : services.pulls->states()) {
      zones.push_back(state_json(state));
    }
  } else if (const auto state = services.pulls->state(*zone)) {
    zones.push_back(state_json(*state));
  }
  return zones;
}

void route_source(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                  const HttpRespond& respond) {
  if (request.method == "PUT") {
    answer_failure(set(services, request, zone, respond), respond);
  } else if (request.method == "DELETE") {
    answer_failure(remove(services, request, zone, respond), respond);
  } else {
    respond(method_not_allowed(request));
  }
}

}  // namespace tandem
