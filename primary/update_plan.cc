#include "primary/update_plan.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/dns/rdata.h"
#include "common/node/note_plans.h"
#include "common/node/zone_edit.h"
#include "common/zone/serial.h"

namespace tandem {
namespace {

using Refused = std::unexpected<UpdateRefusal>;

/// Made from the other records; whoever could set them could prove what is not so.
bool is_derived(RrType type) noexcept {
  return type == RrType::kRrsig || type == RrType::kNsec || type == RrType::kNsec3;
}

// --- prerequisites (RFC 2136 s3.2)

bool is_in_use(const Zone& zone, NameView owner) {
  const NodeView node = zone.find_owner(owner);
  return node && !node.has(kNodeEmpty);
}

/// RFC 2136 s3.2.3: all prerequisites of one name and type together are what the RRset is.
bool is_exactly(const Zone& zone, std::span<const UpdatePrerequisite* const> wanted) {
  const RrType type = wanted.front()->type;
  const EditedSet set(zone, wanted.front()->owner, type);
  std::vector<const Octets*> named;  // different ones
  for (const UpdatePrerequisite* const each : wanted) {
    if (!set.contains(each->rdata)) {
      return false;
    }
    const bool is_new = std::ranges::none_of(
        named, [&](const Octets* other) { return compare_rdata(type, *other, each->rdata) == 0; });
    if (is_new) {
      named.push_back(&each->rdata);
    }
  }
  return named.size() == set.rdatas().size();
}

std::expected<void, UpdateRefusal> check_sets(const UpdateMessage& update, const Zone& zone) {
  std::vector<const UpdatePrerequisite*> wanted;
  for (const UpdatePrerequisite& each : update.prerequisites) {
    if (each.kind == UpdatePrerequisite::Kind::kRrSetHas) {
      wanted.push_back(&each);
    }
  }
  const auto place_of = [](const UpdatePrerequisite* each) {
    return std::pair(each->owner.view(), each->type);
  };
  std::ranges::sort(wanted, {}, place_of);
  for (std::span<const UpdatePrerequisite* const> rest = wanted; !rest.empty();) {
    const auto end = std::ranges::upper_bound(rest, place_of(rest.front()), {}, place_of);
    const auto one = rest.first(static_cast<std::size_t>(end - rest.begin()));
    if (!is_exactly(zone, one)) {
      return refuse(Rcode::kNxRrset, "{} {} is not what the update expects",
                    one.front()->owner.to_text(), to_text(one.front()->type));
    }
    rest = rest.subspan(one.size());
  }
  return {};
}

std::expected<void, UpdateRefusal> check(const UpdatePrerequisite& wanted, const Zone& zone) {
  using Kind = UpdatePrerequisite::Kind;
  const auto has_set = [&] { return zone.find_rrset(wanted.owner, wanted.type).has_value(); };
  switch (wanted.kind) {
    case Kind::kNameInUse:
      if (!is_in_use(zone, wanted.owner)) {
        return refuse(Rcode::kNxDomain, "{} is not in use", wanted.owner.to_text());
      }
      break;
    case Kind::kNameNotInUse:
      if (is_in_use(zone, wanted.owner)) {
        return refuse(Rcode::kYxDomain, "{} is in use", wanted.owner.to_text());
      }
      break;
    case Kind::kRrSetExists:
      if (!has_set()) {
        return refuse(Rcode::kNxRrset, "{} has no {}", wanted.owner.to_text(),
                      to_text(wanted.type));
      }
      break;
    case Kind::kRrSetDoesNotExist:
      if (has_set()) {
        return refuse(Rcode::kYxRrset, "{} has {}", wanted.owner.to_text(), to_text(wanted.type));
      }
      break;
    case Kind::kRrSetHas:
      break;  // check_sets()
  }
  return {};
}

// --- steps (RFC 2136 s3.4.2)

class Steps {
 public:
  explicit Steps(const Zone& zone) : edit_(zone) {}

  void run(const UpdateStep& step) {
    switch (step.kind) {
      case UpdateStep::Kind::kAdd:
        add(step);
        break;
      case UpdateStep::Kind::kDeleteRrSet:
        edit_.clear_set(step.owner, step.type);
        break;
      case UpdateStep::Kind::kDeleteName:
        edit_.clear_name(step.owner);
        break;
      case UpdateStep::Kind::kDeleteRecord:
        delete_record(step);
        break;
    }
  }

  [[nodiscard]] Changeset take() const { return edit_.take(); }

 private:
  /// An alias and other data exclude each other: what is there stays (s3.4.2.2).
  [[nodiscard]] bool stands_in_the_way(const UpdateStep& step) {
    return std::ranges::any_of(edit_.types_at(step.owner), [&](RrType there) {
      return step.type == RrType::kCname ? there != RrType::kCname && !is_derived(there)
                                         : there == RrType::kCname;
    });
  }

