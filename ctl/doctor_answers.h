// Reads answers of name servers for what the doctor wants to know. Pure: hostile answers are only
// facts that look odd.
#pragma once

#include "ctl/doctor_facts.h"

namespace tandem {

/// Of a question for the zone's SOA record.
[[nodiscard]] SoaFacts read_soa(const ProbeReply& reply, const Name& zone);

/// Of the questions to one of the parent's servers for the zone's NS and DS records.
[[nodiscard]] ParentFacts read_parent(const HostPort& place, const ProbeReply& ns,
                                      const ProbeReply& ds, const Name& zone);

/// The records of `type` that answer with authority for `owner`; nothing when the reply is no
/// whole answer of that kind.
[[nodiscard]] std::optional<std::vector<Octets>> read_set(const ProbeReply& reply,
                                                          const Name& owner, RrType type);
/// The same of NS records, as names.
[[nodiscard]] std::optional<NameSet> read_ns(const ProbeReply& reply, const Name& zone);
/// The NS records of the answer, be it from a cache.
[[nodiscard]] NameSet ns_records(const ProbeReply& reply, const Name& zone);
/// Whether there is a signature over the set (RFC 4034 s3.1.1).
[[nodiscard]] bool has_signature(const ProbeReply& reply, const Name& owner, RrType type);
/// Whether a transfer begins (RFC 5936 s2.2).
[[nodiscard]] bool begins_transfer(const ProbeReply& reply, const Name& zone);

/// The A and AAAA records of the answers to questions for both, whatever aliases led to them.
[[nodiscard]] AddressSet read_addresses(const ProbeReply& a, const ProbeReply& aaaa);

}  // namespace tandem
