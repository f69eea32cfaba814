#include "tests/support/naive_answer.h"

#include <algorithm>
#include <optional>

#include "common/base/check.h"
#include "common/dns/rdata.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(to_lower(c)); });
  return text;
}

std::string line(NameView owner, std::uint32_t ttl, RrType type, OctetSpan rdata) {
  return lower(fmt::format("{} {} {} {}", owner.to_text(), ttl, tandem::to_text(type),
                           rdata_to_text(type, rdata)));
}

Name child(std::string_view label, NameView parent) {
  return *Name::from_text(label, parent);
}

Name rdata_name(const PlainRecord& record, std::size_t offset = 0) {
  return *Name::from_wire(OctetSpan(record.rdata).subspan(offset));
}

bool is_proper_subdomain(NameView name, NameView ancestor) {
  return name.size() > ancestor.size() && name.is_subdomain_of(ancestor);
}

}  // namespace

std::string PlainAnswer::to_text() const {
  std::string out = fmt::format("{}{}\n", tandem::to_text(rcode), is_authoritative ? " AA" : "");
  const auto section = [&](std::string_view title, const std::set<std::string>& lines) {
    for (const std::string& one : lines) {
      out += fmt::format("  {}: {}\n", title, one);
    }
  };
  section("answer", answer);
  section("authority", authority);
  section("additional", additional);
  return out;
}

void NaiveServer::add_zone(NameView origin, const std::vector<PlainRecord>& records) {
  NaiveZone zone;
  for (const PlainRecord& record : records) {
    std::vector<PlainRecord>& set = zone.owners[record.owner][record.type];
    zone.has_nsec = zone.has_nsec || record.type == RrType::kNsec;
    const bool there = std::ranges::any_of(set, [&](const PlainRecord& other) {
      return compare_rdata(record.type, other.rdata, record.rdata) == 0;
    });
    const std::uint32_t ttl = set.empty() ? record.ttl : std::min(record.ttl, set.front().ttl);
    if (!there) {
      set.push_back(record);
    }
    for (PlainRecord& other : set) {
      other.ttl = ttl;
    }
  }
  for (const auto& [owner, sets] : zone.owners) {
    bool below_cut = false;
    for (Name above = owner; above.size() > origin.size();) {
      above = Name(above.parent());
      const auto found = zone.owners.find(above);
      below_cut = below_cut || (above.size() > origin.size() && found != zone.owners.end() &&
                                found->second.contains(RrType::kNs));
    }
    for (Name name = owner; !below_cut; name = Name(name.parent())) {
      zone.names.insert(name);
      if (name.size() == origin.size()) {
        break;
      }
    }
  }
  zones_[Name(origin)] = std::move(zone);
}

const std::pair<const Name, NaiveServer::NaiveZone>* NaiveServer::zone_for(NameView name,
                                                                           RrType type) const {
  const std::pair<const Name, NaiveZone>* best = nullptr;
  const std::pair<const Name, NaiveZone>* second = nullptr;
  for (const auto& zone : zones_) {
    if (name.is_subdomain_of(zone.first) &&
        (best == nullptr || zone.first.size() > best->first.size())) {
      second = best;
      best = &zone;
    } else if (name.is_subdomain_of(zone.first) &&
               (second == nullptr || zone.first.size() > second->first.size())) {
      second = &zone;
    }
  }
  const bool at_apex = best != nullptr && best->first.view() == name;
  return type == RrType::kDs && at_apex && second != nullptr ? second : best;
}

PlainAnswer NaiveServer::answer(NameView asked, RrType type, bool wants_dnssec) const {
  PlainAnswer out;
  Name name(asked);
  std::set<Name> seen;
  for (int hop = 0; hop < 16; ++hop) {
    const auto* const zone = zone_for(name, type);
    if (zone == nullptr) {
      out.rcode = hop == 0 ? Rcode::kRefused : out.rcode;
      break;
    }
    const auto next = turn(zone->first, zone->second, name, type, wants_dnssec, hop == 0, out);
    if (!next || (out.answer.size() > 40)) {
      break;
    }
    name = *next;
  }
  return out;
}

