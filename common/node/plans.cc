#include "common/node/plans.h"

#include <algorithm>

#include "common/base/random.h"
#include "common/dns/rdata.h"
#include "common/dns/shown_text.h"
#include "common/node/edit_warnings.h"
#include "common/node/zone_edit.h"
#include "common/zone/diff.h"
#include "common/zone/warnings.h"

namespace tandem {
namespace {

std::unexpected<Error> no_zone(NameView zone) {
  return fail(Errc::kNotFound, "there is no zone {}", zone.to_text());
}

Result<ZoneRecordPtr> zone_with_content(const TableDraft& zones, NameView name) {
  ZoneRecordPtr record = zones.find(name);
  if (record == nullptr) {
    return no_zone(name);
  }
  if (record->zone == nullptr) {
    return fail(Errc::kRefused, "the zone {} has no content yet: import a zone file first",
                name.to_text());
  }
  return record;
}

ZoneId new_zone_id() {
  return ZoneId{random_array<16>()};
}

/// A record of an edit; `use`: how it follows an address, or empty.
struct EditedRecord {
  Octets rdata;
  std::string use;
};

Result<std::vector<EditedRecord>> records_of(const RecordEdit& step, RrType type,
                                             const AddressBook& book) {
  std::vector<EditedRecord> records;
  records.reserve(step.rdatas.size() + step.uses.size());
  for (const Octets& rdata : step.rdatas) {
    records.push_back({rdata, {}});
  }
  for (const AddressUse& use : step.uses) {
    records.push_back({TRY(followed_rdata(use, type, book)), use.to_text()});
  }
  return records;
}

void put(NotedSet& set, const RecordEdit& step, const std::vector<EditedRecord>& records) {
  const auto ttl = step.ttl ? step.ttl : set.ttl();
  if (step.operation == RecordEdit::Operation::kSet) {
    std::vector<Octets> rdatas;
    std::ranges::transform(records, std::back_inserter(rdatas), &EditedRecord::rdata);
    set.clear_for(rdatas);
    for (const EditedRecord& record : records) {
      if (!record.use.empty()) {
        set.unbind(record.rdata);  // from what it followed before
      }
    }
  }
  for (const EditedRecord& record : records) {
    set.add(record.rdata, ttl, step.note, record.use);
  }
}

Status note(NotedSet& set, RrType type, const RecordEdit& step,
            const std::vector<EditedRecord>& records) {
  std::vector<Octets> rdatas;
  std::ranges::transform(records, std::back_inserter(rdatas), &EditedRecord::rdata);
  if (records.empty()) {
    rdatas = set.rdatas();
  }
  const bool are_there =
      std::ranges::all_of(rdatas, [&](const Octets& rdata) { return set.note(rdata, step.note); });
  if (rdatas.empty() || !are_there) {
    return fail(Errc::kNotFound, "{} has no such record of type {}", step.owner.to_text(),
                to_text(type));
  }
  return {};
}

/// What a zone has always neither expires nor is disabled; an SOA record changes by itself.
Status check_kept(NotedEdit& edit, const RecordEdit& step) {
  if (!edit.keeps(step.owner, *step.type)) {
    return {};
  }
  const std::string what = fmt::format("{} {}", step.owner.to_text(), to_text(*step.type));
  if (step.type == RrType::kSoa && !step.note.is_empty()) {
    return fail(Errc::kInvalid,
                "{}: nothing is noted on this record, and it is not disabled: every zone has one, "
                "and it changes with every change",
                what);
  }
  if (step.note.expires.value_or(0) != 0) {
    return fail(Errc::kInvalid, "{}: a zone has these always, they do not expire", what);
  }
  if (step.note.disabled.value_or(false) && !edit.set_of(step.owner, *step.type).has_enabled()) {
    return fail(Errc::kInvalid,
                "{}: a zone has a name server always, so the last one cannot be disabled: add "
                "another one first",
                what);
  }
  return {};
}

Status run(NotedEdit& edit, const RecordEdit& step, const AddressBook& book) {
  if (!step.type) {
    edit.clear_name(step.owner);
    return {};
  }
  NotedSet& set = edit.set_of(step.owner, *step.type);
  const std::vector<EditedRecord> records = TRY(records_of(step, *step.type, book));
  switch (step.operation) {
    case RecordEdit::Operation::kAdd:
    case RecordEdit::Operation::kSet:
      put(set, step, records);
      return check_kept(edit, step);
    case RecordEdit::Operation::kNote:
      TRYV(note(set, *step.type, step, records));
      return check_kept(edit, step);
    case RecordEdit::Operation::kDelete:
      break;
  }
  if (records.empty()) {
    set.clear();
  }
  for (const EditedRecord& record : records) {
    set.remove(record.rdata);
  }
  return {};
}

constexpr std::size_t kSerialChangeOctets = 4096;  // two SOA records have less
constexpr std::size_t kMaxRevertOctets =
    std::size_t{512} * 1024;  // as the writer takes in a change

bool differs_only_in_serial(const Zone& from, const Changeset& change) {
  RrUnpacker removed(change.removed);
  RrUnpacker added(change.added);
  const auto gone = removed.next();
  const auto come = added.next();
  if (!gone || !come || removed.next() || added.next() || gone->type != RrType::kSoa ||
      come->type != RrType::kSoa || gone->ttl != come->ttl ||
      gone->rdata.size() != come->rdata.size()) {
    return false;
  }
  Octets same = to_octets(come->rdata);
  set_soa_serial(same, from.serial());
  return compare_rdata(RrType::kSoa, same, gone->rdata) == 0;
}

/// Nothing when the content is there already: when only the serial differs and the new one is not
/// newer. Fails: kRefused for a signed zone whose serial is not newer.
Result<std::optional<ContentReplacement>> replacement_of(const ZoneRecord& record,
                                                         const ZonePtr& content) {
  if (record.zone == nullptr) {
    return ContentReplacement{record.id, content};
  }
  const auto change = diff_zones(record.zone.get(), *content, kSerialChangeOctets);
  const bool is_newer_file = is_newer(content->serial(), record.zone->serial());
  if (change &&
      (change->empty() || (!is_newer_file && differs_only_in_serial(*record.zone, *change)))) {
    return std::nullopt;
  }
  if (content->is_presigned() && !is_newer_file) {
    return fail(Errc::kRefused,
                "{} is signed elsewhere, so its serial {} has to be newer than the present {}; "
                "it cannot be raised here without breaking the signature of the SOA",
                record.name.to_text(), content->serial(), record.zone->serial());
  }
  return ContentReplacement{record.id, content};
}

}  // namespace

Result<NotedChange> edit_records(const Zone& zone, const NoteSet& notes, const AddressBook& book,
                                 const std::vector<RecordEdit>& edits) {
  if (zone.is_presigned()) {
    return fail(Errc::kRefused,
                "{} was signed elsewhere: a change of single records would break its signatures; "
                "import the whole zone, signed again",
                zone.origin().to_text());
  }
  NotedEdit edit(zone, notes);
  for (const RecordEdit& step : edits) {
    if (!step.owner.is_subdomain_of(zone.origin())) {
      return fail(Errc::kInvalid, "{} is not in the zone {}", step.owner.to_text(),
                  zone.origin().to_text());
    }
    if (step.type && is_meta_type(*step.type)) {
      return fail(Errc::kInvalid, "{} is no type that a zone can hold", to_text(*step.type));
    }
    if (const Status done = run(edit, step, book); !done) {
      const bool is_missing =
          step.operation == RecordEdit::Operation::kNote && done.error().code == Errc::kNotFound;
      const std::string missing =
          is_missing ? missing_records(step, zone, notes, book) : std::string();
      return missing.empty() ? std::unexpected(done.error()) : fail(Errc::kNotFound, "{}", missing);
    }
  }
  return edit.take();
}

Planner plan_edits(const Name& zone, std::vector<RecordEdit> edits) {
  return [zone, edits = std::move(edits)](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = TRY(zone_with_content(zones, zone));
    const bool follows = std::ranges::any_of(edits, [](const auto& e) { return !e.uses.empty(); });
    const AddressBook book = follows ? zones.addresses() : AddressBook();
    NotedChange change = TRY(edit_records(*record->zone, record->notes, book, edits));
    Plan plan{{}, record->id, {}};
    ZonePtr next = record->zone;
    if (!change.records.empty()) {
      // The writer applies it again; this one tells what is odd about the result.
      next = TRY(record->zone->apply(std::span(&change.records, 1), record->limits()));
      for (const RecordEdit& edit : edits) {
        append_owner_warnings(*next, edit.owner, plan.warnings);
        if (edit.owner.view() != zone.view()) {
          append_name_server_warnings(*next, edit.owner, plan.warnings);
        }
      }
    }
    append_long_ttls(edits, *next, plan.warnings);
    append_lost_notes(edits, change.notes, *next, plan.warnings);
    append_unbound(change.notes, plan.warnings);
    const bool deletes_one =
        edits.size() == 1 && edits.front().operation == RecordEdit::Operation::kDelete;
    if (const std::string missing =
            deletes_one ? missing_records(edits.front(), *record->zone, record->notes, book)
                        : std::string();
        !missing.empty()) {
      plan.warnings.push_back(missing);
    }
    append_change(record->id, std::move(change), plan);
    return plan;
  };
}

Planner plan_create(const Name& zone, ZoneOptions options, ZonePtr content, RuleSet rules,
                    NoteSet notes) {
  return [zone, options, content = std::move(content), rules = std::move(rules),
          notes = std::move(notes)](const TableDraft& zones) -> Result<Plan> {
    if (zones.find(zone) != nullptr) {
      return fail(Errc::kExists, "the zone {} exists already", zone.to_text());
    }
    const ZoneId id = new_zone_id();
    Plan plan{{Change{id, ZoneCreate{zone, options, rules}}}, id, {}};
    if (content != nullptr) {
      NotedContent first =
          TRY(settled({content, notes}, zones.addresses(), limits_of(options), plan.warnings));
      if (first.zone != content) {  // whoever has the content of this serial has another one
        const Serial next = next_serial(content->serial(), SerialPolicy::kIncrement, {});
        const Changeset raise = serial_change(*first.zone, next);
        first.zone = TRY(first.zone->apply(std::span(&raise, 1), limits_of(options)));
      }
      append_zone_warnings(*first.zone, plan.warnings);
      plan.changes.emplace_back(ContentReplacement{id, std::move(first.zone)});
      append_change(id, {{}, difference_of({}, first.notes)}, plan);
    }
    return plan;
  };
}

void append_zone_removal(const ZoneRecord& zone, Plan& plan) {
  append_change(zone.id, {{}, difference_of(zone.notes, {})}, plan);
  plan.changes.emplace_back(Change{
      zone.id, ZoneDelete{zone.name.view(), zone.options, std::nullopt, zone.policy.texts()}});
}

Planner plan_delete(const Name& zone) {
  return [zone](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = zones.find(zone);
    if (record == nullptr) {
      return no_zone(zone);
    }
    Plan plan{{}, record->id, {}};
    append_zone_removal(*record, plan);
    return plan;
  };
}

Planner plan_options(const Name& zone, std::function<void(ZoneOptions&)> change) {
  return [zone, change = std::move(change)](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = zones.find(zone);
    if (record == nullptr) {
      return no_zone(zone);
    }
    ZoneOptions after = record->options;
    change(after);
    Plan plan{{}, record->id, {}};
    if (after != record->options) {
      plan.changes.emplace_back(Change{record->id, ZoneOptionsChange{record->options, after}});
    }
    return plan;
  };
}

Planner plan_import(const Name& zone, ZonePtr content, IfMissing if_missing, ZoneOptions options,
                    std::optional<NoteSet> notes) {
  return [zone, content = std::move(content), if_missing, options,
          notes = std::move(notes)](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = zones.find(zone);
    if (record == nullptr && if_missing == IfMissing::kCreate) {
      return plan_create(zone, options, content, {}, notes.value_or(NoteSet()))(zones);
    }
    if (record == nullptr) {
      return no_zone(zone);
    }
    Plan plan{{}, record->id, {}};
    append_zone_warnings(*content, plan.warnings);
    const NotedContent next = TRY(settled({content, notes ? *notes : record->notes},
                                          zones.addresses(), record->limits(), plan.warnings));
    if (auto replacement = TRY(replacement_of(*record, next.zone))) {
      plan.changes.emplace_back(*std::move(replacement));
    }
    const ZoneNotesChange change = difference_of(record->notes, next.notes);
    if (notes) {  // else settled() has told
      append_unbound(change, plan.warnings);
    }
    append_change(record->id, {{}, change}, plan);
    return plan;
  };
}

Planner plan_revert(const Name& zone, NotedContent content) {
  return [zone, content = std::move(content)](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = TRY(zone_with_content(zones, zone));
    if (content.zone->is_presigned() || record->zone->is_presigned()) {
      return fail(Errc::kRefused,
                  "{} is signed elsewhere: its content of serial {} cannot get a newer serial here "
                  "without breaking the signature of the SOA; import it, signed again",
                  zone.to_text(), content.zone->serial());
    }
    Plan plan{{}, record->id, {}};
    // With the present serial it differs in what was asked for alone; the writer raises the serial.
    const Changeset serial = serial_change(*content.zone, record->zone->serial());
    const ZonePtr raised = TRY(content.zone->apply(std::span(&serial, 1), record->limits()));
    const auto [next, notes] =
        TRY(settled({raised, content.notes}, zones.addresses(), record->limits(), plan.warnings));
    auto change = diff_zones(record->zone.get(), *next, kMaxRevertOctets);
    if (!change) {
      plan.changes.emplace_back(ContentReplacement{record->id, next});
    } else if (!change->empty()) {
      plan.changes.emplace_back(Change{record->id, RecordChange{*std::move(change), {}}});
    }
    const ZoneNotesChange note_change = difference_of(record->notes, notes);
    append_unbound(note_change, plan.warnings);
    append_change(record->id, {{}, note_change}, plan);
    append_zone_warnings(*next, plan.warnings);
    return plan;
  };
}

Result<Name> contact_name(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || text == "@") {
    return Name::from_text(text);
  }
  std::string label;
  for (const char c : text.substr(0, at)) {
    label += c == '.' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  const std::string_view domain = text.substr(at + 1);
  if (label.empty() || domain.empty() || domain.find('@') != std::string_view::npos) {
    return fail(Errc::kInvalid,
                "{} is no mail address; expected one such as hostmaster@example.com",
                shown_text(text));
  }
  return Name::from_text(label, TRY(Name::from_text(domain)));
}

Result<ZonePtr> minimal_zone(NameView zone, NameView primary, NameView contact,
                             const std::vector<Name>& name_servers, std::uint32_t ttl) {
  ZoneBuilder builder(zone, ZoneLimits{});
  // Refresh, retry, expire, minimum: expire covers a home that is away for four weeks (RFC 1912
  // s2.2).
  const std::string soa =
      fmt::format("{} {} 1 900 300 2419200 900", primary.to_text(), contact.to_text());
  const Octets soa_rdata = TRY(rdata_from_text(RrType::kSoa, soa));
  builder.add({zone, RrType::kSoa, ttl, soa_rdata});
  for (const Name& server : name_servers) {
    builder.add({zone, RrType::kNs, ttl, server.wire()});
  }
  ZoneBuilder::Outcome built = builder.build();
  if (built.zone == nullptr) {
    return fail(Errc::kInvalid, "{}: {}", zone.to_text(), built.findings.front().text);
  }
  return built.zone;
}

}  // namespace tandem
