#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <limits>

#include "common/api/json.h"
#include "common/api/route.h"
#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "common/node/plans.h"
#include "common/node/zone_files.h"
#include "common/zone/diff.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxRequestId = 64;
constexpr std::size_t kMaxReason = 200;
constexpr std::size_t kMaxShownDiff = 1000;
constexpr std::size_t kMaxChanges = 10'000;

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c != '\x7f'; });
}

/// The sink for a zone's changes: the log it lives in, or would live in. Fails: kUnavailable on a follower.
Result<ChangeSink*> sink_for(const ApiServices& services, const Name& zone) {
  const bool is_local = services.node->local_log().table().find(zone) != nullptr &&
                        services.node->cluster_log().table().find(zone) == nullptr;
  ChangeSink* const sink = is_local ? services.local_sink : services.cluster_sink;
  if (sink == nullptr) {
    return fail(Errc::kUnavailable,
                "this node follows a leader and takes no changes: make the change at the leader");
  }
  return sink;
}

struct Caller {
  Actor actor;
  Octets request_id;
};

Result<Caller> caller_of(const HttpRequest& request) {
  Caller caller;
  const std::string request_id = request.header("request-id");
  const std::string reason = request.header("reason");
  if (request_id.size() > kMaxRequestId || reason.size() > kMaxReason ||
      !is_printable(request_id) || !is_printable(reason)) {
    return fail(Errc::kInvalid, "Request-Id takes up to {} and Reason up to {} printable octets",
                kMaxRequestId, kMaxReason);
  }
  caller.actor = {request.peer.uid == 0 ? "root" : fmt::format("uid {}", request.peer.uid), "unix",
                  request.peer.address, reason};
  caller.request_id = to_octets(as_octets(request_id));
  return caller;
}

Result<json::object> parse_object(const HttpRequest& request) {
  boost::system::error_code error;
  json::value value = json::parse(request.body, error);
  if (error || !value.is_object()) {
    return fail(Errc::kInvalid, "the body is no JSON object{}{}", error ? ": " : "",
                error ? error.message() : "");
  }
  return std::move(value.as_object());
}

/// Refuses members that are not among `known`.
Status check_members(const json::object& object, std::initializer_list<std::string_view> known) {
  for (const auto& member : object) {
    if (std::ranges::find(known, std::string_view(member.key())) == known.end()) {
      return fail(Errc::kInvalid, "unknown member \"{}\"", std::string_view(member.key()));
    }
  }
  return {};
}

Result<std::string> text_member(const json::object& object, std::string_view name,
                                std::string_view missing) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr) {
    return std::string(missing);
  }
  if (!value->is_string()) {
    return fail(Errc::kInvalid, "\"{}\" needs a string", name);
  }
  return std::string(value->as_string());
}

Result<std::optional<std::uint32_t>> number_member(const json::object& object,
                                                   std::string_view name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || value->is_null()) {
    return std::optional<std::uint32_t>();
  }
  boost::system::error_code error;
  const auto number = value->to_number<std::uint32_t>(error);
  if (error || number > 0x7fff'ffffU) {
    return fail(Errc::kInvalid, "\"{}\" needs a whole number from 0 to 2147483647", name);
  }
  return std::optional(number);
}

Result<std::vector<std::string>> text_list(const json::object& object, std::string_view name) {
  std::vector<std::string> out;
  const json::value* const value = object.if_contains(name);
  if (value == nullptr) {
    return out;
  }
  if (!value->is_array()) {
    return fail(Errc::kInvalid, "\"{}\" needs an array of strings", name);
  }
  for (const json::value& item : value->as_array()) {
    if (!item.is_string()) {
      return fail(Errc::kInvalid, "\"{}\" needs an array of strings", name);
    }
    out.emplace_back(item.as_string());
  }
  return out;
}

