// Entries of the log as JSON: each kind of change with its own members.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "common/api/json.h"
#include "common/api/note_json.h"
#include "common/base/encoding.h"
#include "common/dns/master_file.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxShownRecords = 1000;

std::string_view policy_name(SerialPolicy policy) noexcept {
  switch (policy) {
    case SerialPolicy::kIncrement:
      return "increment";
    case SerialPolicy::kUnixTime:
      return "unixtime";
    case SerialPolicy::kDate:
      return "date";
  }
  return "increment";
}

std::string_view setting_name(SettingKind kind) noexcept {
  switch (kind) {
    case SettingKind::kAddress:
      break;
    case SettingKind::kSecondary:
      return "secondary";
    case SettingKind::kSource:
      return "source";
    case SettingKind::kCatalog:
      return "catalog";
    case SettingKind::kMember:
      return "member";
    case SettingKind::kFailover:
      return "failover";
  }
  return "address";
}

json::object image_json(const ImageRef& image) {
  return {{"content_digest", to_hex(image.content_digest)},
          {"record_count", image.record_count},
          {"serial", image.serial}};
}

json::array records_json(const Octets& packed, json::object& owner) {
  json::array lines;
  RrUnpacker records(packed);
  while (const auto record = records.next()) {
    if (lines.size() == kMaxShownRecords) {
      owner["cut"] = true;
      break;
    }
    lines.emplace_back(record_to_text(record->owner, record->ttl, record->type, record->rdata));
  }
  return lines;
}

/// Adds what one kind of change says to its JSON object.
struct DescribeChange {
  json::object& to;

  void operator()(const ZoneCreate& change) const {
    to["kind"] = "zone_create";
    to["zone"] = change.name.to_text();
    to["options"] = options_json(change.options);
  }

  void operator()(const ZoneDelete& change) const {
    to["kind"] = "zone_delete";
    to["zone"] = change.name.to_text();
    if (change.last) {
      to["last"] = image_json(*change.last);
    }
  }

  void operator()(const RecordChange& change) const {
    to["kind"] = "record_change";
    to["removed"] = records_json(change.authored.removed, to);
    to["added"] = records_json(change.authored.added, to);
    to["derived_removed"] = records_json(change.derived.removed, to);
    to["derived_added"] = records_json(change.derived.added, to);
  }

  void operator()(const ZoneReplace& change) const {
    to["kind"] = "zone_replace";
    if (change.before) {
      to["before"] = image_json(*change.before);
    }
    if (change.after) {
      to["after"] = image_json(*change.after);
    }
  }

  void operator()(const ZoneOptionsChange& change) const {
    to["kind"] = "zone_options_change";
    to["before"] = options_json(change.before);
    to["after"] = options_json(change.after);
  }

  void operator()(const SecretNamed& change) const { describe("secret_named", change.secret); }

  void operator()(const SecretDropped& change) const { describe("secret_dropped", change.secret); }

  void operator()(const EpochStart& change) const {
    to["kind"] = "epoch_start";
    to["cluster"] = change.cluster.to_text();
  }

  void operator()(const ZoneRulesChange& change) const {
    to["kind"] = "zone_rules_change";
    to["removed"] = json::array(change.removed.begin(), change.removed.end());
    to["added"] = json::array(change.added.begin(), change.added.end());
  }

  void operator()(const ZoneNotesChange& change) const {
    to["kind"] = "zone_notes_change";
    bool is_cut = false;
    to["removed"] = notes_json(change.removed, is_cut);
    to["added"] = notes_json(change.added, is_cut);
    if (is_cut) {
      to["cut"] = true;
    }
  }

  void operator()(const SettingChange& change) const {
    to["kind"] = fmt::format("{}_change", setting_name(change.kind));
    to["name"] = change.name;
    to["before"] = change.before;
    to["after"] = change.after;
  }

  void describe(std::string_view kind, const SecretInfo& secret) const {
    to["kind"] = kind;
    to["label"] = secret.label;
    to["purpose"] = secret.purpose;
  }
};

}  // namespace

json::object options_json(const ZoneOptions& options) {
  return {{"serial_policy", policy_name(options.serial_policy)},
          {"serve_after_expire", options.serve_after_expire},
          {"rrset_records_max", options.rrset_records_max != 0
                                    ? options.rrset_records_max
                                    : static_cast<std::uint32_t>(ZoneLimits{}.rrset_records)},
          {"zonemd", options.zonemd}};
}

json::object actor_json(const Actor& actor) {
  return {{"name", actor.name},
          {"credential", actor.credential},
          {"source", actor.source},
          {"reason", actor.reason}};
}

json::object entry_json(const Entry& entry, ZoneNames& names) {
  json::array changes;
  for (const Change& change : entry.changes) {
    json::object out{{"kind", ""}, {"zone_id", change.zone.to_text()}};
    if (!change.zone.is_zero()) {
      out["zone"] = names.of(change.zone);
    }
    std::visit(DescribeChange{out}, change.kind);
    changes.push_back(std::move(out));
  }
  json::array digests;
  for (const ZoneDigest& digest : entry.zone_digests) {
    digests.push_back(json::object{{"zone_id", digest.zone.to_text()},
                                   {"serial", digest.serial},
                                   {"content_digest", to_hex(digest.content)}});
  }
  return {{"sequence", entry.sequence},
          {"epoch", entry.epoch.number},
          {"time", to_text(entry.time)},
          {"group_end", entry.group_end},
          {"request_id", as_text(entry.request_id)},
          {"actor", actor_json(entry.actor)},
          {"changes", std::move(changes)},
          {"zone_digests", std::move(digests)}};
}

}  // namespace tandem
