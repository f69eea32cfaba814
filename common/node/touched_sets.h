// What an orphaned entry did to whole RRsets: each as it was before and as the entry left it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/dns/name.h"
#include "common/dns/rr_set.h"
#include "common/node/orphans.h"

namespace tandem {

/// Whether it has the record, with whatever TTL.
[[nodiscard]] bool contains(const RrSet& set, OctetSpan rdata);
void remove(RrSet& set, OctetSpan rdata);
/// `ttl`: of all records of the set from then on.
void add(RrSet& set, std::uint32_t ttl, OctetSpan rdata);
/// The same records with the same TTL. An SOA's serial counts for nothing: it is the server's.
[[nodiscard]] bool is_same(const RrSet& a, const RrSet& b);

/// One RRset over an entry: what it was, and what the entry made of it.
struct TouchedSet {
  RrSet before;
  RrSet after;
  bool is_known = false;  // else `before` is what was removed, `after` what was added
  std::vector<std::string> removed;
  std::vector<std::string> added;
};

using TouchedSets = std::map<std::pair<Name, RrType>, TouchedSet>;

/// The RRsets of one zone that the orphan asked to change; without those that it left as they were.
[[nodiscard]] TouchedSets touched_sets(const Orphan& orphan, const ZoneId& zone);

}  // namespace tandem
