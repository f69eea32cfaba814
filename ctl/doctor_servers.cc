// What each of a zone's servers does, alone and beside the others.
#include <algorithm>

#include <fmt/core.h>

#include "ctl/doctor_findings.h"
#include "ctl/ds_match.h"

namespace tandem {
namespace {

/// Of an answer that is not that of one of the zone's servers.
std::string lame_words(const SoaFacts& soa) {
  if (soa.reach == Reach::kGarbled) {
    return "what it sends is no DNS answer";
  }
  if (soa.rcode != Rcode::kNoError) {
    return fmt::format("it answers {} for the zone", to_text(soa.rcode));
  }
  if (!soa.serial) {
    return "its answer has no SOA record: it knows the zone as somebody else's";
  }
  return "it answers without authority, as from a cache";
}

bool is_reached(Reach reach) {
  return reach == Reach::kAnswered || reach == Reach::kGarbled;
}

/// Whether it answers at all, and over which ways. False: it does not, and there is no more to see.
bool judge_reach(const ServerFacts& server, const std::string& who, std::vector<Finding>& to) {
  const bool has_udp = is_reached(server.edns.reach) || is_reached(server.plain.reach);
  const bool has_tcp = is_reached(server.tcp.reach);
  if (server.edns.reach == Reach::kNoRoute) {
    to.push_back({FindingKind::kNoRoute, who, std::string(silence(Reach::kNoRoute))});
    return false;
  }
  if (!has_udp && !has_tcp) {
    to.push_back({FindingKind::kSilent, who,
                  fmt::format("neither over UDP nor TCP: {}", silence(server.edns.reach))});
    return false;
  }
  if (!has_udp) {
    to.push_back(
        {FindingKind::kUdpBlocked, who,
         fmt::format("it answers over TCP, but not over UDP: {}", silence(server.edns.reach))});
  } else if (!has_tcp) {
    to.push_back(
        {FindingKind::kTcpBlocked, who,
         fmt::format("it answers over UDP, but not over TCP: {}", silence(server.tcp.reach))});
  }
  return true;
}

void judge_edns(const ServerFacts& server, const std::string& who, std::vector<Finding>& to) {
  const SoaFacts& asked = server.edns;
  if (!asked.is_answered()) {
    if (server.plain.is_answered()) {
      to.push_back({FindingKind::kEdnsDropped, who,
                    "it answers over UDP without EDNS, and not at all with it"});
    }
    return;
  }
  if (!asked.edns_version) {
    to.push_back({FindingKind::kNoEdns, who,
                  asked.rcode == Rcode::kNoError
                      ? "its answers have no OPT record"
                      : fmt::format("asked with EDNS it answers {} and has no OPT record",
                                    to_text(asked.rcode))});
    return;
  }
  const SoaFacts& newer = server.version_1;
  if (newer.is_answered() && newer.rcode == Rcode::kBadVers && newer.edns_version) {
    return;
  }
  to.push_back(
      {FindingKind::kEdnsVersion, who,
       newer.is_answered()
           ? fmt::format("asked with EDNS version 1 it answers {}{} instead of BADVERS",
                         to_text(newer.rcode), newer.edns_version ? "" : " without an OPT record")
           : "it does not answer a question with EDNS version 1"});
}

void judge_manners(const ServerFacts& server, const std::string& who, std::vector<Finding>& to) {
  if (server.edns.is_answered() && server.large != Reach::kNotAsked &&
      server.large != Reach::kAnswered) {
    to.push_back({FindingKind::kLargeDropped, who,
                  "it answers small questions over UDP; of one for the zone's keys, which lets "
                  "it send up to 4096 octets, nothing came"});
  }
  if (server.gives_transfer) {
    to.push_back({FindingKind::kOpenTransfer, who,
                  "it gives the whole zone (AXFR) to this machine, unsigned"});
  }
  const auto soas = {&server.recursive, &server.edns, &server.plain, &server.tcp};
  if (std::ranges::any_of(soas, [](const SoaFacts* soa) { return soa->offers_recursion; })) {
    to.push_back({FindingKind::kRecursion, who, "it offers recursion to this machine (RA)"});
  }
}

void judge_server(const ServerFacts& server, std::vector<Finding>& to) {
  const std::string who = shown(server);
  if (!judge_reach(server, who, to)) {
    return;
  }
  if (!server.is_good()) {
    to.push_back({FindingKind::kLame, who, lame_words(server.soa())});
  }
  judge_edns(server, who, to);
  judge_manners(server, who, to);
}

void judge_against_node(const NodeFacts& node, const ServerFacts& server, Serial serial,
                        std::vector<Finding>& to) {
  if (serial != node.serial) {
    const bool is_behind = is_newer(node.serial, serial);
    to.push_back({is_behind ? FindingKind::kSerialBehindNode : FindingKind::kSerialAheadOfNode,
                  shown(server),
                  fmt::format("it has serial {}, this node has {}", serial, node.serial)});
  }
}

/// The DS records that the parent has; the first of its servers that says speaks for all.
const std::vector<Octets>* ds_of(const DoctorFacts& facts) {
  for (const ParentFacts& parent : facts.parents) {
    if (parent.ds) {
      return &*parent.ds;
    }
  }
  return nullptr;
}

bool names_a_key(const Name& zone, const Octets& ds, const ServerFacts& server) {
  return server.keys && std::ranges::any_of(*server.keys, [&](const Octets& key) {
           return ds_names_key(zone, ds, key);
         });
}

/// Whether validation gets past the zone's keys there (RFC 4035 s5.2), if it has said which.
void judge_chain(const Name& zone, const std::vector<Octets>& ds, const ServerFacts& server,
                 std::vector<Finding>& to) {
  if (!server.keys) {
    return;
  }
  const bool is_named = std::ranges::any_of(
      ds, [&](const Octets& record) { return names_a_key(zone, record, server); });
  if (server.keys->empty()) {
    to.push_back({FindingKind::kDsWithoutKey, shown(server),
                  "the parent has DS records, but the zone has no DNSKEY records there"});
  } else if (!is_named) {
    to.push_back({FindingKind::kDsMatchesNoKey, shown(server),
                  "none of the parent's DS records names a DNSKEY record that it has"});
  } else if (!server.are_keys_signed) {
    to.push_back({FindingKind::kDsUnsigned, shown(server),
                  "it gives no signature with the zone's DNSKEY records"});
  }
}

/// DS records that name no key at any server, beside those that do.
void judge_left_over(const DoctorFacts& facts, const std::vector<Octets>& ds,
                     std::vector<Finding>& to) {
  const auto is_named = [&](const Octets& record) {
    return std::ranges::any_of(facts.servers, [&](const ServerFacts& server) {
      return names_a_key(facts.zone, record, server);
    });
  };
  if (std::ranges::none_of(ds, is_named)) {
    return;
  }
  for (const Octets& record : ds) {
    if (!is_named(record)) {
      to.push_back({FindingKind::kDsLeftOver, "",
                    fmt::format("the parent's DS record with key tag {} names no key of the zone",
                                ds_key_tag(record))});
    }
  }
}

}  // namespace

void judge_servers(const DoctorFacts& facts, std::vector<Finding>& to) {
  for (const ServerFacts& server : facts.servers) {
    judge_server(server, to);
  }
}

void judge_versions(const DoctorFacts& facts, std::vector<Finding>& to) {
  if (!facts.without_node.empty()) {
    to.push_back({FindingKind::kNotCompared, "this node", facts.without_node});
  }
  std::optional<Serial> newest;
  std::string who;
  for (const ServerFacts& server : facts.servers) {
    const auto serial = server.serial();
    if (serial && facts.node) {
      judge_against_node(*facts.node, server, *serial, to);
    } else if (serial && (!newest || is_newer(*serial, *newest))) {
      newest = serial;
      who = shown(server);
    }
  }
  for (const ServerFacts& server : facts.servers) {
    const auto serial = server.serial();
    if (newest && serial && *serial != *newest) {
      to.push_back({FindingKind::kSerialDiffers, shown(server),
                    fmt::format("it has serial {}, while {} has {}", *serial, who, *newest)});
    }
  }
}

void judge_keys(const DoctorFacts& facts, std::vector<Finding>& to) {
  const std::vector<Octets>* const ds = ds_of(facts);
  if (ds == nullptr) {
    return;
  }
  if (ds->empty()) {
    const auto with_keys = std::ranges::find_if(facts.servers, [](const ServerFacts& server) {
      return server.keys && !server.keys->empty();
    });
    if (with_keys != facts.servers.end()) {
      to.push_back(
          {FindingKind::kKeyWithoutDs, "",
           fmt::format("the zone has DNSKEY records, as at {}, and the parent no DS record",
                       shown(*with_keys))});
    }
    return;
  }
  for (const ServerFacts& server : facts.servers) {
    judge_chain(facts.zone, *ds, server, to);
  }
  judge_left_over(facts, *ds, to);
}

}  // namespace tandem
