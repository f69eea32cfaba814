// What is wrong with a zone's delegation and servers, judged from facts alone. Each kind of finding
// has one severity, one reason why it matters and one thing to do; what differs is whom it is about
// and what was seen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/doctor_facts.h"

namespace tandem {

enum class Severity : std::uint8_t { kError, kWarning, kNote };

enum class FindingKind : std::uint8_t {
  // the parent and what it says
  kParentSilent,
  kParentUnknown,
  kNotDelegated,
  kParentsDiffer,
  kParentIsChild,
  // the two NS sets, and glue
  kNsOnlyAtParent,
  kNsOnlyInZone,
  kApexNsDiffers,
  kGlueMissing,
  kGlueStale,
  kGlueIncomplete,
  kNoAddress,
  kNotLookedUp,
  kOneServer,
  // one server
  kSilent,
  kNoRoute,
  kUdpBlocked,
  kTcpBlocked,
  kLame,
  kNoEdns,
  kEdnsDropped,
  kEdnsVersion,
  kLargeDropped,
  kOpenTransfer,
  kRecursion,
  // versions of the zone
  kSerialDiffers,
  kSerialBehindNode,
  kSerialAheadOfNode,
  kNotCompared,
  // DNSSEC
  kDsWithoutKey,
  kDsMatchesNoKey,
  kDsUnsigned,
  kDsLeftOver,
  kKeyWithoutDs,
};

/// What is the same of all findings of a kind.
struct KindText {
  FindingKind kind;
  Severity severity;
  std::string_view word;    // for programs
  std::string_view why;     // it matters
  std::string_view action;  // what to do, and where; see action_text()
};

[[nodiscard]] const KindText& kind_text(FindingKind kind);

struct Finding {
  FindingKind kind{};
  std::string server;  // whom it is about; empty: the zone as a whole
  std::string what;
};

/// What to do about a finding: its kind's action with the zone in the place of ZONE and whom it is
/// about in that of NAME.
[[nodiscard]] std::string action_text(const Finding& finding, const Name& zone);

/// All findings, errors first, then by what they are about: the parent, NS sets and glue, each
/// server, serials, DNSSEC.
[[nodiscard]] std::vector<Finding> doctor_findings(const DoctorFacts& facts);

/// `ns1.example.com. at 192.0.2.1:53`.
[[nodiscard]] std::string shown(const ServerFacts& server);

/// The zone's own NS records as they count: this node's, else those of the good server with the
/// newest version; nothing when there is neither.
[[nodiscard]] std::optional<NameSet> apex_names(const DoctorFacts& facts);
/// Why there is no answer, in words.
[[nodiscard]] std::string_view silence(Reach reach);

// The parts of it, in their order; each appends to `to`.
void judge_delegation(const DoctorFacts& facts, std::vector<Finding>& to);
void judge_servers(const DoctorFacts& facts, std::vector<Finding>& to);
void judge_versions(const DoctorFacts& facts, std::vector<Finding>& to);
void judge_keys(const DoctorFacts& facts, std::vector<Finding>& to);

}  // namespace tandem
