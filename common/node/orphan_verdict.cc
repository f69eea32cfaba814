#include "common/node/orphan_verdict.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "common/node/touched_sets.h"

namespace tandem {
namespace {

std::vector<std::string> lines_of(const RrSet& set) {
  std::vector<std::string> lines;
  for (const Octets& rdata : set.rdatas) {
    lines.push_back(record_to_text(set.owner, set.ttl, set.type, rdata));
  }
  return lines;
}

OrphanVerdict verdict_of(bool is_as_after, bool is_as_before) {
  return is_as_after    ? OrphanVerdict::kThere
         : is_as_before ? OrphanVerdict::kWould
                        : OrphanVerdict::kConflict;
}

/// Of notes, in words.
std::string text_of(const RecordNote& note) {
  std::string text = fmt::format("{} {} {}:", note.owner.to_text(), to_text(note.type),
                                 rdata_to_text(note.type, note.rdata));
  if (note.disabled_ttl) {
    text += " disabled";
  }
  if (note.expires != 0) {
    text += fmt::format(" expires {}", to_text(WallTime(std::chrono::seconds(note.expires))));
  }
  return note.comment.empty() ? text : text + " " + note.comment;
}

class Judge {
 public:
  Judge(const Orphan& orphan, const TableDraft& zones, const OrphanOutlook& outlook)
      : orphan_(orphan), zones_(zones), outlook_(outlook) {}

  OrphanView run() {
    std::vector<ZoneId> done;
    for (const Change& change : orphan_.entry.changes) {
      if (std::ranges::find(done, change.zone) == done.end()) {
        done.push_back(change.zone);
        change.zone.is_zero() ? judge_cluster() : judge_zone(change.zone);
      }
    }
    for (const OrphanPart& part : out_.parts) {
      out_.verdict = std::max(out_.verdict, part.verdict);
    }
    return std::move(out_);
  }

 private:
  OrphanPart& add_part(std::string what) {
    OrphanPart& part = out_.parts.emplace_back();
    part.zone = record_ != nullptr ? record_->name.to_text() : std::string();
    part.what = std::move(what);
    return part;
  }

  void by_hand(std::string what, std::string reason) {
    OrphanPart& part = add_part(std::move(what));
    part.verdict = OrphanVerdict::kByHand;
    part.reason = std::move(reason);
  }

  void judge_cluster() {
    record_ = nullptr;
    for (const Change& change : orphan_.entry.changes) {
      if (const auto* const setting = std::get_if<SettingChange>(&change.kind)) {
        by_hand(setting->name,
                fmt::format("set to {}", setting->after.empty() ? "nothing" : setting->after));
      } else if (const auto* const named = std::get_if<SecretNamed>(&change.kind)) {
        by_hand(named->secret.label, "a key that was added");
      } else if (const auto* const dropped = std::get_if<SecretDropped>(&change.kind)) {
        by_hand(dropped->secret.label, "a key that was deleted");
      }
    }
  }

  void judge_zone(const ZoneId& zone) {
    record_ = zones_.find(zone);
    zone_ = zone;
    if (judge_whole_zone()) {
      return;
    }
    if (record_ == nullptr || record_->zone == nullptr) {
      by_hand("the zone", "it is not there any more, or has no content");
      return;
    }
    if (record_->zone->is_presigned()) {
      by_hand("the zone", "it is signed elsewhere: import it, signed again");
      return;
    }
    for (auto& [key, set] : touched_sets(orphan_, zone)) {
      judge_set(set);
    }
    for (const Change& change : orphan_.entry.changes) {
      if (change.zone != zone) {
        continue;
      }
      if (const auto* const notes = std::get_if<ZoneNotesChange>(&change.kind)) {
        judge_notes(*notes);
      } else if (const auto* const rules = std::get_if<ZoneRulesChange>(&change.kind)) {
        judge_rules(*rules);
      } else if (const auto* const options = std::get_if<ZoneOptionsChange>(&change.kind)) {
        judge_options(*options);
      }
    }
  }

