#include "tests/support/random_zone.h"

#include <algorithm>
#include <array>
#include <map>

#include "common/base/check.h"
#include "common/dns/rdata.h"
#include "common/zone/zone_builder.h"
#include "tests/support/zone_text.h"

namespace tandem::test {

std::string RandomZones::label() {
  // "!a" comes before an asterisk in canonical order.
  static constexpr std::array kLabels = {"a",   "b",    "c",    "www", "mail", "!a",
                                         "x-1", "_tcp", "Deep", "ent", "z9"};
  return std::string(kLabels[below(kLabels.size())]);
}

Name RandomZones::random_owner(NameView origin) {
  std::string text;
  if (below(8) == 0) {
    text = "*.";
  }
  const std::size_t depth = 1 + below(3);
  for (std::size_t i = 0; i < depth; ++i) {
    text += label() + ".";
  }
  text.pop_back();
  return *Name::from_text(text, origin);
}

PlainRecord RandomZones::record_at(const Name& owner, NameView origin) {
  static constexpr std::array kTypes = {RrType::kA,    RrType::kA,     RrType::kAaaa,  RrType::kTxt,
                                        RrType::kMx,   RrType::kNs,    RrType::kCname, RrType::kSrv,
                                        RrType::kPtr,  RrType::kDname, RrType::kNs,    RrType::kDs,
                                        RrType::kCname};
  const RrType type = kTypes[below(kTypes.size())];
  const auto target = [&] {
    return below(5) == 0 ? label() + ".elsewhere.net." : random_owner(origin).to_text();
  };
  std::string text;
  switch (type) {
    case RrType::kA:
      text = fmt::format("192.0.2.{}", below(256));
      break;
    case RrType::kAaaa:
      text = fmt::format("2001:db8::{:x}", below(65536));
      break;
    case RrType::kTxt:
      text = fmt::format("\"{}\" \"{}\"", label(), std::string(below(200), 't'));
      break;
    case RrType::kMx:
      text = fmt::format("{} {}", below(100), target());
      break;
    case RrType::kSrv:
      text = fmt::format("1 2 {} {}", below(65536), target());
      break;
    case RrType::kDs:
      text = fmt::format("{} 13 2 {}", below(65536), std::string(64, 'A'));
      break;
    default:
      text = target();
      break;
  }
  return {owner, type, static_cast<std::uint32_t>(60 * (1 + below(3))),
          *rdata_from_text(type, text, origin)};
}

std::vector<PlainRecord> RandomZones::records(NameView origin, std::size_t names) {
  std::vector<PlainRecord> records;
  const auto add = [&](NameView owner, RrType type, std::string_view text) {
    records.push_back({Name(owner), type, 300, *rdata_from_text(type, text, origin)});
  };
  add(origin, RrType::kSoa, "ns1 hostmaster 7 900 300 604800 120");
  add(origin, RrType::kNs, "ns1");
  add(origin, RrType::kNs, "ns.elsewhere.net.");
  add(*Name::from_text("ns1", origin), RrType::kA, "192.0.2.53");
  for (std::size_t i = 0; i < names; ++i) {
    const Name owner = below(10) == 0 ? Name(origin) : random_owner(origin);
    for (std::size_t j = below(3) + 1; j > 0; --j) {
      records.push_back(record_at(owner, origin));
    }
  }
  std::ranges::shuffle(records, random_);
  return records;
}

void RandomZones::add_nsec3(std::vector<PlainRecord>& records, NameView origin) {
  static constexpr std::array kParameters = {"1 0 1 AB", "1 0 1 CD", "1 0 2 AB", "1 1 1 CD",
                                             "2 0 1 AB"};
  const auto parameters = [&] { return std::string(kParameters[below(kParameters.size())]); };
  for (std::size_t i = below(3); i > 0; --i) {
    records.push_back({Name(origin), RrType::kNsec3param, 0,
                       *rdata_from_text(RrType::kNsec3param, parameters(), origin)});
  }
  for (std::size_t i = 0; i < 20; ++i) {
    const std::string hash(32, "0123456789abcdefghijklmnopqrstuv"[below(32)]);
    const Name above = below(2) == 0 ? Name(origin) : random_owner(origin);
    const auto owner =
        below(8) == 0 ? Name::from_text(label(), above) : Name::from_text(hash, above);
    records.push_back({*owner, RrType::kNsec3, 600,
                       *rdata_from_text(RrType::kNsec3, parameters() + " " + hash + " A", origin)});
  }
  std::ranges::shuffle(records, random_);
}

Name RandomZones::question(const std::vector<PlainRecord>& records, NameView origin) {
  Name base = records[below(records.size())].owner;
  switch (below(6)) {
    case 0:
      base = random_owner(origin);
      break;
    case 1:
      if (auto longer = Name::from_text(label(), base); longer) {
        base = *longer;
      }
      break;
    case 2:
      if (base.size() > origin.size()) {
        base = Name(base.parent());
      }
      break;
    default:
      break;
  }
  // The letter case that a resolver mixes in (0x20) must come back as it was sent.
  Octets wire = to_octets(base.wire());
  for (std::uint8_t& octet : wire) {
    if (below(4) == 0 && octet >= 'a' && octet <= 'z') {
      octet = static_cast<std::uint8_t>(octet - 'a' + 'A');
    }
  }
  return *Name::from_wire(wire);
}

RrType RandomZones::question_type() {
  static constexpr std::array kTypes = {
      RrType::kA,   RrType::kA,   RrType::kAaaa,  RrType::kTxt,  RrType::kMx,
      RrType::kNs,  RrType::kSoa, RrType::kCname, RrType::kSrv,  RrType::kPtr,
      RrType::kAny, RrType::kDs,  RrType::kDname, RrType::kNsec, RrType::kNsec3};
  return kTypes[below(kTypes.size())];
}

ZonePtr build_what_fits(std::vector<PlainRecord>& records, NameView origin) {
  const auto try_build = [&](const std::vector<PlainRecord>& candidate) {
    ZoneBuilder builder(origin, ZoneLimits{});
    for (const PlainRecord& record : candidate) {
      builder.add({record.owner, record.type, record.ttl, record.rdata});
    }
    return builder.build().zone;
  };
  // SOA and NS of the apex first, which only work together; then as many at once as fit.
  const auto middle = std::ranges::partition(records, [&](const PlainRecord& record) {
    return record.owner.view() == origin &&
           (record.type == RrType::kSoa || record.type == RrType::kNs);
  });
  std::vector<PlainRecord> good(records.begin(), middle.begin());
  ZonePtr zone = try_build(good);
  std::size_t at = good.size();
  std::size_t step = records.size();
  while (at < records.size()) {
    step = std::min(step, records.size() - at);
    std::vector<PlainRecord> candidate = good;
    candidate.insert(candidate.end(), records.begin() + static_cast<std::ptrdiff_t>(at),
                     records.begin() + static_cast<std::ptrdiff_t>(at + step));
    if (ZonePtr built = try_build(candidate); built != nullptr) {
      good = std::move(candidate);
      zone = std::move(built);
      at += step;
      step *= 2;
    } else if (step > 1) {
      step /= 2;
    } else {
      ++at;  // this one does not fit
    }
  }
  CHECK(zone != nullptr);
  records = std::move(good);
  return zone;
}

}  // namespace tandem::test
