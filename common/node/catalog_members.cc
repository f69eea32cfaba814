#include "common/node/catalog_members.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "common/zone/rr_pack.h"

namespace tandem {
namespace {

struct Made {
  Name name;
  MadeCatalog how;
};

/// Of a setting's name and value; nothing: none is made.
std::optional<Made> made_of(std::string_view name, std::string_view value) {
  const auto setting = CatalogSetting::from_text(value);
  const auto zone = Name::from_text(name);
  if (!setting || !setting->made || !zone) {
    return std::nullopt;
  }
  return Made{*zone, *setting->made};
}

bool is_catalog(const TableDraft& zones, NameView zone) {
  return !zones.setting(SettingKind::kCatalog, setting_name(zone)).empty();
}

/// Nothing: the catalog does not list the zone.
std::optional<ListedZone> listed_in(const Made& catalog, const TableDraft& zones,
                                    const ZoneRecord& zone) {
  if (zone.zone == nullptr) {
    return std::nullopt;
  }
  const MemberSetting setting = member_setting(zones, zone.name);
  if (!setting.is_in(catalog.name, catalog.how) || is_catalog(zones, zone.name)) {
    return std::nullopt;
  }
  ListedZone listed{zone.id, zone.name, setting.group.empty() ? catalog.how.group : setting.group};
  const bool is_left = setting.was && *setting.was == catalog.name;
  if (const std::optional<Name>& to = is_left ? setting.catalog : setting.coo) {
    listed.coo = StoredName(*to);
  }
  return listed;
}

/// Of a catalog that has no content yet.
Serial first_serial(SerialPolicy policy, WallTime now, std::uint64_t sequence) {
  const Serial serial = next_serial(0, policy, now) + static_cast<Serial>(sequence);
  return serial != 0 ? serial : 1;
}

/// The content of the catalog as a whole, in the place of what it has.
Result<PlannedChange> whole_content(const Made& catalog, const TableDraft& zones, WallTime now,
                                    std::uint64_t sequence) {
  const ZoneRecordPtr own = zones.find(catalog.name);
  if (own == nullptr) {
    return fail(Errc::kConflict, "the catalog {} has no zone", catalog.name.to_text());
  }
  std::vector<ListedZone> members;
  for (const ZoneRecordPtr& zone : zones.all()) {
    if (auto listed = listed_in(catalog, zones, *zone)) {
      members.push_back(*std::move(listed));
    }
  }
  const Serial serial = own->zone != nullptr
                            ? own->zone->serial()
                            : first_serial(own->options.serial_policy, now, sequence);
  return PlannedChange(
      ContentReplacement{own->id, TRY(make_catalog(catalog.name, members, serial))});
}

/// Whether these are the first records of a zone: they take none away and bring its SOA.
bool are_first(const Changeset& records) noexcept {
  if (!records.removed.empty()) {
    return false;
  }
  RrUnpacker added(records.added);
  while (const auto record = added.next()) {
    if (record->type == RrType::kSoa) {
      return true;
    }
  }
  return false;
}

/// Whether the change can make a zone one that has content, or end it.
bool is_of_being(const Change& change) noexcept {
  const auto* const records = std::get_if<RecordChange>(&change.kind);
  return std::holds_alternative<ZoneCreate>(change.kind) ||
         std::holds_alternative<ZoneDelete>(change.kind) ||
         std::holds_alternative<ZoneReplace>(change.kind) ||
         (records != nullptr && are_first(records->authored));
}

/// What some changes are about.
struct Touched {
  std::map<std::string, std::string> catalogs;  // that have another setting, by name
  std::set<ZoneId> zones;
};

Touched touched_by(std::span<const Change> changes, const TableDraft& zones) {
  Touched touched;
  for (const Change& change : changes) {
    const auto* const setting = std::get_if<SettingChange>(&change.kind);
    if (setting == nullptr) {
      if (is_of_being(change)) {
        touched.zones.insert(change.zone);
      }
    } else if (setting->kind == SettingKind::kCatalog) {
      touched.catalogs[setting->name] = setting->after;
    } else if (setting->kind == SettingKind::kMember) {
      const auto name = Name::from_text(setting->name);
      const ZoneRecordPtr zone = name ? zones.find(*name) : nullptr;
      if (zone != nullptr) {
        touched.zones.insert(zone->id);
      }
    }
  }
  return touched;
}

/// Nothing: the catalog stays as it is.
Result<std::optional<Change>> members_change(const Made& catalog, const TableDraft& zones,
                                             const std::set<ZoneId>& touched) {
  const ZoneRecordPtr own = zones.find(catalog.name);
  if (own == nullptr || own->zone == nullptr) {
    return std::nullopt;
  }
  std::vector<ListedZone> listed;
  std::vector<ZoneId> unlisted;
  for (const ZoneId& id : touched) {
    const ZoneRecordPtr zone = zones.find(id);
    if (auto there = zone != nullptr ? listed_in(catalog, zones, *zone) : std::nullopt) {
      listed.push_back(*std::move(there));
    } else {
      unlisted.push_back(id);
    }
  }
  Changeset change = TRY(catalog_change(*own->zone, listed, unlisted));
  if (change.empty()) {
    return std::nullopt;
  }
  return Change{own->id, RecordChange{std::move(change), {}}};
}

}  // namespace

Result<std::vector<PlannedChange>> catalog_changes(const TableDraft& zones,
                                                   std::span<const Change> changes, WallTime now,
                                                   std::uint64_t sequence) {
  std::vector<PlannedChange> out;
  if (zones.setting_count(SettingKind::kCatalog) == 0) {
    return out;
  }
  const Touched touched = touched_by(changes, zones);
  for (const auto& [name, value] : touched.catalogs) {
    if (const auto catalog = made_of(name, value)) {
      out.push_back(TRY(whole_content(*catalog, zones, now, sequence)));
    }
  }
  if (touched.zones.empty()) {
    return out;
  }
  for (const auto& [name, value] : zones.settings(SettingKind::kCatalog)) {
    const auto catalog = touched.catalogs.contains(name) ? std::nullopt : made_of(name, value);
    if (!catalog) {
      continue;
    }
    if (auto change = TRY(members_change(*catalog, zones, touched.zones))) {
      out.emplace_back(*std::move(change));
    }
  }
  return out;
}

Status check_not_made(const TableDraft& zones, const PlannedChange& planned) {
  if (zones.setting_count(SettingKind::kCatalog) == 0) {
    return {};
  }
  const std::optional<Name> zone = changed_zone(planned, zones);
  if (!zone) {
    return {};
  }
  const std::string name = setting_name(*zone);
  if (made_of(name, zones.setting(SettingKind::kCatalog, name))) {
    return fail(
        Errc::kRefused,
        "{} is a catalog that this server makes of its zones: `tandemctl catalog show {}` says "
        "what is in it, and `tandemctl catalog remove {}` ends it",
        name, name, name);
  }
  return {};
}

MemberSetting member_setting(const TableDraft& zones, NameView zone) {
  auto setting = MemberSetting::from_text(zones.setting(SettingKind::kMember, setting_name(zone)));
  if (!setting) {
    MemberSetting unread;
    unread.is_left_out = true;
    return unread;
  }
  return *std::move(setting);
}

std::vector<Name> catalogs_of(const TableDraft& zones, const ZoneRecord& zone) {
  std::vector<Name> out;
  for (const auto& [name, value] : zones.settings(SettingKind::kCatalog)) {
    const auto catalog = made_of(name, value);
    if (catalog && listed_in(*catalog, zones, zone)) {
      out.push_back(catalog->name);
    }
  }
  return out;
}

}  // namespace tandem
