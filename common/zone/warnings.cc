#include "common/zone/warnings.h"

#include "common/dns/rdata.h"

namespace tandem {
namespace {

/// What a name that records point to is in this zone.
enum class TargetState : std::uint8_t { kFine, kElsewhere, kNoAddress, kAlias };

/// The wildcard that would answer for a missing `name`; null when none would.
NodeView wildcard_for(const Zone& zone, NameView name) {
  if (!zone.has_wildcards()) {
    return NodeView();
  }
  const NameKey key(name);
  for (std::size_t labels = key.label_count(); labels > zone.origin_labels(); --labels) {
    if (zone.find(key, labels - 1)) {
      return zone.find_wildcard(key, labels - 1);
    }
  }
  return NodeView();
}

/// True when `name` is at or below a delegation, whose addresses may be known there alone.
bool is_delegated(const Zone& zone, NameView name) {
  const NameKey key(name);
  for (std::size_t labels = zone.origin_labels() + 1; labels <= key.label_count(); ++labels) {
    const NodeView node = zone.find(key, labels);
    if (node && node.has(kNodeCut | kNodeHasDname)) {
      return true;
    }
  }
  return false;
}

TargetState state_of(const Zone& zone, NameView target) {
  if (!target.is_subdomain_of(zone.origin())) {
    return TargetState::kElsewhere;
  }
  NodeView node = zone.find_owner(target);
  if (!node) {
    node = wildcard_for(zone, target);
  }
  const bool has_address =
      node && (node.find(number(RrType::kA)) != 0 || node.find(number(RrType::kAaaa)) != 0);
  if (has_address) {
    return TargetState::kFine;
  }
  if (node && node.has(kNodeHasCname)) {
    return TargetState::kAlias;
  }
  return is_delegated(zone, target) ? TargetState::kElsewhere : TargetState::kNoAddress;
}

bool needs_address(RrType type) noexcept {
  return type == RrType::kNs || type == RrType::kMx || type == RrType::kSrv;
}

/// In-zone glue is what a resolver needs to reach a name server below the cut it serves.
bool lacks_glue(const Zone& zone, NameView owner, NameView target) {
  return owner != zone.origin() && target.is_subdomain_of(owner) && !zone.find_owner(target);
}

void append_record_warnings(const Zone& zone, const PackedRecord& record,
                            std::vector<std::string>& to) {
  if (record.type == RrType::kDname && record.owner.is_wildcard()) {
    to.push_back(
        fmt::format("{} is a wildcard DNAME, which servers treat differently (RFC 6672 s3.3)",
                    record.owner.to_text()));
    return;
  }
  const RdataName place = target_name(record.type, record.rdata);
  if (!needs_address(record.type) || place.octets <= 1) {
    return;
  }
  const NameView target = NameView::unchecked(record.rdata.subspan(place.offset, place.octets));
  const auto warn = [&](std::string_view what) {
    to.push_back(fmt::format("{} {}: {} {}", record.owner.to_text(), to_text(record.type),
                             target.to_text(), what));
  };
  const TargetState state = state_of(zone, target);
  if (state == TargetState::kAlias) {
    warn("is an alias (CNAME), which RFC 2181 s10.3 forbids here");
  } else if (state == TargetState::kNoAddress ||
             (record.type == RrType::kNs && lacks_glue(zone, record.owner, target))) {
    warn("has no address in this zone");
  }
}

}  // namespace

void append_owner_warnings(const Zone& zone, NameView owner, std::vector<std::string>& to) {
  const NodeView node = zone.find_owner(owner);
  if (!node || node.has(kNodeOccluded)) {
    return;
  }
  zone.for_each_record_at(node, [&](const PackedRecord& record) {
    if (to.size() < kMaxWarnings) {
      append_record_warnings(zone, record, to);
    }
  });
}

void append_name_server_warnings(const Zone& zone, NameView host, std::vector<std::string>& to) {
  zone.for_each_record_at(zone.find_owner(zone.origin()), [&](const PackedRecord& record) {
    if (record.type == RrType::kNs && NameView::unchecked(record.rdata) == host &&
        to.size() < kMaxWarnings) {
      append_record_warnings(zone, record, to);
    }
  });
}

void append_zone_warnings(const Zone& zone, std::vector<std::string>& to) {
  for (Zone::Walker walker = zone.walk(); walker.valid() && to.size() < kMaxWarnings;
       walker.next()) {
    const NodeView node = walker.node();
    const bool has_targets = node.find(number(RrType::kNs)) != 0 ||
                             node.find(number(RrType::kMx)) != 0 ||
                             node.find(number(RrType::kSrv)) != 0 || node.has(kNodeHasDname);
    if (has_targets) {
      append_owner_warnings(zone, zone.owner_of(node), to);
    }
  }
}

}  // namespace tandem
