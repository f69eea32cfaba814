#include "common/node/edit_warnings.h"

#include <algorithm>
#include <set>
#include <span>

#include <fmt/ranges.h>

#include "common/base/suggestion.h"
#include "common/dns/rdata.h"
#include "common/node/noted_content.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxTold = 20;
constexpr std::size_t kMaxShown = 5;                // records or types of one name
constexpr std::size_t kMostLookedThrough = 20'000;  // records, for a name like another: some ms

std::string set_text(const RecordEdit& edit) {
  return edit.type ? fmt::format("{} {}", edit.owner.to_text(), to_text(*edit.type))
                   : edit.owner.to_text();
}

/// What goes with the note, but for what `edit` says anew: `comment and time to go`.
std::string lost_with(const RecordNote& note, const RecordEdit& edit) {
  std::vector<std::string_view> lost;
  if (!note.comment.empty() && !edit.note.comment) {
    lost.emplace_back("comment");
  }
  if (note.expires != 0 && !edit.note.expires) {
    lost.emplace_back("time to go");
  }
  return fmt::format("{}", fmt::join(lost, " and "));
}

/// The first few, and that there are more.
std::string listed(const std::vector<std::string>& texts) {
  const auto shown = std::span(texts).first(std::min(texts.size(), kMaxShown));
  return fmt::format("{}{}", fmt::join(shown, ", "), texts.size() > kMaxShown ? ", ..." : "");
}

/// The types at a name, those of disabled records too.
std::vector<std::string> types_at(const Zone& zone, const NoteSet& notes, NameView owner) {
  std::set<RrType> types;
  if (const NodeView node = zone.find_owner(owner); node) {
    zone.for_each_record_at(node,
                            [&types](const PackedRecord& record) { types.insert(record.type); });
  }
  for (const NoteSet::Item& note : notes.at(owner)) {
    types.insert(note->type);
  }
  std::vector<std::string> texts;
  std::ranges::transform(types, std::back_inserter(texts),
                         [](RrType type) { return to_text(type); });
  return texts;
}

/// A name as people say it beside the zone.
std::string relative_text(NameView owner, const std::string& origin) {
  std::string text = owner.to_text();
  if (text.size() > origin.size() && text.ends_with("." + origin)) {
    text.resize(text.size() - origin.size() - 1);
  }
  return text;
}

/// `; did you mean "www"?` of the zone's names, or nothing.
std::string name_like(const Zone& zone, const NoteSet& notes, NameView owner) {
  if (zone.record_count() > kMostLookedThrough) {
    return {};
  }
  const std::string origin = zone.origin().to_text();
  std::set<std::string> names;
  zone.for_each_record(
      [&](const PackedRecord& record) { names.insert(relative_text(record.owner, origin)); });
  for (const NoteSet::Item& note : notes.all()) {
    names.insert(relative_text(note->owner, origin));
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return suggestion(relative_text(owner, origin), candidates);
}

/// The data of a set, that of disabled records too.
std::vector<Octets> data_of(const Zone& zone, const NoteSet& notes, NameView owner, RrType type) {
  std::vector<Octets> data;
  if (auto set = zone.find_rrset(owner, type)) {
    data = std::move(set->rdatas);
  }
  for (const NoteSet::Item& note : notes.of(owner, type)) {
    if (note->disabled_ttl) {
      data.push_back(note->rdata);
    }
  }
  return data;
}

}  // namespace

void append_lost_notes(const std::vector<RecordEdit>& edits, const ZoneNotesChange& change,
                       const Zone& zone, std::vector<std::string>& warnings) {
  std::size_t told = 0;
  for (const RecordNote& note : change.removed) {
    const auto is_of = [&note](const RecordEdit& edit) {
      return edit.operation == RecordEdit::Operation::kSet && edit.type == note.type &&
             edit.owner.view() == note.owner.view();
    };
    const auto edit = std::ranges::find_if(edits, is_of);
    const auto is_same = [&](const RecordNote& other) { return compare_records(other, note) == 0; };
    if (edit == edits.end() || is_in(zone, note) || std::ranges::any_of(change.added, is_same)) {
      continue;
    }
    const std::string lost = lost_with(note, *edit);
    if ((!lost.empty() || note.disabled_ttl) && ++told <= kMaxTold) {
      warnings.push_back(fmt::format(
          "{} {}{} is replaced{}", set_text(*edit), rdata_to_text(note.type, note.rdata),
          note.disabled_ttl ? ", which was disabled," : "",
          lost.empty() ? ""
                       : fmt::format(", and its {} with it: say that of the new data if it is "
                                     "meant for it too",
                                     lost)));
    }
  }
}

void append_long_ttls(const std::vector<RecordEdit>& edits, const Zone& zone,
                      std::vector<std::string>& warnings) {
  std::size_t told = 0;
  for (const RecordEdit& edit : edits) {
    const std::int64_t expires = edit.note.expires.value_or(0);
    if (expires == 0 || edit.asked_at == 0 || !edit.type) {
      continue;
    }
    const auto set = zone.find_rrset(edit.owner, *edit.type);
    const std::int64_t left = expires - edit.asked_at;
    if (set && set->ttl > left && ++told <= kMaxTold) {
      warnings.push_back(
          fmt::format("{} goes in {} s, but resolvers may keep it for its TTL, {} s: "
                      "give it a shorter one if that matters",
                      set_text(edit), left, set->ttl));
    }
  }
}

std::string missing_records(const RecordEdit& edit, const Zone& zone, const NoteSet& notes,
                            const AddressBook& book) {
  const std::vector<std::string> types = types_at(zone, notes, edit.owner);
  if (types.empty()) {
    return fmt::format("there is nothing at {}{}", edit.owner.to_text(),
                       name_like(zone, notes, edit.owner));
  }
  if (!edit.type) {
    return {};
  }
  const std::vector<Octets> there = data_of(zone, notes, edit.owner, *edit.type);
  if (there.empty()) {
    return fmt::format("there is no {}; there is {}", set_text(edit), listed(types));
  }
  std::vector<Octets> named = edit.rdatas;
  for (const AddressUse& use : edit.uses) {
    if (auto rdata = followed_rdata(use, *edit.type, book)) {
      named.push_back(*std::move(rdata));
    }
  }
  const auto is_missing = [&](const Octets& rdata) {
    return std::ranges::none_of(
        there, [&](const Octets& other) { return compare_rdata(*edit.type, rdata, other) == 0; });
  };
  const auto missing = std::ranges::find_if(named, is_missing);
  if (missing == named.end()) {
    return {};
  }
  std::vector<std::string> texts;
  std::ranges::transform(there, std::back_inserter(texts),
                         [&](const Octets& rdata) { return rdata_to_text(*edit.type, rdata); });
  return fmt::format("{} is not {}; it is {}", set_text(edit), rdata_to_text(*edit.type, *missing),
                     listed(texts));
}

}  // namespace tandem
