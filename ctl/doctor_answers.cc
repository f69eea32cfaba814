#include "ctl/doctor_answers.h"

#include <algorithm>
#include <utility>

#include "common/dns/rdata.h"

namespace tandem {
namespace {

constexpr std::size_t kMostNames = 64;  // of one set; what is behind them is not looked at

bool is_address_type(RrType type) {
  return type == RrType::kA || type == RrType::kAaaa;
}

bool is_of(const MessageRecord& record, const Name& owner, RrType type) {
  return record.type == type && record.rr_class == RrClass::kIn && record.owner == owner;
}

std::vector<Octets> rdatas_of(const std::vector<MessageRecord>& section, const Name& owner,
                              RrType type) {
  std::vector<Octets> out;
  for (const MessageRecord& record : section) {
    if (is_of(record, owner, type) && out.size() < kMostNames) {
      out.push_back(record.rdata);
    }
  }
  tidy(out);
  return out;
}

NameSet names_of(const std::vector<Octets>& rdatas) {
  NameSet out;
  for (const Octets& rdata : rdatas) {
    if (const auto name = Name::from_wire(rdata)) {
      out.push_back(*name);
    }
  }
  tidy(out);
  return out;
}

}  // namespace

bool SoaFacts::is_for_want_of_edns() const {
  return is_answered() && !edns_version && (rcode == Rcode::kFormErr || rcode == Rcode::kNotImp);
}

const SoaFacts& ServerFacts::soa() const {
  if (edns.is_answered() && !edns.is_truncated && !edns.is_for_want_of_edns()) {
    return edns;
  }
  return plain.is_answered() && !plain.is_truncated ? plain : tcp;
}

std::optional<Serial> ServerFacts::serial() const {
  const SoaFacts& best = soa();
  const bool is_good = best.is_answered() && best.rcode == Rcode::kNoError && best.is_authoritative;
  return is_good ? best.serial : std::nullopt;
}

NameSet delegated_names(const DoctorFacts& facts) {
  NameSet out;
  for (const ParentFacts& parent : facts.parents) {
    out.insert(out.end(), parent.ns.begin(), parent.ns.end());
  }
  tidy(out);
  return out;
}

void tidy(NameSet& names) {
  std::ranges::sort(names, [](const Name& a, const Name& b) { return a < b; });
  const auto twice = std::ranges::unique(names);
  names.erase(twice.begin(), twice.end());
}

void tidy(AddressSet& addresses) {
  std::ranges::sort(addresses);
  const auto twice = std::ranges::unique(addresses);
  addresses.erase(twice.begin(), twice.end());
}

void tidy(std::vector<Octets>& rdatas) {
  std::ranges::sort(rdatas);
  const auto twice = std::ranges::unique(rdatas);
  rdatas.erase(twice.begin(), twice.end());
}

SoaFacts read_soa(const ProbeReply& reply, const Name& zone) {
  SoaFacts out;
  out.reach = reply.reach;
  if (reply.reach != Reach::kAnswered) {
    return out;
  }
  out.rcode = reply.rcode();
  out.is_authoritative = reply.has(kFlagAa);
  out.is_truncated = reply.has(kFlagTc);
  out.offers_recursion = reply.has(kFlagRa);
  if (const MessageRecord* const opt = reply.opt()) {
    out.edns_version = static_cast<std::uint8_t>(opt->ttl >> 16U);
  }
  const auto soa = rdatas_of(reply.message.answers, zone, RrType::kSoa);
  if (!soa.empty()) {
    out.serial = soa_serial(soa.front());
  }
  return out;
}

ParentFacts read_parent(const HostPort& place, const ProbeReply& ns, const ProbeReply& ds,
                        const Name& zone) {
  ParentFacts out;
  out.place = place;
  out.reach = ns.reach;
  if (ns.reach != Reach::kAnswered) {
    return out;
  }
  out.rcode = ns.rcode();
  const auto of_zone = rdatas_of(ns.message.answers, zone, RrType::kNs);
  out.is_child_too = !of_zone.empty();
  out.ns =
      names_of(out.is_child_too ? of_zone : rdatas_of(ns.message.authorities, zone, RrType::kNs));
  for (const MessageRecord& record : ns.message.additionals) {
    if (is_address_type(record.type) && record.rr_class == RrClass::kIn &&
        std::ranges::binary_search(out.ns, record.owner,
                                   [](const Name& a, const Name& b) { return a < b; })) {
      out.glue[record.owner].push_back(rdata_to_text(record.type, record.rdata));
    }
  }
  for (auto& [name, addresses] : out.glue) {
    tidy(addresses);
  }
  out.ds = read_set(ds, zone, RrType::kDs);
  return out;
}

std::optional<std::vector<Octets>> read_set(const ProbeReply& reply, const Name& owner,
                                            RrType type) {
  if (reply.reach != Reach::kAnswered || reply.rcode() != Rcode::kNoError || !reply.has(kFlagAa) ||
      reply.has(kFlagTc)) {
    return std::nullopt;
  }
  return rdatas_of(reply.message.answers, owner, type);
}

std::optional<NameSet> read_ns(const ProbeReply& reply, const Name& zone) {
  const auto rdatas = read_set(reply, zone, RrType::kNs);
  return rdatas ? std::optional(names_of(*rdatas)) : std::nullopt;
}

NameSet ns_records(const ProbeReply& reply, const Name& zone) {
  return names_of(rdatas_of(reply.message.answers, zone, RrType::kNs));
}

bool has_signature(const ProbeReply& reply, const Name& owner, RrType type) {
  return std::ranges::any_of(reply.message.answers, [&](const MessageRecord& record) {
    return is_of(record, owner, RrType::kRrsig) && record.rdata.size() >= 2 &&
           load_be16(record.rdata.data()) == number(type);
  });
}

bool begins_transfer(const ProbeReply& reply, const Name& zone) {
  return reply.reach == Reach::kAnswered && reply.rcode() == Rcode::kNoError &&
         !reply.message.answers.empty() && is_of(reply.message.answers.front(), zone, RrType::kSoa);
}

AddressSet read_addresses(const ProbeReply& a, const ProbeReply& aaaa) {
  AddressSet out;
  for (const ProbeReply* const reply : {&a, &aaaa}) {
    for (const MessageRecord& record : reply->message.answers) {
      if (is_address_type(record.type) && record.rr_class == RrClass::kIn &&
          out.size() < kMostNames) {
        out.push_back(rdata_to_text(record.type, record.rdata));
      }
    }
  }
  tidy(out);
  return out;
}

}  // namespace tandem
