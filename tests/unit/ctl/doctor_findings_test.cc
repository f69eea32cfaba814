// What the doctor makes of facts: a zone in which all is well, and one thing that is wrong.
#include "ctl/doctor_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/dns/rdata.h"

namespace tandem {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = FindingKind;

Name name(std::string_view text) {
  return Name::from_text(text).value();
}

Octets rdata(RrType type, std::string_view text) {
  return rdata_from_text(type, text).value();
}

const Name kZone = name("example.com.");
const Name kNs1 = name("ns1.example.com.");
const Name kNs2 = name("ns2.example.com.");
const Name kOther = name("ns.example.net.");

constexpr std::string_view kKey = "257 3 13 AAECAwQFBgcICQoLDA0ODw==";

SoaFacts soa_of(Serial serial) {
  return {.reach = Reach::kAnswered,
          .rcode = Rcode::kNoError,
          .is_authoritative = true,
          .is_truncated = false,
          .offers_recursion = false,
          .edns_version = 0,
          .serial = serial};
}

SoaFacts of_reach(Reach reach) {
  SoaFacts out;
  out.reach = reach;
  return out;
}

ServerFacts server_at(const Name& server, const std::string& address) {
  ServerFacts out;
  out.name = server;
  out.place = {address, "53"};
  out.edns = out.plain = out.recursive = out.tcp = out.version_1 = soa_of(7);
  out.plain.edns_version.reset();
  out.version_1.rcode = Rcode::kBadVers;
  out.version_1.serial.reset();
  out.ns = NameSet{kNs1, kNs2};
  out.keys = std::vector<Octets>();
  out.large = Reach::kAnswered;
  return out;
}

ParentFacts parent_at(const std::string& address) {
  ParentFacts out;
  out.place = {address, "53"};
  out.reach = Reach::kAnswered;
  out.ns = {kNs1, kNs2};
  out.glue = {{kNs1, {"192.0.2.1"}}, {kNs2, {"192.0.2.2"}}};
  out.ds = std::vector<Octets>();
  return out;
}

class Doctor : public ::testing::Test {
 public:
  Doctor() {
    facts.zone = kZone;
    facts.parents = {parent_at("198.51.100.1"), parent_at("198.51.100.2")};
    facts.servers = {server_at(kNs1, "192.0.2.1"), server_at(kNs2, "192.0.2.2")};
    facts.hosts = {{kNs1, {.is_known = true, .addresses = {"192.0.2.1"}}},
                   {kNs2, {.is_known = true, .addresses = {"192.0.2.2"}}}};
  }

  /// That is all there is to find.
  void expect(Kind kind, const std::string& server, const std::string& what) {
    const auto findings = doctor_findings(facts);
    ASSERT_EQ(findings.size(), 1U) << texts();
    EXPECT_EQ(kind_text(findings[0].kind).word, kind_text(kind).word);
    EXPECT_EQ(findings[0].server, server);
    EXPECT_THAT(findings[0].what, HasSubstr(what));
  }

  [[nodiscard]] std::vector<std::string> words() const {
    std::vector<std::string> out;
    for (const Finding& finding : doctor_findings(facts)) {
      out.emplace_back(kind_text(finding.kind).word);
    }
    return out;
  }

  [[nodiscard]] std::string texts() const {
    std::string out;
    for (const Finding& finding : doctor_findings(facts)) {
      out += finding.server + ": " + finding.what + "\n";
    }
    return out;
  }

  ServerFacts& first() { return facts.servers[0]; }

  ServerFacts& second() { return facts.servers[1]; }

  void sign() {
    for (ServerFacts& server : facts.servers) {
      server.keys = {rdata(RrType::kDnskey, kKey)};
      server.are_keys_signed = true;
    }
  }

  void put_ds(const std::vector<std::string>& texts_of_ds) {
    for (ParentFacts& parent : facts.parents) {
      for (const std::string& text : texts_of_ds) {
        parent.ds->push_back(rdata(RrType::kDs, text));
      }
    }
  }

