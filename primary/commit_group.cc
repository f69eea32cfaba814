#include "primary/commit_group.h"

#include <algorithm>
#include <chrono>
#include <ranges>
#include <set>
#include <utility>

#include "common/log/codec.h"
#include "common/log/entry_check.h"
#include "common/log/request_key.h"
#include "common/node/catalog_members.h"
#include "common/node/noted_content.h"
#include "common/zone/diff.h"
#include "primary/source_guard.h"
#include "primary/zone_end.h"

namespace tandem {
namespace {

// More than this in one change makes it an image: an entry has at most 1 MiB with everything in it.
constexpr std::size_t kMaxChangeOctets = std::size_t{512} * 1024;

// Nobody tries the same again after that.
constexpr std::chrono::hours kRequestMemory{24};

// Of an entry beside its changes and its actor: sequence, epoch, time, request id, zone digests.
constexpr std::size_t kEntryFrameOctets = 256;
// Of each zone that a group touches: a derived change of its SOA and ZONEMD records, and its digest
// at the end.
constexpr std::size_t kZoneEndOctets = 800;
// A large entry may end a group of many zones.
constexpr std::size_t kMaxPlannedOctets = kMaxEntryOctets - std::size_t{192} * 1024;
// Of all zones together: their state is one image (codec.h).
constexpr std::size_t kMaxAllNotesOctets = kMaxStateOctets / 4;

std::size_t octets_of(const Actor& actor) noexcept {
  return actor.name.size() + actor.credential.size() + actor.source.size() + actor.reason.size();
}

std::size_t octets_of(const Change& change) noexcept {
  if (const auto* const records = std::get_if<RecordChange>(&change.kind)) {
    return records->authored.octets() + records->derived.octets();
  }
  std::size_t octets = 256;
  if (const auto* const setting = std::get_if<SettingChange>(&change.kind)) {
    octets += setting->name.size() + setting->before.size() + setting->after.size();
  } else if (const auto* const notes = std::get_if<ZoneNotesChange>(&change.kind)) {
    for (const auto* const list : {&notes->removed, &notes->added}) {
      for (const RecordNote& note : *list) {
        octets += note.octets();
      }
    }
  }
  return octets;
}

void describe(const ZoneRecord& record, Receipt& receipt) {
  receipt.zone_name = record.name.view();
  receipt.serial = record.zone != nullptr ? record.zone->serial() : 0;
}

}  // namespace

CommitGroup::CommitGroup(ReplicatedLog& log, const SecretSealer& sealer, const Epoch& epoch,
                         const ZoneSources& sources)
    : log_(log), sealer_(sealer), sources_(sources), epoch_(epoch), draft_(log.draft()) {}

Result<CommitGroup::Planned> CommitGroup::add(const ChangeRequest& request) {
  std::optional<RequestKey> key;
  if (!request.request_id.empty()) {
    key = request_key(request.actor, request.request_id);
    if (auto known = TRY(known_outcome(*key))) {
      return *std::move(known);
    }
  }
  const TableDraft::Savepoint before = draft_.savepoint();
  Plan plan = TRY(request.plan(draft_));
  Planned out;
  out.receipt.zone = plan.zone;
  out.receipt.warnings = std::move(plan.warnings);
  if (const ZoneRecordPtr record = draft_.find(plan.zone); record != nullptr) {
    describe(*record, out.receipt);  // for a zone that this deletes there is no later chance
  }
  if (plan.changes.empty()) {
    return out;
  }
  Entry entry;
  entry.epoch = epoch_;
  entry.time = log_.clock().wall();
  entry.actor = request.actor;
  entry.request_id = request.request_id;
  const std::size_t secrets_before = secrets_.size();
  if (const auto added = add_changes(entry, plan, request, out.receipt.warnings); !added) {
    draft_.rollback(before);
    secrets_.resize(secrets_before);
    return std::unexpected(added.error());
  }
  planned_octets_ += kEntryFrameOctets + octets_of(entry.actor) + entry.request_id.size();
  for (const Change& change : entry.changes) {
    const bool is_new = last_entry_of_.insert_or_assign(change.zone, entries_.size()).second;
    planned_octets_ += octets_of(change) + (is_new ? kZoneEndOctets : 0);
  }
  for (const PlannedChange& change : plan.changes) {
    const auto* const replacement = std::get_if<ContentReplacement>(&change);
    if (replacement != nullptr && replacement->serials == Serials::kAsGiven) {
      as_given_.insert(replacement->zone);
    }
  }
  out.receipt.changed = true;
  out.entry = entries_.size();
  entries_.push_back(std::move(entry));
  if (key) {
    requests_.emplace(*key, out);
  }
  return out;
}

Result<std::optional<CommitGroup::Planned>> CommitGroup::known_outcome(const RequestKey& request) {
  if (const auto found = requests_.find(request); found != requests_.end()) {
    return found->second;
  }
  const auto entry = TRY(log_.entries().find_request(request));
  if (!entry || entry->time < log_.clock().wall() - kRequestMemory) {
    return std::nullopt;
  }
  return TRY(outcome_of(*entry));
}

/// The receipt as it was: position and serial of then.
Result<CommitGroup::Planned> CommitGroup::outcome_of(const EncodedEntry& entry) const {
  Planned out;
  out.is_repeat = true;
  Receipt& receipt = out.receipt;
  receipt.changed = true;
  receipt.position = {TRY(decode_entry(entry.octets)).epoch, entry.sequence, entry.chain};
  if (entry.zones.empty()) {
    return out;
  }
  receipt.zone = entry.zones.front();
  if (const ZoneRecordPtr record = draft_.find(receipt.zone); record != nullptr) {
    receipt.zone_name = record->name.view();
  }
  std::uint64_t sequence = entry.sequence;
  EncodedEntry last = entry;
  while (!last.group_end) {
    last = TRY(log_.entries().read(++sequence));
  }
  for (const ZoneDigest& digest : TRY(decode_entry(last.octets)).zone_digests) {
    if (digest.zone == receipt.zone) {
      receipt.serial = digest.serial;
    }
  }
  return out;
}

Status CommitGroup::add_changes(Entry& entry, const Plan& plan, const ChangeRequest& request,
                                std::vector<std::string>& warnings) {
  for (const PlannedChange& change : plan.changes) {
    TRYV(check_source(sources_, draft_, change, request.is_from_source));
    TRYV(check_not_made(draft_, change));
    TRYV(add_change(entry, change));
  }
  TRYV(settle(entry, warnings));
  const std::uint64_t sequence = log_.entries().head().sequence + entries_.size() + 1;
  for (const PlannedChange& change :
       TRY(catalog_changes(draft_, entry.changes, entry.time, sequence))) {
    TRYV(add_change(entry, change));
  }
  return check_size(entry);
}

/// What finish() adds has room too: nothing that is added here fails there, with all of its group.
Status CommitGroup::check_size(const Entry& entry) const {
  std::set<ZoneId> zones;
  std::size_t octets = kEntryFrameOctets;
  for (const Change& change : entry.changes) {
    zones.insert(change.zone);
    octets += octets_of(change);
  }
  if (octets + zones.size() * kZoneEndOctets > kMaxPlannedOctets ||
      entry.changes.size() + zones.size() > kMaxChangesPerEntry) {
    return fail(Errc::kTooLarge,
                "the change has {} octets in {} zones, more than one entry of the log holds: "
                "change less at once, or let fewer records follow one address",
                octets, zones.size());
  }
  const bool adds_notes = std::ranges::any_of(entry.changes, [](const Change& change) {
    const auto* const notes = std::get_if<ZoneNotesChange>(&change.kind);
    return notes != nullptr && !notes->added.empty();
  });
  if (adds_notes && draft_.note_octets() > kMaxAllNotesOctets) {
    return fail(Errc::kTooLarge, "the notes of all zones have {} octets, {} are possible",
                draft_.note_octets(), kMaxAllNotesOctets);
  }
  return {};
}

/// Brings the notes of each changed zone in line with its records.
Status CommitGroup::settle(Entry& entry, std::vector<std::string>& warnings) {
  const std::size_t planned = entry.changes.size();
  for (std::size_t i = 0; i < planned; ++i) {
    const Change& change = entry.changes[i];
    const auto* const records = std::get_if<RecordChange>(&change.kind);
    const ZoneRecordPtr record = draft_.find(change.zone);
    if ((records == nullptr && !std::holds_alternative<ZoneReplace>(change.kind)) ||
        record == nullptr || record->zone == nullptr || record->notes.empty()) {
      continue;
    }
    ZoneNotesChange notes = settle_notes(
        record->notes, *record->zone, records != nullptr ? &records->authored : nullptr, warnings);
    if (!notes.removed.empty()) {
      TRYV(add_plain(entry, {change.zone, std::move(notes)}));
    }
  }
  return {};
}

Status CommitGroup::add_change(Entry& entry, const PlannedChange& planned) {
  if (const auto* const change = std::get_if<Change>(&planned)) {
    return add_plain(entry, *change);
  }
  if (const auto* const replacement = std::get_if<ContentReplacement>(&planned)) {
    return add_replacement(entry, *replacement);
  }
  return add_secret(entry, std::get<SecretChange>(planned));
}

Status CommitGroup::add_plain(Entry& entry, Change change) {
  const auto* const records = std::get_if<RecordChange>(&change.kind);
  if (records != nullptr && octets_of(change) > kMaxChangeOctets) {
    // Too large for an entry: the same result, as an image.
    const ZoneRecordPtr record = draft_.find(change.zone);
    const ZonePtr next =
        TRY(record->zone->apply(std::span(&records->authored, 1), record->limits()));
    return add_replacement(entry, {change.zone, next, Serials::kRaised});
  }
  if (auto* const gone = std::get_if<ZoneDelete>(&change.kind)) {
    const ZoneRecordPtr record = draft_.find(change.zone);
    if (record != nullptr && record->zone != nullptr) {
      gone->last = TRY(
          image_of(change.zone, record->zone, record->digest));  // what it held can be brought back
    }
  }
  TRYV(draft_.apply(change));
  entry.changes.push_back(std::move(change));
  return {};
}

Status CommitGroup::add_replacement(Entry& entry, const ContentReplacement& replacement) {
  const ZoneRecordPtr record = draft_.find(replacement.zone);
  if (record == nullptr) {
    return fail(Errc::kConflict, "the zone to fill is not there");
  }
  ZonePtr content = replacement.content;
  if (replacement.serials == Serials::kRaised) {
    content = TRY(with_newer_serial(*record, content));
  }
  std::optional<Changeset> change = diff_zones(record->zone.get(), *content, kMaxChangeOctets);
  if (change && record->zone != nullptr) {
    return add_plain(entry, {record->id, RecordChange{*std::move(change), {}}});
  }
  if (change) {
    entry.changes.push_back({record->id, RecordChange{*std::move(change), {}}});
    return draft_.set_content(record->id, content, content_digest_of(*content));
  }
  ZoneReplace replace;
  if (record->zone != nullptr) {
    replace.before = TRY(image_of(record->id, record->zone, record->digest));
  }
  const ContentDigest digest = content_digest_of(*content);
  replace.after = TRY(image_of(record->id, content, digest));
  TRYV(draft_.set_content(record->id, content, digest));
  entry.changes.push_back({record->id, replace});
  return {};
}

/// The serial of a whole new content counts when it is newer than the present one; else the next
/// one is given.
Result<ZonePtr> CommitGroup::with_newer_serial(const ZoneRecord& record,
                                               const ZonePtr& content) const {
  if (record.zone == nullptr || is_newer(content->serial(), record.zone->serial())) {
    return content;
  }
  const Serial serial =
      next_serial(record.zone->serial(), record.options.serial_policy, log_.clock().wall());
  const Changeset raise = serial_change(*content, serial);
  return content->apply(std::span(&raise, 1), record.limits());
}

Result<ImageRef> CommitGroup::image_of(const ZoneId& zone, const ZonePtr& content,
                                       const ContentDigest& digest) {
  if (!use_.held()) {
    use_ = log_.images().use();
  }
  return write_image(log_.store(), {log_.id(), zone, digest.value()}, content);
}

Status CommitGroup::add_secret(Entry& entry, const SecretChange& change) {
  secrets_.emplace_back(change.info.id, sealer_.seal(change.secret, change.info.id.to_text()));
  return add_plain(entry, {ZoneId{}, SecretNamed{change.info}});
}

Status CommitGroup::finish() {
  for (const ZoneId& zone : draft_.touched()) {
    TRYV(end_zone(zone));
  }
  if (entries_.empty()) {
    return {};
  }
  entries_.back().group_end = true;
  entries_.back().zone_digests = draft_.digests();
  Position position = log_.entries().head();
  for (Entry& entry : entries_) {
    entry.sequence = position.sequence + 1;
    encoded_.push_back(TRY(encode_after(position, entry)));
    position = position_after(position, encoded_.back());
  }
  return {};
}

/// One new serial per zone and group (RFC 2136 s3.6). What comes from elsewhere is as it came.
Status CommitGroup::end_zone(const ZoneId& zone) {
  const ZoneRecordPtr after = draft_.find(zone);
  if (as_given_.contains(zone) || after == nullptr || after->zone == nullptr ||
      !sources_.find(draft_, after->name).empty()) {
    return {};
  }
  Changeset end = TRY(zone_end(log_.table().find(zone).get(), *after, log_.clock().wall()));
  if (end.empty()) {
    return {};
  }
  Change change{zone, RecordChange{{}, std::move(end)}};
  TRYV(draft_.apply(change));
  derived_change_for(zone).derived = std::move(std::get<RecordChange>(change.kind).derived);
  return {};
}

/// The last change of a zone's records in its last entry; a new one when that entry has none, or
/// replaces the content after it.
RecordChange& CommitGroup::derived_change_for(const ZoneId& zone) {
  std::vector<Change>& changes = entries_[last_entry_of_.at(zone)].changes;
  for (Change& change : changes | std::views::reverse) {
    if (change.zone != zone) {
      continue;
    }
    if (auto* const records = std::get_if<RecordChange>(&change.kind)) {
      return *records;
    }
    if (std::holds_alternative<ZoneReplace>(change.kind)) {
      break;
    }
  }
  changes.push_back({zone, RecordChange{}});
  return std::get<RecordChange>(changes.back().kind);
}

WriteBatch CommitGroup::take_batch() {
  WriteBatch batch;
  for (const auto& [id, sealed] : std::exchange(secrets_, {})) {
    batch.put(Family::kSecret, id.octets, sealed);
  }
  return batch;
}

void CommitGroup::complete(Planned& planned) const {
  if (planned.is_repeat) {
    return;
  }
  Receipt& receipt = planned.receipt;
  receipt.position = log_.table().position();
  if (planned.entry != kNone) {
    const EncodedEntry& own = encoded_[planned.entry];
    receipt.position = {epoch_, own.sequence, own.chain};
  }
  if (const ZoneRecordPtr record = log_.table().find(receipt.zone); record != nullptr) {
    describe(*record, receipt);
  }
}

}  // namespace tandem
