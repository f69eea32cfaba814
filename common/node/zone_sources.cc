#include "common/node/zone_sources.h"

#include <algorithm>

namespace tandem {

std::string ZoneSources::find(const TableDraft& zones, NameView zone) const {
  const std::string name = setting_name(zone);
  std::string own = setting_in(&configured_, name);
  return own.empty() ? zones.setting(SettingKind::kSource, name) : own;
}

std::string ZoneSources::find(const ZoneTable& zones, NameView zone) const {
  const std::string name = setting_name(zone);
  std::string own = setting_in(&configured_, name);
  return own.empty() ? zones.setting(SettingKind::kSource, name) : own;
}

std::vector<ZoneSources::Item> ZoneSources::all(const ZoneTable& zones) const {
  SettingBook texts = configured_;
  texts.merge(zones.settings(SettingKind::kSource));
  std::vector<Item> out;
  out.reserve(texts.size());
  for (auto& [name, text] : texts) {
    if (auto zone = Name::from_text(name)) {  // of the log: a later version may name others
      out.push_back({*zone, std::move(text), configured_.contains(name)});
    }
  }
  std::ranges::sort(out, {}, &Item::zone);
  return out;
}

}  // namespace tandem