  DoctorFacts facts;
  const std::string who1 = "ns1.example.com. at 192.0.2.1:53";
  const std::string who2 = "ns2.example.com. at 192.0.2.2:53";
};

// Of kKey at example.com., by dnspython's make_ds.
const std::string kGoodDs =
    "15438 13 2 06cdba5039efc0654302a2813ed95bccfe2224e80c784d5c2e2e55ed3c1d8bd2";
const std::string kOtherDs =
    "1 13 2 0000000000000000000000000000000000000000000000000000000000000000";

TEST(DoctorKinds, EachHasItsTextAndItsOwnWord) {
  std::vector<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(Kind::kKeyWithoutDs); ++i) {
    const KindText& text = kind_text(static_cast<Kind>(i));
    EXPECT_EQ(static_cast<int>(text.kind), i) << text.word;
    EXPECT_FALSE(text.why.empty() || text.action.empty()) << text.word;
    EXPECT_THAT(words, ::testing::Not(::testing::Contains(text.word)));
    words.push_back(text.word);
  }
}

TEST_F(Doctor, FindsNothingWhereAllIsWell) {
  EXPECT_THAT(words(), IsEmpty()) << texts();
  facts.node = NodeFacts{.serial = 7, .ns = {kNs1, kNs2}};
  EXPECT_THAT(words(), IsEmpty()) << texts();
  sign();
  put_ds({kGoodDs});
  EXPECT_THAT(words(), IsEmpty()) << texts();
}

TEST_F(Doctor, AParentsServerIsSilent) {
  facts.parents[1] = ParentFacts();
  facts.parents[1].place = {"198.51.100.2", "53"};
  facts.parents[1].reach = Reach::kSilent;
  expect(Kind::kParentSilent, "parent's server 198.51.100.2:53", "does not answer");
}

TEST_F(Doctor, AParentWithoutARouteIsNoFault) {
  facts.parents[1] = ParentFacts();
  facts.parents[1].reach = Reach::kNoRoute;
  EXPECT_THAT(words(), IsEmpty());
}

TEST_F(Doctor, NobodyOfTheParentAnswers) {
  for (ParentFacts& parent : facts.parents) {
    parent = ParentFacts();
    parent.reach = Reach::kSilent;
  }
  expect(Kind::kParentUnknown, "", "none of the parent's servers");
}

TEST_F(Doctor, TheParentDoesNotKnowTheZone) {
  for (ParentFacts& parent : facts.parents) {
    parent.ns.clear();
    parent.glue.clear();
    parent.rcode = Rcode::kNxDomain;
  }
  expect(Kind::kNotDelegated, "", "NXDOMAIN");
}

TEST_F(Doctor, TheParentsServersDiffer) {
  facts.parents[1].ds = {rdata(RrType::kDs, kOtherDs)};
  expect(Kind::kParentsDiffer, "parent's server 198.51.100.2:53", "DS");
  facts.parents[1] = parent_at("198.51.100.2");
  facts.parents[1].glue.erase(kNs2);
  expect(Kind::kParentsDiffer, "parent's server 198.51.100.2:53", "glue");
  facts.parents[1] = parent_at("198.51.100.2");
  facts.parents[1].ns = {kNs1};
  expect(Kind::kParentsDiffer, "parent's server 198.51.100.2:53",
         "delegates to ns1.example.com., while 198.51.100.1:53");
}

TEST_F(Doctor, AParentThatServesTheZoneShowsNoDelegation) {
  facts.parents[0].is_child_too = true;
  facts.parents[0].glue.clear();
  expect(Kind::kParentIsChild, "parent's server 198.51.100.1:53", "as well");
}

TEST_F(Doctor, ANameStandsOnlyInTheDelegation) {
  for (ServerFacts& server : facts.servers) {
    server.ns = NameSet{kNs1};
  }
  expect(Kind::kNsOnlyAtParent, "ns2.example.com.", "delegation names it");
}

TEST_F(Doctor, ANameStandsOnlyInTheZone) {
  for (ServerFacts& server : facts.servers) {
    server.ns = NameSet{kOther, kNs1, kNs2};
    tidy(*server.ns);
  }
  expect(Kind::kNsOnlyInZone, "ns.example.net.", "own NS records");
}

TEST_F(Doctor, TheNodesNsRecordsAreThoseThatCount) {
  facts.node = NodeFacts{.serial = 7, .ns = {kNs1}};
  EXPECT_THAT(words(), ElementsAre("ns-only-at-parent", "apex-ns-differs", "apex-ns-differs"));
}

TEST_F(Doctor, AServerHasOtherNsRecords) {
  second().ns = NameSet{kNs1};
  expect(Kind::kApexNsDiffers, who2, "ns1.example.com., while");
}

