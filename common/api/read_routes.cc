#include <algorithm>
#include <charconv>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/url/decode_view.hpp>
#include <boost/url/pct_string_view.hpp>

#include "common/api/json.h"
#include "common/api/note_json.h"
#include "common/api/route.h"
#include "common/api/zone_names.h"
#include "common/base/encoding.h"
#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "common/log/codec.h"
#include "common/zone/zonemd.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::string_view kBase = "/api/tandem/v1";
constexpr std::uint64_t kMaxListed = 1000;

}  // namespace

Result<std::vector<std::string>> path_segments(std::string_view path) {
  if (!path.starts_with(kBase)) {
    return fail(Errc::kNotFound, "not below {}", kBase);
  }
  path.remove_prefix(kBase.size());
  std::vector<std::string> segments;
  while (!path.empty()) {
    if (path.front() != '/') {
      return fail(Errc::kNotFound, "not below {}", kBase);
    }
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    const auto encoded = boost::urls::make_pct_string_view(segment);
    if (!encoded) {
      return fail(Errc::kNotFound, "bad percent-encoding");
    }
    std::string& out = segments.emplace_back();
    for (const char c : **encoded) {
      out += c;
    }
  }
  return segments;
}

Result<Name> zone_name(std::string_view text) {
  return Name::from_text(text);
}

Result<FoundZone> find_zone(const ApiServices& services, std::string_view name) {
  const Name zone = TRY(zone_name(name));
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    if (ZoneRecordPtr record = log->table().find(zone); record != nullptr) {
      return FoundZone{log, std::move(record)};
    }
  }
  for (const ZonePtr& storing : services.node->publisher().storing()) {
    if (Name(storing->origin()) == zone) {
      return fail(
          Errc::kUnavailable,
          "the zone {} is answered from its file and not stored yet: try again, or see the log",
          zone.to_text());
    }
  }
  return fail(Errc::kNotFound, "there is no zone {}", zone.to_text());
}

Result<FoundZone> find_content(const ApiServices& services, std::string_view name) {
  FoundZone found = TRY(find_zone(services, name));
  if (found.record->zone == nullptr) {
    return fail(Errc::kNotFound, "the zone {} has no content yet", found.record->name.to_text());
  }
  return found;
}

Result<std::uint64_t> number_parameter(const HttpRequest& request, std::string_view name,
                                       std::uint64_t missing) {
  const auto text = request.parameter(name);
  if (!text) {
    return missing;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) {
    return fail(Errc::kInvalid, "the parameter {} needs a number, got \"{}\"", name, *text);
  }
  return value;
}

bool flag_parameter(const HttpRequest& request, std::string_view name) {
  const auto text = request.parameter(name);
  return text && (*text == "true" || *text == "1" || text->empty());
}

Result<HttpResponse> read_zone_records(const ApiServices& services, const HttpRequest& request,
                                       std::string_view zone) {
  const FoundZone found = TRY(find_content(services, zone));
  const auto name_text = request.parameter("name");
  const auto type_text = request.parameter("type");
  std::optional<RrType> type;
  if (type_text) {
    type = rr_type_from_text(*type_text);
    if (!type) {
      return fail(Errc::kInvalid, "\"{}\" is no record type", *type_text);
    }
  }
  json::array rrsets;
  const auto take = [&](const PackedRecord& record) {
    if (type && record.type != *type) {
      return;
    }
    const std::string owner = record.owner.to_text();
    const std::string type_name = to_text(record.type);
    if (rrsets.empty() || rrsets.back().at("name").as_string() != owner ||
        rrsets.back().at("type").as_string() != type_name) {
      rrsets.push_back(json::object{
          {"name", owner}, {"type", type_name}, {"ttl", record.ttl}, {"data", json::array()}});
    }
    rrsets.back().at("data").as_array().emplace_back(rdata_to_text(record.type, record.rdata));
  };
  std::optional<Name> owner;
  if (name_text) {
    owner = TRY(Name::from_text(*name_text, found.record->name));
    if (const NodeView node = found.record->zone->find_owner(*owner); node) {
      found.record->zone->for_each_record_at(node, take);
    }
  } else {
    found.record->zone->for_each_record(take);
  }
  json::array notes;
  for (const NoteSet::Item& note : found.record->notes.all()) {
    if ((!type || note->type == *type) && (!owner || note->owner.view() == owner->view())) {
      notes.push_back(note_json(*note));
    }
  }
  return json_response(200,
                       json::object{{"rrsets", std::move(rrsets)}, {"notes", std::move(notes)}});
}

HttpResponse export_response(const Zone& zone, const NoteSet& notes) {
  const std::string name = zone.origin().to_text();
  HttpResponse response{200, "text/plain; charset=utf-8", ""};
  response.body = fmt::format("; zone {} serial {}\n$ORIGIN {}\n", name, zone.serial(), name);
  zone.for_each_record([&](const PackedRecord& record) {
    response.body += record_to_text(record.owner, record.ttl, record.type, record.rdata);
    response.body += '\n';
  });
  response.body += note_lines(notes);
  return response;
}

Result<HttpResponse> read_zone_export(const ApiServices& services, std::string_view zone) {
  const FoundZone found = TRY(find_content(services, zone));
  return export_response(*found.record->zone, found.record->notes);
}

Result<HttpResponse> read_zone_digest(const ApiServices& services, std::string_view zone) {
  const FoundZone found = TRY(find_content(services, zone));
  return json_response(
      200, json::object{
               {"zone", found.record->name.to_text()},
               {"serial", found.record->zone->serial()},
               {"content_digest", to_hex(found.record->digest.value())},
               {"zonemd_sha384", to_hex(zonemd_simple(*found.record->zone, ZonemdHash::kSha384))}});
}

Result<std::optional<HttpResponse>> read_log(const ApiServices& services,
                                             const HttpRequest& request) {
  const LogStore& log = services.node->cluster_log().entries();
  const std::uint64_t head = services.node->cluster_log().table().position().sequence;
  const std::uint64_t limit =
      std::clamp<std::uint64_t>(TRY(number_parameter(request, "limit", 100)), 1, kMaxListed);
  const std::uint64_t newest = head > limit ? head - limit : 0;
  const std::uint64_t asked = TRY(number_parameter(request, "after", newest));
  const std::uint64_t after = std::max(asked, log.first_sequence() - 1);
  if (after >= head && request.parameter("after")) {
    return std::optional<HttpResponse>();
  }
  ZoneNames names(services);
  json::array entries;
  for (std::uint64_t sequence = after + 1; sequence <= head && entries.size() < limit; ++sequence) {
    const EncodedEntry encoded = TRY(log.read(sequence));
    const Entry entry = TRY(decode_entry(encoded.octets));
    entries.push_back(entry_json(entry, names));
  }
  return std::optional(
      json_response(200, json::object{{"entries", std::move(entries)}, {"head", head}}));
}

}  // namespace tandem
