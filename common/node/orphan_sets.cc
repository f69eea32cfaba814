#include "common/node/orphan_sets.h"

#include <utility>

#include "common/dns/rdata.h"
#include "common/log/codec.h"

namespace tandem {
namespace {

// An entry's own limit, less what is about the records.
constexpr std::size_t kMaxSetOctets = kMaxEntryOctets - 65'536;

Octets canonical_of(const PackedRecord& record) {
  Octets canonical;
  append_canonical_rdata(record.type, record.rdata, canonical);
  return canonical;
}

bool is_of_whole_zone(const ChangeKind& kind) noexcept {
  return std::holds_alternative<ZoneCreate>(kind) || std::holds_alternative<ZoneDelete>(kind) ||
         std::holds_alternative<ZoneReplace>(kind);
}

}  // namespace

Octets encode_sets(const Entry& of, const std::vector<ZoneSets>& sets, const Actor& actor) {
  Entry entry;
  entry.sequence = of.sequence;
  entry.epoch = of.epoch;
  entry.time = of.time;
  entry.actor = actor;
  std::size_t octets = 0;
  for (const ZoneSets& zone : sets) {
    octets += zone.records.size();
  }
  if (octets <= kMaxSetOctets) {
    for (const ZoneSets& zone : sets) {
      entry.changes.push_back(
          {zone.zone, RecordChange{{.removed = {}, .added = zone.records}, {}}});
    }
  }
  return encode_entry(entry);
}

Result<std::vector<ZoneSets>> decode_sets(OctetSpan octets) {
  Entry entry = TRY(decode_entry(octets));
  return sets_of(std::move(entry));
}

Result<std::vector<ZoneSets>> sets_of(Entry entry) {
  std::vector<ZoneSets> sets;
  for (Change& change : entry.changes) {
    auto* const records = std::get_if<RecordChange>(&change.kind);
    if (records == nullptr) {
      return fail(Errc::kCorrupt, "RRsets of a zone are given by a change of another kind");
    }
    sets.push_back({change.zone, std::move(records->authored.added)});
  }
  return sets;
}

void OrphanSets::note(const Entry& entry) {
  for (const Change& change : entry.changes) {
    if (is_of_whole_zone(change.kind)) {
      opaque_.insert(change.zone);
    } else if (const auto* const records = std::get_if<RecordChange>(&change.kind)) {
      for (const Changeset* const each : {&records->authored, &records->derived}) {
        note(change.zone, each->removed, true);
        note(change.zone, each->added, false);
      }
    }
  }
}

void OrphanSets::note(const ZoneId& zone, OctetSpan packed, bool was_there) {
  RrUnpacker records(packed);
  while (const auto record = records.next()) {
    const Form form{record->ttl, to_octets(record->rdata)};
    first_[{zone, record->owner, record->type}].try_emplace(
        canonical_of(*record), was_there ? std::optional(form) : std::nullopt);
  }
}

void OrphanSets::go_back(const ZoneTable& table) {
  for (auto& [key, mentioned] : first_) {
    const ZoneRecordPtr record = table.find(key.zone);
    if (record == nullptr || record->zone == nullptr) {
      opaque_.insert(key.zone);
      continue;
    }
    Records& set = sets_[key];
    if (const auto there = record->zone->find_rrset(key.owner, key.type)) {
      for (const Octets& rdata : there->rdatas) {
        set.emplace(canonical_of({key.owner, key.type, there->ttl, rdata}),
                    Form{there->ttl, rdata});
      }
    }
    for (auto& [canonical, before] : mentioned) {
      set.erase(canonical);
      if (before) {
        set.emplace(canonical, *std::move(before));
      }
    }
  }
  first_.clear();
}

std::vector<ZoneSets> OrphanSets::pass(const Entry& entry) {
  std::map<ZoneId, std::set<Key>> asked;
  for (const Change& change : entry.changes) {
    const auto* const records = std::get_if<RecordChange>(&change.kind);
    if (records == nullptr || opaque_.contains(change.zone)) {
      continue;
    }
    std::set<Key>& keys = asked[change.zone];
    for (const Octets* const packed : {&records->authored.removed, &records->authored.added}) {
      RrUnpacker each(*packed);
      while (const auto record = each.next()) {
        keys.insert({change.zone, record->owner, record->type});
      }
    }
  }
  std::vector<ZoneSets> sets;
  for (const auto& [zone, keys] : asked) {
    ZoneSets& out = sets.emplace_back(ZoneSets{zone, {}});
    RrPacker packer(out.records);
    for (const Key& key : keys) {
      for (const auto& [canonical, form] : sets_[key]) {
        packer.add(key.owner, key.type, form.ttl, form.rdata);
      }
    }
  }
  for (const Change& change : entry.changes) {
    if (const auto* const records = std::get_if<RecordChange>(&change.kind)) {
      for (const Changeset* const each : {&records->authored, &records->derived}) {
        step(change.zone, each->removed, false);
        step(change.zone, each->added, true);
      }
    }
  }
  return sets;
}

void OrphanSets::step(const ZoneId& zone, OctetSpan packed, bool is_added) {
  RrUnpacker records(packed);
  while (const auto record = records.next()) {
    Records& set = sets_[{zone, record->owner, record->type}];
    if (is_added) {
      set.insert_or_assign(canonical_of(*record), Form{record->ttl, to_octets(record->rdata)});
    } else {
      set.erase(canonical_of(*record));
    }
  }
}

}  // namespace tandem
