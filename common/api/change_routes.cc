#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <ranges>
#include <set>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/note_json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/api/submit.h"
#include "common/api/text_zone.h"
#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "common/node/plans.h"
#include "common/node/zone_edit.h"
#include "common/node/zone_files.h"
#include "common/zone/diff.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxShownDiff = 1000;
constexpr std::size_t kManyEdits = 256;  // more take longer than a query may wait

/// The lines of a difference, as `diff` shows them.
json::object diff_json(const Zone* from, const Zone& to) {
  json::object out{{"removed", 0}, {"added", 0}};
  std::array<json::array, 2> lines;
  visit_difference(from, to, [&](DiffSide side, const PackedRecord& record) {
    const bool is_added = side == DiffSide::kAdded;
    ++out[is_added ? "added" : "removed"].as_int64();
    json::array& same = lines[is_added ? 1 : 0];
    if (same.size() < kMaxShownDiff) {
      same.emplace_back(
          fmt::format("{} {}", is_added ? '+' : '-',
                      record_to_text(record.owner, record.ttl, record.type, record.rdata)));
    }
    return true;
  });
  json::array& shown = lines[0];
  const std::size_t room = kMaxShownDiff - shown.size();
  shown.insert(shown.end(), lines[1].begin(),
               lines[1].begin() + static_cast<std::ptrdiff_t>(std::min(room, lines[1].size())));
  if (out["removed"].as_int64() + out["added"].as_int64() > std::ssize(shown)) {
    out["diff_cut"] = true;
  }
  out["diff"] = std::move(shown);
  return out;
}

/// The named address that has this value, or a name that none has and `taken` has not.
std::string name_for(const std::string& value, RrType type, const AddressBook& book,
                     std::set<std::string>& taken) {
  for (const auto& [name, of_name] : book) {
    if (of_name == value) {
      return name;
    }
  }
  const std::string first = type == RrType::kA ? "home4" : "home6";
  std::string name = first;
  for (unsigned i = 2; book.contains(name) || taken.contains(name); ++i) {
    name = fmt::format("{}-{}", first, i);
  }
  taken.insert(name);
  return name;
}

/// Addresses that many records have and follow no name for, the most frequent first, with the name
/// of each or one that it could get.
json::array repeats_json(const Zone& zone, const NoteSet& notes, const AddressBook& book) {
  constexpr std::size_t kRepeated = 3;
  constexpr std::size_t kMaxShown = 5;
  std::map<std::pair<RrType, Octets>, std::size_t> counts;
  zone.for_each_record([&](const PackedRecord& record) {
    if (record.type != RrType::kA && record.type != RrType::kAaaa) {
      return;
    }
    const RecordNote* const note = notes.find(record.owner, record.type, record.rdata);
    if (note == nullptr || note->address.empty()) {
      ++counts[{record.type, to_octets(record.rdata)}];
    }
  });
  std::vector<std::pair<std::size_t, std::pair<RrType, Octets>>> sorted;
  for (const auto& [what, count] : counts) {
    if (count >= kRepeated) {
      sorted.emplace_back(count, what);
    }
  }
  std::ranges::sort(sorted, std::ranges::greater());
  json::array out;
  std::set<std::string> taken;
  for (const auto& [count, what] : sorted | std::views::take(kMaxShown)) {
    const std::string address = rdata_to_text(what.first, what.second);
    const std::string name = name_for(address, what.first, book, taken);
    out.push_back(json::object{{"address", address},
                               {"type", to_text(what.first)},
                               {"records", count},
                               {"name", name},
                               {"is_named", book.contains(name)}});
  }
  return out;
}

NoteSet noted_in(const ZoneRecordPtr& record) {
  return record != nullptr ? record->notes : NoteSet();
}

