// Any master file as a catalog zone: what is read holds to the rules, and a catalog that is written
// of it, at once or change by change, is read as the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/check.h"
#include "common/dns/master_file.h"
#include "common/transfer/catalog_zone.h"
#include "common/zone/zone_builder.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxRecords = 400;
constexpr std::size_t kMaxMembers = 40;

const Name& origin() {
  static const Name name = Name::from_text("catalog.invalid.").value_or(Name());
  return name;
}

/// The zone of the text with an apex; null when it makes none.
ZonePtr zone_of(const std::string& text) {
  MasterFileOptions options;
  options.origin = origin();
  options.max_generated_records = 50;
  ZoneBuilder builder(origin(), ZoneLimits{});
  std::size_t records = 0;
  static_cast<void>(
      parse_master_file("$TTL 0\n@ SOA invalid. invalid. 1 2 3 4 5\n@ NS invalid.\n" + text,
                        options, [&](const MasterFileRecord& record) {
                          if (++records <= kMaxRecords) {
                            builder.add({record.owner, record.type, record.ttl, record.rdata});
                          }
                        }));
  return builder.build().zone;
}

void check_rules(const CatalogContent& content) {
  CHECK(content.members.size() <= kMaxMembers);
  for (std::size_t i = 0; i < content.members.size(); ++i) {
    const CatalogMember& member = content.members[i];
    CHECK(!member.label.empty() && member.label.size() <= kMaxLabelOctets);
    CHECK(i == 0 || content.members[i - 1].zone < member.zone);
    CHECK(content.find(member.zone) == &member);
  }
}

/// What can be written of what was read: a group of one character-string, not empty.
std::vector<ListedZone> listed(const CatalogContent& content) {
  std::vector<ListedZone> zones;
  for (const CatalogMember& member : content.members) {
    ListedZone zone{.incarnation = {}, .zone = member.zone, .group = {}, .coo = member.coo};
    zone.incarnation.octets[0] = static_cast<std::uint8_t>(zones.size());
    for (const OctetSpan group : member.groups) {
      if (group.size() == 1U + group[0] && group.size() > 1) {
        zone.group = as_text(group.subspan(1));
      }
    }
    zones.push_back(std::move(zone));
  }
  return zones;
}

void check_written(const Zone& catalog, const std::vector<ListedZone>& zones) {
  const auto content = read_catalog(catalog, kMaxMembers);
  CHECK(content.has_value() && content->members.size() == zones.size());
  for (const ListedZone& zone : zones) {
    const CatalogMember* const member = content->find(zone.zone);
    CHECK(member != nullptr && member->label == zone.incarnation.to_text());
    CHECK(member->coo == zone.coo);
    CHECK(zone.group.empty() ? member->groups.empty() : is_in_group(*member, zone.group));
  }
}

void try_catalog(const std::string& text) {
  const ZonePtr zone = zone_of(text);
  if (zone == nullptr) {
    return;
  }
  const auto content = read_catalog(*zone, kMaxMembers);
  if (!content) {
    CHECK(!content.error().detail.empty());
    return;
  }
  check_rules(*content);
  const std::vector<ListedZone> zones = listed(*content);
  const auto whole = make_catalog(origin(), zones, 1);
  const auto empty = make_catalog(origin(), {}, 1);
  CHECK(whole.has_value() && empty.has_value());
  check_written(**whole, zones);
  const auto change = catalog_change(**empty, zones, {});
  CHECK(change.has_value());
  const auto grown = (*empty)->apply(std::span(&*change, 1), ZoneLimits{});
  CHECK(grown.has_value());
  check_written(**grown, zones);
  // Into the catalog that was read: it may have anything in it, so that its version need not fit.
  if (const auto into = catalog_change(*zone, zones, {}); into) {
    static_cast<void>(zone->apply(std::span(&*into, 1), ZoneLimits{}));
  }
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= 4096) {
    tandem::try_catalog(std::string(tandem::as_text({data, size})));
  }
  return 0;
}
