// What the parent says about a zone, beside what the zone says itself.
#include <algorithm>
#include <iterator>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "ctl/doctor_findings.h"

namespace tandem {
namespace {

constexpr auto kOrder = [](const Name& a, const Name& b) { return a < b; };

bool has_name(const NameSet& names, const Name& name) {
  return std::ranges::binary_search(names, name, kOrder);
}

std::string joined(const NameSet& names) {
  std::vector<std::string> texts;
  texts.reserve(names.size());
  for (const Name& name : names) {
    texts.push_back(name.to_text());
  }
  return texts.empty() ? "none" : fmt::format("{}", fmt::join(texts, ", "));
}

std::string joined(const AddressSet& addresses) {
  return fmt::format("{}", fmt::join(addresses, ", "));
}

AddressSet without(const AddressSet& from, const AddressSet& those) {
  AddressSet out;
  std::ranges::set_difference(from, those, std::back_inserter(out));
  return out;
}

/// The parent's servers whose delegation can be seen.
std::vector<const ParentFacts*> seen_parents(const DoctorFacts& facts) {
  std::vector<const ParentFacts*> out;
  for (const ParentFacts& parent : facts.parents) {
    if (parent.is_answered() && !parent.is_child_too && !parent.ns.empty()) {
      out.push_back(&parent);
    }
  }
  return out;
}

void judge_parents(const DoctorFacts& facts, std::vector<Finding>& to) {
  const auto answers = std::ranges::count_if(facts.parents, &ParentFacts::is_answered);
  if (answers == 0) {
    to.push_back({FindingKind::kParentUnknown, "", "none of the parent's servers answers"});
    return;
  }
  bool is_delegated = false;
  for (const ParentFacts& parent : facts.parents) {
    const std::string place = to_text(parent.place);
    is_delegated |= !parent.ns.empty();
    if (!parent.is_answered() && parent.reach != Reach::kNoRoute) {
      to.push_back({FindingKind::kParentSilent, "parent's server " + place,
                    std::string(silence(parent.reach))});
    } else if (parent.is_child_too) {
      to.push_back({FindingKind::kParentIsChild, "parent's server " + place,
                    "it serves the zone as well as the parent"});
    }
  }
  if (!is_delegated) {
    const auto first = std::ranges::find_if(facts.parents, &ParentFacts::is_answered);
    to.push_back({FindingKind::kNotDelegated, "",
                  fmt::format("the parent has no NS records for it: {} answers {}",
                              to_text(first->place), to_text(first->rcode))});
  }
}

/// Its servers beside each other: all should say the same.
void compare_parents(const std::vector<const ParentFacts*>& parents, std::vector<Finding>& to) {
  for (const ParentFacts* const parent : parents) {
    const ParentFacts& first = *parents.front();
    const std::string who = "parent's server " + to_text(parent->place);
    if (parent->ns != first.ns) {
      to.push_back({FindingKind::kParentsDiffer, who,
                    fmt::format("it delegates to {}, while {} delegates to {}", joined(parent->ns),
                                to_text(first.place), joined(first.ns))});
    } else if (parent->glue != first.glue) {
      to.push_back({FindingKind::kParentsDiffer, who,
                    fmt::format("it has other glue than {}", to_text(first.place))});
    } else if (parent->ds != first.ds) {
      to.push_back({FindingKind::kParentsDiffer, who,
                    fmt::format("it has other DS records than {}", to_text(first.place))});
    }
  }
}

void compare_sets(const DoctorFacts& facts, const NameSet& delegation, std::vector<Finding>& to) {
  const auto apex = apex_names(facts);
  if (!apex || delegation.empty()) {
    return;
  }
  for (const Name& name : delegation) {
    if (!has_name(*apex, name)) {
      to.push_back({FindingKind::kNsOnlyAtParent, name.to_text(),
                    "the delegation names it, the zone's own NS records do not"});
    }
  }
  for (const Name& name : *apex) {
    if (!has_name(delegation, name)) {
      to.push_back({FindingKind::kNsOnlyInZone, name.to_text(),
                    "the zone's own NS records name it, the delegation does not"});
    }
  }
}

void compare_servers_sets(const DoctorFacts& facts, std::vector<Finding>& to) {
  const auto apex = apex_names(facts);
  for (const ServerFacts& server : facts.servers) {
    if (apex && server.ns && *server.ns != *apex) {
      to.push_back({FindingKind::kApexNsDiffers, shown(server),
                    fmt::format("it has the NS records {}, while {} has {}", joined(*server.ns),
                                facts.node ? "this node" : "the server with the newest version",
                                joined(*apex))});
    }
  }
}

/// The glue of one name: that of all of the parent's servers, which are compared elsewhere.
AddressSet glue_of(const std::vector<const ParentFacts*>& parents, const Name& name) {
  AddressSet out;
  for (const ParentFacts* const parent : parents) {
    if (const auto at = parent->glue.find(name); at != parent->glue.end()) {
      out.insert(out.end(), at->second.begin(), at->second.end());
    }
  }
  tidy(out);
  return out;
}

void judge_glue(const DoctorFacts& facts, const std::vector<const ParentFacts*>& parents,
                const Name& name, std::vector<Finding>& to) {
  const AddressSet glue = glue_of(parents, name);
  if (glue.empty() && name.is_subdomain_of(facts.zone)) {
    to.push_back({FindingKind::kGlueMissing, name.to_text(),
                  "the delegation names it and has no address for it"});
    return;
  }
  const auto host = facts.hosts.find(name);
  if (host == facts.hosts.end() || host->second.addresses.empty() || glue.empty()) {
    return;
  }
  const AddressSet& addresses = host->second.addresses;
  if (const AddressSet stale = without(glue, addresses); !stale.empty()) {
    to.push_back(
        {FindingKind::kGlueStale, name.to_text(),
         fmt::format("the parent's glue has {}, which its own records do not: they have {}",
                     joined(stale), joined(addresses))});
  }
  if (const AddressSet missing = without(addresses, glue); !missing.empty()) {
    to.push_back({FindingKind::kGlueIncomplete, name.to_text(),
                  fmt::format("its own records have {}, which is not in the parent's glue: that "
                              "has {}",
                              joined(missing), joined(glue))});
  }
}

void judge_hosts(const DoctorFacts& facts, std::vector<Finding>& to) {
  for (const auto& [name, host] : facts.hosts) {
    const bool is_asked =
        std::ranges::find(facts.servers, name, &ServerFacts::name) != facts.servers.end();
    if (host.is_known && host.addresses.empty()) {
      to.push_back({FindingKind::kNoAddress, name.to_text(), "it has neither A nor AAAA records"});
    } else if (!host.is_known) {
      to.push_back({FindingKind::kNotLookedUp, name.to_text(),
                    is_asked ? "nobody could say which addresses it has"
                             : "nobody could say which addresses it has: it was not asked"});
    }
  }
  if (facts.hosts.size() == 1) {
    to.push_back({FindingKind::kOneServer, facts.hosts.begin()->first.to_text(),
                  "it is the zone's only name server"});
  }
}

}  // namespace

std::optional<NameSet> apex_names(const DoctorFacts& facts) {
  if (facts.node) {
    return facts.node->ns;
  }
  std::optional<Serial> newest;
  std::optional<NameSet> out;
  for (const ServerFacts& server : facts.servers) {
    const auto serial = server.serial();
    if (serial && server.ns && (!newest || is_newer(*serial, *newest))) {
      newest = serial;
      out = server.ns;
    }
  }
  return out;
}

void judge_delegation(const DoctorFacts& facts, std::vector<Finding>& to) {
  judge_parents(facts, to);
  const auto parents = seen_parents(facts);
  compare_parents(parents, to);
  NameSet delegation;
  for (const ParentFacts* const parent : parents) {
    delegation.insert(delegation.end(), parent->ns.begin(), parent->ns.end());
  }
  tidy(delegation);
  compare_sets(facts, delegation, to);
  compare_servers_sets(facts, to);
  for (const Name& name : delegation) {
    judge_glue(facts, parents, name, to);
  }
  judge_hosts(facts, to);
}

}  // namespace tandem
