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

/// One label longer than `encloser`, on the way to `name`.
Name next_closer(NameView name, NameView encloser) {
  Name at(name);
  while (at.view().parent().size() > encloser.size()) {
    at = Name(at.parent());
  }
  return at;
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
  take_nsec3(Name(origin), zone);
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

/// Owners of NSEC3 are no names (RFC 5155 s7.2.8); those of the first usable NSEC3PARAM make
/// proofs.
void NaiveServer::take_nsec3(const Name& origin, NaiveZone& zone) {
  const auto& apex = zone.owners[origin];
  const auto parameters = apex.find(RrType::kNsec3param);
  const std::vector<PlainRecord> none;
  for (const PlainRecord& record : parameters != apex.end() ? parameters->second : none) {
    const bool is_usable = record.rdata[0] == 1 && record.rdata[1] == 0;
    if (is_usable && (zone.nsec3_parameters.empty() || record.rdata < zone.nsec3_parameters)) {
      zone.nsec3_parameters = record.rdata;
    }
  }
  std::erase_if(zone.owners, [&](const auto& entry) {
    const auto set = entry.second.find(RrType::kNsec3);
    if (set == entry.second.end()) {
      return false;
    }
    const Octets& wanted = zone.nsec3_parameters;
    for (const PlainRecord& record : set->second) {
      if (!wanted.empty() && record.rdata[0] == 1 &&
          equal(OctetSpan(record.rdata).subspan(2, wanted.size() - 2),
                OctetSpan(wanted).subspan(2))) {
        zone.nsec3.emplace(lower(entry.first.to_text().substr(0, 32)), record);
      }
    }
    return true;
  });
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
  Name encloser(name);
  bool is_wildcard = false;
  if (!zone.names.contains(source)) {
    while (!zone.names.contains(encloser)) {
      encloser = Name(encloser.parent());
    }
    source = child("*", encloser);
    is_wildcard = true;
    if (!zone.names.contains(source)) {
      out.rcode = Rcode::kNxDomain;
      add_soa(origin, zone, out);
      if (wants_dnssec) {
        prove_no_name(zone, name, encloser, out);
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
    if (is_wildcard && wants_dnssec) {
      prove_expansion(zone, name, encloser, out);
    }
  };
  if (type == RrType::kAny && !sets.empty()) {
    // Any one RRset will do (RFC 8482 s4.1): which one is checked by the caller.
    out.answer.insert("any");
    if (is_wildcard && wants_dnssec) {
      prove_expansion(zone, name, encloser, out);
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
  if (wants_dnssec && is_wildcard) {  // as if it were not there, and what the wildcard has
    prove_no_name(zone, name, encloser, out);
  } else if (wants_dnssec) {
    prove_no_data(zone, name, out);
  }
  return std::nullopt;
}

void NaiveServer::add_soa(const Name& origin, const NaiveZone& zone, PlainAnswer& out) {
  const PlainRecord& soa = zone.owners.at(origin).at(RrType::kSoa).front();
  const std::uint32_t minimum = load_be32(soa.rdata.data() + soa.rdata.size() - 4);
  out.authority.insert(line(origin, std::min(soa.ttl, minimum), RrType::kSoa, soa.rdata));
}

/// Neither `name` nor, were that what is asked for, data at the wildcard below `encloser` (RFC 4035
/// s3.1.3.2 and s3.1.3.4, RFC 5155 s7.2.2 and s7.2.5).
void NaiveServer::prove_no_name(const NaiveZone& zone, NameView name, NameView encloser,
                                PlainAnswer& out) {
  const Name wildcard = child("*", encloser);
  if (!zone.nsec3.empty()) {
    add_nsec3_at(zone, encloser, out);
    add_nsec3_at(zone, next_closer(name, encloser), out);
    add_nsec3_at(zone, wildcard, out);
  } else if (zone.has_nsec) {
    add_nsec_before(zone, Name(name), out);
    add_nsec_before(zone, wildcard, out);
  }
}

void NaiveServer::prove_no_data(const NaiveZone& zone, NameView name, PlainAnswer& out) {
  if (!zone.nsec3.empty()) {
    add_nsec3_at(zone, name, out);
  } else if (zone.has_nsec) {
    add_nsec_before(zone, Name(name), out);
  }
}

void NaiveServer::prove_expansion(const NaiveZone& zone, NameView name, NameView encloser,
                                  PlainAnswer& out) {
  if (!zone.nsec3.empty()) {
    add_nsec3_at(zone, next_closer(name, encloser), out);
  } else if (zone.has_nsec) {
    add_nsec_before(zone, Name(name), out);
  }
}

/// The NSEC3 that matches `name`, or covers it.
void NaiveServer::add_nsec3_at(const NaiveZone& zone, NameView name, PlainAnswer& out) {
  auto at = zone.nsec3.upper_bound(nsec3_hash_text(name, zone.nsec3_parameters));
  at = at == zone.nsec3.begin() ? std::prev(zone.nsec3.end()) : std::prev(at);
  const PlainRecord& record = at->second;
  out.authority.insert(line(record.owner, record.ttl, RrType::kNsec3, record.rdata));
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
  } else {
    prove_no_data(zone, cut, out);
  }
}

Result<PlainAnswer> plain_answer_of(OctetSpan wire) {
  const Message message = TRY(parse_message(wire));
  PlainAnswer out;
  out.rcode = message.rcode();
  out.is_authoritative = (message.flags & kFlagAa) != 0;
  const auto take = [](const std::vector<MessageRecord>& from,
                       std::set<std::string>& to) -> Status {
    for (const MessageRecord& record : from) {
      if (record.type == RrType::kOpt) {
        continue;
      }
      const auto [place, is_new] =
          to.insert(line(record.owner, record.ttl, record.type, record.rdata));
      if (!is_new) {
        return fail(Errc::kInvalid, "twice in a section (RFC 2181 s5): {}", *place);
      }
    }
    return {};
  };
  TRYV(take(message.answers, out.answer));
  TRYV(take(message.authorities, out.authority));
  TRYV(take(message.additionals, out.additional));
  return out;
}

}  // namespace tandem::test
