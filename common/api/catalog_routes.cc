// Catalog zones (RFC 9432): which there are, what they list, and how zones stand to them.
#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "common/api/json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/api/submit.h"
#include "common/node/catalog_plans.h"
#include "common/node/follow_plans.h"
#include "common/transfer/catalog_zone.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// Octets as text: what is no printable ASCII, and the backslash, as \DDD.
std::string printable(std::string_view octets) {
  std::string out;
  for (const char octet : octets) {
    if (octet >= ' ' && octet <= '~' && octet != '\\') {
      out += octet;
    } else {
      out += fmt::format("\\{:03}", static_cast<unsigned char>(octet));
    }
  }
  return out;
}

/// A group as text: the strings of its record with spaces between.
std::string group_text(OctetSpan rdata) {
  std::string out;
  while (!rdata.empty()) {
    const std::size_t octets = std::min<std::size_t>(rdata[0], rdata.size() - 1);
    out += (out.empty() ? "" : " ") + std::string(as_text(rdata.subspan(1, octets)));
    rdata = rdata.subspan(1 + octets);
  }
  return printable(out);
}

json::object member_json(const CatalogMember& member) {
  json::array groups;
  for (const Octets& group : member.groups) {
    groups.emplace_back(group_text(group));
  }
  json::object out{{"zone", member.zone.to_text()},
                   {"label", printable(member.label)},
                   {"groups", std::move(groups)}};
  if (member.coo) {
    out["coo"] = member.coo->to_text();
  }
  return out;
}

enum class Detail : std::uint8_t { kCount, kMembers };

/// What became of a catalog that is followed.
void add_state(const FollowedState& state, json::object& to) {
  if (state.applied) {
    to["applied"] = *state.applied;
  }
  if (!state.problem.empty()) {
    to["problem"] = state.problem;
  }
  json::array clashes;
  for (const Name& zone : state.clashes) {
    clashes.emplace_back(zone.to_text());
  }
  to["clash_count"] = state.clash_count;
  to["clashes"] = std::move(clashes);
}

/// A catalog by its setting. A broken one says so in "problem".
json::object catalog_json(const ApiServices& services, ReplicatedLog& log, const std::string& name,
                          const std::string& words, Detail detail) {
  const auto setting = CatalogSetting::from_text(words);
  json::object out{{"name", name},
                   {"log", log.id() == LogId::kCluster ? "cluster" : "local"},
                   {"kind", setting && setting->made ? "made" : "followed"},
                   {"words", words}};
  const auto zone = Name::from_text(name);
  const bool is_acted_on = zone && setting && setting->followed && services.catalogs != nullptr;
  if (const auto state = is_acted_on ? services.catalogs->state(*zone) : std::nullopt) {
    add_state(*state, out);
  }
  const ZoneRecordPtr record = zone ? log.table().find(*zone) : nullptr;
  if (record == nullptr || record->zone == nullptr) {
    out["problem"] = "it has no content yet";
    return out;
  }
  out["serial"] = record->zone->serial();
  const auto content = read_catalog(*record->zone, kMaxCatalogMembers);
  if (!content) {
    out["problem"] = content.error().detail;
    return out;
  }
  out["members"] = content->members.size();
  if (detail == Detail::kMembers) {
    json::array members;
    for (const CatalogMember& member : content->members) {
      members.push_back(member_json(member));
    }
    out["zones"] = std::move(members);
  }
  return out;
}

}  // namespace

json::array catalog_troubles(const ApiServices& services) {
  json::array out;
  if (services.catalogs == nullptr) {
    return out;
  }
  for (const FollowedState& state : services.catalogs->states()) {
    if (!state.problem.empty() || state.clash_count > 0) {
      out.push_back(json::object{{"name", state.catalog.to_text()},
                                 {"problem", state.problem},
                                 {"clash_count", state.clash_count}});
    }
  }
  return out;
}

namespace {

HttpResponse list(const ApiServices& services) {
  json::array out;
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    for (const auto& [name, words] : log->table().settings(SettingKind::kCatalog)) {
      out.push_back(catalog_json(services, *log, name, words, Detail::kCount));
    }
  }
  return json_response(200, json::object{{"catalogs", std::move(out)}});
}

Status show(const ApiServices& services, std::string_view text, const HttpRespond& respond) {
  const Name catalog = TRY(zone_name(text));
  const std::string name = setting_name(catalog);
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    const std::string words = log->table().setting(SettingKind::kCatalog, name);
    if (!words.empty()) {
      respond(json_response(200, catalog_json(services, *log, name, words, Detail::kMembers)));
      return {};
    }
  }
  return fail(Errc::kNotFound, "there is no catalog {}", catalog.to_text());
}

/// Who asks, for what, and where it goes.
Result<Start> start_with(const ApiServices& services, const HttpRequest& request,
                         std::string_view zone, KnownChange what) {
  Start begun = TRY(start(services, request, zone));
  TRYV(check_members_know(services, begun.sink, what));
  return begun;
}

/// Of a catalog that is followed: the cluster's on its leader, on a follower the node's own.
Result<ChangeSink*> sink_to_follow(const ApiServices& services) {
  const bool leads = services.cluster_sink != nullptr;
  ChangeSink* const sink = TRY(sink_for(services, leads ? LogId::kCluster : LogId::kLocal));
  TRYV(check_members_know(services, sink, KnownChange::kMember));
  return sink;
}

