#include "tests/support/proof_chain.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "common/dns/rdata.h"

namespace tandem::test {
namespace {

bool is_proper_subdomain(NameView name, NameView ancestor) {
  return name.size() > ancestor.size() && name.is_subdomain_of(ancestor);
}

/// The types at every name that has a proof: owners that are not below a cut and are no owners of
/// NSEC3.
std::map<Name, std::set<RrType>> provable_owners(const std::vector<PlainRecord>& records,
                                                 NameView origin) {
  std::map<Name, std::set<RrType>> owners;
  for (const PlainRecord& record : records) {
    owners[record.owner].insert(record.type);
  }
  std::erase_if(owners, [&](const auto& entry) {
    return entry.second.contains(RrType::kNsec3) ||
           std::ranges::any_of(owners, [&](const auto& other) {
             return other.second.contains(RrType::kNs) && other.first.view() != origin &&
                    is_proper_subdomain(entry.first, other.first);
           });
  });
  return owners;
}

}  // namespace

std::string nsec3_hash_text(NameView name, OctetSpan parameters) {
  return to_base32hex(nsec3_hash(Name(name).lower().wire(), parameters.subspan(5),
                                 load_be16(parameters.data() + 2)));
}

void add_nsec_chain(std::vector<PlainRecord>& records, NameView origin) {
  const std::map<Name, std::set<RrType>> owners = provable_owners(records, origin);
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

void add_nsec3_chain(std::vector<PlainRecord>& records, NameView origin, std::string_view salt,
                     std::uint16_t iterations) {
  const std::string parameters = fmt::format("1 0 {} {}", iterations, salt);
  records.push_back({Name(origin), RrType::kNsec3param, 0,
                     *rdata_from_text(RrType::kNsec3param, parameters, origin)});
  const Octets wire = records.back().rdata;
  std::map<std::string, std::string> types_of;  // by hash
  for (const auto& [owner, types] : provable_owners(records, origin)) {
    std::string text;
    for (const RrType type : types) {
      text += " " + tandem::to_text(type);
    }
    types_of[nsec3_hash_text(owner, wire)] = text;
    for (Name above = owner; above.size() > origin.size();) {
      above = Name(above.parent());
      types_of.try_emplace(nsec3_hash_text(above, wire));  // an empty non-terminal, so far
    }
  }
  for (auto at = types_of.begin(); at != types_of.end(); ++at) {
    const auto next = std::next(at) == types_of.end() ? types_of.begin() : std::next(at);
    records.push_back(
        {*Name::from_text(at->first, origin), RrType::kNsec3, 600,
         *rdata_from_text(RrType::kNsec3,
                          fmt::format("{} {}{}", parameters, next->first, at->second), origin)});
  }
}

}  // namespace tandem::test