Result<ZonePtr> first_content(const json::object& body, const Name& zone) {
  const auto ttl = TRY(number_member(body, "ttl"));
  const std::string primary_text = TRY(text_member(body, "primary", ""));
  const std::string contact_text = TRY(text_member(body, "contact", ""));
  std::vector<Name> servers;
  for (const std::string& server : TRY(text_list(body, "nameservers"))) {
    servers.push_back(TRY(Name::from_text(server)));
  }
  if (servers.empty()) {
    return fail(Errc::kInvalid,
                "a new zone needs \"nameservers\", or its content as a master file in \"text\"");
  }
  const Name primary = primary_text.empty() ? servers.front() : TRY(Name::from_text(primary_text));
  const Name contact = contact_text.empty() ? TRY(Name::from_text("hostmaster", zone))
                                            : TRY(contact_name(contact_text));
  return minimal_zone(zone, primary, contact, servers, ttl.value_or(kDefaultTtl));
}

Status create(const ApiServices& services, const HttpRequest& request, const HttpRespond& respond) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"name", "serial_policy", "serve_after_expire", "rrset_records_max",
                            "zonemd", "primary", "contact", "nameservers", "ttl", "text"}));
  const std::string zone = TRY(text_member(body, "name", ""));
  Start begun = TRY(start(services, request, zone));
  ZoneOptions options;
  TRYV(read_options(body, options));
  ZonePtr content;
  NoteSet notes;
  std::vector<std::string> warnings;
  if (body.contains("text")) {
    std::string text = TRY(text_member(body, "text", ""));
    TextZone read =
        TRY(zone_from_text(services, begun, std::move(text), "text", limits_of(options)));
    if (read.zone == nullptr) {
      respond(bad_file(begun.zone, read));
      return {};
    }
    content = std::move(read.zone);
    notes = std::move(read.notes).value_or(NoteSet());
    warnings = std::move(read.warnings);
  } else {
    content = TRY(first_content(body, begun.zone));
  }
  TRYV(warn_of_old_serial(services, begun, *content, warnings));
  begun.caller.is_heavy = true;
  submit(*begun.sink, std::move(begun.caller),
         plan_create(begun.zone, options, std::move(content), {}, std::move(notes)), 201, respond,
         [warnings](json::object& receipt) { add_warnings(warnings, receipt); });
  return {};
}

/// Options for a zone that an import makes. Fails: kInvalid when the zone is there and has its own.
Result<ZoneOptions> import_options(const HttpRequest& request, const ZoneRecord* record) {
  ZoneOptions options;
  if (request.parameter("rrset_records_max")) {
    if (record != nullptr) {
      return fail(Errc::kInvalid,
                  "{} is there and has its limit of records in a set: change its options first",
                  record->name.to_text());
    }
    const std::uint64_t most = TRY(number_parameter(request, "rrset_records_max", 0));
    TRYV(read_options(json::object{{"rrset_records_max", most}}, options));
  }
  return options;
}

/// Puts the difference that an import makes and what is odd about the file into its answer.
void add_import(const json::object& diff, const std::vector<std::string>& warnings,
                json::object& body) {
  const json::object nothing{
      {"removed", 0}, {"added", 0}, {"diff", json::array()}, {"repeats", diff.at("repeats")}};
  for (const auto& member : body.at("changed").as_bool() ? diff : nothing) {
    body[member.key()] = member.value();
  }
  add_warnings(warnings, body);
}

ZoneNotesChange notes_changed_by(const Plan& plan) {
  for (const PlannedChange& planned : plan.changes) {
    const auto* const change = std::get_if<Change>(&planned);
    const auto* const notes =
        change != nullptr ? std::get_if<ZoneNotesChange>(&change->kind) : nullptr;
    if (notes != nullptr) {
      return *notes;
    }
  }
  return {};
}

/// What the import would come to now. Nothing is changed.
Result<json::object> try_import(const ApiServices& services, const FoundZone* found,
                                const Name& zone, Serial file_serial, const Planner& planner) {
  ReplicatedLog& log = found != nullptr ? *found->log : services.node->cluster_log();
  const Plan plan = TRY(planner(log.draft()));
  const bool changes = !plan.changes.empty();
  const bool has_content = found != nullptr && found->record->zone != nullptr;
  json::object out{
      {"dry_run", true},
      {"changed", changes},
      {"zone", zone.to_text()},
      {"serial", changes || !has_content ? file_serial : found->record->zone->serial()},
      {"warnings", json::array(plan.warnings.begin(), plan.warnings.end())}};
  add_note_change(notes_changed_by(plan), out);
  return out;
}

