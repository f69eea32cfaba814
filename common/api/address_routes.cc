// Named addresses, and the records that follow them.
#include <map>
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
  submit(sink, std::move(caller), plan_binding(std::string(name), std::move(zones)), 200, respond);
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
