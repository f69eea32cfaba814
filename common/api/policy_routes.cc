#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/api/submit.h"
#include "common/dns/shown_text.h"
#include "common/node/rule_plans.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxRulesInChange = 1000;

void append_logged(const ZoneRecord& record, json::array& list) {
  std::uint64_t number = 0;
  for (const std::string& text : record.policy.texts().texts()) {
    list.push_back(json::object{{"zone", record.name.to_text()},
                                {"number", ++number},
                                {"rule", text},
                                {"source", to_text(RuleSource::kLog)},
                                {"counts", UpdateRule::from_text(text).has_value()}});
  }
}

void append_configured(const ApiServices& services, json::array& list) {
  for (const UpdateRule& rule : services.node->config().update_rules) {
    list.push_back(json::object{{"zone", nullptr},
                                {"rule", rule.to_text()},
                                {"source", to_text(RuleSource::kConfiguration)},
                                {"counts", true}});
  }
}

std::string unknown_key(const Name& key) {
  return fmt::format("there is no key {}, neither in the log nor in this node's configuration",
                     key.to_text());
}

Result<std::vector<UpdateRule>> read_rules(const HttpRequest& request, const Name& zone) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"rules"}));
  const std::vector<std::string> texts = TRY(text_list(body, "rules"));
  if (texts.empty() || texts.size() > kMaxRulesInChange) {
    return fail(Errc::kInvalid, "the body needs \"rules\", an array of 1 to {} rules",
                kMaxRulesInChange);
  }
  std::vector<UpdateRule> rules;
  rules.reserve(texts.size());
  for (const std::string& text : texts) {
    rules.push_back(TRY(zone_rule_from_text(text, zone)));
  }
  return rules;
}

Status add(const ApiServices& services, const HttpRequest& request, std::string_view zone,
           const HttpRespond& respond) {
  Start begun = TRY(start(services, request, zone));
  std::vector<std::string> texts;
  std::vector<std::string> warnings;
  bool expires = false;
  for (const UpdateRule& rule : TRY(read_rules(request, begun.zone))) {
    texts.push_back(rule.to_text());
    expires = expires || rule.expire != 0;
    if (rule.key && services.node->keys().find(*rule.key) == nullptr) {
      warnings.push_back(unknown_key(*rule.key));
    }
  }
  TRYV(check_members_know(services, begun.sink, KnownChange::kRules));
  if (expires) {
    TRYV(check_members_know(services, begun.sink, KnownChange::kNotes));
  }
  submit(*begun.sink, std::move(begun.caller), plan_add_rules(begun.zone, std::move(texts)), 200,
         respond, [warnings](json::object& receipt) { add_warnings(warnings, receipt); });
  return {};
}

Status remove(const ApiServices& services, const HttpRequest& request, std::string_view zone,
              const HttpRespond& respond) {
  Start begun = TRY(start(services, request, zone));
  const FoundZone found = TRY(find_zone(services, zone));
  std::string text = request.parameter("rule").value_or("");
  if (text.empty()) {
    return fail(Errc::kInvalid, "the parameter rule says which rule to remove");
  }
  // What a later version wrote goes as it stands.
  if (!found.record->policy.texts().contains(text)) {
    text = TRY(zone_rule_from_text(text, begun.zone)).to_text();
  }
  submit(*begun.sink, std::move(begun.caller), plan_remove_rules(begun.zone, {std::move(text)}),
         200, respond);
  return {};
}

/// An address as updates come from, its port left out. Nothing: nobody said.
Result<SocketAddress> read_address(const json::object& body) {
  const std::string text = TRY(text_member(body, "from", ""));
  if (text.empty()) {
    return SocketAddress();
  }
  const bool is_v6 = text.find(':') != std::string::npos;
  const auto address = SocketAddress::from_text(is_v6 ? fmt::format("[{}]:0", text) : text + ":0");
  if (!address) {
    return fail(Errc::kInvalid, "\"from\" is an address such as 192.0.2.1 or 2001:db8::1, not {}",
                shown_text(text));
  }
  return *address;
}

/// One update as the body has it: who, and the one thing that it does.
struct Trial {
  Credential who;
  UpdateMessage update;
};

