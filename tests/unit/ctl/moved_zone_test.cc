// Zones on their way here: what is taken of a transfer, of PowerDNS's JSON, of Technitium's files.
#include "ctl/moved_zone.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/dns/header.h"
#include "common/dns/message.h"
#include "common/dns/rdata.h"
#include "ctl/axfr_reader.h"
#include "ctl/http_client.h"
#include "ctl/powerdns_zone.h"
#include "ctl/technitium_zone.h"

namespace tandem {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Name name(std::string_view text) {
  return *Name::from_text(text);
}

MessageRecord record(std::string_view owner, RrType type, std::string_view data) {
  return {name(owner), type, RrClass::kIn, 60, *rdata_from_text(type, data)};
}

constexpr std::string_view kSoa = "ns.example. host.example. 7 1 2 3 4";

std::vector<std::string> left_out(const MovedZone& zone) {
  std::vector<std::string> lines;
  for (const LeftOut& one : zone.left_out) {
    lines.push_back(one.what + ": " + one.why);
  }
  return lines;
}

MovedZone of_file(std::string_view text, Signatures signatures = Signatures::kKeep) {
  MovedZoneBuilder builder(name("example."), "test", signatures);
  read_master_file(builder, text,
                   {.origin = name("example."), .file_name = "f", .open_include = {}});
  return builder.finish();
}

TEST(MovedZone, KeepsTheSerialWhenNothingIsLeftBehind) {
  const MovedZone zone = of_file("@ 60 SOA ns host 7 1 2 3 4\n@ 60 NS ns\n");
  EXPECT_EQ(zone.text,
            "example. 60 IN SOA ns.example. host.example. 7 1 2 3 4\nexample. 60 IN NS "
            "ns.example.\n");
  EXPECT_EQ(zone.serial, 7U);
  EXPECT_EQ(zone.records, 2U);
  EXPECT_THAT(zone.problems, IsEmpty());
}

TEST(MovedZone, TheSerialGoesAheadWhereTheContentIsAnother) {
  MovedZoneBuilder builder(name("example."), "test", Signatures::kKeep);
  builder.add(name("example."), RrType::kSoa, 60, *rdata_from_text(RrType::kSoa, kSoa));
  builder.leave_out("x", "of its own kind", Answered::kYes);
  const MovedZone zone = builder.finish();
  EXPECT_EQ(zone.source_serial, 7U);
  EXPECT_EQ(zone.serial, 8U);
  EXPECT_THAT(zone.text, HasSubstr(" 8 1 2 3 4"));
}

TEST(MovedZone, WhatIsOutsideStaysAndIsCounted) {
  const MovedZone zone =
      of_file("@ 60 SOA ns host 7 1 2 3 4\na.other. 60 A 192.0.2.1\nb.other. 60 A 192.0.2.1\n");
  EXPECT_THAT(left_out(zone), ElementsAre("2 records, the first at a.other.: outside the zone"));
  EXPECT_EQ(zone.serial, 7U);  // nobody was answered with them
}

TEST(MovedZone, WithoutItsSignaturesIsToldWhatToDo) {
  constexpr std::string_view kSigned =
      "@ 60 SOA ns host 7 1 2 3 4\n@ 60 NS ns\n"
      "@ 60 DNSKEY 256 3 13 aaaa\n@ 60 NSEC @ NS SOA\n"
      "@ 60 RRSIG NS 13 1 60 20300101000000 20200101000000 1 example. aaaa\n"
      "@ 60 RRSIG SOA 13 1 60 20310101000000 20200101000000 1 example. aaaa\n";
  const MovedZone kept = of_file(kSigned);
  EXPECT_EQ(kept.records, 6U);
  EXPECT_THAT(kept.notes, ElementsAre(HasSubstr("until 2030-01-01")));
  const MovedZone plain = of_file(kSigned, Signatures::kDrop);
  EXPECT_EQ(plain.records, 2U);
  EXPECT_EQ(plain.serial, 8U);
  EXPECT_THAT(plain.notes, ElementsAre(HasSubstr("remove the DS records")));
  EXPECT_THAT(left_out(plain), Contains("RRSIG: 2 records: belongs to the signatures"));
}

TEST(MovedZone, CannotComeWithErrorsOrWithoutASoa) {
  EXPECT_THAT(of_file("@ 60 NS ns\n").problems, ElementsAre("has no SOA record"));
  const MovedZone bad = of_file("@ 60 SOA ns host 7 1 2 3 4\n@ 60 A 192.0.2\n");
  EXPECT_THAT(bad.problems, ElementsAre(HasSubstr("f:2:")));
  EXPECT_EQ(bad.text, "");
}

/// One transfer, message by message.
class Axfr : public ::testing::Test {
 public:
  Status take(std::vector<MessageRecord> answers, std::uint16_t flags = kFlagQr | kFlagAa) {
    Message message;
    message.id = 9;
    message.flags = flags;
    message.answers = std::move(answers);
    return reader.take(*write_message(message), 0);
  }

