#include "ctl/doctor_start.h"

#include <algorithm>
#include <utility>

#include "ctl/doctor_answers.h"

namespace tandem {
namespace {

constexpr std::size_t kMostResolvers = 3;  // resolv.conf(5)
constexpr std::string_view kBlanks = " \t\r";

/// The first word of `text`, which it is taken off.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

Probe question_to(const HostPort& resolver, const Name& name, RrType type) {
  return {.to = resolver, .message = probe_question(name, type, kFlagRd)};
}

/// Whether a resolver has found out, be it that there is nothing.
bool is_told(const ProbeReply& reply) {
  return reply.reach == Reach::kAnswered &&
         (reply.rcode() == Rcode::kNoError || reply.rcode() == Rcode::kNxDomain);
}

}  // namespace

std::vector<HostPort> resolvers_of(std::string_view resolv_conf) {
  std::vector<HostPort> out;
  while (!resolv_conf.empty() && out.size() < kMostResolvers) {
    std::string_view line = resolv_conf.substr(0, resolv_conf.find('\n'));
    resolv_conf.remove_prefix(std::min(line.size() + 1, resolv_conf.size()));
    if (take_word(line) != "nameserver") {
      continue;
    }
    HostPort place{std::string(take_word(line)), std::string(kDnsPort)};
    if (is_address(place)) {
      out.push_back(std::move(place));
    }
  }
  return out;
}

ProbeReply DoctorStart::ask(const Name& name, RrType type) const {
  ProbeReply last;
  for (const HostPort& resolver : resolvers_) {
    last = std::move(probe_servers({question_to(resolver, name, type)}, limits_).front());
    if (is_told(last)) {
      break;
    }
  }
  return last;
}

Result<NameSet> DoctorStart::find_parent_names(const Name& zone) const {
  for (Name name = zone; !name.is_root();) {
    name = name.parent();
    const ProbeReply reply = ask(name, RrType::kNs);
    if (!is_told(reply)) {
      return fail(Errc::kUnavailable,
                  "no resolver says who serves {}: name one with --resolver ADDR, or the parent's "
                  "servers with --parent ADDR:PORT",
                  name.to_text());
    }
    if (NameSet names = ns_records(reply, name); !names.empty()) {
      return names;
    }
  }
  return fail(Errc::kUnavailable, "the resolver knows no zone above {}", zone.to_text());
}

Result<std::vector<HostPort>> DoctorStart::find_parents(const Name& zone) const {
  if (zone.is_root()) {
    return fail(Errc::kInvalid, "the root has no parent: name its servers with --parent ADDR:PORT");
  }
  std::vector<HostPort> out;
  for (const auto& [name, host] : look_up(TRY(find_parent_names(zone)))) {
    for (const std::string& address : host.addresses) {
      if (out.size() < kMostParents) {
        out.push_back({address, std::string(kDnsPort)});
      }
    }
  }
  if (out.empty()) {
    return fail(Errc::kUnavailable, "the servers of the zone above {} have no address",
                zone.to_text());
  }
  return out;
}

std::map<Name, HostFacts> DoctorStart::look_up(const NameSet& names) const {
  std::map<Name, HostFacts> out;
  NameSet open = names;
  for (const HostPort& resolver : resolvers_) {
    std::vector<Probe> probes;
    for (const Name& name : open) {
      probes.push_back(question_to(resolver, name, RrType::kA));
      probes.push_back(question_to(resolver, name, RrType::kAaaa));
    }
    const std::vector<ProbeReply> replies = probe_servers(probes, limits_);
    NameSet still_open;
    for (std::size_t i = 0; i < open.size(); ++i) {
      const ProbeReply& a = replies[2 * i];
      const ProbeReply& aaaa = replies[2 * i + 1];
      HostFacts& host = out[open[i]];
      host.is_known = is_told(a) && is_told(aaaa);
      host.addresses = read_addresses(a, aaaa);
      if (!host.is_known) {
        still_open.push_back(open[i]);
      }
    }
    open = std::move(still_open);
  }
  for (const Name& name : open) {
    out.try_emplace(name);
  }
  return out;
}

}  // namespace tandem
