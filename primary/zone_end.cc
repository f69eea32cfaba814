#include "primary/zone_end.h"

#include <span>

#include "common/zone/diff.h"
#include "common/zone/rr_pack.h"
#include "common/zone/zonemd.h"

namespace tandem {
namespace {

/// What became of a zone, as far as it matters here.
struct Course {
  bool has_other_content = false;
  bool has_older_serial = false;  // and other content, or the same serial
};

Course course_of(const ZoneRecord* before, const ZoneRecord& after) {
  if (before == nullptr || before->zone == nullptr) {
    return {true, false};
  }
  return {after.digest != before->digest, !is_newer(after.zone->serial(), before->zone->serial())};
}

/// Whoever signs a zone elsewhere signs its digest too: this one would be without a signature.
bool wants_zonemd(const ZoneRecord& record) {
  return record.options.zonemd && !record.zone->is_presigned();
}

void take_out_zonemd(const Zone& zone, Changeset& change) {
  const auto there = zone.find_rrset(zone.origin(), RrType::kZonemd);
  RrPacker removed(change.removed);
  for (std::size_t i = 0; there && i < there->rdatas.size(); ++i) {
    removed.add(zone.origin(), RrType::kZonemd, there->ttl, there->rdatas[i]);
  }
}

}  // namespace

Result<Changeset> zone_end(const ZoneRecord* before, const ZoneRecord& after, WallTime now) {
  const ZonePtr& zone = after.zone;
  const Course course = course_of(before, after);
  const bool has_zonemd = zone->find_rrset(zone->origin(), RrType::kZonemd).has_value();
  const bool wants = wants_zonemd(after);
  const bool is_made = wants && (course.has_other_content || !has_zonemd);
  const bool is_dropped = !wants && has_zonemd && before != nullptr && before->options.zonemd;
  Changeset change;
  if (!course.has_other_content && !is_made && !is_dropped) {
    return change;
  }
  if (course.has_older_serial) {
    change =
        serial_change(*zone, next_serial(before->zone->serial(), after.options.serial_policy, now));
  }
  if (!is_made && !is_dropped) {
    return change;
  }
  const ZonePtr next =
      change.empty() ? zone : TRY(zone->apply(std::span(&change, 1), after.limits()));
  take_out_zonemd(*zone, change);
  if (is_made) {
    RrPacker(change.added)
        .add(zone->origin(), RrType::kZonemd, zone->soa().ttl, zonemd_rdata(*next));
  }
  return change;
}

}  // namespace tandem
