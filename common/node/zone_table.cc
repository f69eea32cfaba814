#include "common/node/zone_table.h"

#include <algorithm>
#include <utility>

namespace tandem {

ZoneLimits limits_of(const ZoneOptions& options) noexcept {
  ZoneLimits limits;
  if (options.rrset_records_max != 0) {
    limits.rrset_records = options.rrset_records_max;
  }
  return limits;
}

const SettingBook* find_book(const Settings& settings, SettingKind kind) noexcept {
  const auto found = settings.find(kind);
  return found != settings.end() ? &found->second : nullptr;
}

std::string setting_in(const SettingBook* book, std::string_view name) {
  if (book == nullptr) {
    return {};
  }
  const auto found = book->find(name);
  return found != book->end() ? found->second : std::string();
}

std::string setting_name(NameView zone) {
  return Name(zone).lower().to_text();
}

Settings settings_of(const std::vector<Setting>& list) {
  Settings out;
  for (const Setting& setting : list) {
    out[setting.kind].emplace(setting.name, setting.value);
  }
  return out;
}

ZoneRecordPtr ZoneTable::find(const ZoneId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id);
  return found != by_id_.end() ? found->second : nullptr;
}

ZoneRecordPtr ZoneTable::find(NameView name) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  return found != by_name_.end() ? by_id_.at(found->second) : nullptr;
}

std::vector<ZoneRecordPtr> ZoneTable::all() const {
  std::vector<ZoneRecordPtr> zones;
  {
    const std::lock_guard lock(mutex_);
    zones.reserve(by_id_.size());
    for (const auto& [id, record] : by_id_) {
      zones.push_back(record);
    }
  }
  std::ranges::sort(zones, [](const auto& a, const auto& b) { return a->name < b->name; });
  return zones;
}

std::vector<SecretInfo> ZoneTable::secrets() const {
  const std::lock_guard lock(mutex_);
  return secrets_.all();
}

std::vector<SecretInfo> ZoneTable::secrets(std::string_view purpose,
                                           std::string_view beginning) const {
  const std::lock_guard lock(mutex_);
  return secrets_.labelled(purpose, beginning);
}

bool ZoneTable::names(const SecretId& secret) const {
  const std::lock_guard lock(mutex_);
  return secrets_.find(secret) != nullptr;
}

SettingBook ZoneTable::settings(SettingKind kind) const {
  const std::lock_guard lock(mutex_);
  const SettingBook* const book = find_book(settings_, kind);
  return book != nullptr ? *book : SettingBook();
}

std::string ZoneTable::setting(SettingKind kind, std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return setting_in(find_book(settings_, kind), name);
}

std::size_t ZoneTable::setting_count(SettingKind kind) const {
  const std::lock_guard lock(mutex_);
  const SettingBook* const book = find_book(settings_, kind);
  return book != nullptr ? book->size() : 0;
}

bool ZoneTable::is_catalog(NameView zone) const {
  const SettingBook* const catalogs = find_book(settings_, SettingKind::kCatalog);
  return catalogs != nullptr && catalogs->contains(setting_name(zone));
}

std::uint64_t ZoneTable::settings_revision(SettingKind kind) const {
  const std::lock_guard lock(mutex_);
  const auto counted = settings_revisions_.find(kind);
  return replacements_ + (counted != settings_revisions_.end() ? counted->second : 0);
}

std::vector<ZoneRecordPtr> ZoneTable::noted() const {
  const std::lock_guard lock(mutex_);
  std::vector<ZoneRecordPtr> zones;
  zones.reserve(noted_.size());
  for (const ZoneId& id : noted_) {
    zones.push_back(by_id_.at(id));
  }
  return zones;
}

std::vector<ZoneId> ZoneTable::with_expired(std::int64_t now, std::size_t most) const {
  std::vector<ZoneId> zones;
  const std::lock_guard lock(mutex_);
  for (const auto& [at, id] : expiring_) {
    if (at > now || zones.size() == most) {
      break;
    }
    zones.push_back(id);
  }
  return zones;
}

void ZoneTable::forget_notes(const ZoneRecord& record) {
  noted_.erase(record.id);
  expiring_.erase({record.notes.next_expiry(), record.id});
  note_octets_ -= record.notes.octets();
}

void ZoneTable::note_notes(const ZoneRecord& record) {
  if (!record.notes.empty()) {
    noted_.insert(record.id);
  }
  if (const std::int64_t next = record.notes.next_expiry(); next != 0) {
    expiring_.emplace(next, record.id);
  }
  note_octets_ += record.notes.octets();
}

LogState ZoneTable::Snapshot::state() const {
  LogState state;
  for (const ZoneRecordPtr& record : zones) {
    state.zones.push_back({record->id, record->name.view(), record->options,
                           record->zone != nullptr, record->policy.texts(), record->notes});
  }
  state.secrets = secrets;
  for (const auto& [kind, book] : settings) {
    for (const auto& [name, value] : book) {
      state.settings.push_back({kind, name, value});
    }
  }
  return state;
}

ZoneTable::Snapshot ZoneTable::snapshot() const {
  const std::lock_guard lock(mutex_);
  Snapshot snapshot;
  snapshot.position = position_;
  for (const auto& [id, record] : by_id_) {
    snapshot.zones.push_back(record);
  }
  snapshot.secrets = secrets_.all();
  snapshot.settings = settings_;
  return snapshot;
}

Position ZoneTable::position() const {
  const std::lock_guard lock(mutex_);
  return position_;
}

ZoneTable::Difference ZoneTable::reform(const ZoneId& id, ZonePtr same) {
  const std::lock_guard lock(mutex_);
  ZoneRecordPtr& place = by_id_.at(id);
  ZoneRecord reformed = *place;
  reformed.zone = std::move(same);
  Difference change{place, std::make_shared<const ZoneRecord>(std::move(reformed))};
  place = change.after;
  return change;
}

std::vector<ZoneTable::Difference> ZoneTable::replace_all(const Snapshot& next) {
  const std::lock_guard lock(mutex_);
  std::map<ZoneId, ZoneRecordPtr> before = std::exchange(by_id_, {});
  by_name_.clear();
  noted_.clear();
  expiring_.clear();
  note_octets_ = 0;
  settings_ = next.settings;
  ++replacements_;
  std::vector<Difference> differences;
  for (ZoneRecordPtr record : next.zones) {
    if (is_catalog(record->name) != record->is_catalog) {
      auto marked = std::make_shared<ZoneRecord>(*record);
      marked->is_catalog = !record->is_catalog;
      record = std::move(marked);
    }
    by_id_[record->id] = record;
    note_notes(*record);
    by_name_[record->name] = record->id;
    const auto old = before.extract(record->id);
    if (old.empty() || old.mapped() != record) {
      differences.push_back({old.empty() ? nullptr : old.mapped(), record});
    }
  }
  for (auto& [id, gone] : before) {
    differences.push_back({std::move(gone), nullptr});
  }
  secrets_.replace_all(next.secrets);
  position_ = next.position;
  return differences;
}

}  // namespace tandem
