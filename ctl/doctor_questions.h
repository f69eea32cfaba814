// Asks all that the doctor wants to know about a zone: its parent's servers, then the servers that
// they and the zone's own NS records name. Bounded in servers, questions and time. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "ctl/dns_probe.h"
#include "ctl/doctor_facts.h"

namespace tandem {

/// Where to ask.
struct DoctorPlaces {
  std::vector<HostPort> resolvers;                // for what is outside of the zone
  std::vector<HostPort> parents;                  // empty: they are looked for
  std::map<Name, std::vector<HostPort>> servers;  // where these are, whatever anybody says
};

// What is behind these is not asked.
constexpr std::size_t kMostNameServers = 16;
constexpr std::size_t kMostServerPlaces = 32;

/// `node`: what is known here already. Takes some seconds when somebody does not answer. Fails:
/// as DoctorStart::find_parents().
Result<DoctorFacts> ask_for_doctor(const Name& zone, const DoctorPlaces& places,
                                   std::optional<NodeFacts> node, const ProbeLimits& limits);

}  // namespace tandem