Result<Trial> read_trial(const HttpRequest& request, const Name& zone) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"key", "from", "name", "type"}));
  Trial trial;
  trial.who.from = TRY(read_address(body));
  if (const std::string key = TRY(text_member(body, "key", "")); !key.empty()) {
    trial.who.key = TRY(zone_name(key)).lower();
  }
  if (!trial.who.key && trial.who.from.family() == AF_UNSPEC) {
    return fail(Errc::kInvalid, "say who: \"key\", \"from\" or both");
  }
  UpdateStep step;
  const std::string name = TRY(text_member(body, "name", "@"));
  step.owner = TRY(name_in_rule(name, zone));
  if (!step.owner.is_subdomain_of(zone)) {
    return fail(Errc::kInvalid, "{} is outside of the zone {}", step.owner.to_text(),
                zone.to_text());
  }
  const std::string type_text = TRY(text_member(body, "type", ""));
  const auto type = rr_type_from_text(type_text);
  if (!type || (is_meta_type(*type) && *type != RrType::kAny)) {
    return fail(Errc::kInvalid, "\"type\" is a record type, or ANY for a whole name, not {}",
                shown_text(type_text));
  }
  step.type = *type;
  step.kind = *type == RrType::kAny ? UpdateStep::Kind::kDeleteName : UpdateStep::Kind::kAdd;
  trial.update.zone = zone;
  trial.update.steps.push_back(std::move(step));
  return trial;
}

/// What keeps the update from being asked of the rules; empty: nothing.
std::string objection_to(const ApiServices& services, const FoundZone& found, const Trial& trial,
                         bool is_passed_on) {
  if (trial.who.key && services.node->keys().find(*trial.who.key) == nullptr) {
    return unknown_key(*trial.who.key);
  }
  if (is_passed_on && !trial.who.key) {
    return "this node follows a leader and passes only signed updates on to it";
  }
  if (found.record->zone == nullptr) {
    return "the zone has no content yet";
  }
  return found.record->zone->is_presigned() ? "the zone was signed elsewhere" : "";
}

json::object answer_of(const UpdateDecision& decision) {
  json::object out{{"allowed", decision.is_allowed}};
  if (decision.rule != nullptr) {
    out["rule"] = decision.rule->to_text();
    out["source"] = to_text(decision.source);
  } else {
    out["reason"] = decision.reason;
  }
  return out;
}

}  // namespace

HttpResponse list_policies(const ApiServices& services) {
  json::array list;
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    for (const ZoneRecordPtr& record : log->table().all()) {
      append_logged(*record, list);
    }
  }
  append_configured(services, list);
  return json_response(200, json::object{{"rules", std::move(list)}});
}

Result<HttpResponse> read_policy(const ApiServices& services, std::string_view zone) {
  const FoundZone found = TRY(find_zone(services, zone));
  json::array list;
  append_logged(*found.record, list);
  append_configured(services, list);
  return json_response(
      200, json::object{{"zone", found.record->name.to_text()}, {"rules", std::move(list)}});
}

Result<HttpResponse> test_policy(const ApiServices& services, const HttpRequest& request,
                                 std::string_view zone) {
  const FoundZone found = TRY(find_zone(services, zone));
  Trial trial = TRY(read_trial(request, found.record->name.view()));
  const bool is_passed_on =
      services.node->role() != Role::kLeader && found.log->id() == LogId::kCluster;
  trial.who.is_forwarded = is_passed_on;
  UpdateRules rules{services.node->config().update_rules, found.record->policy.rules()};
  json::array warnings;
  if (is_passed_on) {
    rules.configuration = {};
    warnings.emplace_back("the leader decides: what its configuration allows is not known here");
  }
  const std::string objection = objection_to(services, found, trial, is_passed_on);
  json::object answer = answer_of(objection.empty() ? decide(rules, trial.who, trial.update)
                                                    : UpdateDecision{false, nullptr, objection});
  answer["warnings"] = std::move(warnings);
  return json_response(200, answer);
}

void add_rules(const ApiServices& services, const HttpRequest& request, std::string_view zone,
               const HttpRespond& respond) {
  answer_failure(add(services, request, zone, respond), respond);
}

void remove_rule(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                 const HttpRespond& respond) {
  answer_failure(remove(services, request, zone, respond), respond);
}

}  // namespace tandem