Status import_text(const ApiServices& services, HttpRequest& request, std::string_view zone,
                   const HttpRespond& respond) {
  Start begun = TRY(start(services, request, zone));
  const auto found = find_zone(services, zone);
  const ZoneRecordPtr record = found ? found->record : nullptr;
  const IfMissing if_missing =
      flag_parameter(request, "create") ? IfMissing::kCreate : IfMissing::kRefuse;
  if (!found && if_missing == IfMissing::kRefuse) {
    return std::unexpected(found.error());
  }
  const ZoneOptions options = TRY(import_options(request, record.get()));
  const ZoneLimits limits = record != nullptr ? record->limits() : limits_of(options);
  TextZone read = TRY(zone_from_text(services, begun, std::exchange(request.body, {}),
                                     request.parameter("file").value_or("zone"), limits));
  if (read.zone == nullptr) {
    respond(bad_file(begun.zone, read));
    return {};
  }
  if (record == nullptr) {
    TRYV(warn_of_old_serial(services, begun, *read.zone, read.warnings));
  }
  const Serial serial = read.zone->serial();
  json::object difference = diff_json(record != nullptr ? record->zone.get() : nullptr, *read.zone);
  difference["repeats"] = repeats_json(*read.zone, read.notes ? *read.notes : noted_in(record),
                                       services.node->cluster_log().table().addresses());
  const auto add = [diff = std::move(difference), warnings = std::move(read.warnings)](
                       json::object& body) { add_import(diff, warnings, body); };
  begun.caller.is_heavy = true;
  Planner planner =
      plan_import(begun.zone, std::move(read.zone), if_missing, options, std::move(read.notes));
  if (flag_parameter(request, "dry_run")) {
    json::object body =
        TRY(try_import(services, found ? &*found : nullptr, begun.zone, serial, planner));
    add(body);
    respond(json_response(200, body));
    return {};
  }
  submit(*begun.sink, std::move(begun.caller), std::move(planner), 200, respond, add);
  return {};
}

}  // namespace

void create_zone(const ApiServices& services, const HttpRequest& request,
                 const HttpRespond& respond) {
  answer_failure(create(services, request, respond), respond);
}

void import_zone(const ApiServices& services, HttpRequest& request, std::string_view zone,
                 const HttpRespond& respond) {
  answer_failure(import_text(services, request, zone, respond), respond);
}

void change_zone_options(const ApiServices& services, const HttpRequest& request,
                         std::string_view zone, const HttpRespond& respond) {
  answer_failure(
      [&]() -> Status {
        Start begun = TRY(start(services, request, zone));
        const json::object body = TRY(parse_object(request));
        TRYV(check_members(body,
                           {"serial_policy", "serve_after_expire", "rrset_records_max", "zonemd"}));
        ZoneOptions probe;
        TRYV(read_options(body, probe));
        const auto change = [body](ZoneOptions& options) {
          static_cast<void>(read_options(body, options));  // checked above
        };
        submit(*begun.sink, std::move(begun.caller), plan_options(begun.zone, change), 200,
               respond);
        return {};
      }(),
      respond);
}

void delete_zone(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                 const HttpRespond& respond) {
  answer_failure(
      [&]() -> Status {
        Start begun = TRY(start(services, request, zone));
        begun.caller.is_heavy = true;  // its last content becomes an image
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
        const std::int64_t now = seconds_since_1970(services.node->clock().wall());
        std::vector<RecordEdit> edits = TRY(read_edits(request, begun.zone, now));
        const auto says_more = [](const RecordEdit& edit) {
          return !edit.note.is_empty() || !edit.uses.empty();
        };
        if (std::ranges::any_of(edits, says_more)) {
          TRYV(check_members_know(services, begun.sink, KnownChange::kNotes));
        }
        begun.caller.is_heavy = edits.size() > kManyEdits;
        submit(*begun.sink, std::move(begun.caller), plan_edits(begun.zone, std::move(edits)), 200,
               respond);
        return {};
      }(),
      respond);
}

}  // namespace tandem
