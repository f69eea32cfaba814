// What zones were and what becomes of it again. All of this may read much of the log and whole
// zones, so none of it is on the HTTP server's thread (api.cc).
#include <algorithm>
#include <limits>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/note_json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/api/submit.h"
#include "common/api/zone_names.h"
#include "common/dns/master_file.h"
#include "common/node/plans.h"
#include "common/node/zone_history.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kMaxItems = 1000;
constexpr std::size_t kMaxDifferences = 100'000;

/// Of the zone of this name, deleted ones included, whichever log it is in. Fails: kNotFound, and
/// as reading the log.
Result<ZoneHistory> history_of(const ApiServices& services, std::string_view zone) {
  const auto found = find_zone(services, zone);
  const Name name = TRY(zone_name(zone));
  if (found) {
    return ZoneHistory::open(*found->log, name);
  }
  if (found.error().code != Errc::kNotFound) {
    return std::unexpected(found.error());
  }
  auto of_cluster = ZoneHistory::open(services.node->cluster_log(), name);
  return of_cluster || of_cluster.error().code != Errc::kNotFound
             ? std::move(of_cluster)
             : ZoneHistory::open(services.node->local_log(), name);
}

/// Nothing when the parameter is missing. Fails: kInvalid when it is no serial.
Result<std::optional<Serial>> serial_parameter(const HttpRequest& request, std::string_view name) {
  if (!request.parameter(name)) {
    return std::nullopt;
  }
  const std::uint64_t value = TRY(number_parameter(request, name, 0));
  if (value > std::numeric_limits<Serial>::max()) {
    return fail(Errc::kInvalid, "the parameter {} needs a serial, got {}", name, value);
  }
  return static_cast<Serial>(value);
}

/// The state that a body or a query names by its serial or by an entry, with how that is told.
struct NamedState {
  std::uint64_t state = 0;
  std::string text;  // `serial 41`, `entry 1208`
};

Result<NamedState> named_state(const ZoneHistory& history, std::optional<Serial> serial,
                               std::optional<std::uint64_t> entry) {
  if (serial.has_value() == entry.has_value()) {
    return fail(Errc::kInvalid, "a state is named by a serial or by an entry");
  }
  return serial ? NamedState{TRY(history.state_with(*serial)), fmt::format("serial {}", *serial)}
                : NamedState{TRY(history.state_after(*entry)), fmt::format("entry {}", *entry)};
}

/// Nothing when the parameter is missing.
Result<std::optional<std::uint64_t>> entry_parameter(const HttpRequest& request,
                                                     std::string_view name) {
  return request.parameter(name) ? std::optional(TRY(number_parameter(request, name, 0)))
                                 : std::optional<std::uint64_t>();
}

/// A number that a body may have. Fails: kInvalid.
template <class Number>
Result<std::optional<Number>> optional_number(const json::object& body, std::string_view name) {
  const json::value* const value = body.if_contains(name);
  if (value == nullptr) {
    return std::optional<Number>();
  }
  boost::system::error_code error;
  const auto number = value->to_number<Number>(error);
  if (error) {
    return fail(Errc::kInvalid, "\"{}\" needs a whole number", name);
  }
  return std::optional(number);
}

json::object item_json(const HistoryItem& item, ZoneNames& names) {
  json::object out = entry_json(item.entry, names);
  out["kind"] = to_text(item.kind);
  out["serial"] = item.serial ? json::value(*item.serial) : json::value(nullptr);
  out["records_removed"] = item.removed;
  out["records_added"] = item.added;
  return out;
}

/// A deletion with the log that it is in.
struct Found {
  ReplicatedLog* log = nullptr;
  DeletedZone deleted;
};

/// The newest deletion of each zone that is not there, newest first.
Result<std::vector<Found>> restorable(const ApiServices& services) {
  std::vector<Found> all;
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    for (DeletedZone& deleted : TRY(deleted_zones(*log))) {
      all.push_back({log, std::move(deleted)});
    }
  }
  std::ranges::sort(all, std::ranges::greater{}, [](const Found& found) {
    return std::pair(found.deleted.time, found.deleted.sequence);
  });
  std::vector<Found> out;
  for (Found& found : all) {
    const Name& name = found.deleted.gone.name;
    const auto is_same = [&](const Found& newer) { return newer.deleted.gone.name == name; };
    if (services.node->cluster_log().table().find(name) == nullptr &&
        services.node->local_log().table().find(name) == nullptr &&
        std::ranges::none_of(out, is_same)) {
      out.push_back(std::move(found));
    }
  }
  return out;
}

json::object deleted_json(const Found& found) {
  const DeletedZone& deleted = found.deleted;
  const auto& last = deleted.gone.last;
  return {{"name", deleted.gone.name.to_text()},
          {"id", deleted.id.to_text()},
          {"log", found.log->id() == LogId::kCluster ? "cluster" : "local"},
          {"sequence", deleted.sequence},
          {"time", to_text(deleted.time)},
          {"serial", last ? json::value(last->serial) : json::value(nullptr)},
          {"records", last ? last->record_count : 0},
          {"actor", actor_json(deleted.actor)}};
}

/// The last content of a deleted zone; null when it had none.
Result<ZonePtr> last_content(const Found& found) {
  const ZoneDelete& gone = found.deleted.gone;
  if (!gone.last) {
    return ZonePtr();
  }
  const ImageGate::Use use = found.log->images().use();
  auto content = read_image(found.log->store(), found.log->id(), found.deleted.id, *gone.last,
                            gone.name, limits_of(gone.options));
  if (!content) {
    return in_context(fmt::format("the last content of {}", gone.name.to_text()), content.error());
  }
  return content;
}

