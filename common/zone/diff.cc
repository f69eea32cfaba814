#include "common/zone/diff.h"

#include <algorithm>
#include <utility>

#include "common/dns/rdata.h"
#include "common/zone/rr_pack.h"

namespace tandem {
namespace {

struct Owned {
  RrType type;
  std::uint32_t ttl;
  Octets rdata;

  /// The order only has to be the same on both sides; equal means equal as DNS data.
  static int compare(const Owned& a, const Owned& b) {
    if (a.type != b.type) {
      return a.type < b.type ? -1 : 1;
    }
    if (const int order = compare_rdata(a.type, a.rdata, b.rdata); order != 0) {
      return order;
    }
    return a.ttl == b.ttl ? 0 : (a.ttl < b.ttl ? -1 : 1);
  }
};

std::vector<Owned> records_at(const Zone& zone, NodeView node) {
  std::vector<Owned> records;
  zone.for_each_record_at(node, [&](const PackedRecord& record) {
    records.push_back({record.type, record.ttl, to_octets(record.rdata)});
  });
  std::ranges::sort(records,
                    [](const Owned& a, const Owned& b) { return Owned::compare(a, b) < 0; });
  return records;
}

/// Gives the difference of the records of one owner.
struct OwnerDifference {
  const DiffVisitor& visit;
  Letters letters;

  /// False when the visitor has enough.
  [[nodiscard]] bool give(DiffSide side, NameView owner, const Owned& record) const {
    return visit(side, {owner, record.type, record.ttl, record.rdata});
  }

  [[nodiscard]] bool give_all(DiffSide side, NameView owner,
                              const std::vector<Owned>& records) const {
    return std::ranges::all_of(records,
                               [&](const Owned& record) { return give(side, owner, record); });
  }

  [[nodiscard]] bool run(NameView owner, const std::vector<Owned>& from,
                         const std::vector<Owned>& to) const {
    std::size_t i = 0;
    std::size_t j = 0;
    bool goes_on = true;
    while (goes_on && (i < from.size() || j < to.size())) {
      const int order = i == from.size() ? 1 : j == to.size() ? -1 : Owned::compare(from[i], to[j]);
      const bool differs =
          order == 0 && letters == Letters::kCompared && from[i].rdata != to[j].rdata;
      if (order < 0 || differs) {
        goes_on = give(DiffSide::kRemoved, owner, from[i]);
      }
      if (goes_on && (order > 0 || differs)) {
        goes_on = give(DiffSide::kAdded, owner, to[j]);
      }
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    return goes_on;
  }
};

}  // namespace

void visit_difference(const Zone* from, const Zone& to, const DiffVisitor& visit, Letters letters) {
  const OwnerDifference difference{visit, letters};
  Zone::Walker new_side = to.walk();
  Zone::Walker old_side = from != nullptr ? from->walk() : Zone::Walker();
  bool goes_on = true;
  while (goes_on && (old_side.valid() || new_side.valid())) {
    int order = old_side.valid() ? -1 : 1;
    if (old_side.valid() && new_side.valid()) {
      order = compare_relative(old_side.node().relative_name(), new_side.node().relative_name());
    }
    std::vector<Owned> old_records;
    std::vector<Owned> new_records;
    const bool is_renamed = order == 0 && letters == Letters::kCompared &&
                            !equal(old_side.node().cased_name(), new_side.node().cased_name());
    Name old_owner;
    Name owner;
    if (from != nullptr && order <= 0) {
      old_records = records_at(*from, old_side.node());
      old_owner = from->owner_of(old_side.node());
      old_side.next();
    }
    if (order >= 0) {
      new_records = records_at(to, new_side.node());
      owner = to.owner_of(new_side.node());
      new_side.next();
    }
    goes_on = is_renamed ? difference.give_all(DiffSide::kRemoved, old_owner, old_records) &&
                               difference.give_all(DiffSide::kAdded, owner, new_records)
                         : difference.run(order < 0 ? old_owner : owner, old_records, new_records);
  }
}

std::optional<Changeset> diff_zones(const Zone* from, const Zone& to, std::size_t most_octets) {
  Changeset change;
  RrPacker removed(change.removed);
  RrPacker added(change.added);
  visit_difference(
      from, to,
      [&](DiffSide side, const PackedRecord& record) {
        (side == DiffSide::kRemoved ? removed : added)
            .add(record.owner, record.type, record.ttl, record.rdata);
        return change.octets() <= most_octets;
      },
      Letters::kCompared);
  return change.octets() <= most_octets ? std::optional(std::move(change)) : std::nullopt;
}

Changeset serial_change(const Zone& zone, Serial serial) {
  const RrSet soa = zone.soa();
  Octets next = soa.rdatas.front();
  set_soa_serial(next, serial);
  Changeset change;
  RrPacker(change.removed).add(soa.owner, RrType::kSoa, soa.ttl, soa.rdatas.front());
  RrPacker(change.added).add(soa.owner, RrType::kSoa, soa.ttl, next);
  return change;
}

}  // namespace tandem
