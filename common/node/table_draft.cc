// TableDraft: changes tried on a table before they are durable.
#include <algorithm>
#include <array>
#include <utility>

#include "common/node/zone_table.h"

namespace tandem {

ZoneRecordPtr TableDraft::find(const ZoneId& id) const {
  const auto found = changed_.find(id);
  return found != changed_.end() ? found->second : table_.find(id);
}

ZoneRecordPtr TableDraft::find(NameView name) const {
  if (ZoneRecordPtr found = table_.find(name); found != nullptr) {
    const auto changed = changed_.find(found->id);
    if (changed == changed_.end()) {
      return found;
    }
    if (changed->second != nullptr) {
      return changed->second;
    }
  }
  for (const auto& [id, record] : changed_) {  // created, or created anew, in this draft
    if (record != nullptr && record->name.view() == name) {
      return record;
    }
  }
  return nullptr;
}

std::vector<SecretInfo> TableDraft::secrets(std::string_view purpose,
                                            std::string_view beginning) const {
  std::vector<SecretInfo> found = table_.secrets(purpose, beginning);
  std::erase_if(found, [this](const SecretInfo& secret) { return secrets_.contains(secret.id); });
  for (const auto& [id, secret] : secrets_) {
    if (secret && secret->purpose == purpose && secret->label.starts_with(beginning)) {
      found.push_back(*secret);
    }
  }
  std::ranges::sort(found, {}, &SecretInfo::label);
  return found;
}

SettingBook TableDraft::settings(SettingKind kind) const {
  SettingBook book = table_.settings(kind);
  if (const SettingBook* const changed = find_book(settings_, kind); changed != nullptr) {
    for (const auto& [name, value] : *changed) {
      if (value.empty()) {
        book.erase(name);
      } else {
        book[name] = value;
      }
    }
  }
  return book;
}

std::string TableDraft::setting(SettingKind kind, std::string_view name) const {
  if (const SettingBook* const changed = find_book(settings_, kind); changed != nullptr) {
    if (const auto found = changed->find(name); found != changed->end()) {
      return found->second;
    }
  }
  return table_.setting(kind, name);
}

std::size_t TableDraft::setting_count(SettingKind kind) const {
  std::size_t count = table_.setting_count(kind);
  if (const SettingBook* const changed = find_book(settings_, kind); changed != nullptr) {
    for (const auto& [name, value] : *changed) {
      const bool was_there = !table_.setting(kind, name).empty();
      count += !value.empty() && !was_there ? 1U : 0U;
      count -= value.empty() && was_there ? 1U : 0U;
    }
  }
  return count;
}

std::vector<ZoneRecordPtr> TableDraft::all() const {
  std::vector<ZoneRecordPtr> zones = table_.snapshot().zones;
  std::erase_if(zones, [this](const ZoneRecordPtr& zone) { return changed_.contains(zone->id); });
  for (const auto& [id, record] : changed_) {
    if (record != nullptr) {
      zones.push_back(record);
    }
  }
  std::ranges::sort(zones, {}, &ZoneRecord::id);
  return zones;
}

std::vector<ZoneRecordPtr> TableDraft::noted() const {
  std::map<ZoneId, ZoneRecordPtr> zones;
  for (ZoneRecordPtr& record : table_.noted()) {
    zones.emplace(record->id, std::move(record));
  }
  for (const auto& [id, record] : changed_) {
    zones[id] = record;
  }
  std::vector<ZoneRecordPtr> out;
  for (auto& [id, record] : zones) {
    if (record != nullptr && !record->notes.empty()) {
      out.push_back(std::move(record));
    }
  }
  return out;
}

std::size_t TableDraft::note_octets() const {
  const std::lock_guard lock(table_.mutex_);
  std::size_t octets = table_.note_octets_;
  for (const auto& [id, record] : changed_) {
    const auto before = table_.by_id_.find(id);
    octets -= before != table_.by_id_.end() ? before->second->notes.octets() : 0;
    octets += record != nullptr ? record->notes.octets() : 0;
  }
  return octets;
}

SecretDifference TableDraft::secret_difference() const {
  SecretDifference out;
  const std::lock_guard lock(table_.mutex_);
  for (const auto& [id, secret] : secrets_) {
    const SecretInfo* const before = table_.secrets_.find(id);
    if (secret && before == nullptr) {
      out.named.push_back(*secret);
    } else if (!secret && before != nullptr) {
      out.dropped.push_back(*before);
    }
  }
  return out;
}

Status TableDraft::apply(const Change& change) {
  return std::visit([&](const auto& kind) { return apply_to(change.zone, kind); }, change.kind);
}

Result<ZoneRecord> TableDraft::copy_of(const ZoneId& id) const {
  const ZoneRecordPtr record = find(id);
  if (record == nullptr) {
    return fail(Errc::kConflict, "there is no zone with id {}", id.to_text());
  }
  return ZoneRecord(*record);
}

Status TableDraft::apply_to(const ZoneId& id, const ZoneCreate& create) {
  if (find(id) != nullptr || find(create.name) != nullptr) {
    return fail(Errc::kExists, "the zone {} exists already", create.name.to_text());
  }
  put(id, std::make_shared<ZoneRecord>(ZoneRecord{
              id, create.name, create.options, nullptr, {}, 0, ZonePolicy(create.rules)}));
  return {};
}

Status TableDraft::apply_to(const ZoneId& id, const ZoneDelete& gone) {
  if (find(id) == nullptr) {
    return fail(Errc::kConflict, "the zone {} to delete is not there", gone.name.to_text());
  }
  put(id, nullptr);
  return {};
}

Status TableDraft::apply_to(const ZoneId& id, const RecordChange& change) {
  ZoneRecord record = TRY(copy_of(id));
  const std::array changes = {change.authored, change.derived};
  if (record.zone != nullptr) {
    record.zone = TRY(record.zone->apply(changes, record.limits()));
    record.digest.apply(change.authored);
    record.digest.apply(change.derived);
    put(id, std::make_shared<ZoneRecord>(std::move(record)));
    return {};
  }
  // The first content of a zone: nothing to remove, and the builder is the way to a first version.
  if (!change.authored.removed.empty()) {
    return fail(Errc::kConflict, "{} has no records to remove", record.name.to_text());
  }
  ZoneBuilder builder(record.name, record.limits());
  RrUnpacker records(change.authored.added);
  while (const auto rr = records.next()) {
    builder.add(*rr);
  }
  ZoneBuilder::Outcome built = builder.build();
  if (!records.ok() || built.zone == nullptr) {
    return fail(Errc::kInvalid, "{}: {}", record.name.to_text(),
                built.findings.empty() ? "malformed records" : built.findings.front().text);
  }
  if (!change.derived.empty()) {
    built.zone = TRY(built.zone->apply(std::span(changes).subspan(1), record.limits()));
  }
  record.digest = content_digest_of(*built.zone);
  record.zone = std::move(built.zone);
  put(id, std::make_shared<ZoneRecord>(std::move(record)));
  return {};
}

Status TableDraft::apply_to(const ZoneId& id, const ZoneReplace& replace) {
  const ZoneRecord record = TRY(copy_of(id));
  if (!replace.after) {  // the undoing of a first content
    return set_content(id, nullptr, {});
  }
  ZonePtr content = TRY(images_(record, *replace.after));
  return set_content(id, std::move(content), ContentDigest(replace.after->content_digest));
}

Status TableDraft::set_content(const ZoneId& id, ZonePtr content, ContentDigest digest) {
  ZoneRecord record = TRY(copy_of(id));
  record.zone = std::move(content);
  record.digest = digest;
  put(id, std::make_shared<ZoneRecord>(std::move(record)));
  return {};
}

Status TableDraft::apply_to(const ZoneId& id, const ZoneOptionsChange& change) {
  ZoneRecord record = TRY(copy_of(id));
  record.options = change.after;
  put(id, std::make_shared<ZoneRecord>(std::move(record)));
  return {};
}

Status TableDraft::apply_to(const ZoneId& id, const ZoneRulesChange& change) {
  ZoneRecord record = TRY(copy_of(id));
  record.policy = ZonePolicy(TRY(record.policy.texts().changed(change.removed, change.added)));
  put(id, std::make_shared<ZoneRecord>(std::move(record)));
  return {};
}

Status TableDraft::apply_to(const ZoneId& id, const ZoneNotesChange& change) {
  ZoneRecord record = TRY(copy_of(id));
  record.notes = TRY(record.notes.changed(change.removed, change.added));
  put(id, std::make_shared<ZoneRecord>(std::move(record)));
  return {};
}

Status TableDraft::apply_to(const ZoneId& /*id*/, const SettingChange& change) {
  if (setting(change.kind, change.name) != change.before) {
    return fail(Errc::kConflict, "the setting {} is not what the change begins with", change.name);
  }
  SettingBook& changed = settings_[change.kind];
  SettingUndo undo{change.kind, change.name, std::nullopt};
  if (const auto own = changed.find(change.name); own != changed.end()) {
    undo.before = std::move(own->second);
  }
  undo_.emplace_back(std::move(undo));
  changed[change.name] = change.after;
  return {};
}

Status TableDraft::apply_to(const ZoneId& /*id*/, const SecretNamed& named) {
  put_secret(named.secret.id, named.secret);
  return {};
}

Status TableDraft::apply_to(const ZoneId& /*id*/, const SecretDropped& dropped) {
  put_secret(dropped.secret.id, std::nullopt);
  return {};
}

Status TableDraft::apply_to(const ZoneId& /*id*/, const EpochStart& /*start*/) {
  return {};  // the log store keeps the epoch table
}

void TableDraft::put(const ZoneId& id, ZoneRecordPtr record) {
  const auto found = changed_.find(id);
  undo_.emplace_back(
      ZoneUndo{id, found != changed_.end() ? std::optional(found->second) : std::nullopt});
  changed_[id] = std::move(record);
}

void TableDraft::put_secret(const SecretId& id, SecretWord secret) {
  const auto found = secrets_.find(id);
  SecretUndo undo{id, std::nullopt};
  if (found != secrets_.end()) {
    undo.before.emplace(found->second);
  }
  undo_.emplace_back(std::move(undo));
  secrets_[id] = std::move(secret);
}

void TableDraft::undo(ZoneUndo undo) {
  if (undo.before) {
    changed_[undo.id] = *std::move(undo.before);
  } else {
    changed_.erase(undo.id);
  }
}

void TableDraft::undo(SecretUndo undo) {
  if (undo.before) {
    secrets_[undo.id] = *std::move(undo.before);
  } else {
    secrets_.erase(undo.id);
  }
}

void TableDraft::undo(SettingUndo undo) {
  if (undo.before) {
    settings_[undo.kind][undo.name] = *std::move(undo.before);
  } else {
    settings_[undo.kind].erase(undo.name);
  }
}

void TableDraft::rollback(Savepoint to) {
  while (undo_.size() > to) {
    std::visit([this](auto& last) { undo(std::move(last)); }, undo_.back());
    undo_.pop_back();
  }
}

std::vector<ZoneId> TableDraft::touched() const {
  std::vector<ZoneId> ids;
  ids.reserve(changed_.size());
  for (const auto& [id, record] : changed_) {
    ids.push_back(id);
  }
  return ids;
}

std::vector<ZoneDigest> TableDraft::digests() const {
  std::vector<ZoneDigest> digests;
  for (const auto& [id, record] : changed_) {
    if (record != nullptr && record->zone != nullptr) {
      digests.push_back({id, record->zone->serial(), record->digest.value()});
    }
  }
  return digests;
}

/// Requires: the table's mutex.
void TableDraft::commit_settings() {
  for (auto& [kind, changed] : settings_) {
    SettingBook& book = table_.settings_[kind];
    table_.settings_revisions_[kind] += changed.size();
    for (auto& [name, value] : changed) {
      if (value.empty()) {
        book.erase(name);
      } else {
        book[name] = std::move(value);
      }
    }
    if (book.empty()) {
      table_.settings_.erase(kind);
    }
  }
}

std::vector<ZoneTable::Difference> TableDraft::commit(const Position& position) {
  std::vector<ZoneTable::Difference> differences;
  const std::lock_guard lock(table_.mutex_);
  table_.position_ = position;
  commit_settings();
  for (auto& [id, changed] : changed_) {
    const auto found = table_.by_id_.find(id);
    ZoneRecordPtr before = found != table_.by_id_.end() ? found->second : nullptr;
    if (changed == nullptr) {
      if (before != nullptr) {
        table_.by_id_.erase(found);
        table_.forget_notes(*before);
        const auto named = table_.by_name_.find(before->name.view());
        if (named != table_.by_name_.end() && named->second == id) {
          table_.by_name_.erase(named);
        }
        differences.push_back({std::move(before), nullptr});
      }
      continue;
    }
    auto after = std::make_shared<ZoneRecord>(*changed);
    after->sequence = position.sequence;
    after->is_catalog = table_.is_catalog(after->name);
    table_.by_id_[id] = after;
    table_.by_name_[after->name] = id;
    if (before != nullptr) {
      table_.forget_notes(*before);
    }
    table_.note_notes(*after);
    differences.push_back({std::move(before), std::move(after)});
  }
  for (auto& [id, secret] : secrets_) {
    if (secret) {
      table_.secrets_.put(*secret);
    } else {
      table_.secrets_.erase(id);
    }
  }
  changed_.clear();
  secrets_.clear();
  settings_.clear();
  undo_.clear();
  return differences;
}

}  // namespace tandem
