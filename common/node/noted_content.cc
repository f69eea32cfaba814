#include "common/node/noted_content.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "common/dns/rdata.h"
#include "common/node/noted_edit.h"

namespace tandem {

namespace {

constexpr std::size_t kMaxTold = 20;

/// The notes without what would change records by itself.
Result<NoteSet> inert(const NoteSet& notes, std::vector<std::string>& warnings) {
  bool is_changed = false;
  const auto calm = [&is_changed](RecordNote& note) {
    is_changed = is_changed || !note.address.empty() || note.expires != 0;
    note.address.clear();
    note.expires = 0;
  };
  NoteSet rest = TRY(edited_notes(notes, calm));
  if (is_changed) {
    warnings.emplace_back(
        "the zone was signed elsewhere: its records follow no address and do not expire");
  }
  return rest;
}

}  // namespace

bool is_in(const Zone& zone, const RecordNote& note) {
  const auto set = zone.find_rrset(note.owner, note.type);
  return set && std::ranges::any_of(set->rdatas, [&](const Octets& rdata) {
           return compare_rdata(note.type, rdata, note.rdata) == 0;
         });
}

ZoneNotesChange settle_notes(const NoteSet& notes, const Zone& zone, const Changeset* records,
                             std::vector<std::string>& warnings) {
  std::set<const RecordNote*> touched;
  if (records == nullptr) {
    for (const NoteSet::Item& note : notes.all()) {
      touched.insert(note.get());
    }
  } else {
    for (const Octets* const packed : {&records->removed, &records->added}) {
      RrUnpacker each(*packed);
      while (const auto record = each.next()) {
        touched.insert(notes.find(record->owner, record->type, record->rdata));
      }
    }
    touched.erase(nullptr);
  }
  ZoneNotesChange change;
  if (touched.empty()) {
    return change;
  }
  for (const NoteSet::Item& item : notes.all()) {  // in their order
    const RecordNote& note = *item;
    if (!touched.contains(&note)) {
      continue;
    }
    const bool is_there = is_in(zone, note);
    if (is_there != note.disabled_ttl.has_value()) {
      continue;
    }
    change.removed.push_back(note);
    RecordNote enabled = note;
    enabled.disabled_ttl.reset();
    if (is_there && !enabled.is_empty()) {
      change.added.push_back(std::move(enabled));
    }
  }
  append_unbound(change, warnings);
  return change;
}

ZoneNotesChange difference_of(const NoteSet& from, const NoteSet& to) {
  ZoneNotesChange change;
  const auto append_others = [](const NoteSet& some, const NoteSet& than,
                                std::vector<RecordNote>& list) {
    for (const NoteSet::Item& note : some.all()) {
      const RecordNote* const other = than.find(note->owner, note->type, note->rdata);
      if (other == nullptr || *other != *note) {
        list.push_back(*note);
      }
    }
  };
  append_others(from, to, change.removed);
  append_others(to, from, change.added);
  return change;
}

Result<NoteSet> edited_notes(const NoteSet& notes, const std::function<void(RecordNote&)>& edit) {
  ZoneNotesChange change;
  for (const NoteSet::Item& note : notes.all()) {
    RecordNote next = *note;
    edit(next);
    if (next == *note) {
      continue;
    }
    change.removed.push_back(*note);
    if (!next.is_empty()) {
      change.added.push_back(std::move(next));
    }
  }
  return notes.changed(change.removed, change.added);
}

NoteSet without_past(const NotedContent& content, std::int64_t now,
                     std::vector<std::string>& warnings) {
  std::size_t told = 0;
  const auto end_past = [&](RecordNote& note) {
    if (note.expires == 0 || note.expires > now) {
      return;
    }
    note.expires = 0;
    if ((note.disabled_ttl || is_in(*content.zone, note)) && ++told <= kMaxTold) {
      warnings.push_back(fmt::format(
          "{} {} {} comes back without its time, which is over: it stays until it is deleted",
          note.owner.to_text(), to_text(note.type), rdata_to_text(note.type, note.rdata)));
    }
  };
  NoteSet rest = edited_notes(content.notes, end_past).value_or(content.notes);
  if (told > kMaxTold) {
    warnings.push_back(fmt::format("and {} more records come back so", told - kMaxTold));
  }
  return rest;
}

Result<NotedContent> settled(NotedContent content, const AddressBook& book,
                             const ZoneLimits& limits, std::vector<std::string>& warnings) {
  if (content.notes.empty() || content.zone == nullptr) {
    return content;
  }
  const ZoneNotesChange loose = settle_notes(content.notes, *content.zone, nullptr, warnings);
  content.notes = TRY(content.notes.changed(loose.removed, loose.added));
  if (content.zone->is_presigned()) {
    content.notes = TRY(inert(content.notes, warnings));
    return content;
  }
  NotedEdit edit(*content.zone, content.notes);
  edit.follow(book, warnings);
  const NotedChange change = edit.take();
  if (!change.records.empty()) {
    content.zone = TRY(content.zone->apply(std::span(&change.records, 1), limits));
  }
  content.notes = TRY(content.notes.changed(change.notes.removed, change.notes.added));
  return content;
}

}  // namespace tandem
