#include "common/node/touched_sets.h"

#include <algorithm>

#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "common/zone/rr_pack.h"
#include "common/zone/serial.h"

namespace tandem {
namespace {

RrSet without_serial(RrSet set) {
  if (set.type == RrType::kSoa) {
    for (Octets& rdata : set.rdatas) {
      set_soa_serial(rdata, 0);
    }
  }
  return set;
}

TouchedSet& set_in(TouchedSets& sets, const PackedRecord& record, bool is_known) {
  const auto [place, is_new] = sets.try_emplace({Name(record.owner), record.type}, TouchedSet());
  if (is_new) {
    place->second.is_known = is_known;
    for (RrSet* const set : {&place->second.before, &place->second.after}) {
      set->owner = Name(record.owner);
      set->type = record.type;
    }
  }
  return place->second;
}

void add_change(const Changeset& change, bool is_known, TouchedSets& sets) {
  RrUnpacker removed(change.removed);
  while (const auto record = removed.next()) {
    TouchedSet& set = set_in(sets, *record, is_known);
    set.removed.push_back(record_to_text(record->owner, record->ttl, record->type, record->rdata));
    remove(set.after, record->rdata);
    if (!is_known) {
      add(set.before, record->ttl, record->rdata);
    }
  }
  RrUnpacker added(change.added);
  while (const auto record = added.next()) {
    TouchedSet& set = set_in(sets, *record, is_known);
    set.added.push_back(record_to_text(record->owner, record->ttl, record->type, record->rdata));
    add(set.after, record->ttl, record->rdata);
  }
}

}  // namespace

bool contains(const RrSet& set, OctetSpan rdata) {
  return std::ranges::any_of(
      set.rdatas, [&](const Octets& there) { return compare_rdata(set.type, there, rdata) == 0; });
}

void remove(RrSet& set, OctetSpan rdata) {
  std::erase_if(set.rdatas,
                [&](const Octets& there) { return compare_rdata(set.type, there, rdata) == 0; });
}

void add(RrSet& set, std::uint32_t ttl, OctetSpan rdata) {
  set.ttl = ttl;
  if (!contains(set, rdata)) {
    set.rdatas.push_back(to_octets(rdata));
  }
}

bool is_same(const RrSet& a, const RrSet& b) {
  if (a.rdatas.size() != b.rdatas.size() || (!a.rdatas.empty() && a.ttl != b.ttl)) {
    return false;
  }
  const RrSet left = without_serial(a);
  const RrSet right = without_serial(b);
  return std::ranges::all_of(left.rdatas,
                             [&](const Octets& rdata) { return contains(right, rdata); });
}

TouchedSets touched_sets(const Orphan& orphan, const ZoneId& zone) {
  TouchedSets sets;
  const auto known = std::ranges::find(orphan.before, zone, &ZoneSets::zone);
  const bool is_known = known != orphan.before.end();
  if (is_known) {
    RrUnpacker records(known->records);
    while (const auto record = records.next()) {
      TouchedSet& set = set_in(sets, *record, true);
      add(set.before, record->ttl, record->rdata);
      add(set.after, record->ttl, record->rdata);
    }
  }
  for (const Change& change : orphan.entry.changes) {
    const auto* const records = std::get_if<RecordChange>(&change.kind);
    if (records != nullptr && change.zone == zone) {
      add_change(records->authored, is_known, sets);
    }
  }
  std::erase_if(sets,
                [](const auto& each) { return is_same(each.second.before, each.second.after); });
  return sets;
}

}  // namespace tandem
