#include "common/query/lookup.h"

namespace tandem {
namespace {

/// Step 3a for a node that stands for the name: the type asked for, a CNAME, or nothing.
Lookup classify(const Zone& zone, NodeView node, RrType type) noexcept {
  Lookup found{.verdict = Verdict::kNoData, .node = node};
  if (node.has(kNodeEmpty)) {
    return found;
  }
  if (type == RrType::kAny || type == RrType::kRrsig) {
    const RrSetView any = zone.rrset(node.slot(node.head().any_slot).rrset);
    const bool has = any && (type == RrType::kAny ? any.count() > 0 : !any.sigs().empty());
    found.rrset = any;
    found.verdict = has ? Verdict::kAnswer : Verdict::kNoData;
    return found;
  }
  found.rrset = zone.rrset(node.find(number(type)));
  if (found.rrset && found.rrset.count() > 0) {
    found.verdict = Verdict::kAnswer;
    return found;
  }
  if (node.has(kNodeHasCname)) {
    found.rrset = zone.rrset(node.find(number(RrType::kCname)));
    found.verdict = Verdict::kCname;
  }
  return found;
}

Lookup redirection(const Zone& zone, NodeView node, std::size_t labels) noexcept {
  Lookup found{.verdict = Verdict::kReferral, .node = node, .labels = labels};
  if (!node.has(kNodeCut)) {
    found.verdict = Verdict::kDname;
    found.rrset = zone.rrset(node.find(number(RrType::kDname)));
  }
  return found;
}

/// The name is not there, or only below a cut: walk down from the apex until a cut, a DNAME or the
/// last name that exists.
Lookup search_above(const Zone& zone, const NameKey& key, RrType type) noexcept {
  std::size_t encloser = zone.origin_labels();
  NodeView node = zone.apex();
  if (node.has(kNodeHasDname)) {
    return redirection(zone, node, encloser);
  }
  for (std::size_t labels = encloser + 1; labels < key.label_count(); ++labels) {
    const NodeView next = zone.find(key, labels);
    if (!next) {
      break;
    }
    if (next.has(kNodeCut | kNodeHasDname)) {
      return redirection(zone, next, labels);
    }
    node = next;
    encloser = labels;
  }
  if (zone.has_wildcards()) {
    if (const NodeView wildcard = zone.find_wildcard(key, encloser); wildcard) {
      Lookup found = classify(zone, wildcard, type);
      found.labels = encloser;
      found.is_wildcard = true;
      return found;
    }
  }
  return {.verdict = Verdict::kNxDomain, .labels = encloser};
}

}  // namespace

Lookup look_up(const Zone& zone, const NameKey& key, RrType type) noexcept {
  const NodeView exact = zone.find(key, key.label_count());
  if (!exact || exact.has(kNodeOccluded)) {
    if (!zone.has_redirections() && !zone.has_wildcards()) {
      return {.verdict = Verdict::kNxDomain};
    }
    return search_above(zone, key, type);
  }
  if (exact.has(kNodeCut) && type != RrType::kDs) {  // DS is the parent's (RFC 4035 s3.1.4.1)
    return redirection(zone, exact, key.label_count());
  }
  Lookup found = classify(zone, exact, type);
  found.labels = key.label_count();
  return found;
}

const CatalogEntry* find_zone(const Catalog& catalog, const NameKey& key, RrType type) noexcept {
  const std::size_t labels = key.label_count();
  const CatalogEntry* const deepest = catalog.find(key, labels);
  const bool at_apex = deepest != nullptr && deepest->zone->origin_labels() == labels;
  if (type == RrType::kDs && at_apex && labels > 0) {
    // The DS of a zone is its parent's data (RFC 4035 s3.1.4.1).
    const CatalogEntry* const parent = catalog.find(key, labels - 1);
    return parent != nullptr ? parent : deepest;
  }
  return deepest;
}

std::size_t closest_encloser(const Zone& zone, const NameKey& key) noexcept {
  std::size_t encloser = zone.origin_labels();
  while (encloser + 1 < key.label_count() && zone.find(key, encloser + 1)) {
    ++encloser;
  }
  return encloser;
}

}  // namespace tandem
