#include "common/zone/node_draft.h"

#include <algorithm>

#include "common/zone/zone.h"

namespace tandem {
namespace {

constexpr std::uint16_t kMaxNsec3Iterations =
    50;  // more is work for us and "insecure" to resolvers (RFC 9276)

bool may_stand_beside_cname(RrType type) noexcept {
  return type == RrType::kCname || type == RrType::kNsec || type == RrType::kRrsig;
}

/// What QTYPE ANY gets (RFC 8482 s4.1): one RRset, the shortest that is not about signing.
std::uint8_t any_slot_of(const std::vector<RrSetSlot>& slots, std::size_t first,
                         const Arena& arena) {
  const auto rank = [&](const RrSetSlot& slot) {
    const RrSetHead head = RrSetView(arena.at(slot.rrset)).head();
    const auto type = static_cast<RrType>(slot.type);
    const bool signing = type == RrType::kNsec || type == RrType::kDnskey || head.count == 0;
    return std::pair(signing, head.wire_octets);
  };
  const auto best = std::ranges::min_element(slots, {}, rank);
  return static_cast<std::uint8_t>(
      std::min<std::size_t>(255, first + static_cast<std::size_t>(best - slots.begin())));
}

Status check_singletons(NameView owner, const NodeDraft& draft, const Arena& arena,
                        const ZoneLimits& limits) {
  for (const RrSetSlot& slot : draft.slots) {
    const auto type = static_cast<RrType>(slot.type);
    const std::size_t count = RrSetView(arena.at(slot.rrset)).count();
    const bool single = type == RrType::kSoa || type == RrType::kCname || type == RrType::kDname;
    if (single && count > 1) {
      return fail(Errc::kInvalid, "{} has {} {} records; one is the most", owner.to_text(), count,
                  to_text(type));
    }
    if (count > limits.rrset_records) {
      return fail(Errc::kTooLarge,
                  "{} has {} {} records; the limit is {} (the zone's rrset-records-max)",
                  owner.to_text(), count, to_text(type), limits.rrset_records);
    }
  }
  if (draft.slots.size() > limits.types_per_name) {
    return fail(Errc::kTooLarge, "{} has records of {} types; the limit is {}", owner.to_text(),
                draft.slots.size(), limits.types_per_name);
  }
  return {};
}

Status check_nsec3(NameView owner, const NodeDraft& draft, const Arena& arena) {
  for (const RrType type : {RrType::kNsec3, RrType::kNsec3param}) {
    const ArenaOffset offset = find_slot(draft, type);
    if (offset == 0) {
      continue;
    }
    for (const StoredRr rr : StoredRrs(RrSetView(arena.at(offset)).wire())) {
      if (load_be16(rr.rdata().data() + 2) > kMaxNsec3Iterations) {
        return fail(Errc::kInvalid, "{} {} has {} iterations; more than {} are refused (RFC 9276)",
                    owner.to_text(), to_text(type), load_be16(rr.rdata().data() + 2),
                    kMaxNsec3Iterations);
      }
    }
  }
  if (find_slot(draft, RrType::kNsec3) != 0 && draft.slots.size() > 1) {
    return fail(Errc::kInvalid, "{} has NSEC3 and other data; an NSEC3 owner has nothing else",
                owner.to_text());
  }
  return {};
}

}  // namespace

Status check_draft(NameView owner, const NodeDraft& draft, const Arena& arena,
                   const ZoneLimits& limits) {
  const bool is_apex = draft.relative.empty();
  const bool has_cname = find_slot(draft, RrType::kCname) != 0;
  const bool has_dname = find_slot(draft, RrType::kDname) != 0;
  const bool has_ns = find_slot(draft, RrType::kNs) != 0;
  if (is_apex && find_slot(draft, RrType::kSoa) == 0) {
    return fail(Errc::kInvalid, "{} has no SOA record; a zone needs one at its top",
                owner.to_text());
  }
  if (is_apex && !has_ns) {
    return fail(Errc::kInvalid, "{} has no NS record; a zone needs at least one at its top",
                owner.to_text());
  }
  if (!is_apex && find_slot(draft, RrType::kSoa) != 0) {
    return fail(Errc::kInvalid, "{} has an SOA record below the zone's top", owner.to_text());
  }
  const auto beside = std::ranges::find_if_not(draft.slots, [](const RrSetSlot& slot) {
    return may_stand_beside_cname(static_cast<RrType>(slot.type));
  });
  if (has_cname && beside != draft.slots.end()) {
    return fail(Errc::kInvalid, "{} has a CNAME and {} records; a CNAME stands alone",
                owner.to_text(), to_text(static_cast<RrType>(beside->type)));
  }
  if (has_dname && has_ns && !is_apex) {
    return fail(Errc::kInvalid, "{} has NS and DNAME records; only the zone's top may have both",
                owner.to_text());
  }
  if (has_ns && owner.is_wildcard()) {
    return fail(Errc::kInvalid, "{} is a wildcard with NS records, which has no meaning",
                owner.to_text());
  }
  TRYV(check_singletons(owner, draft, arena, limits));
  return check_nsec3(owner, draft, arena);
}

Status check_empty_octets(NameView origin, std::size_t empty_octets, std::size_t records,
                          const ZoneLimits& limits) {
  if (empty_octets > limits.empty_octets(records)) {
    return fail(Errc::kTooLarge,
                "{} has names of so many labels that the empty ones above them (RFC 4592 s2.2.2) "
                "take more than {} octets, the limit for {} records",
                origin.to_text(), limits.empty_octets(records), records);
  }
  return {};
}

ArenaOffset store_draft(const NodeDraft& draft, Arena& arena) {
  const std::size_t first = draft.glue != 0 ? 1 : 0;
  const std::size_t slots = first + draft.slots.size();
  NodeHead head{};
  head.name_octets = static_cast<std::uint8_t>(draft.relative.size());
  head.rrset_count = static_cast<std::uint16_t>(slots);
  head.flags = draft.flags;
  const auto set = [&head](bool on, std::uint16_t flag) {
    head.flags = static_cast<std::uint16_t>(head.flags | (on ? flag : 0));
  };
  set(find_slot(draft, RrType::kCname) != 0, kNodeHasCname);
  set(find_slot(draft, RrType::kDname) != 0, kNodeHasDname);
  set(find_slot(draft, RrType::kNsec3) != 0, kNodeNsec3Only);
  set(!equal(draft.relative, draft.cased), kNodeCaseKept);
  if (!draft.slots.empty()) {
    head.any_slot = any_slot_of(draft.slots, first, arena);
  }

  const bool cased = (head.flags & kNodeCaseKept) != 0;
  const std::size_t octets =
      sizeof head + slots * sizeof(RrSetSlot) + draft.relative.size() * (cased ? 2 : 1);
  const Arena::Blob blob = arena.allocate(octets);
  std::uint8_t* at = blob.octets.data();
  store_native(at, head);
  at += sizeof head;
  if (draft.glue != 0) {
    store_native(at, RrSetSlot{kGlueSlot, 0, draft.glue});
    at += sizeof(RrSetSlot);
  }
  for (const RrSetSlot& slot : draft.slots) {
    store_native(at, slot);
    at += sizeof slot;
  }
  at = std::ranges::copy(draft.relative, at).out;
  if (cased) {
    std::ranges::copy(draft.cased, at);
  }
  return blob.offset;
}

NodeDraft draft_of(NodeView node) {
  NodeDraft draft;
  draft.relative = to_octets(node.relative_name());
  draft.cased = to_octets(node.cased_name());
  for (std::size_t i = 0; i < node.rrset_count(); ++i) {
    if (node.slot(i).type != kGlueSlot) {
      draft.slots.push_back(node.slot(i));
    }
  }
  return draft;
}

ArenaOffset find_slot(const NodeDraft& draft, RrType type) noexcept {
  const auto found = std::ranges::find(draft.slots, number(type), &RrSetSlot::type);
  return found != draft.slots.end() ? found->rrset : 0;
}

void set_slot(NodeDraft& draft, RrType type, ArenaOffset rrset) {
  const auto at = std::ranges::lower_bound(draft.slots, number(type), {}, &RrSetSlot::type);
  const bool there = at != draft.slots.end() && at->type == number(type);
  if (rrset == 0) {
    if (there) {
      draft.slots.erase(at);
    }
  } else if (there) {
    at->rrset = rrset;
  } else {
    draft.slots.insert(at, {number(type), 0, rrset});
  }
}

}  // namespace tandem