  void add(const UpdateStep& step) {
    if (step.type == RrType::kSoa) {
      add_soa(step);
      return;
    }
    if (stands_in_the_way(step)) {
      return;
    }
    EditedSet& set = edit_.set_of(step.owner, step.type);
    const bool is_single = step.type == RrType::kCname || step.type == RrType::kDname;
    if (is_single && !set.contains(step.rdata)) {
      set.clear();
    }
    set.add(step.rdata, step.ttl);
  }

  /// Only a newer one, and only where one is (s3.4.2.2).
  void add_soa(const UpdateStep& step) {
    EditedSet& set = edit_.set_of(step.owner, RrType::kSoa);
    if (set.empty() || !is_newer(soa_serial(step.rdata), soa_serial(set.rdatas().front()))) {
      return;
    }
    set.clear();
    set.add(step.rdata, step.ttl);
  }

  void delete_record(const UpdateStep& step) {
    EditedSet& set = edit_.set_of(step.owner, step.type);
    const bool is_last_ns = step.type == RrType::kNs && set.rdatas().size() == 1;
    if (edit_.keeps(step.owner, step.type) && (step.type == RrType::kSoa || is_last_ns)) {
      return;
    }
    set.remove(step.rdata);
  }

  ZoneEdit edit_;
};

}  // namespace

std::expected<Changeset, UpdateRefusal> changes_of(const UpdateMessage& update, const Zone& zone) {
  for (const UpdatePrerequisite& each : update.prerequisites) {
    if (auto met = check(each, zone); !met) {
      return Refused(std::move(met.error()));
    }
  }
  if (auto met = check_sets(update, zone); !met) {
    return Refused(std::move(met.error()));
  }
  if (update.bad_step) {
    return Refused(*update.bad_step);
  }
  if (!update.steps.empty() && zone.is_presigned()) {
    return refuse(Rcode::kRefused, "{} was signed elsewhere: import it whole, signed again",
                  update.zone.to_text());
  }
  Steps steps(zone);
  for (const UpdateStep& step : update.steps) {
    if (is_derived(step.type)) {
      return refuse(Rcode::kRefused, "{} {}: this server makes such records itself",
                    step.owner.to_text(), to_text(step.type));
    }
    steps.run(step);
  }
  return steps.take();
}

namespace {

std::vector<PackedRecord> unpacked(const Octets& packed) {
  std::vector<PackedRecord> records;
  RrUnpacker each(packed);
  while (const auto record = each.next()) {
    records.push_back(*record);
  }
  return records;
}

/// Whether the record is among them, with whatever TTL.
bool has(const std::vector<PackedRecord>& records, NameView owner, RrType type, OctetSpan rdata) {
  return std::ranges::any_of(records, [&](const PackedRecord& other) {
    return other.owner == owner && other.type == type &&
           compare_rdata(type, other.rdata, rdata) == 0;
  });
}

/// The notes of records that the update adds, or finds there with a time of their own.
ZoneNotesChange expiring_notes(const UpdateMessage& update, const ZoneRecord& record,
                               const Changeset& change, const UpdateExpiry& expiry) {
  std::vector<PackedRecord> records = unpacked(change.added);
  // A new TTL takes the whole RRset away and adds it: those records are not new.
  std::erase_if(records, [removed = unpacked(change.removed)](const PackedRecord& each) {
    return has(removed, each.owner, each.type, each.rdata);
  });
  for (const UpdateStep& step : update.steps) {
    const RecordNote* const there = step.kind == UpdateStep::Kind::kAdd
                                        ? record.notes.find(step.owner, step.type, step.rdata)
                                        : nullptr;
    if (there != nullptr && there->expires != 0 &&
        !has(records, step.owner, step.type, step.rdata)) {
      records.push_back({there->owner, there->type, 0, there->rdata});
    }
  }
  std::erase_if(records, [&](const PackedRecord& each) {  // what a zone has always
    return each.type == RrType::kSoa ||
           (each.type == RrType::kNs && each.owner == record.zone->origin());
  });
  return expiring(record.notes, records, expiry.at, expiry.slack);
}

}  // namespace

Planner plan_update(UpdateMessage update, std::shared_ptr<Rcode> rcode, UpdateExpiry expiry) {
  return [update = std::move(update), rcode = std::move(rcode),
          expiry](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = zones.find(update.zone);
    if (record == nullptr || record->zone == nullptr) {
      *rcode = Rcode::kNotAuth;
      return fail(Errc::kNotFound, "there is no zone {} to update", update.zone.to_text());
    }
    auto change = changes_of(update, *record->zone);
    if (!change) {
      *rcode = change.error().rcode;
      return fail(Errc::kRefused, "{}", change.error().reason);
    }
    *rcode = Rcode::kRefused;  // of what the zone's limits and rules say from here on
    Plan plan{{}, record->id, {}};
    ZoneNotesChange notes;
    if (expiry.at != 0) {
      notes = expiring_notes(update, *record, *change, expiry);
    }
    if (!change->empty()) {
      plan.changes.emplace_back(Change{record->id, RecordChange{*std::move(change), {}}});
    }
    if (!notes.added.empty()) {
      plan.changes.emplace_back(Change{record->id, std::move(notes)});
    }
    return plan;
  };
}

}  // namespace tandem
