// Where the doctor begins: the resolvers of this machine, and what they know of names outside of
// the zone. One thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "ctl/dns_probe.h"
#include "ctl/doctor_facts.h"

namespace tandem {

/// The `nameserver` lines of a resolv.conf(5), at most three as the C library takes; other lines
/// are passed over.
[[nodiscard]] std::vector<HostPort> resolvers_of(std::string_view resolv_conf);

class DoctorStart {
 public:
  /// `resolvers`: asked one after the other until one answers. None: nothing is known.
  DoctorStart(std::vector<HostPort> resolvers, const ProbeLimits& limits)
      : resolvers_(std::move(resolvers)), limits_(limits) {}

  /// The servers of the zone in which `zone` is delegated: the next one above it that has NS
  /// records. At most `kMostParents`. Fails: kUnavailable, kInvalid for the root.
  Result<std::vector<HostPort>> find_parents(const Name& zone) const;

  /// The addresses of each name.
  [[nodiscard]] std::map<Name, HostFacts> look_up(const NameSet& names) const;

  static constexpr std::size_t kMostParents = 16;

 private:
  Result<NameSet> find_parent_names(const Name& zone) const;
  [[nodiscard]] ProbeReply ask(const Name& name, RrType type) const;

  std::vector<HostPort> resolvers_;
  ProbeLimits limits_;
};

constexpr std::string_view kDnsPort = "53";

}  // namespace tandem
