#include "common/node/follow_plans.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "common/base/random.h"
#include "common/log/entry_check.h"
#include "common/node/plans.h"
#include "common/node/setting_plans.h"
#include "common/transfer/catalog_zone.h"

namespace tandem {
namespace {

/// Appends what gives a setting its value; nothing when it has it.
void set(const TableDraft& zones, SettingKind kind, const std::string& name, std::string after,
         Plan& plan) {
  std::string before = zones.setting(kind, name);
  if (before != after) {
    plan.changes.emplace_back(
        Change{ZoneId{}, SettingChange{kind, name, std::move(before), std::move(after)}});
  }
}

std::optional<FollowedCatalog> followed(const TableDraft& zones, const Name& catalog) {
  auto setting =
      CatalogSetting::from_text(zones.setting(SettingKind::kCatalog, setting_name(catalog)));
  return setting ? std::move(setting->followed) : std::nullopt;
}

/// The changes of one step.
class Step {
 public:
  Step(const TableDraft& zones, const FollowedCatalog& catalog, const MemberStep& step)
      : zones_(zones),
        catalog_(catalog),
        step_(step),
        name_(setting_name(step.zone)),
        zone_(zones.find(step.zone.view())),
        source_(zones.setting(SettingKind::kSource, name_)) {}

  void append_to(Plan& plan) {
    if (!is_current()) {
      return;
    }
    const bool goes = !step_.after.from;
    if (!source_.empty() && (goes || step_.is_reset)) {
      drop(plan);
    }
    if (!goes) {
      bring(plan);
    }
    set(zones_, SettingKind::kMember, name_, step_.after.to_text(), plan);
  }

 private:
  /// The zone is still what it was when the step was decided, and nobody's or from a catalog. One
  /// that is not taken from elsewhere any more is the operator's own: of that only the setting
  /// goes.
  [[nodiscard]] bool is_current() {
    if (zones_.setting(SettingKind::kMember, name_) != step_.before) {
      return false;
    }
    const auto before = MemberSetting::from_text(step_.before);
    had_template_ = before && !before->as.empty();
    const bool is_own = zone_ != nullptr && source_.empty();
    return before && (is_own ? !step_.after.from : before->from || source_.empty());
  }

  void drop(Plan& plan) {
    put_source({}, plan);
    if (zone_ != nullptr) {
      append_zone_removal(*zone_, plan);
      zone_ = nullptr;
    }
  }

  void bring(Plan& plan) {
    const GroupTemplate* const made = find_template(catalog_, step_.after.as);
    const bool is_by_template = !step_.after.as.empty() || had_template_;
    if (zone_ == nullptr) {
      plan.changes.emplace_back(
          Change{ZoneId{random_array<16>()}, ZoneCreate{step_.zone.view(), options_by({}, made)}});
    } else if (const ZoneOptions options = options_by(zone_->options, made);
               is_by_template && options != zone_->options) {
      plan.changes.emplace_back(Change{zone_->id, ZoneOptionsChange{zone_->options, options}});
    }
    put_source(catalog_.member_source().to_text(), plan);
  }

  void put_source(std::string after, Plan& plan) {
    if (source_ != after) {
      plan.changes.emplace_back(
          Change{ZoneId{}, SettingChange{SettingKind::kSource, name_, source_, after}});
      source_ = std::move(after);
    }
  }

