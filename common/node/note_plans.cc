#include "common/node/note_plans.h"

#include <algorithm>
#include <utility>

#include "common/node/noted_edit.h"

namespace tandem {
namespace {

void append(const ZoneRecord& record, NotedChange change, Plan& plan) {
  if (!change.records.empty()) {
    plan.changes.emplace_back(Change{record.id, RecordChange{std::move(change.records), {}}});
  }
  if (!change.notes.removed.empty() || !change.notes.added.empty()) {
    plan.changes.emplace_back(Change{record.id, std::move(change.notes)});
  }
}

std::string value_in(const AddressBook& book, const std::string& name) {
  const auto found = book.find(name);
  return found != book.end() ? found->second : std::string();
}

bool follows(const RecordNote& note, const std::string& name) {
  return std::string_view(note.address).substr(0, note.address.find('+')) == name;
}

std::unexpected<Error> no_address(const std::string& name) {
  return fail(Errc::kNotFound, "there is no address {}", name);
}

/// Refuses a value that records which follow the address cannot have, rather than unbind them.
Status check_followers(const std::string& name, const AddressBook& book,
                       const std::vector<ZoneRecordPtr>& zones) {
  for (const ZoneRecordPtr& record : zones) {
    for (const NoteSet::Item& note : record->notes.all()) {
      if (!follows(*note, name)) {
        continue;
      }
      const auto use = AddressUse::from_text(note->address);
      const auto rdata = use ? followed_rdata(*use, note->type, book)
                             : Result<Octets>(std::unexpected(use.error()));
      if (!rdata) {
        return fail(Errc::kInvalid, "{} {} follows it: {}", note->owner.to_text(),
                    to_text(note->type), rdata.error().detail);
      }
    }
  }
  return {};
}

/// What the address becomes in the book; empty: nothing any more.
Result<Plan> change_address(const std::string& name, const std::string& after,
                            const TableDraft& zones) {
  AddressBook book = zones.addresses();
  AddressChange change{name, value_in(book, name), after};
  Plan plan;
  if (change.before == after) {
    return plan;
  }
  if (after.empty()) {
    book.erase(name);
  } else {
    book[name] = after;
    TRYV(check_followers(name, book, zones.noted()));
  }
  plan.changes.emplace_back(Change{ZoneId{}, std::move(change)});
  for (const ZoneRecordPtr& record : zones.noted()) {
    if (record->zone != nullptr) {
      NotedEdit edit(*record->zone, record->notes);
      edit.follow(book, plan.warnings);
      append(*record, edit.take(), plan);
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
  const auto in_order = [](const RecordNote& a, const RecordNote& b) {
    return compare_records(a, b) < 0;
  };
  std::ranges::sort(change.notes.removed, in_order);
  std::ranges::sort(change.notes.added, in_order);
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
    if (value_in(zones.addresses(), name).empty()) {
      return no_address(name);
    }
    return change_address(name, {}, zones);
  };
}

Planner plan_binding(const std::string& name, std::vector<Name> zones) {
  return [name, names = std::move(zones)](const TableDraft& zones) -> Result<Plan> {
    const std::string text = value_in(zones.addresses(), name);
    if (text.empty()) {
      return no_address(name);
    }
    const AddressValue value = TRY(AddressValue::from_text(text));
    Plan plan;
    for (const Name& zone : names) {
      const ZoneRecordPtr record = zones.find(zone);
      if (record == nullptr) {
        return fail(Errc::kNotFound, "there is no zone {}", zone.to_text());
      }
      if (record->zone != nullptr) {
        append(*record, bound(*record, name, value), plan);
      }
    }
    return plan;
  };
}

Planner plan_expiry(std::int64_t now) {
  return [now](const TableDraft& zones) -> Result<Plan> {
    Plan plan;
    for (const ZoneRecordPtr& record : zones.noted()) {
      const std::int64_t next = record->notes.next_expiry();
      if (next == 0 || next > now || record->zone == nullptr) {
        continue;
      }
      NotedEdit edit(*record->zone, record->notes);
      for (const NoteSet::Item& note : record->notes.all()) {
        if (note->expires != 0 && note->expires <= now) {
          edit.set_of(note->owner, note->type).remove(note->rdata);
        }
      }
      append(*record, edit.take(), plan);
    }
    return plan;
  };
}

ZoneNotesChange expiring(const NoteSet& notes, const Octets& added, std::int64_t at) {
  std::vector<RecordNote> before;
  std::vector<RecordNote> after;
  RrUnpacker records(added);
  while (const auto record = records.next()) {
    const RecordNote* const there = notes.find(record->owner, record->type, record->rdata);
    RecordNote note{record->owner, record->type, to_octets(record->rdata), {}, 0, std::nullopt, {}};
    if (there != nullptr) {
      before.push_back(*there);
      note = *there;
      note.disabled_ttl.reset();
    }
    note.expires = at;
    after.push_back(std::move(note));
  }
  const auto in_order = [](const RecordNote& a, const RecordNote& b) {
    return compare_records(a, b) < 0;
  };
  std::ranges::sort(before, in_order);
  std::ranges::sort(after, in_order);
  return {.removed = std::move(before), .added = std::move(after)};
}

}  // namespace tandem
