// From a name and a type to a verdict: RFC 1034 s4.3.2 step 3, RFC 4592, RFC 6672. Pure, no output.
// Data plane: no allocation, no exception.
#pragma once

#include <cstdint>

#include "common/dns/types.h"
#include "common/query/verdict.h"
#include "common/zone/catalog.h"
#include "common/zone/name_key.h"
#include "common/zone/zone.h"

namespace tandem {

struct Lookup {
  Verdict verdict = Verdict::kNxDomain;
  NodeView
      node{};  // where the answer, the cut, the DNAME or the missing type is; null for kNxDomain
  RrSetView rrset{};  // what to send: of kAnswer, kCname, kDname (ANY and RRSIG: any RRset)
  std::size_t labels =
      0;  // of the name asked for that lead to `node`; for a wildcard, to its parent
  bool is_wildcard = false;  // `node` is a wildcard that stands in for the name
};

/// Finds what `zone` has for `key`. Requires: key is at or below the zone's origin.
[[nodiscard]] Lookup look_up(const Zone& zone, const NameKey& key, RrType type) noexcept;

/// The zone that `key` and `type` are answered from; null when none of ours is.
[[nodiscard]] const CatalogEntry* find_zone(const Catalog& catalog, const NameKey& key,
                                            RrType type) noexcept;

/// Labels of the closest encloser of `key`, which does not exist itself (RFC 4592 s3.3.1).
[[nodiscard]] std::size_t closest_encloser(const Zone& zone, const NameKey& key) noexcept;

}  // namespace tandem
