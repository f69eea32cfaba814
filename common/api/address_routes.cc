// Named addresses, and the records that follow them.
#include <map>
#include <memory>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/api/submit.h"
#include "common/node/note_plans.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// How many records of the cluster follow each address.
std::map<std::string, std::uint64_t, std::less<>> followers_of(const ZoneTable& table) {
  std::map<std::string, std::uint64_t, std::less<>> counts;
  for (const ZoneRecordPtr& record : table.noted()) {
    for (const NoteSet::Item& note : record->notes.all()) {
      for (const std::string_view part : parts_of_address(note->address)) {
        ++counts[std::string(address_name(part))];
      }
    }
  }
  return counts;
}

Status set(const ApiServices& services, const HttpRequest& request, std::string_view name,
           const HttpRespond& respond) {
  const std::string wanted(name);
  TRYV(check_address_name(wanted));
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"value"}));
  const std::string text = TRY(text_member(body, "value", ""));
  const AddressValue value = TRY(AddressValue::from_text(text));
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  TRYV(check_members_know(services, &sink, KnownChange::kAddress));
  Caller caller = TRY(caller_of(request));
  caller.is_heavy = true;  // looks at all notes
  submit(sink, std::move(caller), plan_address(wanted, value), 200, respond);
  return {};
}

Status remove(const ApiServices& services, const HttpRequest& request, std::string_view name,
              const HttpRespond& respond) {
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  Caller caller = TRY(caller_of(request));
  caller.is_heavy = true;
  submit(sink, std::move(caller), plan_address_removal(std::string(name)), 200, respond);
  return {};
}

/// How many records begin to follow an address.
std::uint64_t records_bound(const Plan& plan) {
  std::uint64_t count = 0;
  for (const PlannedChange& planned : plan.changes) {
    const auto* const change = std::get_if<Change>(&planned);
    const auto* const notes =
        change != nullptr ? std::get_if<ZoneNotesChange>(&change->kind) : nullptr;
    count += notes != nullptr ? notes->added.size() : 0;
  }
  return count;
}

Status bind(const ApiServices& services, const HttpRequest& request, std::string_view name,
            const HttpRespond& respond) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"zones"}));
  std::vector<Name> zones;
  for (const std::string& zone : TRY(text_list(body, "zones"))) {
    zones.push_back(TRY(Name::from_text(zone)));
  }
  if (zones.empty()) {
    return fail(Errc::kInvalid, "the body needs \"zones\", an array of their names");
  }
  ChangeSink& sink = *TRY(sink_for(services, LogId::kCluster));
  TRYV(check_members_know(services, &sink, KnownChange::kNotes));
  Caller caller = TRY(caller_of(request));
  caller.is_heavy = true;  // looks at all records
  const Planner planner = plan_binding(std::string(name), std::move(zones));
  if (flag_parameter(request, "dry_run")) {
    const Plan plan = TRY(planner(services.node->cluster_log().draft()));
    respond(json_response(
        200, json::object{{"dry_run", true},
                          {"changed", !plan.changes.empty()},
                          {"records", records_bound(plan)},
                          {"warnings", json::array(plan.warnings.begin(), plan.warnings.end())}}));
    return {};
  }
  const auto bound = std::make_shared<std::uint64_t>(0);
  const auto counted = [planner, bound](const TableDraft& table) -> Result<Plan> {
    Plan plan = TRY(planner(table));
    *bound = records_bound(plan);
    return plan;
  };
  submit(sink, std::move(caller), counted, 200, respond,
         [bound](json::object& receipt) { receipt["records"] = *bound; });
  return {};
}

}  // namespace

HttpResponse list_addresses(const ApiServices& services) {
  const ZoneTable& table = services.node->cluster_log().table();
  const auto followers = followers_of(table);
  json::array list;
  for (const auto& [name, value] : table.addresses()) {
    const auto found = followers.find(name);
    list.push_back(json::object{{"name", name},
                                {"value", value},
                                {"records", found != followers.end() ? found->second : 0}});
  }
  return json_response(200, json::object{{"addresses", std::move(list)}});
}

void set_address(const ApiServices& services, const HttpRequest& request, std::string_view name,
                 const HttpRespond& respond) {
  answer_failure(set(services, request, name, respond), respond);
}

void remove_address(const ApiServices& services, const HttpRequest& request, std::string_view name,
                    const HttpRespond& respond) {
  answer_failure(remove(services, request, name, respond), respond);
}

void bind_address(const ApiServices& services, const HttpRequest& request, std::string_view name,
                  const HttpRespond& respond) {
  answer_failure(bind(services, request, name, respond), respond);
}

}  // namespace tandem
