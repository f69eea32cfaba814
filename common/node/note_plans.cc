#include "common/node/note_plans.h"

#include <algorithm>
#include <utility>

#include "common/node/noted_edit.h"

namespace tandem {
namespace {

std::unexpected<Error> no_address(const std::string& name) {
  return fail(Errc::kNotFound, "there is no address {}", name);
}

/// Refuses a value that a record which follows the address cannot have, rather than unbind it.
Status check_followers(const std::string& name, const AddressBook& book,
                       const std::vector<ZoneRecordPtr>& zones) {
  for (const ZoneRecordPtr& record : zones) {
    for (const NoteSet::Item& note : record->notes.all()) {
      for (const std::string_view part : parts_of_address(note->address)) {
        if (address_name(part) != name) {
          continue;
        }
        if (const auto rdata = followed_rdata(part, note->type, book); !rdata) {
          return fail(Errc::kInvalid, "{} {} follows it: {}", note->owner.to_text(),
                      to_text(note->type), rdata.error().detail);
        }
      }
    }
  }
  return {};
}

/// What the address becomes in the book; empty: nothing any more.
Result<Plan> change_address(const std::string& name, const std::string& after,
                            const TableDraft& zones) {
  const std::vector<ZoneRecordPtr> noted = zones.noted();
  AddressBook book = zones.addresses();
  SettingChange change{SettingKind::kAddress, name, setting_in(&book, name), after};
  Plan plan;
  if (change.before == after) {
    return plan;
  }
  if (after.empty()) {
    book.erase(name);
  } else {
    book[name] = after;
    TRYV(check_followers(name, book, noted));
  }
  plan.changes.emplace_back(Change{ZoneId{}, std::move(change)});
  for (const ZoneRecordPtr& record : noted) {
    if (record->zone != nullptr && !record->zone->is_presigned()) {
      NotedEdit edit(*record->zone, record->notes);
      edit.follow(book, plan.warnings);
      append_change(record->id, edit.take(), plan);
    }
  }
  return plan;
}

NotedChange bound(const ZoneRecord& record, const std::string& name, const AddressValue& value) {
  NotedChange change;
  record.zone->for_each_record([&](const PackedRecord& rr) {
    const auto use = use_of(name, value, rr.type, rr.rdata);
    const RecordNote* const there = use ? record.notes.find(rr.owner, rr.type, rr.rdata) : nullptr;
    if (!use || (there != nullptr && !there->address.empty())) {
      return;
    }
    RecordNote note{rr.owner, rr.type, to_octets(rr.rdata), {}, 0, std::nullopt, {}};
    if (there != nullptr) {
      change.notes.removed.push_back(*there);
      note = *there;
    }
    note.address = use->to_text();
    change.notes.added.push_back(std::move(note));
  });
  std::ranges::sort(change.notes.removed, stands_before);
  std::ranges::sort(change.notes.added, stands_before);
  return change;
}

}  // namespace

Planner plan_address(const std::string& name, const AddressValue& value) {
  return [name, value](const TableDraft& zones) -> Result<Plan> {
    return change_address(name, value.to_text(), zones);
  };
}

Planner plan_address_removal(const std::string& name) {
  return [name](const TableDraft& zones) -> Result<Plan> {
    if (zones.setting(SettingKind::kAddress, name).empty()) {
      return no_address(name);
    }
    return change_address(name, {}, zones);
  };
}

Planner plan_binding(const std::string& name, std::vector<Name> origins) {
  std::ranges::sort(origins);
  origins.erase(std::ranges::unique(origins).begin(), origins.end());
  return [name, origins = std::move(origins)](const TableDraft& zones) -> Result<Plan> {
    const std::string text = zones.setting(SettingKind::kAddress, name);
    if (text.empty()) {
      return no_address(name);
    }
    const AddressValue value = TRY(AddressValue::from_text(text));
    Plan plan;
    for (const Name& zone : origins) {
      const ZoneRecordPtr record = zones.find(zone);
      if (record == nullptr) {
        return fail(Errc::kNotFound, "there is no zone {}", zone.to_text());
      }
      if (record->zone != nullptr && record->zone->is_presigned()) {
        plan.warnings.push_back(
            fmt::format("{} was signed elsewhere: its records follow no address", zone.to_text()));
      } else if (record->zone != nullptr) {
        append_change(record->id, bound(*record, name, value), plan);
      }
    }
    return plan;
  };
}

Planner plan_expiry(const ZoneId& zone, std::int64_t now) {
  return [zone, now](const TableDraft& zones) -> Result<Plan> {
    constexpr std::size_t kMostAtOnce = 1000;
    const ZoneRecordPtr record = zones.find(zone);
    Plan plan{{}, zone, {}};
    if (record == nullptr || record->zone == nullptr) {
      return plan;
    }
    NotedEdit edit(*record->zone, record->notes);
    std::size_t due = 0;
    for (const NoteSet::Item& note : record->notes.all()) {
      if (note->expires == 0 || note->expires > now || due++ >= kMostAtOnce) {
        continue;
      }
      NotedSet& set = edit.set_of(note->owner, note->type);
      if (record->zone->is_presigned() || edit.keeps(note->owner, note->type)) {
        set.note(note->rdata, {.comment = {}, .expires = 0, .disabled = {}});
      } else {
        set.remove(note->rdata);
      }
    }
    append_change(record->id, edit.take(), plan);
    return plan;
  };
}

ZoneNotesChange expiring(const NoteSet& notes, std::span<const PackedRecord> records,
                         std::int64_t at, std::int64_t slack) {
  ZoneNotesChange change;
  for (const PackedRecord& record : records) {
    const RecordNote* const there = notes.find(record.owner, record.type, record.rdata);
    RecordNote note{record.owner, record.type, to_octets(record.rdata), {}, 0, std::nullopt, {}};
    if (there != nullptr && there->expires != 0 && at - there->expires <= slack) {
      continue;
    }
    if (there != nullptr) {
      change.removed.push_back(*there);
      note = *there;
      note.disabled_ttl.reset();
    }
    note.expires = at;
    change.added.push_back(std::move(note));
  }
  std::ranges::sort(change.removed, stands_before);
  std::ranges::sort(change.added, stands_before);
  return change;
}

}  // namespace tandem