Status read_options(const json::object& body, ZoneOptions& options) {
  const std::string policy = TRY(text_member(body, "serial_policy", ""));
  if (policy == "increment") {
    options.serial_policy = SerialPolicy::kIncrement;
  } else if (policy == "unixtime") {
    options.serial_policy = SerialPolicy::kUnixTime;
  } else if (policy == "date") {
    options.serial_policy = SerialPolicy::kDate;
  } else if (!policy.empty()) {
    return fail(Errc::kInvalid, "\"serial_policy\" is increment, unixtime or date, not \"{}\"", policy);
  }
  if (const json::value* const stale = body.if_contains("serve_after_expire"); stale != nullptr) {
    if (!stale->is_bool()) {
      return fail(Errc::kInvalid, "\"serve_after_expire\" is true or false");
    }
    options.serve_after_expire = stale->as_bool();
  }
  if (const auto most = TRY(number_member(body, "rrset_records_max"))) {
    options.rrset_records_max = *most;
  }
  return {};
}

std::vector<std::string> texts_of(const std::vector<Diagnostic>& diagnostics,
                                  Diagnostic::Severity severity) {
  std::vector<std::string> texts;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == severity) {
      texts.push_back(diagnostic.to_text());
    }
  }
  return texts;
}

/// A zone from the text of a request: $INCLUDE stays on the client's side.
LoadedZone zone_from_text(NameView name, std::string_view text, const std::string& file,
                          const ZoneLimits& limits) {
  return load_zone(name, text, file, nullptr, limits);
}

HttpResponse bad_file(const Name& zone, const LoadedZone& loaded) {
  return error_response(
      {Errc::kInvalid, fmt::format("the zone file for {} has errors; nothing was changed", zone.to_text())},
      texts_of(loaded.diagnostics, Diagnostic::Severity::kError));
}

/// Submits and answers with a receipt; `add` puts more into it.
void submit(ChangeSink& sink, Caller caller, Planner plan, unsigned status,
            const HttpRespond& respond, const std::function<void(json::object&)>& add = nullptr) {
  const Octets request_id = caller.request_id;
  sink.submit({std::move(caller.actor), std::move(caller.request_id), std::move(plan),
               [respond, request_id, status, add](const Result<Receipt>& receipt) {
                 if (!receipt) {
                   respond(error_response(receipt.error()));
                   return;
                 }
                 json::object body = receipt_json(*receipt, request_id);
                 if (add) {
                   add(body);
                 }
                 respond(json_response(status, body));
               }});
}

/// What a change of a zone begins with: who asks, which zone, where it goes.
struct Start {
  Caller caller;
  Name zone;
  ChangeSink* sink;
};

Result<Start> start(const ApiServices& services, const HttpRequest& request, std::string_view zone) {
  const Name name = TRY(zone_name(zone));
  return Start{TRY(caller_of(request)), name, TRY(sink_for(services, name))};
}

Result<RecordEdit> read_edit(const json::value& value, const Name& zone) {
  if (!value.is_object()) {
    return fail(Errc::kInvalid, "each of \"changes\" is an object");
  }
  const json::object& object = value.as_object();
  TRYV(check_members(object, {"op", "name", "type", "ttl", "data"}));
  RecordEdit edit;
  const std::string operation = TRY(text_member(object, "op", ""));
  if (operation == "add") {
    edit.operation = RecordEdit::Operation::kAdd;
  } else if (operation == "set") {
    edit.operation = RecordEdit::Operation::kSet;
  } else if (operation == "delete") {
    edit.operation = RecordEdit::Operation::kDelete;
  } else {
    return fail(Errc::kInvalid, "\"op\" is add, set or delete, not \"{}\"", operation);
  }
  const std::string owner = TRY(text_member(object, "name", ""));
  edit.owner = TRY(Name::from_text(owner, zone));
  const std::string type = TRY(text_member(object, "type", ""));
  const bool is_delete = edit.operation == RecordEdit::Operation::kDelete;
  if (!type.empty()) {
    edit.type = rr_type_from_text(type);
    if (!edit.type) {
      return fail(Errc::kInvalid, "\"{}\" is no record type", type);
    }
  } else if (!is_delete) {
    return fail(Errc::kInvalid, "{} {} needs a \"type\"", operation, owner);
  }
  edit.ttl = TRY(number_member(object, "ttl"));
  const std::vector<std::string> data = TRY(text_list(object, "data"));
  if (data.empty() && !is_delete) {
    return fail(Errc::kInvalid, "{} {} {} needs \"data\"", operation, owner, type);
  }
  if (!data.empty() && !edit.type) {
    return fail(Errc::kInvalid, "delete {} with \"data\" needs a \"type\"", owner);
  }
  for (const std::string& text : data) {
    auto rdata = rdata_from_text(*edit.type, text, zone);
    if (!rdata) {
      return in_context(fmt::format("{} {} \"{}\"", edit.owner.to_text(), type, text), rdata.error());
    }
    edit.rdatas.push_back(*std::move(rdata));
  }
  return edit;
}