TEST_F(Doctor, GlueIsMissing) {
  for (ParentFacts& parent : facts.parents) {
    parent.glue.erase(kNs2);
  }
  expect(Kind::kGlueMissing, "ns2.example.com.", "no address");
}

TEST_F(Doctor, ANameOutsideOfTheZoneNeedsNoGlue) {
  for (ParentFacts& parent : facts.parents) {
    parent.ns = {kNs1, kOther};
    tidy(parent.ns);
    parent.glue.erase(kNs2);
  }
  for (ServerFacts& server : facts.servers) {
    server.ns = facts.parents[0].ns;
  }
  facts.hosts.erase(kNs2);
  facts.hosts[kOther] = {.is_known = true, .addresses = {"203.0.113.1"}};
  EXPECT_THAT(words(), IsEmpty()) << texts();
}

TEST_F(Doctor, GlueIsStale) {
  for (ParentFacts& parent : facts.parents) {
    parent.glue[kNs2] = {"192.0.2.2", "192.0.2.9"};
  }
  expect(Kind::kGlueStale, "ns2.example.com.", "192.0.2.9");
}

TEST_F(Doctor, GlueLacksAnAddress) {
  facts.hosts[kNs2].addresses = {"192.0.2.2", "2001:db8::2"};
  expect(Kind::kGlueIncomplete, "ns2.example.com.", "2001:db8::2");
}

TEST_F(Doctor, ANameHasNoAddress) {
  facts.hosts[kNs2].addresses.clear();
  expect(Kind::kNoAddress, "ns2.example.com.", "neither A nor AAAA");
}

TEST_F(Doctor, ANameCannotBeLookedUp) {
  facts.hosts[kNs2] = HostFacts();
  expect(Kind::kNotLookedUp, "ns2.example.com.", "nobody could say");
}

TEST_F(Doctor, OneServerIsFew) {
  facts.servers.pop_back();
  facts.hosts.erase(kNs2);
  first().ns = NameSet{kNs1};
  for (ParentFacts& parent : facts.parents) {
    parent.ns = {kNs1};
    parent.glue.erase(kNs2);
  }
  expect(Kind::kOneServer, "ns1.example.com.", "only name server");
}

/// Of a server that does not answer for the zone nothing but that is known.
void silence_zone(ServerFacts& server) {
  server.ns.reset();
  server.keys.reset();
}

TEST_F(Doctor, AServerIsSilent) {
  silence_zone(first());
  first().edns = first().plain = first().recursive = first().version_1 = first().tcp =
      of_reach(Reach::kSilent);
  first().large = Reach::kSilent;
  expect(Kind::kSilent, who1, "neither over UDP nor TCP: it does not answer");
}

TEST_F(Doctor, AServerCannotBeReachedFromHere) {
  silence_zone(first());
  first().edns = first().plain = first().recursive = first().version_1 = first().tcp =
      of_reach(Reach::kNoRoute);
  first().large = Reach::kNoRoute;
  expect(Kind::kNoRoute, who1, "no way");
}

TEST_F(Doctor, UdpIsBlocked) {
  first().edns = first().plain = first().recursive = first().version_1 = of_reach(Reach::kSilent);
  first().large = Reach::kSilent;
  expect(Kind::kUdpBlocked, who1, "over TCP, but not over UDP");
}

TEST_F(Doctor, TcpIsBlocked) {
  first().tcp = of_reach(Reach::kClosed);
  expect(Kind::kTcpBlocked, who1, "not over TCP: nobody listens");
}

TEST_F(Doctor, AServerDoesNotServeTheZone) {
  silence_zone(first());
  for (SoaFacts* const soa : {&first().edns, &first().plain, &first().tcp, &first().recursive}) {
    soa->rcode = Rcode::kRefused;
    soa->is_authoritative = false;
    soa->serial.reset();
  }
  expect(Kind::kLame, who1, "REFUSED");
}

TEST_F(Doctor, AServerAnswersWithoutAuthority) {
  silence_zone(first());
  for (SoaFacts* const soa : {&first().edns, &first().plain, &first().tcp, &first().recursive}) {
    soa->is_authoritative = false;
  }
  expect(Kind::kLame, who1, "without authority");
  first().edns.serial.reset();
  expect(Kind::kLame, who1, "no SOA record");
}

