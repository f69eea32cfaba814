#include "common/query/pending_query.h"

namespace tandem {
namespace {

/// The rcode for what no zone can answer; kNoError for what zones can.
Rcode refusal_of(const QueryView& query) noexcept {
  if (query.edns.version > 0) {
    return Rcode::kBadVers;
  }
  if (query.has_tsig()) {
    return Rcode::kNotAuth;  // unless the control plane says otherwise, which has the keys
  }
  switch (query.type) {
    case RrType::kAxfr:
    case RrType::kIxfr:
      return Rcode::kRefused;
    case RrType::kOpt:
    case RrType::kTsig:
    case RrType::kTkey:
    case RrType::kMaila:
    case RrType::kMailb:
      return Rcode::kNotImp;
    default:
      return query.rr_class == RrClass::kIn || query.rr_class == RrClass::kCh ? Rcode::kNoError
                                                                              : Rcode::kRefused;
  }
}

/// What writing the answer begins with.
void prefetch_answer(const Zone& zone, const Lookup& found) noexcept {
  if (found.rrset) {
    found.rrset.prefetch();
  } else if (found.verdict == Verdict::kReferral) {
    zone.rrset(found.node.find(number(RrType::kNs))).prefetch();
    zone.rrset(found.node.find(kGlueSlot)).prefetch();
  }
}

}  // namespace

void read_query(OctetSpan message, PendingQuery& pending) noexcept {
  pending.status = parse_query(message, pending.query);
  pending.refusal =
      pending.status == ParseStatus::kOk ? refusal_of(pending.query) : Rcode::kNoError;
}

void look_up_all(const Catalog& catalog, std::span<PendingQuery> queries) noexcept {
  for (PendingQuery& pending : queries) {
    if (pending.is_for_zones()) {
      pending.key.assign(pending.query.name);
      catalog.prefetch(pending.key);
    }
  }
  for (PendingQuery& pending : queries) {
    if (pending.is_for_zones()) {
      pending.entry = find_zone(catalog, pending.key, pending.query.type);
      if (pending.entry != nullptr) {
        pending.entry->zone->prefetch(pending.key);
      }
    }
  }
  for (const PendingQuery& pending : queries) {
    if (pending.is_for_zones() && pending.entry != nullptr) {
      pending.entry->zone->prefetch_nodes(pending.key);
    }
  }
  for (PendingQuery& pending : queries) {
    if (pending.is_for_zones() && pending.entry != nullptr) {
      pending.found = look_up(*pending.entry->zone, pending.key, pending.query.type);
      prefetch_answer(*pending.entry->zone, pending.found);
    }
  }
}

}  // namespace tandem