  std::string error(std::vector<MessageRecord> answers, std::uint16_t flags = kFlagQr | kFlagAa) {
    const Status taken = take(std::move(answers), flags);
    return taken ? "good" : taken.error().detail;
  }

  MessageRecord soa = record("example.", RrType::kSoa, kSoa);
  MessageRecord ns = record("example.", RrType::kNs, "ns.example.");
  MovedZoneBuilder builder{name("example."), "test", Signatures::kKeep};
  AxfrReader reader{9, std::nullopt, builder};
};

TEST_F(Axfr, GoesFromSoaToSoaOverMessages) {
  EXPECT_EQ(error({soa}), "good");
  EXPECT_EQ(error({ns}), "good");
  EXPECT_FALSE(reader.is_done());
  EXPECT_EQ(error({record("a.example.", RrType::kA, "192.0.2.1"), soa}), "good");
  EXPECT_TRUE(reader.is_done());
  EXPECT_EQ(builder.finish().records, 3U);
}

TEST_F(Axfr, ExplainsTheRcode) {
  EXPECT_THAT(error({}, kFlagQr | 5U), HasSubstr("does not allow transfers of example. to this "
                                                 "address without a key (REFUSED)"));
  EXPECT_THAT(error({}, kFlagQr | 9U), HasSubstr("NOTAUTH"));
  EXPECT_THAT(error({}, kFlagQr | 2U), HasSubstr("expired, or not loaded"));
  EXPECT_THAT(error({}, kFlagQr | 7U), HasSubstr("YXRRSET"));
}

TEST_F(Axfr, RefusesWhatIsNoTransfer) {
  EXPECT_THAT(error({ns, soa}), HasSubstr("does not begin with"));
  EXPECT_THAT(error({}), HasSubstr("without the zone"));
  EXPECT_THAT(error({soa}, 0), HasSubstr("something else"));
  EXPECT_THAT(error({soa}, kFlagQr | kFlagTc), HasSubstr("cuts"));
  EXPECT_FALSE(reader.take(Octets{1, 2, 3}, 0));
}

TEST_F(Axfr, RefusesAnEndThatDoesNotFit) {
  ASSERT_EQ(error({soa, ns}), "good");
  EXPECT_THAT(error({record("example.", RrType::kSoa, "ns.example. host.example. 8 1 2 3 4")}),
              HasSubstr("it changed meanwhile"));
  ASSERT_EQ(error({soa}), "good");
  EXPECT_THAT(error({ns}), HasSubstr("behind the zone's end"));
}

MovedZone of_powerdns(std::string_view sets, std::string_view more = "") {
  MovedZoneBuilder builder(name("example."), "test", Signatures::kKeep);
  read_powerdns_zone(
      boost::json::parse(
          R"({"rrsets":[{"name":"example.","type":"SOA","ttl":60,"records":[{"content":)"
          R"("ns. host. 7 1 2 3 4","disabled":false}]})" +
          std::string(sets) + "]" + std::string(more) + "}"),
      builder);
  return builder.finish();
}

TEST(PowerDnsZone, BringsRecordsAndSaysWhatStays) {
  const MovedZone zone = of_powerdns(
      R"(,{"name":"a.example.","type":"A","ttl":60,"records":[{"content":"192.0.2.1","disabled":)"
      R"(false},{"content":"192.0.2.2","disabled":true}],"comments":[{"content":"x"}]})"
      R"(,{"name":"t.example.","type":"TXT","ttl":60,"records":[{"content":"\"a; b\" \"\\\"\""}]})"
      R"(,{"name":"example.","type":"ALIAS","ttl":60,"records":[{"content":"b.example."}]})"
      R"(,{"name":"e.example.","type":"NONESUCH","ttl":60,"records":[{"content":"1"}]})"
      R"(,{"name":"f.example.","type":"A","ttl":60,"records":[{"content":"no address"}]})"
      R"(,{"name":"g.example.","type":"TXT","ttl":60,"records":[{"content":"\"x\"\nh A 192.0.2.9"}]})");
  EXPECT_THAT(zone.text, HasSubstr("a.example. 60 IN A 192.0.2.1\nt.example. 60 IN TXT \"a; b\" "
                                   "\"\\\"\"\n"));
  EXPECT_EQ(zone.records, 3U);
  EXPECT_EQ(zone.serial, 8U);
  EXPECT_THAT(left_out(zone),
              ElementsAre(HasSubstr("ALIAS b.example."),
                          HasSubstr("NONESUCH 1: a type that Tandem does not know"),
                          HasSubstr("f.example. A no address"), HasSubstr("control characters")));
  EXPECT_THAT(zone.text,
              EndsWith("; @note {\"name\":\"a.example.\",\"type\":\"A\",\"data\":\"192.0.2.1\","
                       "\"comment\":\"x\"}\n"
                       "; @note {\"name\":\"a.example.\",\"type\":\"A\",\"data\":\"192.0.2.2\","
                       "\"comment\":\"x\",\"disabled\":true,\"ttl\":60}\n"));
}