/// The keys that a catalog is to be followed with, and that this node does not have.
std::vector<Name> unknown_keys(const KeyRing& keys, const FollowedCatalog& how) {
  std::vector<Name> out;
  for (const ZoneSource* const source : {&how.source, &how.members}) {
    for (const ZonePrimary& primary : source->primaries) {
      const bool is_unknown = primary.key && keys.find(*primary.key) == nullptr;
      if (is_unknown && std::ranges::find(out, *primary.key) == out.end()) {
        out.push_back(*primary.key);
      }
    }
  }
  return out;
}

Status set(const ApiServices& services, const HttpRequest& request, std::string_view name,
           const HttpRespond& respond) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"words"}));
  const std::string words = TRY(text_member(body, "words", ""));
  const auto setting = CatalogSetting::from_text(words);
  if (!setting) {
    return fail(Errc::kInvalid, "words: {}", setting.error().detail);
  }
  if (const auto& followed = setting->followed; followed) {
    const Name catalog = TRY(zone_name(name));
    ChangeSink& sink = *TRY(sink_to_follow(services));
    submit(sink, TRY(caller_of(request)),
           plan_follow(catalog, *followed, unknown_keys(services.node->keys(), *followed)), 200,
           respond);
    return {};
  }
  Start begun = TRY(start_with(services, request, name, KnownChange::kMember));
  submit(*begun.sink, std::move(begun.caller),
         plan_catalog(begun.zone, setting->made.value_or(MadeCatalog())), 200, respond);
  return {};
}

/// Whichever of the two it is.
Planner plan_end(const Name& catalog) {
  return [catalog](const TableDraft& zones) -> Result<Plan> {
    const auto setting =
        CatalogSetting::from_text(zones.setting(SettingKind::kCatalog, setting_name(catalog)));
    return setting && setting->followed ? plan_unfollow(catalog)(zones)
                                        : plan_catalog_removal(catalog)(zones);
  };
}

Status remove(const ApiServices& services, const HttpRequest& request, std::string_view name,
              const HttpRespond& respond) {
  const Name catalog = TRY(zone_name(name));
  const auto is_in = [&](ReplicatedLog& log) {
    return !log.table().setting(SettingKind::kCatalog, setting_name(catalog)).empty();
  };
  const bool is_local = is_in(services.node->local_log()) && !is_in(services.node->cluster_log());
  ChangeSink& sink = *TRY(sink_for(services, is_local ? LogId::kLocal : LogId::kCluster));
  submit(sink, TRY(caller_of(request)), plan_end(catalog), 200, respond);
  return {};
}

/// The body's "catalog": a name, `none`, or empty for the usual; and its "group".
Result<MemberWish> read_wish(const json::object& body) {
  MemberWish wish;
  if (body.contains("catalog")) {
    const std::string catalog = TRY(text_member(body, "catalog", ""));
    if (catalog.empty()) {
      wish.place = MemberWish::Place::kUsual;
    } else if (catalog == "none") {
      wish.place = MemberWish::Place::kNowhere;
    } else {
      wish.place = MemberWish::Place::kCatalog;
      wish.catalog = TRY(zone_name(catalog)).lower();
    }
  }
  if (body.contains("group")) {
    wish.group = TRY(text_member(body, "group", ""));
  }
  return wish;
}

Status set_member(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                  const HttpRespond& respond) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"catalog", "group"}));
  const MemberWish wish = TRY(read_wish(body));
  Start begun = TRY(start_with(services, request, zone, KnownChange::kMember));
  submit(*begun.sink, std::move(begun.caller), plan_member(begun.zone, wish), 200, respond);
  return {};
}

Status move_member(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                   const HttpRespond& respond) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"to"}));
  const std::string text = TRY(text_member(body, "to", ""));
  const Name to = TRY(zone_name(text)).lower();
  Start begun = TRY(start_with(services, request, zone, KnownChange::kMember));
  submit(*begun.sink, std::move(begun.caller), plan_member_move(begun.zone, to), 200, respond);
  return {};
}

}  // namespace

void route_catalogs(const ApiServices& services, const HttpRequest& request,
                    const std::vector<std::string>& path, const HttpRespond& respond) {
  const std::string& method = request.method;
  if (path.size() == 1 && is_read(request)) {
    respond(list(services));
  } else if (path.size() == 2 && is_read(request)) {
    answer_failure(show(services, path[1], respond), respond);
  } else if (path.size() == 2 && method == "PUT") {
    answer_failure(set(services, request, path[1], respond), respond);
  } else if (path.size() == 2 && method == "DELETE") {
    answer_failure(remove(services, request, path[1], respond), respond);
  } else if (path.size() > 2) {
    respond(not_found(request));
  } else {
    respond(method_not_allowed(request));
  }
}

void route_member(const ApiServices& services, const HttpRequest& request,
                  const std::vector<std::string>& path, const HttpRespond& respond) {
  const bool is_move = path.size() == 4;
  if (is_move && path[3] != "move") {
    respond(not_found(request));
  } else if (is_move && request.method == "POST") {
    answer_failure(move_member(services, request, path[1], respond), respond);
  } else if (!is_move && request.method == "PUT") {
    answer_failure(set_member(services, request, path[1], respond), respond);
  } else {
    respond(method_not_allowed(request));
  }
}

}  // namespace tandem
