#include "ctl/doctor_questions.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "ctl/doctor_answers.h"
#include "ctl/doctor_start.h"

namespace tandem {
namespace {

constexpr std::uint16_t kLargePayload = 4096;
constexpr std::size_t kMostInformants = 2;  // servers of the zone that are asked for addresses

/// What each of the zone's servers is asked.
constexpr std::size_t kQuestions = 9;

std::array<Probe, kQuestions> questions_to(const HostPort& to, const Name& zone) {
  const auto soa = [&](std::uint16_t flags = 0) {
    return probe_question(zone, RrType::kSoa, flags);
  };
  const Probe::Edns dnssec{.version = 0, .payload = kDefaultUdpPayload, .wants_dnssec = true};
  const Probe::Edns large{.version = 0, .payload = kLargePayload, .wants_dnssec = true};
  const Probe::Edns version_1{.version = 1, .payload = kDefaultUdpPayload, .wants_dnssec = false};
  const ProbeOver udp = ProbeOver::kUdp;
  const ProbeOver either = ProbeOver::kEither;
  return {
      Probe{to, soa(), udp},
      Probe{to, soa(), udp, std::nullopt},
      Probe{to, soa(), udp, version_1},
      Probe{to, soa(kFlagRd), udp},
      Probe{to, soa(), ProbeOver::kTcp},
      Probe{to, probe_question(zone, RrType::kNs), either},
      Probe{to, probe_question(zone, RrType::kDnskey), either, dnssec},
      Probe{to, probe_question(zone, RrType::kDnskey), udp, large},
      Probe{to, probe_question(zone, RrType::kAxfr), ProbeOver::kTcp, std::nullopt},
  };
}

/// `replies`: to questions_to(), in that order.
void read_server(ServerFacts& server, std::span<const ProbeReply> replies, const Name& zone) {
  for (SoaFacts* const soa :
       {&server.edns, &server.plain, &server.version_1, &server.recursive, &server.tcp}) {
    *soa = read_soa(replies.front(), zone);
    replies = replies.subspan(1);
  }
  const ProbeReply& keys = replies[1];
  server.ns = read_ns(replies[0], zone);
  server.keys = read_set(keys, zone, RrType::kDnskey);
  server.are_keys_signed = has_signature(keys, zone, RrType::kDnskey);
  server.large = replies[2].reach;
  server.gives_transfer = begins_transfer(replies[3], zone);
}

/// What is beyond the limit is left out.
void add(NameSet& to, const NameSet& more) {
  to.insert(to.end(), more.begin(), more.end());
  tidy(to);
  to.resize(std::min(to.size(), kMostNameServers));
}

/// The addresses that were given for a name are those it has.
HostFacts host_at(const std::vector<HostPort>& places) {
  HostFacts out{.is_known = true, .addresses = {}};
  for (const HostPort& place : places) {
    out.addresses.push_back(place.host);
  }
  tidy(out.addresses);
  return out;
}

/// One look at one zone.
class Asking {
 public:
  Asking(const DoctorPlaces& places, const ProbeLimits& limits, DoctorFacts& facts)
      : places_(places),
        limits_(limits),
        start_(places.resolvers, limits),
        zone_(facts.zone),
        facts_(facts) {}

  Status run() {
    const auto parents =
        places_.parents.empty() ? TRY(start_.find_parents(zone_)) : places_.parents;
    ask_parents(parents);
    NameSet names;
    add(names, delegated_names(facts_));
    if (facts_.node) {
      add(names, facts_.node->ns);
    }
    look_up_outside(names);
    const std::vector<HostPort> known = find_more_names(names);
    look_up_inside(names, known);
    is_inside_asked_ = true;
    look_up_outside(names);
    ask_servers(names);
    return {};
  }

 private:
  void ask_parents(const std::vector<HostPort>& parents) {
    std::vector<Probe> probes;
    for (const HostPort& place : parents) {
      probes.push_back({.to = place, .message = probe_question(zone_, RrType::kNs)});
      probes.push_back({.to = place, .message = probe_question(zone_, RrType::kDs)});
    }
    const auto replies = probe_servers(probes, limits_);
    for (std::size_t i = 0; i < parents.size(); ++i) {
      facts_.parents.push_back(read_parent(parents[i], replies[2 * i], replies[2 * i + 1], zone_));
    }
  }