TEST(PowerDnsZone, TheServedSerialCounts) {
  EXPECT_EQ(of_powerdns("", R"(,"edited_serial":2026112901)").serial, 2026112901U);
  EXPECT_EQ(of_powerdns("", R"(,"edited_serial":3)").serial, 7U);
}

TEST(PowerDnsZone, JsonOfAnotherShapeIsAnEmptyZone) {
  MovedZoneBuilder builder(name("example."), "test", Signatures::kKeep);
  read_powerdns_zone(boost::json::parse(R"([{"rrsets":[[1],{"records":7}]}])"), builder);
  EXPECT_THAT(builder.finish().problems, ElementsAre("has no SOA record"));
}

MovedZone of_technitium(std::string_view text, std::string_view records = "{}") {
  MovedZoneBuilder builder(name("example."), "test", Signatures::kKeep);
  read_technitium_zone(text, boost::json::parse(records), builder);
  return builder.finish();
}

constexpr std::string_view kHead = "@ 900 IN SOA ns host 7 1 2 3 4\n";

TEST(TechnitiumZone, ItsOwnTypesStayAndOwnersDoNotShift) {
  const std::string text = std::string(kHead) +
                           "@ 60 IN ANAME other.test.\r\n"
                           "a 60 IN APP \"Name\" \"Class\" \"{}\"\n"
                           "  60 IN A 192.0.2.1\n"
                           "b IN FWD Udp 192.0.2.2\n";
  EXPECT_TRUE(is_of_technitium(text));
  EXPECT_FALSE(is_of_technitium(kHead));
  const MovedZone zone = of_technitium(text);
  EXPECT_THAT(zone.problems, IsEmpty());
  EXPECT_THAT(zone.text, HasSubstr("a.example. 60 IN A 192.0.2.1\n"));
  EXPECT_EQ(zone.records, 2U);
  EXPECT_THAT(left_out(zone), ElementsAre(HasSubstr("@ 60 IN ANAME other.test.: answers with"),
                                          HasSubstr("a program"), HasSubstr("forwards")));
}

