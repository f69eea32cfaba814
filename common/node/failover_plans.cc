#include "common/node/failover_plans.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/dns/rdata.h"
#include "common/log/entry_check.h"
#include "common/node/noted_edit.h"
#include "common/node/setting_plans.h"
#include "common/node/zone_edit.h"

namespace tandem {
namespace {

/// Structure, transfers, signatures: not data that a service is found by.
constexpr std::array kNoAlternative{
    RrType::kSoa,    RrType::kNs,    RrType::kDs,         RrType::kDname, RrType::kRrsig,
    RrType::kNsec,   RrType::kNsec3, RrType::kNsec3param, RrType::kCds,   RrType::kDnskey,
    RrType::kZonemd, RrType::kCsync, RrType::kCdnskey};

bool is_same_set(const RrSet& a, const RrSet& b) {
  return a.ttl == b.ttl && a.rdatas.size() == b.rdatas.size() &&
         std::ranges::all_of(a.rdatas, [&](const Octets& rdata) {
           return std::ranges::any_of(b.rdatas, [&](const Octets& other) {
             return compare_rdata(a.type, rdata, other) == 0;
           });
         });
}

bool has_notes(const ZoneRecord& record, const FailoverKey& key) {
  return std::ranges::any_of(record.notes.all(), [&](const NoteSet::Item& note) {
    return note->owner == key.owner && note->type == key.type;
  });
}

/// The zone with its content, and that an alternative may stand there.
Result<ZoneRecordPtr> zone_for(const FailoverKey& key, const FailoverSetting& setting,
                               const TableDraft& zones) {
  const ZoneRecordPtr record = zones.find(key.zone);
  if (record == nullptr || record->zone == nullptr) {
    return fail(Errc::kNotFound, "the cluster has no zone {} with content", key.zone.to_text());
  }
  if (record->zone->is_presigned()) {
    return fail(
        Errc::kRefused,
        "{} was signed elsewhere: an alternative would have no signature, and resolvers that "
        "validate would refuse it",
        key.zone.to_text());
  }
  if (!zones.setting(SettingKind::kCatalog, setting_name(key.zone)).empty()) {
    return fail(Errc::kRefused, "{} is a catalog of zones", key.zone.to_text());
  }
  if (is_meta_type(key.type) ||
      std::ranges::find(kNoAlternative, key.type) != kNoAlternative.end()) {
    return fail(Errc::kRefused, "records of type {} have no alternatives", to_text(key.type));
  }
  if (setting.mode == FailoverMode::kChanges && has_notes(*record, key)) {
    return fail(
        Errc::kRefused,
        "records of {} {} carry notes (a comment, a time, an address that they follow), which "
        "changes would lose: use the mode answers, or take the notes away",
        key.owner.to_text(), to_text(key.type));
  }
  return record;
}

Result<RrSet> set_in(const ZoneRecord& record, const FailoverKey& key) {
  auto set = record.zone->find_rrset(key.owner, key.type);
  if (!set) {
    return fail(Errc::kNotFound,
                "{} has no {} records: an alternative stands for a set that is there",
                key.owner.to_text(), to_text(key.type));
  }
  return *std::move(set);
}

void append_set(const ZoneRecord& record, const RrSet& set, Plan& plan) {
  ZoneEdit edit(*record.zone);
  EditedSet& edited = edit.set_of(set.owner, set.type);
  edited.clear();
  for (const Octets& rdata : set.rdatas) {
    edited.add(rdata, set.ttl);
  }
  append_change(record.id, NotedChange{edit.take(), {}}, plan);
}

/// Puts the base back where the alternative is still there.
void append_return(const FailoverKey& key, const FailoverSetting& setting, const TableDraft& zones,
                   Plan& plan) {
  const ZoneRecordPtr record = zones.find(key.zone);
  if (!setting.base || record == nullptr || record->zone == nullptr ||
      record->zone->is_presigned()) {
    return;
  }
  const auto there = record->zone->find_rrset(key.owner, key.type);
  if (there && is_same_set(*there, setting.alternative) && !has_notes(*record, key)) {
    append_set(*record, *setting.base, plan);
  } else {
    plan.warnings.push_back(
        fmt::format("{} {} was changed while its alternative was there: it stays as it is",
                    key.owner.to_text(), to_text(key.type)));
  }
}

/// What the log has of that name; nothing: none.
Result<std::optional<FailoverSetting>> setting_there(const FailoverKey& key,
                                                     const TableDraft& zones) {
  const std::string text = zones.setting(SettingKind::kFailover, key.to_text());
  if (text.empty()) {
    return std::nullopt;
  }
  return TRY(FailoverSetting::from_text(key, text));
}

Status append_setting(const FailoverKey& key, const std::string& after, const TableDraft& zones,
                      Plan& plan) {
  const std::string name = key.to_text();
  const std::string before = zones.setting(SettingKind::kFailover, name);
  if (before == after) {
    return {};
  }
  if (!after.empty()) {
    TRYV(check_setting({SettingKind::kFailover, name, after}));
  }
  plan.changes.emplace_back(
      Change{ZoneId{}, SettingChange{SettingKind::kFailover, name, before, after}});
  return {};
}

}  // namespace

Planner plan_failover(const FailoverKey& key, const FailoverSetting& wanted) {
  return [key, wanted](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = TRY(zone_for(key, wanted, zones));
    const RrSet there = TRY(set_in(*record, key));
    const std::optional<FailoverSetting> before = TRY(setting_there(key, zones));
    if (is_same_set(before && before->base ? *before->base : there, wanted.alternative)) {
      return fail(Errc::kInvalid, "the records of {} {} are the alternative already",
                  key.owner.to_text(), to_text(key.type));
    }
    if (wanted.alternative.rdatas.size() > record->limits().rrset_records) {
      return fail(Errc::kTooLarge, "a set of this zone has at most {} records",
                  record->limits().rrset_records);
    }
    Plan plan;
    if (!before) {
      TRYV(check_room_for_setting(zones, SettingKind::kFailover));
    } else {
      append_return(key, *before, zones, plan);
    }
    TRYV(append_setting(key, wanted.to_text(), zones, plan));
    return plan;
  };
}

Planner plan_failover_removal(const FailoverKey& key) {
  return [key](const TableDraft& zones) -> Result<Plan> {
    Plan plan;
    if (zones.setting(SettingKind::kFailover, key.to_text()).empty()) {
      return fail(Errc::kNotFound, "{} {} has no alternative", key.owner.to_text(),
                  to_text(key.type));
    }
    if (const auto before = setting_there(key, zones); before && *before) {
      append_return(key, **before, zones, plan);
    }
    TRYV(append_setting(key, {}, zones, plan));
    return plan;
  };
}

Planner plan_variant(const std::string& name, Variant variant) {
  return [name, variant](const TableDraft& zones) -> Result<Plan> {
    const FailoverKey key = TRY(FailoverKey::from_text(name));
    std::optional<FailoverSetting> setting = TRY(setting_there(key, zones));
    const bool is_wanted = setting && setting->mode == FailoverMode::kChanges &&
                           setting->base.has_value() != (variant == Variant::kAlternative);
    Plan plan;
    if (!is_wanted) {
      return plan;
    }
    if (variant == Variant::kBase) {
      append_return(key, *setting, zones, plan);
      setting->base.reset();
    } else {
      const ZoneRecordPtr record = TRY(zone_for(key, *setting, zones));
      setting->base = TRY(set_in(*record, key));
      append_set(*record, setting->alternative, plan);
      plan.zone = record->id;
    }
    TRYV(append_setting(key, setting->to_text(), zones, plan));
    return plan;
  };
}

}  // namespace tandem
