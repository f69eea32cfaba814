// Answers, good and odd, as the doctor reads them.
#include "ctl/doctor_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/dns/rdata.h"

namespace tandem {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;

Name name(std::string_view text) {
  return Name::from_text(text).value();
}

const Name kZone = name("example.com.");
const HostPort kPlace{"192.0.2.53", "53"};
constexpr std::string_view kSoa = "ns1 hostmaster 7 900 300 604800 600";

MessageRecord record(const Name& owner, RrType type, std::string_view text) {
  return {owner, type, RrClass::kIn, 60, rdata_from_text(type, text, kZone).value()};
}

MessageRecord opt_with_ttl(std::uint32_t ttl) {
  MessageRecord out;
  out.type = RrType::kOpt;
  out.ttl = ttl;
  return out;
}

ProbeReply answer(std::uint16_t flags = kFlagAa) {
  ProbeReply out;
  out.reach = Reach::kAnswered;
  out.message.flags = static_cast<std::uint16_t>(kFlagQr | flags);
  return out;
}

TEST(DoctorAnswers, AnSoaAnswerSaysSerialAuthorityRecursionAndEdns) {
  ProbeReply reply = answer(kFlagAa | kFlagRa);
  reply.message.answers = {record(kZone, RrType::kSoa, kSoa)};
  const SoaFacts plain = read_soa(reply, kZone);
  EXPECT_THAT(plain.serial, Optional(7U));
  EXPECT_TRUE(plain.is_authoritative && plain.offers_recursion);
  EXPECT_FALSE(plain.edns_version || plain.is_truncated);
  reply.message.additionals = {opt_with_ttl(0x01'00'0000U)};
  reply.message.flags = kFlagQr;
  const SoaFacts bad = read_soa(reply, kZone);
  EXPECT_EQ(bad.rcode, Rcode::kBadVers);
  EXPECT_THAT(bad.edns_version, Optional(0));
  EXPECT_FALSE(bad.is_authoritative || bad.offers_recursion);
}

TEST(DoctorAnswers, AnSoaRecordOfAnotherNameSaysNothing) {
  ProbeReply reply = answer();
  reply.message.answers = {record(name("www.example.com."), RrType::kSoa, kSoa)};
  EXPECT_FALSE(read_soa(reply, kZone).serial);
}

TEST(DoctorAnswers, ASilentServerSaysNothing) {
  ProbeReply reply;
  reply.reach = Reach::kSilent;
  EXPECT_EQ(read_soa(reply, kZone).reach, Reach::kSilent);
  EXPECT_FALSE(read_set(reply, kZone, RrType::kNs));
  EXPECT_FALSE(begins_transfer(reply, kZone));
}

TEST(DoctorAnswers, ADelegationHasNamesAndGlueOfThem) {
  ProbeReply ns = answer(0);
  ns.message.authorities = {record(kZone, RrType::kNs, "ns2"), record(kZone, RrType::kNs, "NS1"),
                            record(kZone, RrType::kNs, "ns2"),
                            record(name("com."), RrType::kNs, "other")};
  ns.message.additionals = {record(name("ns1.example.com."), RrType::kAaaa, "2001:db8:0::1"),
                            record(name("ns1.example.com."), RrType::kA, "192.0.2.1"),
                            record(name("else.example.com."), RrType::kA, "192.0.2.9")};
  ProbeReply ds = answer();
  ds.message.answers = {record(kZone, RrType::kDs, "1 13 250 00")};
  const ParentFacts parent = read_parent(kPlace, ns, ds, kZone);
  EXPECT_THAT(parent.ns, ElementsAre(name("ns1.example.com."), name("ns2.example.com.")));
  EXPECT_THAT(parent.glue,
              ElementsAre(Pair(name("ns1.example.com."), ElementsAre("192.0.2.1", "2001:db8::1"))));
  EXPECT_THAT(parent.ds,
              Optional(ElementsAre(rdata_from_text(RrType::kDs, "1 13 250 00").value())));
  EXPECT_FALSE(parent.is_child_too);
}

TEST(DoctorAnswers, AParentThatAnswersForTheZoneIsItsServerToo) {
  ProbeReply ns = answer();
  ns.message.answers = {record(kZone, RrType::kNs, "ns1")};
  const ParentFacts parent = read_parent(kPlace, ns, answer(0), kZone);
  EXPECT_TRUE(parent.is_child_too);
  EXPECT_THAT(parent.ns, ElementsAre(name("ns1.example.com.")));
  EXPECT_FALSE(parent.ds);  // without authority
}

TEST(DoctorAnswers, OnlyAWholeAnswerWithAuthorityIsASet) {
  ProbeReply reply = answer();
  EXPECT_THAT(read_ns(reply, kZone), Optional(IsEmpty()));
  reply.message.answers = {record(kZone, RrType::kNs, "ns1"),
                           record(kZone, RrType::kA, "192.0.2.1")};
  EXPECT_THAT(read_ns(reply, kZone), Optional(ElementsAre(name("ns1.example.com."))));
  for (const std::uint16_t flags :
       {std::uint16_t{0}, kFlagRa, static_cast<std::uint16_t>(kFlagAa | kFlagTc),
        static_cast<std::uint16_t>(kFlagAa | 5U)}) {
    reply.message.flags = flags;
    EXPECT_FALSE(read_ns(reply, kZone)) << flags;
  }
}

TEST(DoctorAnswers, ASignatureIsOverItsType) {
  ProbeReply reply = answer();
  reply.message.answers = {record(
      kZone, RrType::kRrsig, "DNSKEY 13 2 60 20300101000000 20200101000000 1 example.com. AA==")};
  EXPECT_TRUE(has_signature(reply, kZone, RrType::kDnskey));
  EXPECT_FALSE(has_signature(reply, kZone, RrType::kNs));
  EXPECT_FALSE(has_signature(reply, name("a.example.com."), RrType::kDnskey));
}

TEST(DoctorAnswers, ATransferBeginsWithTheSoaRecord) {
  ProbeReply reply = answer();
  EXPECT_FALSE(begins_transfer(reply, kZone));
  reply.message.answers = {record(kZone, RrType::kSoa, kSoa)};
  EXPECT_TRUE(begins_transfer(reply, kZone));
  reply.message.flags |= 5U;  // REFUSED
  EXPECT_FALSE(begins_transfer(reply, kZone));
}

TEST(DoctorAnswers, AddressesAreReadBehindAliases) {
  ProbeReply reply = answer(kFlagRa);
  reply.message.answers = {record(name("ns.example.com."), RrType::kCname, "real"),
                           record(name("real.example.com."), RrType::kA, "192.0.2.7")};
  EXPECT_THAT(read_addresses(reply, ProbeReply()), ElementsAre("192.0.2.7"));
}

}  // namespace
}  // namespace tandem
