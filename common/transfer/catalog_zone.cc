#include "common/transfer/catalog_zone.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/check.h"
#include "common/dns/rdata.h"
#include "common/dns/shown_text.h"
#include "common/zone/rr_pack.h"
#include "common/zone/zone_builder.h"

namespace tandem {
namespace {

using std::string_view_literals::operator""sv;

constexpr auto kVersion = "version"sv;
constexpr auto kZones = "zones"sv;
constexpr auto kGroup = "group"sv;
constexpr auto kCoo = "coo"sv;

constexpr std::array<std::uint8_t, 2> kVersion2{1, '2'};  // rdata of a TXT record
constexpr std::array<std::uint8_t, 9> kInvalidName{7, 'i', 'n', 'v', 'a', 'l', 'i', 'd', 0};
constexpr std::size_t kMaxStringOctets = 255;  // of one character-string (RFC 1035 s3.3)

constexpr std::uint32_t kTtl = 0;  // means nothing in a catalog (s4.1)
// Of appendix A: asked for often enough, and never expired, since a catalog without its primary is
// still the best list there is.
constexpr std::uint32_t kRefreshSeconds = 3600;
constexpr std::uint32_t kRetrySeconds = 600;
constexpr std::uint32_t kExpireSeconds = 2'147'483'646;
constexpr std::uint32_t kMinimumSeconds = 0;

// What the longest name has in front of the catalog's: group.<label>.zones, each with its length.
constexpr std::size_t kLabelOctets = 2 * sizeof(ZoneId);
constexpr std::size_t kInFrontOctets = 3 + kGroup.size() + kLabelOctets + kZones.size();

/// `label` in front of `rest`. Requires: there is room.
Name child(std::string_view label, NameView rest) {
  NameBuilder builder;
  Name out;
  CHECK(builder.append_label(as_octets(label)) && builder.finish(rest, out));
  return out;
}

Octets soa_rdata(Serial serial) {
  Octets rdata(kInvalidName.begin(), kInvalidName.end());
  append(rdata, kInvalidName);
  for (const std::uint32_t field :
       {serial, kRefreshSeconds, kRetrySeconds, kExpireSeconds, kMinimumSeconds}) {
    append_be(rdata, field);
  }
  return rdata;
}

Octets group_rdata(std::string_view group) {
  Octets rdata{static_cast<std::uint8_t>(group.size())};
  append(rdata, as_octets(group));
  return rdata;
}

/// One RRset of at most one record that a member may have.
struct Property {
  Name owner;
  RrType type{};
  std::optional<Octets> rdata;  // nothing: it has none
};

/// All of a member node; of a null `zone`, that it has nothing.
std::array<Property, 3> properties_of(NameView zones, const ZoneId& incarnation,
                                      const ListedZone* zone) {
  const Name node = child(incarnation.to_text(), zones);
  std::array<Property, 3> properties{Property{node, RrType::kPtr, {}},
                                     Property{child(kGroup, node), RrType::kTxt, {}},
                                     Property{child(kCoo, node), RrType::kPtr, {}}};
  if (zone != nullptr) {
    properties[0].rdata = to_octets(zone->zone.view().wire());
    if (!zone->group.empty()) {
      properties[1].rdata = group_rdata(zone->group);
    }
    if (zone->coo) {
      properties[2].rdata = to_octets(zone->coo->view().wire());
    }
  }
  return properties;
}

void change_property(const Zone& catalog, const Property& to, RrPacker& removed, RrPacker& added) {
  bool is_there = false;
  if (const auto now = catalog.find_rrset(to.owner, to.type); now) {
    for (const Octets& rdata : now->rdatas) {
      if (to.rdata && compare_rdata(to.type, rdata, *to.rdata) == 0) {
        is_there = true;
      } else {
        removed.add(now->owner, to.type, now->ttl, rdata);
      }
    }
  }
  if (to.rdata && !is_there) {
    added.add(to.owner, to.type, kTtl, *to.rdata);
  }
}

/// Where a node stands among the members.
struct MemberPlace {
  OctetSpan property;  // the label below the member node; empty: the member node itself
  OctetSpan label;     // of the member node
};

/// `relative`: labels without the catalog's name, in lower case. Nothing: it is not among the
/// members, or further below one than any property that we know.
std::optional<MemberPlace> member_place_of(OctetSpan relative) {
  std::array<OctetSpan, 3> labels;
  std::size_t count = 0;
  for (; !relative.empty() && count < labels.size(); ++count) {
    labels[count] = relative.subspan(1, relative[0]);
    relative = relative.subspan(1U + relative[0]);
  }
  if (!relative.empty() || count < 2 || !equal(labels[count - 1], as_octets(kZones))) {
    return std::nullopt;
  }
  return count == 2 ? MemberPlace{{}, labels[0]} : MemberPlace{labels[0], labels[1]};
}

std::vector<Octets> rdatas_at(const Zone& zone, NodeView node, RrType type) {
  std::vector<Octets> rdatas;
  zone.for_each_record_at(node, [&](const PackedRecord& record) {
    if (record.type == type) {
      rdatas.push_back(to_octets(record.rdata));
    }
  });
  return rdatas;
}

/// Fails as read_catalog() for a catalog whose version is not "2".
Status check_version(const Zone& catalog) {
  NameBuilder builder;
  Name owner;
  if (!builder.append_label(as_octets(kVersion)) || !builder.finish(catalog.origin(), owner)) {
    return fail(Errc::kInvalid, "{} is too long for a catalog", catalog.origin().to_text());
  }
  const auto versions = catalog.find_rrset(owner, RrType::kTxt);
  if (!versions) {
    return fail(Errc::kInvalid, "there is no {} TXT \"2\" (RFC 9432 s4.2.1)", owner.to_text());
  }
  if (versions->rdatas.size() != 1) {
    return fail(Errc::kInvalid, "{} has {} TXT records and must have one (RFC 9432 s4.2.1)",
                owner.to_text(), versions->rdatas.size());
  }
  const OctetSpan version = versions->rdatas.front();
  if (!equal(version, kVersion2)) {
    return fail(Errc::kInvalid, "{} says {}, and only \"2\" is known (RFC 9432 s4.2.1)",
                owner.to_text(), shown_text(as_text(version.subspan(1))));
  }
  return {};
}

/// Puts the members together, node by node in canonical order: a member node comes before what is
/// below it.
class MemberReader {
 public:
  MemberReader(const Zone& catalog, std::size_t most) : catalog_(catalog), most_(most) {}

