#include "secondary/catalog_review.h"

#include <algorithm>
#include <utility>

#include "common/node/setting_plans.h"

namespace tandem {
namespace {

// Escapes make a name of binary octets four times as long; the settings of all are in memory.
constexpr std::size_t kMostNameOctets = kMaxNameOctets;

/// The first template whose group the member is in; empty: none.
std::string template_of(const FollowedCatalog& catalog, const CatalogMember& member) {
  const auto at = std::ranges::find_if(catalog.templates, [&](const GroupTemplate& made) {
    return is_in_group(member, made.group);
  });
  return at != catalog.templates.end() ? at->group : std::string();
}

/// Whether the zone is where the catalog itself says that it goes (s4.3.1).
bool has_moved_on(const CatalogMember& member, const std::optional<ZoneHolderView>& holder) {
  return member.coo && holder && holder->catalog && member.coo->view() == *holder->catalog;
}

MemberSetting put_away(MemberSetting setting) {
  setting.from.reset();
  setting.label.clear();
  setting.as.clear();
  return setting;
}

}  // namespace

CatalogReview::CatalogReview(const ZoneTable& table, const ZoneSources& configured)
    : table_(table), configured_(configured) {
  for (const auto& [name, value] : table.settings(SettingKind::kCatalog)) {
    auto setting = CatalogSetting::from_text(value);
    const auto zone = Name::from_text(name);
    if (!setting || !setting->followed || !zone) {
      continue;
    }
    Catalog catalog{*zone, *std::move(setting->followed)};
    const ZoneRecordPtr record = table.find(*zone);
    if (record == nullptr || record->zone == nullptr) {
      catalog.problem = "it has not come yet";
    } else if (auto content = read_catalog(*record->zone, most_settings(SettingKind::kSource))) {
      catalog.serial = record->zone->serial();
      catalog.content = *std::move(content);
    } else {
      catalog.problem = content.error().detail;
    }
    catalogs_.push_back(std::move(catalog));
  }
  std::ranges::sort(catalogs_, {}, &Catalog::name);
  if (catalogs_.empty()) {
    return;
  }
  for (auto& [name, value] : table.settings(SettingKind::kMember)) {
    const auto setting = MemberSetting::from_text(value);
    if (setting && setting->from) {
      members_by_catalog_[setting_name(*setting->from)].emplace(name, value);
    }
  }
}

const CatalogReview::Catalog* CatalogReview::find(NameView catalog) const noexcept {
  const auto at = std::ranges::find_if(
      catalogs_, [&](const Catalog& each) { return each.name.view() == catalog; });
  return at != catalogs_.end() ? &*at : nullptr;
}

CatalogReview::Here CatalogReview::here(const StoredName& zone) const {
  const std::string name = setting_name(zone);
  Here out{table_.setting(SettingKind::kMember, name), {}, {}, nullptr, {}};
  out.source = table_.setting(SettingKind::kSource, name);
  out.zone = table_.find(zone.view());
  const auto setting = MemberSetting::from_text(out.text);
  const bool is_otherwise = !setting || configured_.is_configured(zone) ||
                            !table_.setting(SettingKind::kCatalog, name).empty();
  out.setting = setting ? *setting : MemberSetting();
  const bool is_own = out.zone != nullptr && out.source.empty();  // it was unpulled
  const Catalog* const catalog = out.setting.from && !is_own ? find(*out.setting.from) : nullptr;
  if (!is_otherwise && catalog != nullptr) {
    out.holder = ZoneHolderView{catalog->name.view(),
                                catalog->content ? catalog->content->find(zone) : nullptr};
  } else if (is_otherwise || out.zone != nullptr || !out.source.empty()) {
    out.holder = ZoneHolderView{};
  }
  return out;
}

CatalogReview::Findings CatalogReview::findings_of(const Catalog& catalog) const {
  Findings out;
  if (!catalog.content) {
    return out;
  }
  if (const auto ours = members_by_catalog_.find(setting_name(catalog.name));
      ours != members_by_catalog_.end()) {
    for (const auto& [name, value] : ours->second) {
      const auto zone = Name::from_text(name);
      if (zone && catalog.content->find(*zone) == nullptr) {
        out.steps.push_back(
            {StoredName(*zone), value, put_away(MemberSetting::from_text(value).value())});
      }
    }
  }
  for (const CatalogMember& member : catalog.content->members) {
    add_member(catalog, member, out);
  }
  return out;
}

void CatalogReview::add_member(const Catalog& catalog, const CatalogMember& member,
                               Findings& to) const {
  const Here now = here(member.zone);
  MemberStep step{member.zone, now.text, now.setting};
  step.after.from = catalog.name;
  step.after.label = to_octets(as_octets(member.label));
  step.after.as = template_of(catalog.how, member);
  const bool is_too_long = setting_name(member.zone).size() > kMostNameOctets;
  switch (is_too_long ? Admission::kClash : admission_of(member, catalog.name, now.holder)) {
    case Admission::kClash:
      if (!has_moved_on(member, now.holder)) {
        to.clashes.emplace_back(member.zone.view());
      }
      return;
    case Admission::kKeep:
      step.is_reset = now.setting.label != step.after.label;
      break;
    case Admission::kMoveAndReset:
      step.is_reset = true;
      break;
    case Admission::kAdd:
    case Admission::kMove:
      break;
  }
  const GroupTemplate* const made = find_template(catalog.how, step.after.as);
  const bool is_as_listed =
      now.zone != nullptr && step.after.to_text() == now.text &&
      now.source == catalog.how.member_source().to_text() &&
      (made == nullptr || options_by(now.zone->options, made) == now.zone->options);
  if (step.is_reset || !is_as_listed) {
    to.steps.push_back(std::move(step));
  }
}

}  // namespace tandem