  /// Where a name server is, as far as it is known by now.
  [[nodiscard]] std::vector<HostPort> places_of(const Name& name) const {
    if (const auto given = places_.servers.find(name); given != places_.servers.end()) {
      return given->second;
    }
    AddressSet addresses;
    for (const ParentFacts& parent : facts_.parents) {
      if (const auto glue = parent.glue.find(name); glue != parent.glue.end()) {
        addresses.insert(addresses.end(), glue->second.begin(), glue->second.end());
      }
    }
    if (const auto host = facts_.hosts.find(name); host != facts_.hosts.end()) {
      addresses.insert(addresses.end(), host->second.addresses.begin(),
                       host->second.addresses.end());
    }
    tidy(addresses);
    std::vector<HostPort> out;
    out.reserve(addresses.size());
    for (const std::string& address : addresses) {
      out.push_back({address, std::string(kDnsPort)});
    }
    return out;
  }

  [[nodiscard]] std::vector<ServerFacts> servers_of(const NameSet& names) const {
    std::vector<ServerFacts> out;
    for (const Name& name : names) {
      for (const HostPort& place : places_of(name)) {
        if (out.size() < kMostServerPlaces) {
          ServerFacts server;
          server.name = name;
          server.place = place;
          out.push_back(std::move(server));
        }
      }
    }
    return out;
  }

  /// Asks those that are known for the zone's own NS records. Returns the servers that have them.
  std::vector<HostPort> find_more_names(NameSet& names) {
    std::vector<Probe> probes;
    for (const ServerFacts& server : servers_of(names)) {
      probes.push_back({.to = server.place, .message = probe_question(zone_, RrType::kNs)});
    }
    const auto replies = probe_servers(probes, limits_);
    std::vector<HostPort> out;
    for (std::size_t i = 0; i < replies.size(); ++i) {
      if (const auto ns = read_ns(replies[i], zone_); ns && !ns->empty()) {
        add(names, *ns);
        out.push_back(probes[i].to);
      }
    }
    return out;
  }

  /// Names in the zone have their addresses there.
  void look_up_inside(const NameSet& names, const std::vector<HostPort>& informants) {
    for (std::size_t i = 0; i < std::min(informants.size(), kMostInformants); ++i) {
      NameSet open;
      std::vector<Probe> probes;
      for (const Name& name : names) {
        if (name.is_subdomain_of(zone_) && !facts_.hosts.contains(name)) {
          open.push_back(name);
          for (const RrType type : {RrType::kA, RrType::kAaaa}) {
            probes.push_back({.to = informants[i], .message = probe_question(name, type)});
          }
        }
      }
      const auto replies = probe_servers(probes, limits_);
      for (std::size_t at = 0; at < open.size(); ++at) {
        take_addresses(open[at], replies[2 * at], replies[2 * at + 1]);
      }
    }
  }

  void take_addresses(const Name& name, const ProbeReply& a, const ProbeReply& aaaa) {
    const bool is_there =
        a.has(kFlagAa) && aaaa.has(kFlagAa) && !a.has(kFlagTc) && !aaaa.has(kFlagTc);
    if (is_there) {
      facts_.hosts[name] = {.is_known = true, .addresses = read_addresses(a, aaaa)};
    }
  }

  /// Those outside of the zone; and those inside that nobody of it could say, which are most likely
  /// in a zone of their own.
  void look_up_outside(const NameSet& names) {
    NameSet unknown;
    for (const Name& name : names) {
      const bool is_inside = name.is_subdomain_of(zone_);
      if (facts_.hosts.contains(name) || (is_inside && !is_inside_asked_)) {
        continue;
      }
      const auto given = places_.servers.find(name);
      if (given == places_.servers.end()) {
        unknown.push_back(name);
      } else {
        facts_.hosts[name] = is_inside ? HostFacts() : host_at(given->second);
      }
    }
    facts_.hosts.merge(start_.look_up(unknown));
  }

  void ask_servers(const NameSet& names) {
    facts_.servers = servers_of(names);
    std::vector<Probe> probes;
    for (const ServerFacts& server : facts_.servers) {
      std::ranges::move(questions_to(server.place, zone_), std::back_inserter(probes));
    }
    const auto replies = probe_servers(probes, limits_);
    for (std::size_t i = 0; i < facts_.servers.size(); ++i) {
      read_server(facts_.servers[i], std::span(replies).subspan(i * kQuestions, kQuestions), zone_);
    }
  }

  const DoctorPlaces& places_;
  const ProbeLimits& limits_;
  DoctorStart start_;
  const Name zone_;
  DoctorFacts& facts_;
  bool is_inside_asked_ = false;
};

}  // namespace

Result<DoctorFacts> ask_for_doctor(const Name& zone, const DoctorPlaces& places,
                                   std::optional<NodeFacts> node, const ProbeLimits& limits) {
  DoctorFacts facts;
  facts.zone = zone;
  facts.node = std::move(node);
  TRYV(Asking(places, limits, facts).run());
  return facts;
}

}  // namespace tandem
