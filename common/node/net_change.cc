#include "common/node/net_change.h"

#include <utility>

#include "common/dns/rdata.h"
#include "common/zone/rr_pack.h"

namespace tandem {

void NetChange::undo(const RecordChange& change) {
  undo(change.derived);  // what was applied last goes first
  undo(change.authored);
}

void NetChange::undo(const Changeset& change) {
  RrUnpacker added(change.added);
  while (const auto record = added.next()) {
    note_before(*record, DiffSide::kAdded);
  }
  RrUnpacker removed(change.removed);
  while (const auto record = removed.next()) {
    note_before(*record, DiffSide::kRemoved);
  }
}

/// An older change added or removed `record`. What nothing is known of yet is after all changes
/// what that change left behind.
void NetChange::note_before(const PackedRecord& record, DiffSide side) {
  Key key{record.owner, record.type, {}};
  append_canonical_rdata(record.type, record.rdata, key.canonical);
  const auto [place, is_new] = records_.try_emplace(std::move(key));
  Sides& sides = place->second;
  octets_ -= is_new ? 0 : octets_of(place->first, sides);
  const bool was_there = side == DiffSide::kRemoved;
  Form form{record.ttl, to_octets(record.rdata)};
  if (is_new && !was_there) {
    sides.after = form;
  }
  sides.before = was_there ? std::optional(std::move(form)) : std::nullopt;
  const bool is_same = sides.before.has_value() == sides.after.has_value() &&
                       (!sides.before || sides.before->ttl == sides.after->ttl);
  if (is_same) {
    records_.erase(place);
  } else {
    octets_ += octets_of(place->first, sides);
  }
}

std::size_t NetChange::octets_of(const Key& key, const Sides& sides) noexcept {
  constexpr std::size_t kNode = sizeof(std::pair<const Key, Sides>) + 4 * sizeof(void*);
  const auto of = [](const std::optional<Form>& form) { return form ? form->rdata.size() : 0; };
  return kNode + key.owner.view().size() + key.canonical.size() + of(sides.before) +
         of(sides.after);
}

Changeset NetChange::back() const {
  Changeset change;
  RrPacker removed(change.removed);
  RrPacker added(change.added);
  visit([&](DiffSide side, const PackedRecord& record) {
    (side == DiffSide::kAdded ? removed : added)
        .add(record.owner, record.type, record.ttl, record.rdata);
    return true;
  });
  return change;
}

void NetChange::visit(const DiffVisitor& visit) const {
  for (const auto& record : records_) {
    const Key& key = record.first;
    const Sides& sides = record.second;
    for (const auto side : {DiffSide::kRemoved, DiffSide::kAdded}) {
      const std::optional<Form>& form = side == DiffSide::kRemoved ? sides.before : sides.after;
      if (form && !visit(side, {key.owner, key.type, form->ttl, form->rdata})) {
        return;
      }
    }
  }
}

}  // namespace tandem