std::optional<Name> NaiveServer::turn(const Name& origin, const NaiveZone& zone, NameView name,
                                      RrType type, bool wants_dnssec, bool is_first,
                                      PlainAnswer& out) const {
  if (is_first) {
    out.is_authoritative = true;
  }
  // From the apex down: a cut or a DNAME on the way ends the walk (step 3b; RFC 6672 s3.2).
  std::vector<Name> way;
  for (Name at(name);; at = Name(at.parent())) {
    way.push_back(at);
    if (at.size() == origin.size()) {
      break;
    }
  }
  std::ranges::reverse(way);
  for (const Name& at : way) {
    const auto found = zone.owners.find(at);
    if (found == zone.owners.end()) {
      continue;
    }
    const bool is_name = at.size() == name.size();
    if (at.size() > origin.size() && found->second.contains(RrType::kNs) &&
        !(is_name && type == RrType::kDs)) {
      out.is_authoritative = out.is_authoritative && !is_first;
      refer(origin, zone, at, wants_dnssec, out);
      return std::nullopt;
    }
    if (!is_name && found->second.contains(RrType::kDname)) {
      const PlainRecord& dname = found->second.at(RrType::kDname).front();
      out.answer.insert(line(dname.owner, dname.ttl, RrType::kDname, dname.rdata));
      Octets wire = to_octets(name.wire().first(name.size() - at.size()));
      append(wire, dname.rdata);
      const auto target = Name::from_wire(wire);
      if (!target) {
        out.rcode = Rcode::kYxDomain;
        return std::nullopt;
      }
      out.answer.insert(line(name, dname.ttl, RrType::kCname, target->wire()));
      const bool is_answer = type == RrType::kCname || type == RrType::kAny;
      return is_answer ? std::nullopt : std::optional(*target);
    }
  }
  Name source(name);
  bool is_wildcard = false;
  if (!zone.names.contains(source)) {
    Name encloser(name);
    while (!zone.names.contains(encloser)) {
      encloser = Name(encloser.parent());
    }
    source = child("*", encloser);
    is_wildcard = true;
    if (!zone.names.contains(source)) {
      out.rcode = Rcode::kNxDomain;
      add_soa(origin, zone, out);
      if (wants_dnssec && zone.has_nsec) {
        add_nsec_before(zone, Name(name), out);
        add_nsec_before(zone, source, out);
      }
      return std::nullopt;
    }
  }
  const auto owner = zone.owners.find(source);
  const RrSets none;
  const RrSets& sets = owner != zone.owners.end() ? owner->second : none;
  const auto put = [&](RrType which) {
    for (const PlainRecord& record : sets.at(which)) {
      out.answer.insert(line(name, record.ttl, which, record.rdata));
    }
    if (is_wildcard && wants_dnssec && zone.has_nsec) {
      add_nsec_before(zone, Name(name), out);
    }
  };
  if (type == RrType::kAny && !sets.empty()) {
    // Any one RRset will do (RFC 8482 s4.1): which one is checked by the caller.
    out.answer.insert("any");
    if (is_wildcard && wants_dnssec && zone.has_nsec) {
      add_nsec_before(zone, Name(name), out);
    }
    return std::nullopt;
  }
  if (sets.contains(type)) {
    put(type);
    return std::nullopt;
  }
  if (sets.contains(RrType::kCname)) {
    const Name target = rdata_name(sets.at(RrType::kCname).front());
    const std::size_t before = out.answer.size();
    put(RrType::kCname);
    return out.answer.size() == before && !is_wildcard ? std::nullopt : std::optional(target);
  }
  add_soa(origin, zone, out);
  if (wants_dnssec && zone.has_nsec) {
    add_nsec_before(zone, Name(name), out);
    if (is_wildcard) {
      add_nsec_before(zone, source, out);
    }
  }
  return std::nullopt;
}