TEST(TechnitiumZone, SignaturesWithNumbersForTypesAreRead) {
  const std::string text =
      std::string(kHead) + "@ 60 IN RRSIG 6 13 1 60 1900000000 1700000000 1 example. aaaa\n";
  EXPECT_TRUE(is_of_technitium(text));
  EXPECT_THAT(of_technitium(text).text, HasSubstr("IN RRSIG SOA 13 1 60 20300317174640"));
}

TEST(TechnitiumZone, DisabledRecordsAndCommentsComeAsNotes) {
  const MovedZone zone = of_technitium(
      std::string(kHead) +
          "a 60 IN A 192.0.2.1\na 60 IN A 192.0.2.2\nt 60 IN TXT x\nt 60 IN TXT y\nu 60 IN TXT x\n",
      R"({"response":{"records":[
       {"name":"A.example","type":"A","disabled":false,"rData":{"ipAddress":"192.0.2.1"},
        "comments":"the house","expiryTtl":60},
       {"name":"a.example","type":"A","disabled":true,"rData":{"ipAddress":"192.0.2.2"}},
       {"name":"t.example","type":"TXT","disabled":true,"rData":{"text":"x"}},
       {"name":"t.example","type":"TXT","disabled":false,"rData":{"text":"y"}},
       {"name":"u.example","type":"TXT","disabled":true,"rData":{"text":"x"},"comments":"c"}]}})");
  EXPECT_EQ(zone.records, 2U);
  EXPECT_THAT(zone.text, HasSubstr("a.example. 60 IN A 192.0.2.1\n"));
  EXPECT_THAT(left_out(zone), ElementsAre(HasSubstr("t.example. TXT: some of this set is disabled"),
                                          HasSubstr("1 expiry time"), HasSubstr("1 comment: on")));
  EXPECT_THAT(zone.text, HasSubstr("\"data\":\"192.0.2.1\",\"comment\":\"the house\"}"));
  EXPECT_THAT(zone.text, HasSubstr("\"data\":\"192.0.2.2\",\"disabled\":true,\"ttl\":60}"));
  EXPECT_THAT(zone.text, HasSubstr("\"name\":\"u.example.\",\"type\":\"TXT\""));
}

TEST(HostPort, IsReadInEveryForm) {
  const auto read = [](std::string_view text) {
    const auto out = host_port_from_text(text, "53");
    return out ? out->host + "|" + out->port : "bad";
  };
  EXPECT_EQ(read("ns1.example"), "ns1.example|53");
  EXPECT_EQ(read("192.0.2.1:5300"), "192.0.2.1|5300");
  EXPECT_EQ(read("2001:db8::1"), "2001:db8::1|53");
  EXPECT_EQ(read("[2001:db8::1]:5300"), "2001:db8::1|5300");
  EXPECT_EQ(read("[2001:db8::1]"), "2001:db8::1|53");
  for (const std::string_view bad : {"", ":53", "a:", "a:0", "a:65536", "a:b", "[::1", "[::1]5"}) {
    EXPECT_EQ(read(bad), "bad") << bad;
  }
}

TEST(HttpServer, IsReadFromItsUrl) {
  const auto server = http_server_from_url("http://127.0.0.1:8081/pdns/", "80");
  ASSERT_TRUE(server);
  EXPECT_EQ(server->at.port, "8081");
  EXPECT_EQ(server->path, "/pdns");
  EXPECT_TRUE(is_loopback(*server));
  EXPECT_EQ(http_server_from_url("http://dns.home", "5380")->at.port, "5380");
  EXPECT_THAT(http_server_from_url("https://dns.home", "80").error().detail, HasSubstr("tunnel"));
  EXPECT_FALSE(http_server_from_url("dns.home:5380", "80"));
  EXPECT_FALSE(http_server_from_url("http://a/b\r\nX: y", "80"));
}

}  // namespace
}  // namespace tandem