  Status take(NodeView node) {
    const auto place = member_place_of(node.relative_name());
    if (!place) {
      return {};
    }
    if (place->property.empty()) {
      return take_member(node, as_text(place->label));
    }
    if (members_.empty() || members_.back().label != as_text(place->label)) {
      return {};  // of a node that lists no zone
    }
    if (equal(place->property, as_octets(kGroup))) {
      members_.back().groups = rdatas_at(catalog_, node, RrType::kTxt);
    } else if (equal(place->property, as_octets(kCoo))) {
      members_.back().coo = TRY(only_name_at(node, "RFC 9432 s4.3.1"));
    }
    return {};
  }

  Result<CatalogContent> finish() {
    std::ranges::sort(members_, {}, &CatalogMember::zone);
    const auto twice = std::ranges::adjacent_find(members_, {}, &CatalogMember::zone);
    if (twice != members_.end()) {
      return fail(Errc::kInvalid, "{} is listed twice, as {} and {} (RFC 9432 s4.1)",
                  twice->zone.to_text(), shown_text(twice->label),
                  shown_text(std::next(twice)->label));
    }
    return CatalogContent{std::move(members_)};
  }

 private:
  Status take_member(NodeView node, std::string_view label) {
    auto zone = TRY(only_name_at(node, "RFC 9432 s4.1"));
    if (!zone) {
      return {};
    }
    if (members_.size() == most_) {
      return fail(Errc::kTooLarge, "there are more than {} members", most_);
    }
    members_.push_back({*std::move(zone), std::string(label), {}, {}});
    return {};
  }

  /// Nothing when there is no PTR record. Fails: kInvalid for several.
  Result<std::optional<StoredName>> only_name_at(NodeView node, std::string_view rule) const {
    const std::vector<Octets> names = rdatas_at(catalog_, node, RrType::kPtr);
    if (names.size() > 1) {
      return fail(Errc::kInvalid, "{} has {} PTR records and must have one ({})",
                  catalog_.owner_of(node).to_text(), names.size(), rule);
    }
    if (names.empty()) {
      return std::optional<StoredName>();
    }
    return std::optional(StoredName(NameView::unchecked(names.front())));
  }