void NaiveServer::add_soa(const Name& origin, const NaiveZone& zone, PlainAnswer& out) {
  const PlainRecord& soa = zone.owners.at(origin).at(RrType::kSoa).front();
  const std::uint32_t minimum = load_be32(soa.rdata.data() + soa.rdata.size() - 4);
  out.authority.insert(line(origin, std::min(soa.ttl, minimum), RrType::kSoa, soa.rdata));
}

/// The NSEC of the last authoritative owner at or before `name`: the one that shows what is there,
/// or covers it.
void NaiveServer::add_nsec_before(const NaiveZone& zone, const Name& name, PlainAnswer& out) {
  const PlainRecord* best = nullptr;
  for (const auto& [owner, sets] : zone.owners) {
    const auto nsec = sets.find(RrType::kNsec);
    if (nsec != sets.end() && (owner < name || owner == name)) {
      best = &nsec->second.front();
    }
  }
  CHECK(best != nullptr);
  out.authority.insert(line(best->owner, best->ttl, RrType::kNsec, best->rdata));
}

void NaiveServer::refer(const Name& origin, const NaiveZone& zone, const Name& cut,
                        bool wants_dnssec, PlainAnswer& out) const {
  const RrSets& sets = zone.owners.at(cut);
  for (const PlainRecord& ns : sets.at(RrType::kNs)) {
    out.authority.insert(line(cut, ns.ttl, RrType::kNs, ns.rdata));
    const Name target = rdata_name(ns);
    const auto addresses = zone.owners.find(target);
    if (!target.is_subdomain_of(origin) || addresses == zone.owners.end()) {
      continue;
    }
    for (const RrType type : {RrType::kA, RrType::kAaaa}) {
      const auto set = addresses->second.find(type);
      if (set != addresses->second.end()) {
        for (const PlainRecord& address : set->second) {
          out.additional.insert(line(target, address.ttl, type, address.rdata));
        }
      }
    }
  }
  if (!wants_dnssec) {
    return;
  }
  const auto ds = sets.find(RrType::kDs);
  if (ds != sets.end()) {
    for (const PlainRecord& record : ds->second) {
      out.authority.insert(line(cut, record.ttl, RrType::kDs, record.rdata));
    }
  } else if (zone.has_nsec) {
    add_nsec_before(zone, cut, out);
  }
}

Result<PlainAnswer> plain_answer_of(OctetSpan wire) {
  const Message message = TRY(parse_message(wire));
  PlainAnswer out;
  out.rcode = message.rcode();
  out.is_authoritative = (message.flags & kFlagAa) != 0;
  const auto take = [](const std::vector<MessageRecord>& from, std::set<std::string>& to) {
    return std::ranges::all_of(from, [&](const MessageRecord& record) {
      return record.type == RrType::kOpt ||
             to.insert(line(record.owner, record.ttl, record.type, record.rdata)).second;
    });
  };
  if (!take(message.answers, out.answer) || !take(message.authorities, out.authority) ||
      !take(message.additionals, out.additional)) {
    return fail(Errc::kInvalid, "a record stands in a section twice (RFC 2181 s5)");
  }
  return out;
}

void add_nsec_chain(std::vector<PlainRecord>& records, NameView origin) {
  std::map<Name, std::set<RrType>> owners;
  for (const PlainRecord& record : records) {
    owners[record.owner].insert(record.type);
  }
  std::erase_if(owners, [&](const auto& entry) {
    return std::ranges::any_of(owners, [&](const auto& other) {
      return other.second.contains(RrType::kNs) && other.first.view() != origin &&
             is_proper_subdomain(entry.first, other.first);
    });
  });
  for (auto at = owners.begin(); at != owners.end(); ++at) {
    const auto next = std::next(at) == owners.end() ? owners.begin() : std::next(at);
    std::string text = next->first.to_text();
    for (const RrType type : at->second) {
      text += " " + tandem::to_text(type);
    }
    records.push_back(
        {at->first, RrType::kNsec, 600, *rdata_from_text(RrType::kNsec, text + " NSEC", origin)});
  }
}

}  // namespace tandem::test
