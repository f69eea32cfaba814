#include "common/node/noted_edit.h"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/ranges.h>

#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "common/node/named_address.h"

namespace tandem {
namespace {

auto note_on(std::vector<RecordNote>& notes, OctetSpan rdata) {
  return std::ranges::find_if(notes, [&](const RecordNote& note) {
    return compare_rdata(note.type, note.rdata, rdata) == 0;
  });
}

/// Both lists of parts as one, in order, each once; nothing when only its own data is left.
std::string joined(std::string_view a, std::string_view b) {
  std::set<std::string_view> parts;
  for (const std::string_view address : {a, b}) {
    std::ranges::copy(parts_of_address(address), std::inserter(parts, parts.end()));
  }
  return parts == std::set{kOwnData} ? std::string() : fmt::format("{}", fmt::join(parts, " "));
}

std::string names_of(const RecordNote& note) {
  std::vector<std::string_view> names;
  for (const std::string_view part : parts_of_address(note.address)) {
    if (part != kOwnData) {
      names.push_back(address_name(part));
    }
  }
  return fmt::format("{}", fmt::join(names, " and "));
}

constexpr std::size_t kMaxTold = 20;

/// `why`: what kept it from following; empty: it has other data.
void tell_unbound(const RecordNote& note, std::string_view names, std::string_view why,
                  std::vector<std::string>& warnings) {
  if (warnings.size() < kMaxTold) {
    warnings.push_back(fmt::format("{} {} does not follow {} any more{}{}", note.owner.to_text(),
                                   to_text(note.type), names, why.empty() ? "" : ": ", why));
  } else if (warnings.size() == kMaxTold) {
    warnings.emplace_back("and more records follow no address any more");
  }
}

void merge(RecordNote& into, const NoteEdit& note) {
  into.comment = note.comment.value_or(into.comment);
  into.expires = note.expires.value_or(into.expires);
}

/// Which data the record has by what it follows, and what it follows with it. What cannot be
/// followed is its own data from now on.
std::map<Octets, std::string> targets_of(const RecordNote& note, const AddressBook& book,
                                         std::vector<std::string>& warnings) {
  std::map<Octets, std::string> targets;
  const auto add = [&targets](const Octets& rdata, std::string_view part) {
    std::string& address = targets[rdata];
    address += fmt::format("{}{}", address.empty() ? "" : " ", part);
  };
  for (const std::string_view part : parts_of_address(note.address)) {
    if (part == kOwnData) {
      add(note.rdata, kOwnData);
      continue;
    }
    if (const auto rdata = followed_rdata(part, note.type, book); rdata) {
      add(*rdata, part);
    } else {
      const std::string_view name = address_name(part);
      const std::string missing = fmt::format("there is no address {}", name);
      tell_unbound(note, name, book.contains(std::string(name)) ? rdata.error().detail : missing,
                   warnings);
      add(note.rdata, kOwnData);
    }
  }
  return targets;
}

}  // namespace

NotedSet::NotedSet(const NoteSet& notes, NameView owner, RrType type, EditedSet& records)
    : owner_(owner), type_(type), records_(records) {
  for (const NoteSet::Item& note : notes.of(owner, type)) {
    before_.push_back(*note);
  }
  notes_ = before_;
}

RecordNote& NotedSet::note_of(OctetSpan rdata) {
  if (const auto found = note_on(notes_, rdata); found != notes_.end()) {
    return *found;
  }
  return notes_.emplace_back(RecordNote{owner_, type_, to_octets(rdata), {}, 0, std::nullopt, {}});
}

void NotedSet::add(OctetSpan rdata, std::optional<std::uint32_t> ttl, const NoteEdit& note,
                   std::string_view use) {
  RecordNote& kept = note_of(rdata);
  merge(kept, note);
  kept.address = joined(kept.address, use);
  if (!ttl && kept.disabled_ttl && records_.empty()) {
    ttl = kept.disabled_ttl;
  }
  if (note.disabled.value_or(false)) {
    kept.disabled_ttl = ttl.value_or(records_.ttl().value_or(kDefaultTtl));
    records_.remove(rdata);
  } else {
    kept.disabled_ttl.reset();
    records_.add(rdata, ttl);
  }
}

bool NotedSet::note(OctetSpan rdata, const NoteEdit& note) {
  const auto known = note_on(notes_, rdata);
  const bool was_disabled = known != notes_.end() && known->disabled_ttl;
  if (!was_disabled && !records_.contains(rdata)) {
    return false;
  }
  RecordNote& kept = note_of(rdata);
  merge(kept, note);
  if (note.disabled && *note.disabled != was_disabled) {
    if (was_disabled) {
      records_.add(rdata, records_.ttl() ? std::nullopt : kept.disabled_ttl);
      kept.disabled_ttl.reset();
    } else {
      kept.disabled_ttl = records_.ttl();
      records_.remove(rdata);
    }
  }
  return true;
}

void NotedSet::remove(OctetSpan rdata) {
  records_.remove(rdata);
  if (const auto found = note_on(notes_, rdata); found != notes_.end()) {
    notes_.erase(found);
  }
}

void NotedSet::clear() {
  records_.clear();
  notes_.clear();
}

void NotedSet::clear_for(const std::vector<Octets>& rdatas) {
  records_.clear();
  std::erase_if(notes_, [&](const RecordNote& note) {
    return std::ranges::none_of(
        rdatas, [&](const Octets& rdata) { return compare_rdata(type_, rdata, note.rdata) == 0; });
  });
}

void NotedSet::unbind(OctetSpan rdata) {
  note_of(rdata).address.clear();
}

void NotedSet::place(const RecordNote& from, std::optional<std::uint32_t> ttl, OctetSpan rdata,
                     const std::string& address) {
  RecordNote& note = note_of(rdata);
  const bool is_own = note.address.empty() && (records_.contains(rdata) || note.disabled_ttl);
  note.address = joined(address, is_own ? kOwnData : std::string_view(note.address));
  note.comment = note.comment.empty() ? from.comment : note.comment;
  note.expires = is_own ? note.expires : from.expires;
  if (from.disabled_ttl && !records_.contains(rdata)) {
    note.disabled_ttl = from.disabled_ttl;
  } else {
    note.disabled_ttl.reset();
    records_.add(rdata, ttl);
  }
}

std::vector<Octets> NotedSet::rdatas() const {
  std::vector<Octets> all = records_.rdatas();
  for (const RecordNote& note : notes_) {
    if (note.disabled_ttl) {
      all.push_back(note.rdata);
    }
  }
  return all;
}

void NotedSet::write_to(ZoneNotesChange& change) const {
  std::vector<RecordNote> after = notes_;
  std::erase_if(after, [this](const RecordNote& note) {
    return note.is_empty() || (!note.disabled_ttl && !records_.contains(note.rdata));
  });
  std::ranges::sort(after, stands_before);
  const auto append_others = [](const std::vector<RecordNote>& from,
                                const std::vector<RecordNote>& than, std::vector<RecordNote>& to) {
    std::ranges::copy_if(from, std::back_inserter(to), [&](const RecordNote& note) {
      return std::ranges::find(than, note) == than.end();
    });
  };
  append_others(before_, after, change.removed);
  append_others(after, before_, change.added);
}

NotedSet& NotedEdit::set_of(NameView owner, RrType type) {
  const auto found = sets_.find({owner, type});
  if (found != sets_.end()) {
    return found->second;
  }
  return sets_.try_emplace({owner, type}, notes_, owner, type, records_.set_of(owner, type))
      .first->second;
}

void NotedEdit::clear_name(NameView owner) {
  std::vector<RrType> types = records_.types_at(owner);
  for (const NoteSet::Item& note : notes_.at(owner)) {
    types.push_back(note->type);
  }
  for (const RrType type : types) {
    if (!records_.keeps(owner, type)) {
      set_of(owner, type).clear();
    }
  }
}

void NotedEdit::follow(const AddressBook& book, std::vector<std::string>& warnings) {
  struct Moved {
    const RecordNote& from;
    std::optional<std::uint32_t> ttl;
    std::map<Octets, std::string> targets;
  };

  std::vector<Moved> moved;
  for (const NoteSet::Item& note : notes_.all()) {
    auto targets = targets_of(*note, book, warnings);
    if (!note->address.empty() && (targets.size() > 1 || targets.begin()->first != note->rdata ||
                                   joined(targets.begin()->second, {}) != note->address)) {
      moved.push_back({*note, set_of(note->owner, note->type).ttl(), std::move(targets)});
    }
  }
  // All go before the first comes: one may get what another had.
  for (const Moved& each : moved) {
    set_of(each.from.owner, each.from.type).remove(each.from.rdata);
  }
  for (const Moved& each : moved) {
    for (const auto& [rdata, address] : each.targets) {
      set_of(each.from.owner, each.from.type).place(each.from, each.ttl, rdata, address);
    }
  }
}

NotedChange NotedEdit::take() const {
  NotedChange change{records_.take(), {}};
  for (const auto& [place, set] : sets_) {
    set.write_to(change.notes);
  }
  return change;
}

void append_change(const ZoneId& zone, NotedChange change, Plan& plan) {
  if (!change.records.empty()) {
    plan.changes.emplace_back(Change{zone, RecordChange{std::move(change.records), {}}});
  }
  if (!change.notes.empty()) {
    plan.changes.emplace_back(Change{zone, std::move(change.notes)});
  }
}

void append_unbound(const ZoneNotesChange& change, std::vector<std::string>& warnings) {
  for (const RecordNote& note : change.removed) {
    const auto follows_still = [&note](const RecordNote& other) {
      return !other.address.empty() && other.owner == note.owner && other.type == note.type;
    };
    if (!note.address.empty() && std::ranges::none_of(change.added, follows_still)) {
      tell_unbound(note, names_of(note), {}, warnings);
    }
  }
}

}  // namespace tandem
