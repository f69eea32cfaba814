#include "common/zone/zone.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/dns/rdata.h"
#include "common/zone/compile.h"

namespace tandem {
namespace {

struct SoaNumbers {
  std::uint32_t serial;
  std::uint32_t refresh;
  std::uint32_t retry;
  std::uint32_t expire;
  std::uint32_t minimum;
};

// Every authoritative name of a signed zone has an NSEC (RFC 4035 s2.3); a zone half signed must
// not turn a query into a walk.
constexpr std::size_t kMaxNamesWithoutNsec = 16;

constexpr std::array<std::uint8_t, 2> kWildcardLabel{1, '*'};

/// The name at or before `relative`, in an order that begins with the apex.
OrderIndex::Cursor name_before(const OrderIndex& order, const ArenaTable& nodes,
                               OctetSpan relative) noexcept {
  // Every denial of a name right below the apex asks for the wildcard there too. That comes next to
  // the apex, unless a name begins with an octet below its asterisk.
  if (equal(relative, kWildcardLabel)) {
    const OrderIndex::Cursor apex = order.first();
    OrderIndex::Cursor second = apex;
    second.next();
    if (!second.valid() ||
        compare_relative(NodeView(nodes.at(second.offset())).relative_name(), relative) > 0) {
      return apex;
    }
  }
  return order.at_or_before(nodes, relative);
}

SoaNumbers soa_numbers(OctetSpan rdata) noexcept {
  const std::uint8_t* const at = rdata.data() + rdata.size() - kSoaNumbersOctets;
  return {load_be32(at), load_be32(at + 4), load_be32(at + 8), load_be32(at + 12),
          load_be32(at + 16)};
}

}  // namespace

NameView Zone::origin() const noexcept {
  const std::uint8_t* const at = table_->at(origin_);
  return NameView::unchecked({at + 1, at[0]});
}

NameView Zone::lower_origin() const noexcept {
  const std::uint8_t* const at = table_->at(origin_);
  return NameView::unchecked({at + 1 + at[0], at[0]});
}

NodeView Zone::find(const NameKey& key, std::size_t labels) const noexcept {
  return node(offset_of(key, labels));
}

ArenaOffset Zone::offset_of(const NameKey& key, std::size_t labels) const noexcept {
  const OctetSpan suffix = key.suffix(labels).wire();
  const OctetSpan relative = suffix.first(suffix.size() - origin().size());
  return names_.find(key.suffix_hash(labels), [&](ArenaOffset offset) {
    return equal(NodeView(table_->at(offset)).relative_name(), relative);
  });
}

void Zone::prefetch(const NameKey& key) const noexcept {
  names_.prefetch(key.hash());
  if (may_be_redirected(key)) {
    names_.prefetch(key.suffix_hash(origin_labels_ + std::size_t{1}));
  }
}

void Zone::prefetch_nodes(const NameKey& key) const noexcept {
  const auto prefetch_node = [this](std::uint64_t hash) {
    if (const ArenaOffset offset = names_.candidate(hash); offset != 0) {
      __builtin_prefetch(table_->at(offset));
    }
  };
  prefetch_node(key.hash());
  if (may_be_redirected(key)) {
    prefetch_node(key.suffix_hash(origin_labels_ + std::size_t{1}));
  }
}

NodeView Zone::find_wildcard(const NameKey& key, std::size_t labels) const noexcept {
  const OctetSpan suffix = key.suffix(labels).wire();
  const OctetSpan rest = suffix.first(suffix.size() - origin().size());
  const std::uint64_t hash =
      hash_label(process_hash_key(), key.suffix_hash(labels), kWildcardLabel);
  return node(names_.find(hash, [&](ArenaOffset offset) {
    const OctetSpan name = NodeView(table_->at(offset)).relative_name();
    return name.size() == kWildcardLabel.size() + rest.size() &&
           equal(name.first(kWildcardLabel.size()), kWildcardLabel) &&
           equal(name.subspan(kWildcardLabel.size()), rest);
  }));
}

NodeView Zone::nsec_before(OctetSpan relative) const noexcept {
  if (!has_nsec_) {
    return NodeView();
  }
  OrderIndex::Cursor cursor = name_before(authoritative_, *table_, relative);
  for (std::size_t step = 0; cursor.valid() && step < kMaxNamesWithoutNsec; ++step) {
    const NodeView candidate = node(cursor.offset());
    if (candidate.find(number(RrType::kNsec)) != 0) {
      return candidate;
    }
    cursor.previous();
  }
  return NodeView();
}

NodeView Zone::nsec3_before(const Nsec3Label& label) const noexcept {
  std::array<std::uint8_t, 1 + kNsec3LabelOctets> relative;
  relative[0] = kNsec3LabelOctets;
  std::ranges::copy(label, relative.begin() + 1);
  OrderIndex::Cursor cursor = nsec3_.at_or_before(*table_, relative);
  if (!cursor.valid()) {
    cursor = nsec3_.last();  // the chain is a ring (RFC 5155 s7.1)
  }
  return node(cursor.valid() ? cursor.offset() : 0);
}

Name Zone::owner_of(NodeView node) const {
  std::array<std::uint8_t, kMaxNameOctets> wire;
  const OctetSpan relative = node.cased_name();
  const OctetSpan rest = origin().wire();
  std::ranges::copy(relative, wire.begin());
  std::ranges::copy(rest, wire.begin() + static_cast<std::ptrdiff_t>(relative.size()));
  return Name(NameView::unchecked(OctetSpan(wire).first(relative.size() + rest.size())));
}

NodeView Zone::find_owner(NameView owner) const {
  if (!owner.is_subdomain_of(origin())) {
    return NodeView();
  }
  const NameKey key(owner);
  if (const NodeView found = find(key, key.label_count()); found && !found.has(kNodeEmpty)) {
    return found;
  }
  return find_aside(key.name().wire().first(key.size() - origin().size()));
}

NodeView Zone::find_aside(OctetSpan relative) const noexcept {
  for (const OrderIndex* order : {&occluded_, &nsec3_, &idle_nsec3_}) {
    if (const ArenaOffset found = order->find(*table_, relative); found != 0) {
      return node(found);
    }
  }
  return NodeView();
}

void Zone::for_each_record_at(NodeView at, const RecordVisitor& visit) const {
  const Name owner = owner_of(at);
  Octets rdata;
  const auto visit_slot = [&](std::size_t i) {
    const RrSetSlot slot = at.slot(i);
    const RrSetView set = rrset(slot.rrset);
    for (const StoredRr rr : StoredRrs(set.wire())) {
      rdata.clear();
      append_expanded_rdata(rr, set.wire(), owner, rdata);
      visit({owner, rr.type(), rr.ttl(), rdata});
    }
    for (const StoredRr sig : StoredRrs(set.sigs())) {
      visit({owner, sig.type(), sig.ttl(), sig.rdata()});
    }
  };
  const auto is_soa = [&](std::size_t i) { return at.slot(i).type == number(RrType::kSoa); };
  const auto is_glue = [&](std::size_t i) { return at.slot(i).type == kGlueSlot; };
  for (std::size_t i = 0; i < at.rrset_count(); ++i) {
    if (is_soa(i)) {
      visit_slot(i);
    }
  }
  for (std::size_t i = 0; i < at.rrset_count(); ++i) {
    if (!is_soa(i) && !is_glue(i)) {
      visit_slot(i);
    }
  }
}

void Zone::for_each_record(const RecordVisitor& visit) const {
  for (Walker walker = walk(); walker.valid(); walker.next()) {
    for_each_record_at(walker.node(), visit);
  }
}

std::optional<RrSet> Zone::find_rrset(NameView owner, RrType type) const {
  const NodeView at = find_owner(owner);
  if (!at) {
    return std::nullopt;
  }
  RrSet out{owner_of(at), type, 0, {}};
  for_each_record_at(at, [&](const PackedRecord& record) {
    if (record.type == type) {
      out.ttl = record.ttl;
      out.rdatas.push_back(to_octets(record.rdata));
    }
  });
  return out.rdatas.empty() ? std::nullopt : std::optional(std::move(out));
}

RrSet Zone::soa() const {
  auto found = find_rrset(origin(), RrType::kSoa);
  CHECK(found.has_value());
  return *std::move(found);
}

Zone::Walker Zone::walk() const noexcept {
  Walker walker;
  walker.zone_ = this;
  walker.cursor_ = {authoritative_.first(), occluded_.first(), nsec3_.first(), idle_nsec3_.first()};
  walker.choose();
  return walker;
}

NodeView Zone::Walker::node() const noexcept {
  return zone_->node(cursor_[current_].offset());
}

void Zone::Walker::next() noexcept {
  cursor_[current_].next();
  choose();
}

void Zone::Walker::choose() noexcept {
  current_ = cursor_.size();
  OctetSpan least;
  for (std::size_t i = 0; i < cursor_.size(); ++i) {
    if (!cursor_[i].valid()) {
      continue;
    }
    const OctetSpan name = zone_->node(cursor_[i].offset()).relative_name();
    if (current_ == cursor_.size() || compare_relative(name, least) < 0) {
      current_ = i;
      least = name;
    }
  }
}

void Zone::take_nsec3_parameters() {
  nsec3_parameters_ = Nsec3Parameters::of(rrset(apex().find(number(RrType::kNsec3param))));
}

void Zone::take_apex(ArenaOffset offset) {
  apex_ = offset;
  table_ = arena_->table();
  const NodeView at = apex();
  const RrSetView soa_set = rrset(at.find(number(RrType::kSoa)));
  CHECK(soa_set && soa_set.count() == 1);
  const StoredRr stored = *StoredRrs(soa_set.wire()).begin();
  const SoaNumbers numbers = soa_numbers(stored.rdata());
  serial_ = numbers.serial;
  expire_seconds_ = numbers.expire;
  presigned_ = !soa_set.sigs().empty();
  has_nsec_ = at.find(number(RrType::kNsec)) != 0;
  take_nsec3_parameters();

  Octets rdata;
  append_expanded_rdata(stored, soa_set.wire(), owner_of(at), rdata);
  const std::uint32_t negative_ttl = std::min(stored.ttl(), numbers.minimum);
  const Name owner = owner_of(at);
  CompileInput input{owner, RrType::kSoa, negative_ttl, {rdata}, {}};
  for (const StoredRr sig : StoredRrs(soa_set.sigs())) {
    input.sigs.push_back({negative_ttl, sig.rdata()});
  }
  auto compiled = compile_rrset(input, *arena_);
  CHECK(compiled.has_value());  // the SOA itself was compiled from the same octets
  negative_soa_ = *compiled;
  table_ = arena_->table();
}

Zone::Memory Zone::memory() const {
  return {arena_->used_octets(), arena_->used_octets() - live_octets_,
          names_.memory_octets() + authoritative_.memory_octets() + occluded_.memory_octets() +
              nsec3_.memory_octets() + idle_nsec3_.memory_octets()};
}

}  // namespace tandem
