#include "common/node/zone_edit.h"

#include <algorithm>

#include "common/dns/rdata.h"

namespace tandem {
namespace {

auto find_in(const std::vector<Octets>& set, RrType type, OctetSpan rdata) {
  return std::ranges::find_if(
      set, [&](const Octets& there) { return compare_rdata(type, there, rdata) == 0; });
}

}  // namespace

EditedSet::EditedSet(const Zone& zone, NameView owner, RrType type) : owner_(owner), type_(type) {
  if (auto there = zone.find_rrset(owner, type)) {
    owner_ = there->owner;
    before_ = *std::move(there);
    ttl_ = before_.ttl;
    rdatas_ = before_.rdatas;
  }
}

bool EditedSet::contains(OctetSpan rdata) const {
  return find_in(rdatas_, type_, rdata) != rdatas_.end();
}

void EditedSet::add(OctetSpan rdata, std::optional<std::uint32_t> ttl) {
  ttl_ = ttl.value_or(this->ttl().value_or(kDefaultTtl));
  if (!contains(rdata)) {
    rdatas_.push_back(to_octets(rdata));
  }
}

void EditedSet::remove(OctetSpan rdata) {
  if (const auto found = find_in(rdatas_, type_, rdata); found != rdatas_.end()) {
    rdatas_.erase(found);
  }
}

void EditedSet::write_to(Changeset& change) const {
  const bool same_ttl = ttl_ == before_.ttl;
  RrPacker removed(change.removed);
  for (const Octets& rdata : before_.rdatas) {
    if (!same_ttl || !contains(rdata)) {
      removed.add(owner_, type_, before_.ttl, rdata);
    }
  }
  RrPacker added(change.added);
  for (const Octets& rdata : rdatas_) {
    if (!same_ttl || find_in(before_.rdatas, type_, rdata) == before_.rdatas.end()) {
      added.add(owner_, type_, ttl_, rdata);
    }
  }
}

EditedSet& ZoneEdit::set_of(NameView owner, RrType type) {
  return sets_.try_emplace({owner, type}, zone_, owner, type).first->second;
}

bool ZoneEdit::keeps(NameView owner, RrType type) const {
  return (type == RrType::kSoa || type == RrType::kNs) && owner == zone_.origin();
}

void ZoneEdit::clear_set(NameView owner, RrType type) {
  if (!keeps(owner, type)) {
    set_of(owner, type).clear();
  }
}

void ZoneEdit::clear_name(NameView owner) {
  for (const RrType type : types_at(owner)) {
    clear_set(owner, type);
  }
}

std::vector<RrType> ZoneEdit::types_at(NameView owner) {
  std::vector<RrType> types;
  if (const NodeView node = zone_.find_owner(owner); node) {
    zone_.for_each_record_at(node, [&](const PackedRecord& record) {
      if (types.empty() || types.back() != record.type) {
        types.push_back(record.type);
      }
    });
  }
  const auto first = sets_.lower_bound({owner, RrType{}});
  for (auto next = first; next != sets_.end() && next->first.first.view() == owner; ++next) {
    types.push_back(next->first.second);
  }
  std::ranges::sort(types);
  types.erase(std::ranges::unique(types).begin(), types.end());
  std::erase_if(types, [&](RrType type) { return set_of(owner, type).empty(); });
  return types;
}

Changeset ZoneEdit::take() const {
  Changeset change;
  for (const auto& [place, set] : sets_) {
    set.write_to(change);
  }
  return change;
}

}  // namespace tandem