TEST_F(Doctor, AServerKnowsNoEdns) {
  first().edns.edns_version.reset();
  first().version_1.edns_version.reset();
  expect(Kind::kNoEdns, who1, "no OPT record");
  first().edns.rcode = Rcode::kFormErr;
  expect(Kind::kNoEdns, who1, "FORMERR");
}

TEST_F(Doctor, QuestionsWithEdnsAreDropped) {
  first().edns = first().version_1 = of_reach(Reach::kSilent);
  first().large = Reach::kSilent;
  expect(Kind::kEdnsDropped, who1, "not at all with it");
}

TEST_F(Doctor, ANewerEdnsIsNotAnsweredAsItShould) {
  first().version_1.rcode = Rcode::kNoError;
  expect(Kind::kEdnsVersion, who1, "answers NOERROR instead of BADVERS");
  first().version_1 = of_reach(Reach::kSilent);
  expect(Kind::kEdnsVersion, who1, "does not answer");
}

TEST_F(Doctor, LargeAnswersAreDropped) {
  first().large = Reach::kSilent;
  expect(Kind::kLargeDropped, who1, "4096");
}

TEST_F(Doctor, ATransferIsGivenToAnybody) {
  first().gives_transfer = true;
  expect(Kind::kOpenTransfer, who1, "AXFR");
}

TEST_F(Doctor, RecursionIsOn) {
  first().recursive.offers_recursion = true;
  expect(Kind::kRecursion, who1, "RA");
  first().recursive = of_reach(Reach::kSilent);  // it finds nobody to ask
  first().edns.offers_recursion = true;
  expect(Kind::kRecursion, who1, "RA");
}

TEST_F(Doctor, SerialsDiffer) {
  second().edns = second().plain = second().tcp = soa_of(6);
  expect(Kind::kSerialDiffers, who2, "serial 6, while " + who1 + " has 7");
  first().edns.serial = 4'294'967'295U;  // 6 comes after it (RFC 1982)
  expect(Kind::kSerialDiffers, who1, "has 6");
}

TEST_F(Doctor, AServerIsBehindTheNode) {
  facts.node = NodeFacts{.serial = 8, .ns = {kNs1, kNs2}};
  first().edns.serial = 8;
  expect(Kind::kSerialBehindNode, who2, "serial 7, this node has 8");
}

TEST_F(Doctor, AServerIsAheadOfTheNode) {
  facts.node = NodeFacts{.serial = 7, .ns = {kNs1, kNs2}};
  first().edns.serial = 9;
  expect(Kind::kSerialAheadOfNode, who1, "serial 9, this node has 7");
}

TEST_F(Doctor, ThisNodeIsNotThere) {
  facts.without_node = "there is no node";
  expect(Kind::kNotCompared, "this node", "there is no node");
}

TEST_F(Doctor, TheParentHasDsForAnUnsignedZone) {
  put_ds({kGoodDs});
  const auto findings = doctor_findings(facts);
  ASSERT_THAT(words(), ElementsAre("ds-without-key", "ds-without-key"));
  EXPECT_EQ(findings[0].server, who1);
  EXPECT_EQ(kind_text(findings[0].kind).severity, Severity::kError);
}

TEST_F(Doctor, NoDsNamesAKey) {
  sign();
  put_ds({kOtherDs});
  EXPECT_THAT(words(), ElementsAre("ds-matches-no-key", "ds-matches-no-key"));
}

TEST_F(Doctor, ADsIsLeftOver) {
  sign();
  put_ds({kGoodDs, kOtherDs});
  expect(Kind::kDsLeftOver, "", "key tag 1 names no key");
}

TEST_F(Doctor, TheKeysHaveNoSignature) {
  sign();
  put_ds({kGoodDs});
  first().are_keys_signed = false;
  expect(Kind::kDsUnsigned, who1, "no signature");
}

TEST_F(Doctor, ASignedZoneHasNoDs) {
  sign();
  expect(Kind::kKeyWithoutDs, "", "as at " + who1);
}

TEST_F(Doctor, ErrorsComeFirst) {
  facts.without_node = "none";
  first().gives_transfer = true;
  second().tcp = of_reach(Reach::kSilent);
  EXPECT_THAT(words(), ElementsAre("tcp-blocked", "open-transfer", "not-compared"));
}

}  // namespace
}  // namespace tandem