  const TableDraft& zones_;
  const FollowedCatalog& catalog_;
  const MemberStep& step_;
  std::string name_;
  ZoneRecordPtr zone_;
  std::string source_;
  bool had_template_ = false;
};

std::size_t count_from(const TableDraft& zones, const Name& catalog) {
  std::size_t count = 0;
  for (const auto& [name, value] : zones.settings(SettingKind::kMember)) {
    const auto member = MemberSetting::from_text(value);
    count += member && member->from == catalog ? 1U : 0U;
  }
  return count;
}

}  // namespace

const GroupTemplate* find_template(const FollowedCatalog& catalog,
                                   std::string_view group) noexcept {
  const auto at = std::ranges::find(catalog.templates, group, &GroupTemplate::group);
  return at != catalog.templates.end() ? &*at : nullptr;
}

ZoneOptions options_by(const ZoneOptions& options, const GroupTemplate* made) noexcept {
  ZoneOptions out = options;
  out.serve_after_expire = made != nullptr && made->serve_after_expire;
  out.rrset_records_max = made != nullptr ? made->rrset_records_max : 0;
  return out;
}

Planner plan_follow(const Name& catalog, const FollowedCatalog& how,
                    const std::vector<Name>& keys) {
  return [catalog, how, keys](const TableDraft& zones) -> Result<Plan> {
    TRYV(check_catalog_name(catalog));
    const std::string name = setting_name(catalog);
    const std::string before = zones.setting(SettingKind::kCatalog, name);
    const std::string after = CatalogSetting{{}, how}.to_text();
    TRYV(check_setting({SettingKind::kCatalog, name, after}));
    const ZoneRecordPtr zone = zones.find(catalog);
    Plan plan{
        {}, zone != nullptr ? zone->id : ZoneId{random_array<16>()}, key_warnings(keys, zones)};
    if (before.empty()) {
      if (zone != nullptr || !zones.setting(SettingKind::kSource, name).empty()) {
        return fail(Errc::kExists, "there is a zone {}: delete it first", catalog.to_text());
      }
      TRYV(check_room_for_setting(zones, SettingKind::kCatalog));
      TRYV(check_room_for_setting(zones, SettingKind::kSource));
      plan.changes.emplace_back(Change{plan.zone, ZoneCreate{catalog, {}}});
    } else if (!followed(zones, catalog)) {
      return fail(Errc::kRefused, "the catalog {} is made here", catalog.to_text());
    }
    set(zones, SettingKind::kCatalog, name, after, plan);
    set(zones, SettingKind::kSource, name, how.source.to_text(), plan);
    return plan;
  };
}

Planner plan_unfollow(const Name& catalog) {
  return [catalog](const TableDraft& zones) -> Result<Plan> {
    if (!followed(zones, catalog)) {
      return fail(Errc::kNotFound, "the catalog {} is not followed here", catalog.to_text());
    }
    Plan plan;
    const std::string name = setting_name(catalog);
    set(zones, SettingKind::kCatalog, name, {}, plan);
    set(zones, SettingKind::kSource, name, {}, plan);
    if (const ZoneRecordPtr zone = zones.find(catalog); zone != nullptr) {
      plan.zone = zone->id;
      append_zone_removal(*zone, plan);
    }
    if (const std::size_t count = count_from(zones, catalog); count > 0) {
      plan.warnings.push_back(fmt::format(
          "{} zones that came from it stay, and are taken from elsewhere as before", count));
    }
    return plan;
  };
}

Planner plan_members(const Name& catalog, std::vector<MemberStep> steps) {
  return [catalog, steps = std::move(steps)](const TableDraft& zones) -> Result<Plan> {
    Plan plan;
    const auto how = followed(zones, catalog);
    if (!how) {
      return plan;
    }
    for (const SettingKind kind : {SettingKind::kSource, SettingKind::kMember}) {
      const std::size_t count = zones.setting_count(kind);
      const auto added =
          static_cast<std::size_t>(std::ranges::count_if(steps, [&](const MemberStep& step) {
            return step.after.from && zones.setting(kind, setting_name(step.zone)).empty();
          }));
      if (added > 0 && count + added > most_settings(kind)) {
        return fail(Errc::kTooLarge,
                    "there are {} zones that are taken from elsewhere: {} more "
                    "are too many",
                    count, added);
      }
    }
    for (const MemberStep& step : steps) {
      Step(zones, *how, step).append_to(plan);
    }
    return plan;
  };
}

}  // namespace tandem
