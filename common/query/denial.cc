// The proofs of a DO answer: NSEC (RFC 4035 s3.1.3) and NSEC3 (RFC 5155 s7.2), as the zone was
// signed.
#include <algorithm>

#include "common/query/responder.h"

namespace tandem {
namespace {

/// The NSEC3 node at or before the hash of `name`, and whether it is the name's own.
struct Nsec3Place {
  NodeView node{};
  bool matches = false;
};

Nsec3Place nsec3_place(const Zone& zone, NameView name) noexcept {
  const Nsec3Label label = zone.nsec3_parameters().label_of(name);
  const NodeView node = zone.nsec3_before(label);
  const bool matches = node && equal(node.relative_name().subspan(1), label);
  return {node, matches};
}

/// `*` in front of `suffix`, in `room`.
NameView wildcard_below(NameView suffix, std::span<std::uint8_t> room) noexcept {
  room[0] = 1;
  room[1] = '*';
  std::ranges::copy(suffix.wire(), room.begin() + 2);
  return NameView::unchecked(room.first(2 + suffix.size()));
}

using NameRoom = std::array<std::uint8_t, kMaxNameOctets + 2>;

}  // namespace

void Responder::want_proof(const Zone& zone, NodeView node, RrType type) noexcept {
  const RrSetView set = node ? zone.rrset(node.find(number(type))) : RrSetView();
  const std::span there(scratch_.proofs.data(), proof_count_);
  if (!set || std::ranges::find(there, set, &Proof::set) != there.end()) {
    return;
  }
  if (there.size() == scratch_.proofs.size()) {
    outcome_.is_truncated = true;  // no chain needs so many; a proof must not go missing in silence
    return;
  }
  scratch_.proofs[proof_count_++] = {node, set, place_.suffix(zone.origin().size())};
}

void Responder::put_proofs() noexcept {
  for (const Proof& proof : std::span(scratch_.proofs.data(), proof_count_)) {
    need(writer_.put_at_node(Section::kAuthority, proof.node, proof.set, Parts::kRecordsAndSigs,
                             proof.origin_at));
  }
  proof_count_ = 0;
}

void Responder::add_denial(const Zone& zone, const Lookup& found) noexcept {
  if (zone.uses_nsec3()) {
    add_nsec3_denial(zone, found);
  } else {
    add_nsec_denial(zone, found);
  }
}

void Responder::add_nsec_denial(const Zone& zone, const Lookup& found) noexcept {
  const OctetSpan relative = relative_name(zone);
  if (found.verdict == Verdict::kNoData && !found.is_wildcard) {
    if (found.node.has(kNodeEmpty)) {
      add_nsec_covering(zone, relative);
    } else {
      want_proof(zone, found.node, RrType::kNsec);
    }
    return;
  }
  add_nsec_covering(zone, relative);
  if (found.is_wildcard && !found.node.has(kNodeEmpty)) {
    want_proof(zone, found.node, RrType::kNsec);
    return;
  }
  const std::size_t encloser = closest_encloser(zone, key_);
  NameRoom room;
  const NameView wildcard = wildcard_below(key_.suffix(encloser), room);
  add_nsec_covering(zone, wildcard.wire().first(wildcard.size() - zone.origin().size()));
}

void Responder::add_nsec_covering(const Zone& zone, OctetSpan relative) noexcept {
  want_proof(zone, zone.nsec_before(relative), RrType::kNsec);
}

void Responder::add_nsec3_denial(const Zone& zone, const Lookup& found) noexcept {
  if (found.verdict == Verdict::kNoData && !found.is_wildcard) {
    const std::size_t labels = key_.label_count();
    // Without one of its own a name is opted out (RFC 5155 s7.2.4). The apex cannot be, whatever
    // the zone's NSEC3 records say: nothing in the zone encloses it.
    if (!add_matching_nsec3(zone, key_.name()) && labels > zone.origin_labels()) {
      add_nsec3_closest_encloser(zone, labels - 1);
    }
    return;
  }
  const std::size_t encloser = add_nsec3_closest_encloser(zone, closest_encloser(zone, key_));
  NameRoom room;
  add_nsec3_of(zone, wildcard_below(key_.suffix(encloser), room));
}

/// The NSEC3 that matches `name`. False when there is none.
bool Responder::add_matching_nsec3(const Zone& zone, NameView name) noexcept {
  const Nsec3Place place = nsec3_place(zone, name);
  if (place.matches) {
    want_proof(zone, place.node, RrType::kNsec3);
  }
  return place.matches;
}

/// The NSEC3 that matches `name` when there is one, else the one that covers it.
void Responder::add_nsec3_of(const Zone& zone, NameView name) noexcept {
  want_proof(zone, nsec3_place(zone, name).node, RrType::kNsec3);
}

/// Closest provable encloser and the cover of the next closer name (RFC 5155 s7.2.1). Returns the
/// labels of that encloser: fewer than asked for where everything below it is opted out.
std::size_t Responder::add_nsec3_closest_encloser(const Zone& zone, std::size_t encloser) noexcept {
  while (!add_matching_nsec3(zone, key_.suffix(encloser)) && encloser > zone.origin_labels()) {
    --encloser;
  }
  if (encloser < key_.label_count()) {
    add_nsec3_of(zone, key_.suffix(encloser + 1));
  }
  return encloser;
}

/// An answer made from a wildcard shows that the name itself is not there.
void Responder::add_wildcard_proof(const Zone& zone, const Lookup& found) noexcept {
  if (!found.is_wildcard || !proves(zone) || outcome_.is_truncated) {
    return;
  }
  if (zone.uses_nsec3()) {
    add_nsec3_of(zone, key_.suffix(found.labels + 1));
  } else {
    add_nsec_covering(zone, relative_name(zone));
  }
}

void Responder::add_no_ds_proof(const Zone& zone, const Lookup& found) noexcept {
  if (!zone.uses_nsec3()) {
    want_proof(zone, found.node, RrType::kNsec);
    return;
  }
  const NameView cut = key_.suffix(found.labels);
  if (!add_matching_nsec3(zone, cut)) {
    add_nsec3_closest_encloser(zone, found.labels - 1);  // opted out (RFC 5155 s7.2.7)
  }
}

}  // namespace tandem