Result<std::vector<RecordEdit>> read_edits(const HttpRequest& request, const Name& zone) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"changes"}));
  const json::value* const changes = body.if_contains("changes");
  if (changes == nullptr || !changes->is_array() || changes->as_array().size() > kMaxChanges) {
    return fail(Errc::kInvalid, "the body needs \"changes\", an array of at most {}", kMaxChanges);
  }
  std::vector<RecordEdit> edits;
  for (const json::value& change : changes->as_array()) {
    edits.push_back(TRY(read_edit(change, zone)));
  }
  return edits;
}

/// The lines of a difference, as `diff` shows them.
json::object diff_json(const Zone* from, const Zone& to) {
  const Changeset change = diff_zones(from, to);
  json::object out;
  json::array lines;
  const auto take = [&](const Octets& packed, char sign) {
    std::uint64_t count = 0;
    RrUnpacker records(packed);
    while (const auto record = records.next()) {
      ++count;
      if (lines.size() < kMaxShownDiff) {
        lines.emplace_back(fmt::format(
            "{} {}", sign, record_to_text(record->owner, record->ttl, record->type, record->rdata)));
      } else {
        out["diff_cut"] = true;
      }
    }
    return count;
  };
  out["removed"] = take(change.removed, '-');
  out["added"] = take(change.added, '+');
  out["diff"] = std::move(lines);
  return out;
}

Result<ZonePtr> first_content(const json::object& body, const Name& zone) {
  const auto ttl = TRY(number_member(body, "ttl"));
  const std::string primary_text = TRY(text_member(body, "primary", ""));
  const std::string contact_text =
      TRY(text_member(body, "contact", "hostmaster." + zone.to_text()));
  std::vector<Name> servers;
  for (const std::string& server : TRY(text_list(body, "nameservers"))) {
    servers.push_back(TRY(Name::from_text(server)));
  }
  if (servers.empty()) {
    return fail(Errc::kInvalid,
                "a new zone needs \"nameservers\", or its content as a master file in \"text\"");
  }
  const Name primary = primary_text.empty() ? servers.front() : TRY(Name::from_text(primary_text));
  const Name contact = TRY(Name::from_text(contact_text));
  return minimal_zone(zone, primary, contact, servers, ttl.value_or(kDefaultTtl));
}

Status create(const ApiServices& services, const HttpRequest& request, const HttpRespond& respond) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"name", "serial_policy", "serve_after_expire", "rrset_records_max",
                            "primary", "contact", "nameservers", "ttl", "text"}));
  const std::string zone = TRY(text_member(body, "name", ""));
  Start begun = TRY(start(services, request, zone));
  ZoneOptions options;
  TRYV(read_options(body, options));
  ZonePtr content;
  if (body.contains("text")) {
    const std::string text = TRY(text_member(body, "text", ""));
    const ZoneLimits limits = ZoneRecord{{}, {}, options, nullptr, {}, 0}.limits();
    LoadedZone loaded = zone_from_text(begun.zone, text, "text", limits);
    if (loaded.zone == nullptr) {
      respond(bad_file(begun.zone, loaded));
      return {};
    }
    content = std::move(loaded.zone);
  } else {
    content = TRY(first_content(body, begun.zone));
  }
  submit(*begun.sink, std::move(begun.caller), plan_create(begun.zone, options, std::move(content)),
         201, respond);
  return {};
}