  /// Whether the zone came, went or was replaced.
  bool judge_whole_zone() {
    for (const Change& change : orphan_.entry.changes) {
      if (change.zone != zone_) {
        continue;
      }
      if (const auto* const made = std::get_if<ZoneCreate>(&change.kind)) {
        by_hand(made->name.to_text(), "the zone was created");
        return true;
      }
      if (const auto* const gone = std::get_if<ZoneDelete>(&change.kind)) {
        by_hand(gone->name.to_text(), "the zone was deleted");
        return true;
      }
      if (std::holds_alternative<ZoneReplace>(change.kind)) {
        by_hand("the zone", "its whole content was replaced");
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] RrSet set_now(NameView owner, RrType type) const {
    if (const RrSet* const made = outlook_.set_of(zone_, owner, type)) {
      return *made;
    }
    const auto there = owner.is_subdomain_of(record_->zone->origin())
                           ? record_->zone->find_rrset(owner, type)
                           : std::nullopt;
    return there.value_or(RrSet{owner, type, 0, {}});
  }

  void judge_set(TouchedSet& set) {
    if (!set.after.owner.is_subdomain_of(record_->zone->origin())) {
      by_hand(set.after.owner.to_text(), "it is not in the zone");  // only a broken peer says so
      return;
    }
    const RrSet now = set_now(set.after.owner, set.after.type);
    OrphanPart& part =
        add_part(fmt::format("{} {}", set.after.owner.to_text(), to_text(set.after.type)));
    part.verdict = verdict_of(is_same(now, set.after), is_same(now, set.before));
    part.removed = std::move(set.removed);
    part.added = std::move(set.added);
    if (part.verdict == OrphanVerdict::kConflict) {
      part.now = lines_of(now);
      part.reason = set.is_known ? "the RRset was changed since"
                                 : "the RRset is another one, and what it was is not known";
      if (!set.is_known) {
        RrSet both = now;
        for (const Octets& rdata : set.before.rdatas) {
          remove(both, rdata);
        }
        for (const Octets& rdata : set.after.rdatas) {
          add(both, set.after.ttl, rdata);
        }
        set.after = std::move(both);
      }
    }
    part.target = SetTarget{zone_, set.after};
    targets_.push_back(set.after);
  }

  /// Whether the record is in the zone once the sets are made.
  [[nodiscard]] bool will_have(const RecordNote& note) const {
    const auto is_of = [&](const RrSet& set) {
      return set.owner.view() == note.owner.view() && set.type == note.type;
    };
    const auto made = std::ranges::find_if(targets_, is_of);
    return contains(made != targets_.end() ? *made : set_now(note.owner, note.type), note.rdata);
  }

  void judge_notes(const ZoneNotesChange& change) {
    for (const RecordNote& note : change.removed) {
      const auto again = std::ranges::find_if(
          change.added, [&](const RecordNote& other) { return compare_records(note, other) == 0; });
      judge_note(note, again != change.added.end() ? std::optional(*again) : std::nullopt);
    }
    for (const RecordNote& note : change.added) {
      if (std::ranges::none_of(change.removed, [&](const RecordNote& other) {
            return compare_records(note, other) == 0;
          })) {
        judge_note(std::nullopt, note);
      }
    }
  }

  [[nodiscard]] std::optional<RecordNote> note_now(const RecordNote& record) const {
    if (const auto* const made = outlook_.note_of(zone_, record)) {
      return *made;
    }
    const RecordNote* const there = record_->notes.find(record.owner, record.type, record.rdata);
    return there != nullptr ? std::optional(*there) : std::nullopt;
  }

  /// What followed an address follows none: its data is that of then.
  void judge_note(const std::optional<RecordNote>& before, std::optional<RecordNote> after) {
    const RecordNote& record = before ? *before : *after;
    const std::optional<RecordNote> now = note_now(record);
    const bool is_as_after = now == after;
    if (after) {
      after->address.clear();
      if (after->is_empty()) {
        after.reset();
      }
    }
    OrphanPart& part = add_part("note");
    part.verdict = verdict_of(is_as_after || now == after, now == before);
    if (before) {
      part.removed.push_back(text_of(*before));
    }
    if (after) {
      part.added.push_back(text_of(*after));
    }
    const bool has_record = !after || after->disabled_ttl.has_value() || will_have(*after);
    if (part.verdict == OrphanVerdict::kConflict || !has_record) {
      part.verdict = OrphanVerdict::kConflict;
      part.reason = has_record ? "the note was changed since" : "its record is not there";
      if (now) {
        part.now.push_back(text_of(*now));
      }
    }
    if (has_record) {
      part.target = NoteTarget{zone_, record, std::move(after)};
    }
  }

  void judge_rules(const ZoneRulesChange& change) {
    for (const auto& [rules, is_there] :
         {std::pair{&change.removed, false}, std::pair{&change.added, true}}) {
      for (const std::string& rule : *rules) {
        OrphanPart& part = add_part("rule");
        part.verdict = verdict_of(record_->policy.texts().contains(rule) == is_there, true);
        (is_there ? part.added : part.removed).push_back(rule);
        part.target = RuleTarget{zone_, rule, is_there};
      }
    }
  }

  void judge_options(const ZoneOptionsChange& change) {
    OrphanPart& part = add_part("options");
    part.verdict = verdict_of(record_->options == change.after, record_->options == change.before);
    if (part.verdict == OrphanVerdict::kConflict) {
      part.reason = "the options were changed since";
    }
    part.target = OptionsTarget{zone_, change.after};
  }

  const Orphan& orphan_;
  const TableDraft& zones_;
  const OrphanOutlook& outlook_;
  OrphanView out_;
  ZoneId zone_;           // the one that is looked at
  ZoneRecordPtr record_;  // of it; null: it is not there
  std::vector<RrSet> targets_;
};

}  // namespace

std::string_view to_text(OrphanVerdict verdict) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"there", "would", "conflict", "by_hand"};
  return kNames[static_cast<std::size_t>(verdict)];
}

OrphanOutlook::Key OrphanOutlook::key_of(const ZoneId& zone, const RecordNote& record) {
  Key key{zone, record.owner, record.type, {}};
  append_canonical_rdata(record.type, record.rdata, key.canonical);
  return key;
}

void OrphanOutlook::add(const OrphanView& view) {
  if (view.verdict != OrphanVerdict::kWould) {
    return;
  }
  for (const OrphanPart& part : view.parts) {
    if (const auto* const set = std::get_if<SetTarget>(&part.target)) {
      sets_.insert_or_assign({set->zone, set->set.owner, set->set.type, {}}, set->set);
    } else if (const auto* const note = std::get_if<NoteTarget>(&part.target)) {
      notes_.insert_or_assign(key_of(note->zone, note->record), note->note);
    }
  }
}

const RrSet* OrphanOutlook::set_of(const ZoneId& zone, NameView owner, RrType type) const {
  const auto found = sets_.find({zone, owner, type, {}});
  return found != sets_.end() ? &found->second : nullptr;
}

const std::optional<RecordNote>* OrphanOutlook::note_of(const ZoneId& zone,
                                                        const RecordNote& record) const {
  const auto found = notes_.find(key_of(zone, record));
  return found != notes_.end() ? &found->second : nullptr;
}

OrphanView judge_orphan(const Orphan& orphan, const TableDraft& zones,
                        const OrphanOutlook& outlook) {
  return Judge(orphan, zones, outlook).run();
}

}  // namespace tandem