  const Zone& catalog_;
  std::size_t most_;
  std::vector<CatalogMember> members_;
};

}  // namespace

Status check_catalog_name(NameView catalog) {
  if (catalog.size() + kInFrontOctets > kMaxNameOctets) {
    return fail(Errc::kInvalid,
                "{} is too long for a catalog: it has {} octets, and {} leave room for the names "
                "in it",
                catalog.to_text(), catalog.size(), kMaxNameOctets - kInFrontOctets);
  }
  return {};
}

Status check_catalog_group(std::string_view group) {
  if (group.size() > kMaxStringOctets) {
    return fail(Errc::kInvalid, "the group {} has {} octets; at most {} fit into a catalog",
                shown_text(group), group.size(), kMaxStringOctets);
  }
  return {};
}

Result<ZonePtr> make_catalog(NameView name, std::span<const ListedZone> zones, Serial serial) {
  TRYV(check_catalog_name(name));
  ZoneBuilder builder(name, ZoneLimits{});
  builder.add({name, RrType::kSoa, kTtl, soa_rdata(serial)});
  builder.add({name, RrType::kNs, kTtl, kInvalidName});
  builder.add({child(kVersion, name), RrType::kTxt, kTtl, kVersion2});
  const Name parent = child(kZones, name);
  for (const ListedZone& zone : zones) {
    TRYV(check_catalog_group(zone.group));
    for (const Property& property : properties_of(parent, zone.incarnation, &zone)) {
      if (property.rdata) {
        builder.add({property.owner, property.type, kTtl, *property.rdata});
      }
    }
  }
  ZoneBuilder::Outcome outcome = builder.build();
  CHECK(outcome.zone != nullptr);  // nothing above breaks a rule of zones
  return std::move(outcome.zone);
}

Result<Changeset> catalog_change(const Zone& catalog, std::span<const ListedZone> listed,
                                 std::span<const ZoneId> unlisted) {
  TRYV(check_catalog_name(catalog.origin()));
  const Name parent = child(kZones, catalog.origin());
  Changeset change;
  RrPacker removed(change.removed);
  RrPacker added(change.added);
  for (const ZoneId& incarnation : unlisted) {
    for (const Property& property : properties_of(parent, incarnation, nullptr)) {
      change_property(catalog, property, removed, added);
    }
  }
  for (const ListedZone& zone : listed) {
    TRYV(check_catalog_group(zone.group));
    for (const Property& property : properties_of(parent, zone.incarnation, &zone)) {
      change_property(catalog, property, removed, added);
    }
  }
  return change;
}

bool is_in_group(const CatalogMember& member, std::string_view group) noexcept {
  return std::ranges::any_of(member.groups, [&](OctetSpan rdata) {
    return rdata.size() == 1 + group.size() && rdata[0] == group.size() &&
           as_text(rdata.subspan(1)) == group;
  });
}

const CatalogMember* CatalogContent::find(NameView zone) const noexcept {
  const auto at = std::ranges::lower_bound(
      members, zone, {}, [](const CatalogMember& member) { return member.zone.view(); });
  return at != members.end() && at->zone.view() == zone ? &*at : nullptr;
}

Result<CatalogContent> read_catalog(const Zone& catalog, std::size_t most_members) {
  const auto content = [&]() -> Result<CatalogContent> {
    TRYV(check_version(catalog));
    MemberReader reader(catalog, most_members);
    for (Zone::Walker walker = catalog.walk(); walker.valid(); walker.next()) {
      TRYV(reader.take(walker.node()));
    }
    return reader.finish();
  };
  auto read = content();
  if (!read) {
    return in_context(catalog.origin().to_text() + " is a broken catalog", std::move(read).error());
  }
  return read;
}

Admission admission_of(const CatalogMember& incoming, NameView name,
                       const std::optional<ZoneHolderView>& holder) noexcept {
  if (!holder) {
    return Admission::kAdd;
  }
  if (!holder->catalog) {
    return Admission::kClash;
  }
  if (*holder->catalog == name) {
    return Admission::kKeep;
  }
  const CatalogMember* const there = holder->member;
  if (there == nullptr || !there->coo || there->coo->view() != name) {
    return Admission::kClash;
  }
  return there->label == incoming.label ? Admission::kMove : Admission::kMoveAndReset;
}

}  // namespace tandem
