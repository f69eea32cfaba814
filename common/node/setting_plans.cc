#include "common/node/setting_plans.h"

#include <algorithm>
#include <utility>

#include "common/dns/shown_text.h"
#include "common/log/entry_check.h"
#include "common/node/key_label.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxSecondaryName = 63;

bool is_name_letter(char letter) noexcept {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
}

}  // namespace

Status check_secondary_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxSecondaryName ||
      !std::ranges::all_of(name, is_name_letter)) {
    return fail(Errc::kInvalid,
                "{}: an outside secondary's name is 1 to {} letters, digits, -, _ and .",
                shown_text(name), kMaxSecondaryName);
  }
  return {};
}

std::size_t most_settings(SettingKind kind) noexcept {
  constexpr std::size_t kMost = 1'000;
  constexpr std::size_t kMostOfZones = 100'000;
  const bool is_of_zones = kind == SettingKind::kSource || kind == SettingKind::kMember;
  return is_of_zones ? kMostOfZones : kMost;
}

std::string_view noun_of(SettingKind kind) noexcept {
  switch (kind) {
    case SettingKind::kAddress:
      break;
    case SettingKind::kSecondary:
      return "outside secondary";
    case SettingKind::kSource:
      return "zone from elsewhere";
    case SettingKind::kCatalog:
      return "catalog";
    case SettingKind::kMember:
      return "member";
    case SettingKind::kFailover:
      return "failover of";
  }
  return "address";
}

Status check_room_for_setting(const TableDraft& zones, SettingKind kind) {
  if (const std::size_t count = zones.setting_count(kind); count >= most_settings(kind)) {
    return fail(Errc::kTooLarge, "there are {} of the kind {}: no more are possible", count,
                noun_of(kind));
  }
  return {};
}

Result<WantedSetting> secondary_setting(std::string_view name, const OutsideSecondary& secondary) {
  TRYV(check_secondary_name(name));
  WantedSetting wanted{{SettingKind::kSecondary, std::string(name), secondary.to_text()}, {}};
  TRYV(check_setting(wanted.setting));
  if (secondary.key) {
    wanted.keys.push_back(*secondary.key);
  }
  return wanted;
}

std::vector<std::string> key_warnings(const std::vector<Name>& keys, const TableDraft& zones) {
  std::vector<std::string> warnings;
  for (const Name& key : keys) {
    if (zones.secrets(kKeyPurpose, label_beginning(key)).empty()) {
      warnings.push_back(
          fmt::format("there is no key {}: nothing is asked or given with it before there is one",
                      key.to_text()));
    }
  }
  return warnings;
}

Planner plan_setting(WantedSetting wanted) {
  return [wanted = std::move(wanted)](const TableDraft& zones) -> Result<Plan> {
    const Setting& setting = wanted.setting;
    const std::string before = zones.setting(setting.kind, setting.name);
    Plan plan{{}, {}, key_warnings(wanted.keys, zones)};
    if (before == setting.value) {
      return plan;
    }
    if (before.empty()) {
      TRYV(check_room_for_setting(zones, setting.kind));
    }
    plan.changes.emplace_back(
        Change{ZoneId{}, SettingChange{setting.kind, setting.name, before, setting.value}});
    return plan;
  };
}

Planner plan_setting_removal(SettingKind kind, const std::string& name) {
  return [kind, name](const TableDraft& zones) -> Result<Plan> {
    const std::string before = zones.setting(kind, name);
    if (before.empty()) {
      return fail(Errc::kNotFound, "there is no {} {}", noun_of(kind), shown_text(name));
    }
    return Plan{{Change{ZoneId{}, SettingChange{kind, name, before, {}}}}, {}, {}};
  };
}

}  // namespace tandem