Status import_text(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                   const HttpRespond& respond) {
  Start begun = TRY(start(services, request, zone));
  const auto found = find_zone(services, zone);
  const ZoneRecordPtr record = found ? found->record : nullptr;
  const IfMissing if_missing =
      flag_parameter(request, "create") ? IfMissing::kCreate : IfMissing::kRefuse;
  if (record == nullptr && if_missing == IfMissing::kRefuse) {
    return found ? Status{} : Status(std::unexpected(found.error()));
  }
  const ZoneLimits limits = record != nullptr ? record->limits() : ZoneLimits{};
  LoadedZone loaded =
      zone_from_text(begun.zone, request.body, request.parameter("file").value_or("zone"), limits);
  if (loaded.zone == nullptr) {
    respond(bad_file(begun.zone, loaded));
    return {};
  }
  json::object diff =
      diff_json(record != nullptr ? record->zone.get() : nullptr, *loaded.zone);
  const std::vector<std::string> warnings =
      texts_of(loaded.diagnostics, Diagnostic::Severity::kWarning);
  const auto add = [diff, warnings](json::object& body) {
    for (const auto& member : diff) {
      body[member.key()] = member.value();
    }
    for (const std::string& warning : warnings) {
      body["warnings"].as_array().emplace_back(warning);
    }
  };
  if (flag_parameter(request, "dry_run")) {
    json::object body{{"changed", false},
                      {"zone", begun.zone.to_text()},
                      {"serial", loaded.zone->serial()},
                      {"warnings", json::array()}};
    add(body);
    respond(json_response(200, body));
    return {};
  }
  submit(*begun.sink, std::move(begun.caller),
         plan_import(begun.zone, std::move(loaded.zone), if_missing), 200, respond, add);
  return {};
}

void answer_failure(const Status& status, const HttpRespond& respond) {
  if (!status) {
    respond(error_response(status.error()));
  }
}

}  // namespace

void create_zone(const ApiServices& services, const HttpRequest& request,
                 const HttpRespond& respond) {
  answer_failure(create(services, request, respond), respond);
}

void import_zone(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                 const HttpRespond& respond) {
  answer_failure(import_text(services, request, zone, respond), respond);
}

void change_zone_options(const ApiServices& services, const HttpRequest& request,
                         std::string_view zone, const HttpRespond& respond) {
  answer_failure(
      [&]() -> Status {
        Start begun = TRY(start(services, request, zone));
        const json::object body = TRY(parse_object(request));
        TRYV(check_members(body, {"serial_policy", "serve_after_expire", "rrset_records_max"}));
        ZoneOptions probe;
        TRYV(read_options(body, probe));
        const auto change = [body](ZoneOptions& options) {
          static_cast<void>(read_options(body, options));  // checked above
        };
        submit(*begun.sink, std::move(begun.caller), plan_options(begun.zone, change), 200, respond);
        return {};
      }(),
      respond);
}

void delete_zone(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                 const HttpRespond& respond) {
  answer_failure(
      [&]() -> Status {
        Start begun = TRY(start(services, request, zone));
        submit(*begun.sink, std::move(begun.caller), plan_delete(begun.zone), 200, respond);
        return {};
      }(),
      respond);
}

void change_records(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                    const HttpRespond& respond) {
  answer_failure(
      [&]() -> Status {
        Start begun = TRY(start(services, request, zone));
        std::vector<RecordEdit> edits = TRY(read_edits(request, begun.zone));
        submit(*begun.sink, std::move(begun.caller), plan_edits(begun.zone, std::move(edits)), 200,
               respond);
        return {};
      }(),
      respond);
}

}  // namespace tandem
