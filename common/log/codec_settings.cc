#include "common/log/codec_settings.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "common/log/codec_fields.h"
#include "common/log/entry_check.h"

namespace tandem {
namespace {

using Settings = google::protobuf::RepeatedPtrField<v1::SettingChange>;

v1::SettingChange& part_of(v1::Change& message, SettingKind kind) {
  switch (kind) {
    case SettingKind::kAddress:
      break;
    case SettingKind::kSecondary:
      return *message.mutable_secondary_change();
    case SettingKind::kSource:
      return *message.mutable_source_change();
    case SettingKind::kCatalog:
      return *message.mutable_catalog_change();
    case SettingKind::kMember:
      return *message.mutable_member_change();
    case SettingKind::kFailover:
      return *message.mutable_failover_change();
  }
  return *message.mutable_address_change();
}

Settings& part_of(v1::LogState& message, SettingKind kind) {
  switch (kind) {
    case SettingKind::kAddress:
      break;
    case SettingKind::kSecondary:
      return *message.mutable_secondaries();
    case SettingKind::kSource:
      return *message.mutable_sources();
    case SettingKind::kCatalog:
      return *message.mutable_catalogs();
    case SettingKind::kMember:
      return *message.mutable_members();
    case SettingKind::kFailover:
      return *message.mutable_failovers();
  }
  return *message.mutable_addresses();
}

Status read_into(std::vector<Setting>& out, SettingKind kind, const Settings& messages) {
  const std::size_t first = out.size();
  for (const v1::SettingChange& message : messages) {
    TRYV(only_known_fields(message));
    Setting setting{kind, message.name(), message.after()};
    if (const Status valid = check_setting(setting); !valid || !message.before().empty()) {
      return fail(Errc::kCorrupt, "a setting of the state: {}",
                  valid ? "it has two values" : valid.error().detail);
    }
    out.push_back(std::move(setting));
  }
  const auto own = std::span(out).subspan(first);
  if (std::ranges::adjacent_find(own, std::ranges::greater_equal(), &Setting::name) != own.end()) {
    return fail(Errc::kCorrupt, "the settings of a state are not ascending by name");
  }
  return {};
}

}  // namespace

void fill(v1::Change& to, const SettingChange& from) {
  v1::SettingChange& m = part_of(to, from.kind);
  m.set_name(from.name);
  m.set_before(from.before);
  m.set_after(from.after);
}

void fill(v1::LogState& to, const std::vector<Setting>& from) {
  for (const Setting& setting : from) {
    v1::SettingChange& m = *part_of(to, setting.kind).Add();
    m.set_name(setting.name);
    m.set_after(setting.value);
  }
}

Result<ChangeKind> setting_change_from(SettingKind kind, const v1::SettingChange& from) {
  TRYV(only_known_fields(from));
  return SettingChange{kind, from.name(), from.before(), from.after()};
}

Result<std::vector<Setting>> settings_from(const v1::LogState& from) {
  std::vector<Setting> out;
  TRYV(read_into(out, SettingKind::kAddress, from.addresses()));
  TRYV(read_into(out, SettingKind::kSecondary, from.secondaries()));
  TRYV(read_into(out, SettingKind::kSource, from.sources()));
  TRYV(read_into(out, SettingKind::kCatalog, from.catalogs()));
  TRYV(read_into(out, SettingKind::kMember, from.members()));
  TRYV(read_into(out, SettingKind::kFailover, from.failovers()));
  return out;
}

}  // namespace tandem
