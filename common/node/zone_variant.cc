#include "common/node/zone_variant.h"

#include "common/base/logging.h"
#include "common/node/zone_edit.h"

namespace tandem {

ZonePtr variant_of(const ZonePtr& base, std::span<const RrSet> sets, const ZoneLimits& limits) {
  if (base->is_presigned()) {
    return base;
  }
  ZoneEdit edit(*base);
  for (const RrSet& set : sets) {
    EditedSet& edited = edit.set_of(set.owner, set.type);
    if (edited.empty()) {
      continue;
    }
    edited.clear();
    for (const Octets& rdata : set.rdatas) {
      edited.add(rdata, set.ttl);
    }
  }
  const Changeset change = edit.take();
  if (change.empty()) {
    return base;
  }
  Result<ZonePtr> made = base->apply(std::span(&change, 1), limits);
  if (!made) {
    log_warn("alternatives not answered zone={} reason=\"{}\"", Name(base->origin()).to_text(),
             made.error().detail);
    return base;
  }
  return *std::move(made);
}

}  // namespace tandem
