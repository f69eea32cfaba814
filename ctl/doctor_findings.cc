#include "ctl/doctor_findings.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/core.h>

#include "common/base/check.h"

namespace tandem {
namespace {

using Kind = FindingKind;
constexpr Severity kError = Severity::kError;
constexpr Severity kWarning = Severity::kWarning;
constexpr Severity kNote = Severity::kNote;

// The order of the enumeration, which the test of this table holds it to.
constexpr std::array kTexts = {
    KindText{Kind::kParentSilent, kWarning, "parent-silent",
             "resolvers find the zone only through the parent's servers",
             "ask again later; when it stays so from elsewhere too, tell whoever runs the parent"},
    KindText{Kind::kParentUnknown, kError, "parent-unknown",
             "what the world is told about the zone's servers cannot be compared",
             "look at this machine's way out (UDP and TCP port 53), or give the parent's servers "
             "with --parent ADDR:PORT"},
    KindText{Kind::kNotDelegated, kError, "not-delegated",
             "no resolver can find the zone, whatever its servers answer",
             "at the registrar: register the domain, or enter its name servers"},
    KindText{Kind::kParentsDiffer, kWarning, "parents-differ",
             "which servers a resolver learns of depends on whom of the parent it asks",
             "wait: a change at the registrar may be on its way; when it stays so, tell whoever "
             "runs the parent"},
    KindText{Kind::kParentIsChild, kNote, "parent-is-child",
             "it answers with the zone's own NS records, so that a delegation which differs from "
             "them is not seen there",
             "nothing; look at the NS records in the parent zone's text when you run it"},
    KindText{Kind::kNsOnlyAtParent, kWarning, "ns-only-at-parent",
             "resolvers ask it as long as they know only the delegation, and no longer once they "
             "have the zone's own NS records: failures come and go",
             "at the registrar: remove it; or here: tandemctl record add ZONE @ NS NAME"},
    KindText{Kind::kNsOnlyInZone, kWarning, "ns-only-in-zone",
             "resolvers that start at the delegation never hear of it: it does not help when the "
             "others are down",
             "at the registrar: add it; or here: tandemctl record delete ZONE @ NS NAME"},
    KindText{Kind::kApexNsDiffers, kWarning, "apex-ns-differs",
             "which servers a resolver goes on with depends on whom it asked",
             "bring that server to the present version of the zone (its transfers), or take it "
             "out of both NS sets"},
    KindText{Kind::kGlueMissing, kError, "glue-missing",
             "its name is inside the zone, so that nobody can find its address without having it "
             "already: the server is never asked",
             "at the registrar: enter the host (glue) with its addresses"},
    KindText{Kind::kGlueStale, kError, "glue-stale",
             "resolvers go to that address first, where another machine or nobody answers",
             "at the registrar: change the host's addresses (glue) to those of the zone; or here, "
             "when the zone is wrong: tandemctl record set ZONE NAME A ADDRESS"},
    KindText{Kind::kGlueIncomplete, kWarning, "glue-incomplete",
             "resolvers that start at the delegation do not use that address",
             "at the registrar: add the address to the host (glue)"},
    KindText{Kind::kNoAddress, kError, "no-address",
             "a name server without an address is never asked",
             "give NAME an A or AAAA record in the zone that it lies in; when that is here, with "
             "tandemctl record add"},
    KindText{Kind::kNotLookedUp, kNote, "not-looked-up",
             "glue that is old, or missing, is not seen for it",
             "see the findings about the servers that should know it, or give a resolver with "
             "--resolver ADDR"},
    KindText{Kind::kOneServer, kNote, "one-server", "when it is down the zone is (RFC 2182 s5)",
             "add a second server elsewhere, at the registrar and in the zone"},
    KindText{Kind::kSilent, kError, "silent",
             "resolvers that choose it wait, and then ask another one, or fail",
             "start it, look at its address and at firewalls on the way; when it is gone for good "
             "remove it at the registrar and in the zone"},
    KindText{Kind::kNoRoute, kNote, "no-route", "it could not be looked at from here",
             "ask again from a machine that has IPv6 (or IPv4)"},
    KindText{Kind::kUdpBlocked, kError, "udp-blocked",
             "resolvers ask over UDP first, and few try TCP when nothing comes",
             "let port 53 of UDP through to it, and answers back"},
    KindText{Kind::kTcpBlocked, kError, "tcp-blocked",
             "answers that are too large for UDP cannot be fetched, nor zones (RFC 7766 s5)",
             "let port 53 of TCP through to it, and let it listen there"},
    KindText{Kind::kLame, kError, "lame",
             "it is listed as a server of the zone and does not answer as one: resolvers lose "
             "time, or fail (lame delegation)",
             "set the zone up there (as a secondary: may it have transfers?), or remove it at "
             "the registrar and in the zone"},
    KindText{Kind::kNoEdns, kWarning, "no-edns", "no DNSSEC, no answers above 512 octets over UDP",
             "update that server, or what stands in front of it (RFC 6891)"},
    KindText{Kind::kEdnsDropped, kError, "edns-dropped",
             "resolvers ask with EDNS and no longer try without it (DNS flag day 2019)",
             "take away the firewall that drops such questions, or update the server"},
    KindText{Kind::kEdnsVersion, kWarning, "edns-version",
             "what comes after EDNS version 0 will not work with it (RFC 6891 s6.1.3)",
             "update that server, or what stands in front of it"},
    KindText{Kind::kLargeDropped, kWarning, "large-dropped",
             "fragments, or answers above 512 octets, are lost on the way: resolvers wait before "
             "they try otherwise",
             "let it send at most 1232 octets over UDP, and do not block large answers or "
             "fragments"},
    KindText{Kind::kOpenTransfer, kWarning, "open-transfer",
             "whoever asks may read every name of the zone, and can let it send much at small "
             "cost",
             "allow transfers to the secondaries only, by key or address; nothing when this "
             "machine is one that may have them"},
    KindText{Kind::kRecursion, kWarning, "recursion",
             "an open resolver is used for attacks on others, and its answers from a cache are "
             "not those of the zone",
             "switch recursion off there, or allow it to its own network only"},
    KindText{Kind::kSerialDiffers, kWarning, "serial-differs",
             "it answers with an old version of the zone",
             "look at its transfers: is it told of changes (NOTIFY), may it have the zone?"},
    KindText{Kind::kSerialBehindNode, kWarning, "serial-behind-node",
             "it answers with an old version of the zone",
             "tandemctl xfr status ZONE and tandemctl status say what is in the way; a change "
             "that was just made may be on its way"},
    KindText{Kind::kSerialAheadOfNode, kWarning, "serial-ahead-of-node",
             "it takes no new version from here until the serial here is above its own",
             "is it fed from elsewhere, or was this node restored from an old backup? Raise the "
             "serial here above it, or delete the zone there"},
    KindText{Kind::kNotCompared, kNote, "not-compared",
             "whether the servers have this node's version is not seen",
             "run it where the node runs (--data, --socket), or say --no-node"},
    KindText{Kind::kDsWithoutKey, kError, "ds-without-key",
             "validating resolvers answer SERVFAIL for the whole zone",
             "at the registrar: remove the DS records now; or serve the zone signed there"},
    KindText{Kind::kDsMatchesNoKey, kError, "ds-matches-no-key",
             "validating resolvers answer SERVFAIL for the whole zone",
             "at the registrar: replace the DS records by those of the zone's keys"},
    KindText{Kind::kDsUnsigned, kError, "ds-unsigned",
             "validating resolvers answer SERVFAIL for the whole zone",
             "serve the zone with its signatures there, or remove the DS records at the registrar"},
    KindText{Kind::kDsLeftOver, kNote, "ds-left-over",
             "harmless in a change of keys, forgotten otherwise",
             "at the registrar: remove it when no such key is coming"},
    KindText{Kind::kKeyWithoutDs, kNote, "key-without-ds", "nobody checks the zone's signatures",
             "at the registrar: enter the DS record when the zone is to be validated"}};

void put_in_place(std::string& text, std::string_view word, const std::string& by) {
  for (std::size_t at = text.find(word); at != std::string::npos;
       at = text.find(word, at + by.size())) {
    text.replace(at, word.size(), by);
  }
}

}  // namespace

const KindText& kind_text(FindingKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  CHECK(index < kTexts.size());
  return kTexts.at(index);
}

std::string action_text(const Finding& finding, const Name& zone) {
  std::string out(kind_text(finding.kind).action);
  put_in_place(out, "ZONE", zone.to_text());
  put_in_place(out, "NAME", finding.server);
  return out;
}

std::string_view silence(Reach reach) {
  switch (reach) {
    case Reach::kClosed:
      return "nobody listens there";
    case Reach::kNoRoute:
      return "this machine has no way to it";
    case Reach::kGarbled:
      return "what it sends is no DNS answer";
    case Reach::kNotAsked:
    case Reach::kAnswered:
    case Reach::kSilent:
      break;
  }
  return "it does not answer";
}

std::string shown(const ServerFacts& server) {
  return fmt::format("{} at {}", server.name.to_text(), to_text(server.place));
}

std::vector<Finding> doctor_findings(const DoctorFacts& facts) {
  std::vector<Finding> found;
  judge_delegation(facts, found);
  judge_servers(facts, found);
  judge_versions(facts, found);
  judge_keys(facts, found);
  std::vector<Finding> out;
  for (const Severity severity : {kError, kWarning, kNote}) {
    std::ranges::copy_if(found, std::back_inserter(out), [severity](const Finding& finding) {
      return kind_text(finding.kind).severity == severity;
    });
  }
  return out;
}

}  // namespace tandem
