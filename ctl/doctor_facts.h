// What a zone's servers, those of its parent and this node say about it, as values: no judgement is
// in here, and no socket.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/dns/name.h"
#include "common/dns/types.h"
#include "common/zone/serial.h"
#include "ctl/dns_probe.h"

namespace tandem {

using NameSet = std::vector<Name>;            // sorted, each once
using AddressSet = std::vector<std::string>;  // as text, sorted, each once

/// What came of a question for the zone's SOA record.
struct SoaFacts {
  Reach reach = Reach::kNotAsked;
  Rcode rcode{};
  bool is_authoritative = false;
  bool is_truncated = false;
  bool offers_recursion = false;
  std::optional<std::uint8_t> edns_version;  // of the answer's OPT record; nothing: it has none
  std::optional<Serial> serial;              // nothing: there is no such record in the answer

  [[nodiscard]] bool is_answered() const { return reach == Reach::kAnswered; }

  /// The error of servers that know no EDNS (RFC 6891 s7), which says nothing about the zone.
  [[nodiscard]] bool is_for_want_of_edns() const;
};

/// What one server of the parent says about the zone.
struct ParentFacts {
  HostPort place;
  Reach reach = Reach::kNotAsked;
  Rcode rcode{};
  bool is_child_too = false;  // it serves the zone as well: its delegation cannot be seen
  NameSet ns;
  std::map<Name, AddressSet> glue;
  std::optional<std::vector<Octets>> ds;  // rdata, sorted; nothing: no answer with authority

  [[nodiscard]] bool is_answered() const { return reach == Reach::kAnswered; }
};

/// One of the zone's servers, at one address.
struct ServerFacts {
  Name name;
  HostPort place;
  SoaFacts edns;       // asked over UDP with EDNS, as resolvers do
  SoaFacts plain;      // without EDNS
  SoaFacts version_1;  // with a version of EDNS that nobody has (RFC 6891 s6.1.3)
  SoaFacts recursive;  // with RD
  SoaFacts tcp;
  std::optional<NameSet> ns;                // at the apex; nothing: no answer with authority
  std::optional<std::vector<Octets>> keys;  // rdata of the DNSKEY records, likewise
  bool are_keys_signed = false;
  Reach large = Reach::kNotAsked;  // the DNSKEY set over UDP, however large
  bool gives_transfer = false;     // AXFR to us

  /// The answer that says most about the zone: what can be read of one over UDP, else over TCP.
  [[nodiscard]] const SoaFacts& soa() const;
  /// The serial that it answers with as one of the zone's servers; nothing: it does not.
  [[nodiscard]] std::optional<Serial> serial() const;

  /// It answers for the zone as one of its servers.
  [[nodiscard]] bool is_good() const { return serial().has_value(); }
};

/// The addresses of a name server's name where they are kept, glue apart.
struct HostFacts {
  bool is_known = false;  // somebody could say; nobody answered otherwise
  AddressSet addresses;
};

/// What this node has of the zone.
struct NodeFacts {
  Serial serial = 0;
  NameSet ns;
};

struct DoctorFacts {
  Name zone;
  std::vector<ParentFacts> parents;
  std::vector<ServerFacts> servers;
  std::map<Name, HostFacts> hosts;  // of every name server that somebody names
  std::optional<NodeFacts> node;
  std::string without_node;  // why this node is not compared; empty: nobody wanted it, or it is
};

/// All that the delegation names, at whichever of the parent's servers.
[[nodiscard]] NameSet delegated_names(const DoctorFacts& facts);
/// Sorts, and takes out what is there twice.
void tidy(NameSet& names);
void tidy(AddressSet& addresses);
void tidy(std::vector<Octets>& rdatas);

}  // namespace tandem
