#include "common/node/catalog_plans.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "common/base/random.h"
#include "common/node/catalog_members.h"
#include "common/node/plans.h"
#include "common/node/setting_plans.h"

namespace tandem {
namespace {

Change catalog_change(const Name& catalog, std::string before, std::string after) {
  return {ZoneId{}, SettingChange{SettingKind::kCatalog, setting_name(catalog), std::move(before),
                                  std::move(after)}};
}

Status check_is_made(const TableDraft& zones, const Name& catalog) {
  const auto setting =
      CatalogSetting::from_text(zones.setting(SettingKind::kCatalog, setting_name(catalog)));
  if (!setting || !setting->made) {
    return fail(Errc::kNotFound, "there is no catalog {} that is made here", catalog.to_text());
  }
  return {};
}

// Each of them gets a change in the entry that makes or ends a zone.
constexpr std::ptrdiff_t kMostMadeCatalogs = 32;

Status check_room_for_catalog(const TableDraft& zones) {
  TRYV(check_room_for_setting(zones, SettingKind::kCatalog));
  const SettingBook catalogs = zones.settings(SettingKind::kCatalog);
  const std::ptrdiff_t made = std::ranges::count_if(catalogs, [](const auto& each) {
    const auto setting = CatalogSetting::from_text(each.second);
    return setting && setting->made;
  });
  if (made >= kMostMadeCatalogs) {
    return fail(Errc::kTooLarge, "{} catalogs are made here: no more are possible", made);
  }
  return {};
}

/// How many zones are in this catalog because their own setting says so.
std::size_t put_in(const TableDraft& zones, const Name& catalog) {
  const SettingBook members = zones.settings(SettingKind::kMember);
  return static_cast<std::size_t>(std::ranges::count_if(members, [&](const auto& each) {
    const auto setting = MemberSetting::from_text(each.second);
    return setting && setting->catalog == catalog;
  }));
}

/// A zone that may be in a catalog.
Result<ZoneRecordPtr> member(const TableDraft& zones, const Name& zone) {
  ZoneRecordPtr record = zones.find(zone);
  if (record == nullptr) {
    return fail(Errc::kNotFound, "there is no zone {}", zone.to_text());
  }
  if (!zones.setting(SettingKind::kCatalog, setting_name(zone)).empty()) {
    return fail(Errc::kInvalid, "{} is a catalog itself", zone.to_text());
  }
  return record;
}

/// What makes the zone's setting `after`.
Result<Plan> member_plan(const TableDraft& zones, const ZoneRecord& zone,
                         const MemberSetting& after) {
  Plan plan{{}, zone.id, {}};
  const std::string name = setting_name(zone.name);
  std::string before = zones.setting(SettingKind::kMember, name);
  std::string text = after.to_text();
  if (before == text) {
    return plan;
  }
  if (before.empty()) {
    TRYV(check_room_for_setting(zones, SettingKind::kMember));
  }
  plan.changes.emplace_back(Change{
      ZoneId{}, SettingChange{SettingKind::kMember, name, std::move(before), std::move(text)}});
  return plan;
}

void put(MemberSetting& setting, const MemberWish& wish) {
  if (wish.place) {
    setting.is_left_out = *wish.place == MemberWish::Place::kNowhere;
    setting.catalog = *wish.place == MemberWish::Place::kCatalog ? wish.catalog : std::nullopt;
    setting.was = std::nullopt;
    setting.coo = std::nullopt;
  }
  if (wish.group) {
    setting.group = *wish.group;
  }
}

/// The step that comes next, and what is to be said of it.
struct MoveStep {
  MemberSetting setting;
  std::string words;
};

Result<MoveStep> next_step(const TableDraft& zones, const ZoneRecord& zone, const Name& to) {
  MoveStep step{member_setting(zones, zone.name), {}};
  MemberSetting& setting = step.setting;
  if (setting.was && setting.catalog == to) {  // the third
    step.words = fmt::format("step 3 of 3: {} lists it no more", setting.was->to_text());
    setting.was = std::nullopt;
    return step;
  }
  const std::vector<Name> in = catalogs_of(zones, zone);
  if (in.size() != 1 || (setting.coo && *setting.coo != to)) {
    return fail(Errc::kConflict,
                "{} is in {} catalogs{}: only what is in one can go to another one",
                zone.name.to_text(), in.size(),
                setting.coo ? " and on its way to " + setting.coo->to_text() : "");
  }
  const Name& old = in.front();
  if (old == to) {
    return step;
  }
  if (setting.coo) {
    setting.catalog = to;
    setting.was = old;
    setting.coo = std::nullopt;
    step.words = fmt::format(
        "step 2 of 3: {} lists it, too. Once all who follow have that, do the same again: {} then "
        "lists it no more",
        to.to_text(), old.to_text());
  } else {
    setting.catalog = old;
    setting.coo = to;
    step.words = fmt::format(
        "step 1 of 3: {0} says that it goes to {1}. Once all who follow have that, do the same "
        "again. Whoever follows {0} and not {1} loses the zone: `tandemctl secondary check "
        "SECONDARY {1}` says who has it",
        old.to_text(), to.to_text());
  }
  return step;
}

}  // namespace

Planner plan_catalog(const Name& catalog, const MadeCatalog& how) {
  return [catalog, how](const TableDraft& zones) -> Result<Plan> {
    TRYV(check_catalog_name(catalog));
    const std::string before = zones.setting(SettingKind::kCatalog, setting_name(catalog));
    const std::string after = CatalogSetting{how, {}}.to_text();
    const ZoneRecordPtr zone = zones.find(catalog);
    Plan plan{{}, zone != nullptr ? zone->id : ZoneId{random_array<16>()}, {}};
    if (before == after) {
      return plan;
    }
    if (before.empty()) {
      if (zone != nullptr) {
        return fail(Errc::kExists, "there is a zone {}, which is no catalog", catalog.to_text());
      }
      TRYV(check_room_for_catalog(zones));
      ZoneOptions options;
      options.serial_policy = SerialPolicy::kUnixTime;
      plan.changes.emplace_back(Change{plan.zone, ZoneCreate{catalog, options}});
    } else {
      TRYV(check_is_made(zones, catalog));
    }
    plan.changes.emplace_back(catalog_change(catalog, before, after));
    return plan;
  };
}

Planner plan_catalog_removal(const Name& catalog) {
  return [catalog](const TableDraft& zones) -> Result<Plan> {
    TRYV(check_is_made(zones, catalog));
    Plan plan{
        {catalog_change(catalog, zones.setting(SettingKind::kCatalog, setting_name(catalog)), {})},
        {},
        {}};
    if (const ZoneRecordPtr zone = zones.find(catalog); zone != nullptr) {
      plan.zone = zone->id;
      append_zone_removal(*zone, plan);
    }
    if (const std::size_t count = put_in(zones, catalog); count > 0) {
      plan.warnings.push_back(fmt::format(
          "{} zones are set to be in {} alone, and so in no other catalog: `tandemctl catalog "
          "put-in ZONE` puts one where all are",
          count, catalog.to_text()));
    }
    return plan;
  };
}

Planner plan_member(const Name& zone, const MemberWish& wish) {
  return [zone, wish](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = TRY(member(zones, zone));
    if (wish.place == MemberWish::Place::kCatalog) {
      TRYV(check_is_made(zones, wish.catalog.value_or(Name())));
    }
    if (wish.group && !wish.group->empty()) {
      TRYV(check_group_name(*wish.group));
    }
    MemberSetting setting = member_setting(zones, zone);
    put(setting, wish);
    return member_plan(zones, *record, setting);
  };
}

Planner plan_member_move(const Name& zone, const Name& to) {
  return [zone, to](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = TRY(member(zones, zone));
    TRYV(check_is_made(zones, to));
    const MoveStep step = TRY(next_step(zones, *record, to));
    Plan plan = TRY(member_plan(zones, *record, step.setting));
    if (!step.words.empty()) {
      plan.warnings.push_back(step.words);
    }
    return plan;
  };
}

}  // namespace tandem