std::int64_t seconds_now(const ApiServices& services) {
  return seconds_since_1970(services.node->clock().wall());
}

/// What the log says of the change beside the caller's own reason.
void add_reason(const std::string& what, Caller& caller) {
  std::string& reason = caller.actor.reason;
  reason = reason.empty() ? what : what + ": " + reason;
}

}  // namespace

Result<HttpResponse> read_zone_history(const ApiServices& services, const HttpRequest& request,
                                       std::string_view zone) {
  const ZoneHistory history = TRY(history_of(services, zone));
  const std::uint64_t limit = std::min(TRY(number_parameter(request, "limit", 50)), kMaxItems);
  const std::uint64_t before =
      TRY(number_parameter(request, "before", std::numeric_limits<std::uint64_t>::max()));
  ZoneNames names(services);
  json::array entries;
  for (const HistoryItem& item : TRY(history.items(before, limit))) {
    entries.push_back(item_json(item, names));
  }
  return json_response(200, json::object{{"entries", std::move(entries)}});
}

Result<HttpResponse> read_old_export(const ApiServices& services, const HttpRequest& request,
                                     std::string_view zone) {
  const auto serial = TRY(serial_parameter(request, "serial"));
  const auto entry = TRY(entry_parameter(request, "entry"));
  const ZoneHistory history = TRY(history_of(services, zone));
  const NamedState then = TRY(named_state(history, serial, entry));
  const NotedContent content = TRY(history.content_after(then.state));
  return export_response(*content.zone, content.notes);
}

Result<HttpResponse> read_zone_diff(const ApiServices& services, const HttpRequest& request,
                                    std::string_view zone) {
  const auto from = TRY(serial_parameter(request, "from"));
  auto to = TRY(serial_parameter(request, "to"));
  const auto from_entry = TRY(entry_parameter(request, "from_entry"));
  const auto to_entry = TRY(entry_parameter(request, "to_entry"));
  if (!from && !from_entry) {
    return fail(Errc::kInvalid,
                "a difference needs the parameter from, a serial, or from_entry, an entry");
  }
  const ZoneHistory history = TRY(history_of(services, zone));
  if (!to && !to_entry) {
    to = TRY(history.present_serial());
  }
  const NamedState early = TRY(named_state(history, from, from_entry));
  const NamedState late = TRY(named_state(history, to, to_entry));
  const ZoneDifference found = TRY(history.difference(early.state, late.state, kMaxDifferences));
  json::array lines;
  for (const DifferentRecord& record : found.records) {
    lines.emplace_back(
        fmt::format("{} {}", record.side == DiffSide::kAdded ? '+' : '-',
                    record_to_text(record.owner, record.ttl, record.type, record.rdata)));
  }
  json::object out{{"zone", TRY(zone_name(zone)).to_text()},
                   {"from", from ? json::value(*from) : json::value(nullptr)},
                   {"to", to ? json::value(*to) : json::value(nullptr)},
                   {"removed", found.removed},
                   {"added", found.added},
                   {"diff", std::move(lines)}};
  add_note_change(found.notes, out);
  if (found.is_cut) {
    out["diff_cut"] = true;
  }
  return json_response(200, out);
}

Result<HttpResponse> read_deleted_zones(const ApiServices& services) {
  json::array zones;
  for (const Found& found : TRY(restorable(services))) {
    zones.push_back(deleted_json(found));
  }
  return json_response(200, json::object{{"zones", std::move(zones)}});
}

Status revert_zone(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                   const HttpRespond& respond) {
  Start begun = TRY(start(services, request, zone));
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"to", "to_entry"}));
  const auto serial = TRY(optional_number<Serial>(body, "to"));
  const auto entry = TRY(optional_number<std::uint64_t>(body, "to_entry"));
  const ZoneHistory history = TRY(history_of(services, zone));
  if (!history.serial()) {
    return fail(Errc::kNotFound,
                "{} has no content now: a deleted zone is restored, an empty one imported",
                begun.zone.to_text());
  }
  const NamedState then = TRY(named_state(history, serial, entry));
  NotedContent content = TRY(history.content_after(then.state));
  std::vector<std::string> warnings;
  content.notes = without_past(content, seconds_now(services), warnings);
  add_reason("revert to " + then.text, begun.caller);
  begun.caller.is_heavy = true;
  submit(*begun.sink, std::move(begun.caller), plan_revert(begun.zone, std::move(content)), 200,
         respond, [warnings](json::object& receipt) { add_warnings(warnings, receipt); });
  return {};
}

Status restore_zone(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                    const HttpRespond& respond) {
  const Name name = TRY(zone_name(zone));
  if (const auto found = find_zone(services, zone); found) {
    return fail(Errc::kExists, "the zone {} is there: revert it instead", name.to_text());
  }
  Caller caller = TRY(caller_of(request));
  const std::vector<Found> all = TRY(restorable(services));
  const auto found = std::ranges::find_if(
      all, [&](const Found& candidate) { return candidate.deleted.gone.name == name; });
  if (found == all.end()) {
    return fail(Errc::kNotFound, "no zone {} was deleted, as far as the log goes back",
                name.to_text());
  }
  ChangeSink* const sink = TRY(sink_for(services, found->log->id()));
  ZonePtr content = TRY(last_content(*found));
  add_reason(fmt::format("restored from entry {}", found->deleted.sequence), caller);
  caller.is_heavy = true;
  submit(*sink, std::move(caller),
         plan_create(name, found->deleted.gone.options, std::move(content),
                     found->deleted.gone.rules, found->deleted.notes),
         201, respond);
  return {};
}

}  // namespace tandem
