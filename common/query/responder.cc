#include "common/query/responder.h"

#include <algorithm>

namespace tandem {

Responder::Outcome Responder::run() noexcept {
  place_ = {.start = kHeaderOctets, .octets = static_cast<std::uint16_t>(query_.name.size())};
  const CatalogEntry* entry = pending_.entry;
  if (entry == nullptr) {
    outcome_.rcode = Rcode::kRefused;
    outcome_.error = ExtendedError::kNotAuthoritative;
    return outcome_;
  }
  if (entry->state == ServeState::kExpired) {
    outcome_.rcode = Rcode::kServFail;
    outcome_.error = ExtendedError::kInvalidData;
    return outcome_;
  }
  Lookup found = pending_.found;
  outcome_.is_authoritative = found.verdict != Verdict::kReferral;
  stats_.verdict[static_cast<std::size_t>(found.verdict)].add();
  static_cast<void>(was_here());
  while (add_from(*entry, found) == Next::kFollow && ++hops_ < kMaxHops && !was_here()) {
    entry = find_zone(catalog_, key_, query_.type);
    if (entry == nullptr || entry->state == ServeState::kExpired || entry->is_for_peers) {
      break;
    }
    found = look_up(*entry->zone, key_, query_.type);
  }
  put_proofs();
  return outcome_;
}

/// Adds what one zone on the way has.
Responder::Next Responder::add_from(const CatalogEntry& entry, const Lookup& found) noexcept {
  if (entry.state == ServeState::kStale) {
    outcome_.error = ExtendedError::kStaleAnswer;
  }
  const Next next = add(*entry.zone, found);
  return outcome_.is_truncated ? Next::kDone : next;
}

Responder::Next Responder::add(const Zone& zone, const Lookup& found) noexcept {
  switch (found.verdict) {
    case Verdict::kAnswer:
      add_answer(zone, found);
      return Next::kDone;
    case Verdict::kCname:
      return add_cname(zone, found);
    case Verdict::kDname:
      return add_dname(found);
    case Verdict::kReferral:
      add_referral(zone, found);
      return Next::kDone;
    case Verdict::kNoData:
    case Verdict::kNxDomain:
      add_negative(zone, found);
      return Next::kDone;
  }
  return Next::kDone;
}

void Responder::add_answer(const Zone& zone, const Lookup& found) noexcept {
  const Parts what = query_.type == RrType::kRrsig ? Parts::kSigs : parts();
  // A DNAME can lead to its own owner, and then is in the answer already; a wildcard's may be there
  // under the wildcard's own name, which is another one.
  const bool is_there =
      !found.is_wildcard && has_dname(found.rrset) && (what == parts() || query_.edns.wants_dnssec);
  if (!is_there) {
    need(writer_.put(Section::kAnswer, found.rrset, what, place_, key_.size()));
  }
  add_wildcard_proof(zone, found);
}

/// Whether the answer section holds this DNAME set.
bool Responder::has_dname(RrSetView set) const noexcept {
  const std::span there(scratch_.dnames.data(), dname_count_);
  return std::ranges::find(there, set) != there.end();
}

/// Whether the chain is back at a name it has been at: all that follows is in the answer already,
/// and no record stands in it twice (RFC 2181 s5). The hash is keyed: nobody can choose names that
/// collide.
bool Responder::was_here() noexcept {
  const std::span before(scratch_.names.data(), hops_);
  scratch_.names[hops_] = key_.hash();
  return std::ranges::find(before, key_.hash()) != before.end();
}

Responder::Next Responder::add_cname(const Zone& zone, const Lookup& found) noexcept {
  const StoredRr cname = *StoredRrs(found.rrset.wire()).begin();
  const Name target = expanded_name(found.rrset.wire(), kRrFixedOctets, key_.name());
  const std::size_t rdata_at = writer_.at() + kRrFixedOctets;
  NamePlace place{.start = static_cast<std::uint16_t>(rdata_at),
                  .octets = static_cast<std::uint16_t>(target.size())};
  if (place_.tail_octets == 0) {
    need(writer_.put(Section::kAnswer, found.rrset, parts(), place_, key_.size()));
    // The last two octets of a compressed target are its pointer, which reaches into the name in
    // front.
    const OctetSpan rdata = cname.rdata();
    if (rdata.back() != 0 || rdata.size() != target.size()) {
      place.tail_octets = load_be16(rdata.data() + rdata.size() - 2) & kMarkValue;
      place.tail_end = static_cast<std::uint16_t>(place_.start + place_.octets);
    }
  } else {
    // The owner is in two pieces: a pointer into it would make three. Writing the target whole ends
    // that.
    const std::size_t owner_at = place_.suffix(key_.size());
    need(writer_.put_cname(owner_at, cname.ttl(), target));
    if (query_.edns.wants_dnssec && !outcome_.is_truncated) {
      need(writer_.put(Section::kAnswer, found.rrset, Parts::kSigs, place_, key_.size()));
    }
  }
  add_wildcard_proof(zone, found);
  if (rdata_at + target.size() >= kPointerLimit) {
    return Next::kDone;  // no owner could point there; the client asks for the rest
  }
  key_.assign(target);
  place_ = place;
  return Next::kFollow;
}

Responder::Next Responder::add_dname(const Lookup& found) noexcept {
  const std::size_t owner_octets = key_.suffix_octets(found.labels);
  const StoredRr dname = *StoredRrs(found.rrset.wire()).begin();
  if (!has_dname(found.rrset)) {
    need(writer_.put(Section::kAnswer, found.rrset, parts(), place_, owner_octets));
    scratch_.dnames[dname_count_++] = found.rrset;
  }
  // The labels in front of the DNAME's owner, as they were asked when they were asked (RFC 6672
  // s2.2).
  const NameView asked = hops_ == 0 ? query_.name : key_.name();
  const std::size_t prefix = asked.size() - owner_octets;
  if (prefix + dname.rdata().size() > kMaxNameOctets) {
    outcome_.rcode = Rcode::kYxDomain;
    return Next::kDone;
  }
  std::array<std::uint8_t, kMaxNameOctets> wire;
  std::ranges::copy(asked.wire().first(prefix), wire.begin());
  std::ranges::copy(dname.rdata(), wire.begin() + static_cast<std::ptrdiff_t>(prefix));
  const NameView target = NameView::unchecked(OctetSpan(wire).first(prefix + dname.rdata().size()));
  const std::size_t rdata_at = writer_.at() + kRrFixedOctets;
  need(!outcome_.is_truncated &&
       writer_.put_cname(place_.suffix(key_.size()), dname.ttl(), target));
  if (query_.type == RrType::kCname || query_.type == RrType::kAny) {
    return Next::kDone;  // the synthesized CNAME is the answer
  }
  if (rdata_at + target.size() >= kPointerLimit) {
    return Next::kDone;
  }
  place_ = {.start = static_cast<std::uint16_t>(rdata_at),
            .octets = static_cast<std::uint16_t>(target.size())};
  key_.assign(target);
  return Next::kFollow;
}

void Responder::add_referral(const Zone& zone, const Lookup& found) noexcept {
  const RrSetView ns = zone.rrset(found.node.find(number(RrType::kNs)));
  const std::size_t cut_octets = key_.suffix_octets(found.labels);
  const std::size_t ns_at = writer_.at();
  need(writer_.put(Section::kAuthority, ns, Parts::kRecords, place_, cut_octets));
  if (query_.edns.wants_dnssec) {
    const RrSetView ds = zone.rrset(found.node.find(number(RrType::kDs)));
    if (ds && ds.count() > 0) {
      need(writer_.put(Section::kAuthority, ds, Parts::kRecordsAndSigs, place_, cut_octets));
    } else if (zone.is_signed()) {
      add_no_ds_proof(zone, found);
    }
  }
  put_proofs();
  const RrSetView glue = zone.rrset(found.node.find(kGlueSlot));
  if (!glue || outcome_.is_truncated) {
    return;
  }
  // Without the glue below the cut the referral leads nowhere: all of it, or TC (RFC 9471 s3.1).
  const NameView cut = key_.suffix(found.labels);
  if (ns_at + ns.wire().size() >= kPointerLimit) {
    need(writer_.put_glue_whole(glue, ns, cut));
    return;
  }
  need(writer_.put_glue(glue, ns_at));
  add_glue_from_elsewhere(zone, glue, ns, ns_at, cut);
}

void Responder::add_glue_from_elsewhere(const Zone& zone, RrSetView glue, RrSetView ns,
                                        std::size_t ns_at, NameView cut) noexcept {
  const RrSetView::Fixups targets = glue.fixups();
  for (std::size_t i = 0; i < targets.block_count; ++i) {
    const std::size_t offset = targets.position(i);
    scratch_.glue.assign(expanded_name(ns.wire(), offset, cut));
    const NodeView node = zone.find(scratch_.glue, scratch_.glue.label_count());
    if (!node) {
      continue;
    }
    const NamePlace at_target{.tail_end = static_cast<std::uint16_t>(ns_at + offset)};
    for (const RrType type : {RrType::kA, RrType::kAaaa}) {
      const RrSetView addresses = zone.rrset(node.find(number(type)));
      // Helpful, not needed: what does not fit stays out.
      if (addresses && addresses.count() > 0 &&
          !writer_.put(Section::kAdditional, addresses, Parts::kRecords, at_target, 0)) {
        return;
      }
    }
  }
}

void Responder::add_negative(const Zone& zone, const Lookup& found) noexcept {
  if (found.verdict == Verdict::kNxDomain) {
    outcome_.rcode = Rcode::kNxDomain;
  }
  need(
      writer_.put(Section::kAuthority, zone.negative_soa(), parts(), place_, zone.origin().size()));
  if (proves(zone)) {
    add_denial(zone, found);
  }
}

}  // namespace tandem
