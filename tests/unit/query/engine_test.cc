#include "common/query/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/asking.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::Asking;
using test::lines_of;
using test::name;
using test::query_wire;
using test::zone;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kSoaLine =
    "example. 600 SOA ns1.example. hostmaster.example. 1 900 300 604800 600";

TEST(Engine, AnswersAnExactNameWithItsCaseKept) {
  Asking server({zone("www 60 A 192.0.2.80\n")});
  const Message answer = server.ask({"wWw.ExamPle.", RrType::kA});
  EXPECT_EQ(answer.rcode(), Rcode::kNoError);
  EXPECT_TRUE(answer.flags & kFlagAa);
  EXPECT_TRUE(answer.flags & kFlagRd) << "RD is copied (RFC 1035 s4.1.1)";
  EXPECT_EQ(answer.questions.front().name.to_text(), "wWw.ExamPle.");
  EXPECT_THAT(lines_of(answer.answers), ElementsAre("wWw.ExamPle. 60 A 192.0.2.80"));
  EXPECT_THAT(answer.authorities, IsEmpty());
}

TEST(Engine, FollowsACnameInsideAndAcrossZones) {
  Asking server({zone("www 60 CNAME @\n@ 60 A 192.0.2.1\nfar CNAME www.other.\n"),
                 zone("www 30 A 192.0.2.2\n", "other.")});
  EXPECT_THAT(lines_of(server.ask({"www.example.", RrType::kA}).answers),
              ElementsAre("www.example. 60 CNAME example.", "example. 60 A 192.0.2.1"));
  EXPECT_THAT(lines_of(server.ask({"far.example.", RrType::kA}).answers),
              ElementsAre("far.example. 3600 CNAME www.other.", "www.other. 30 A 192.0.2.2"));
}

TEST(Engine, EndsACnameLoop) {
  Asking server({zone("a CNAME b\nb CNAME c\nc CNAME a\n")});
  EXPECT_EQ(server.ask({"a.example.", RrType::kA}).answers.size(), 3U);
}

TEST(Engine, ACnameToNothingIsNxdomainOfTheLastName) {
  Asking server({zone("a CNAME nothing\n")});
  const Message answer = server.ask({"a.example.", RrType::kA});
  EXPECT_EQ(answer.rcode(), Rcode::kNxDomain) << "RFC 6604 s3";
  EXPECT_EQ(answer.answers.size(), 1U);
  EXPECT_THAT(lines_of(answer.authorities), ElementsAre(kSoaLine));
}

TEST(Engine, SynthesizesACnameForADname) {
  Asking server({zone("d 77 DNAME target.other.\n")});
  EXPECT_THAT(lines_of(server.ask({"X.y.d.example.", RrType::kA}).answers),
              ElementsAre("d.example. 77 DNAME target.other.",
                          "X.y.d.example. 77 CNAME X.y.target.other."));
  EXPECT_THAT(lines_of(server.ask({"d.example.", RrType::kA}).authorities), ElementsAre(kSoaLine))
      << "the owner itself is not redirected";
}

TEST(Engine, ADnameThatGivesTooLongANameIsYxdomain) {
  const std::string label(63, 'l');
  Asking server({zone(fmt::format("d DNAME {0}.{0}.{0}.other.\n", label))});
  EXPECT_EQ(server.ask({fmt::format("{}.d.example.", label), RrType::kA}).rcode(),
            Rcode::kYxDomain);
}

TEST(Engine, RefersWithGlueFromBelowBesideAndAbove) {
  Asking server({zone(
      "sub NS ns.sub\nsub NS ns.peer\nsub NS ns1\nsub NS ns.elsewhere.net.\n"
      "ns.sub A 192.0.2.11\nns.sub AAAA 2001:db8::11\npeer NS ns.peer\nns.peer A 192.0.2.12\n")});
  const Message answer = server.ask({"a.b.sub.example.", RrType::kA});
  EXPECT_FALSE(answer.flags & kFlagAa);
  EXPECT_EQ(answer.authorities.size(), 4U);
  EXPECT_THAT(lines_of(answer.additionals),
              UnorderedElementsAre(
                  "ns.sub.example. 3600 A 192.0.2.11", "ns.sub.example. 3600 AAAA 2001:db8::11",
                  "ns.peer.example. 3600 A 192.0.2.12", "ns1.example. 3600 A 192.0.2.1"));
}

TEST(Engine, GlueItselfIsReferred) {
  Asking server({zone("sub NS ns.sub\nns.sub A 192.0.2.11\n")});
  const Message answer = server.ask({"ns.sub.example.", RrType::kA});
  EXPECT_THAT(answer.answers, IsEmpty());
  EXPECT_FALSE(answer.flags & kFlagAa);
  EXPECT_EQ(answer.authorities.size(), 1U);
}

TEST(Engine, AnswersDsFromTheParentOfACut) {
  Asking server({zone("sub NS ns.sub\nsub DS 1 13 2 " + std::string(64, 'A') + "\n"),
                 zone("ns A 192.0.2.3\n", "sub.example.")});
  const Message answer = server.ask({"sub.example.", RrType::kDs});
  EXPECT_TRUE(answer.flags & kFlagAa);
  EXPECT_EQ(answer.answers.size(), 1U);
  EXPECT_THAT(lines_of(server.ask({"ns.sub.example.", RrType::kA}).answers),
              ElementsAre("ns.sub.example. 3600 A 192.0.2.3"))
      << "the child's own names come from the child";
}

TEST(Engine, WildcardsStandInForNamesThatDoNotExist) {
  Asking server({zone("*.w 60 A 192.0.2.7\na.b.w TXT \"x\"\n")});
  EXPECT_THAT(lines_of(server.ask({"q.w.example.", RrType::kA}).answers),
              ElementsAre("q.w.example. 60 A 192.0.2.7"));
  EXPECT_THAT(lines_of(server.ask({"p.q.w.example.", RrType::kA}).answers),
              ElementsAre("p.q.w.example. 60 A 192.0.2.7"));
  EXPECT_EQ(server.ask({"b.w.example.", RrType::kA}).rcode(), Rcode::kNoError)
      << "empty non-terminal";
  EXPECT_THAT(server.ask({"b.w.example.", RrType::kA}).answers, IsEmpty());
  EXPECT_EQ(server.ask({"c.b.w.example.", RrType::kA}).rcode(), Rcode::kNxDomain)
      << "the closest encloser is b.w, which has no wildcard (RFC 4592 s3.3.1)";
  EXPECT_THAT(server.ask({"q.w.example.", RrType::kTxt}).answers, IsEmpty());
  EXPECT_EQ(server.ask({"q.w.example.", RrType::kTxt}).rcode(), Rcode::kNoError);
}

TEST(Engine, NegativeAnswersCarryTheSoaAtTheNegativeTtl) {
  Asking server({zone("a TXT \"x\"\n")});
  EXPECT_THAT(lines_of(server.ask({"a.example.", RrType::kA}).authorities), ElementsAre(kSoaLine));
  EXPECT_EQ(server.ask({"none.example.", RrType::kA}).rcode(), Rcode::kNxDomain);
}

TEST(Engine, AnyGetsOneRrset) {
  Asking server({zone(
      "a A 192.0.2.1\na A 192.0.2.2\na TXT \"a long text that is not chosen, being longer\"\n")});
  EXPECT_EQ(server.ask({"a.example.", RrType::kAny}).answers.size(), 2U) << "RFC 8482 s4.1";
}

TEST(Engine, RefusesForeignNamesAndClasses) {
  Asking server({zone("")});
  const Message answer = server.ask({"www.elsewhere.", RrType::kA});
  EXPECT_EQ(answer.rcode(), Rcode::kRefused);
  EXPECT_THAT(answer.authorities, IsEmpty());
  Octets chaos = query_wire(name("version.bind."), RrType::kTxt, false, false, 512);
  store_be16(chaos.data() + chaos.size() - 2, 3);
  EXPECT_EQ(parse_message(server.raw(chaos))->rcode(), Rcode::kRefused);
}

TEST(Engine, TellsOfItselfWhenConfigured) {
  EngineOptions options;
  options.version_text = to_octets(as_octets("tandem"));
  Asking server({zone("")}, options);
  Octets chaos = query_wire(name("VERSION.bind."), RrType::kTxt, false, false, 512);
  store_be16(chaos.data() + chaos.size() - 2, 3);
  const auto answer = parse_message(server.raw(chaos));
  ASSERT_TRUE(answer.has_value());
  ASSERT_EQ(answer->answers.size(), 1U);
  EXPECT_EQ(as_text(answer->answers.front().rdata), "\6tandem");
}

TEST(Engine, DropsAnswersAndFragments) {
  Asking server({zone("")});
  Octets query = query_wire(name("example."), RrType::kA, false, false, 512);
  EXPECT_TRUE(server.raw(OctetSpan(query).first(11)).empty());
  query[2] |= 0x80;
  EXPECT_TRUE(server.raw(query).empty()) << "never answer an answer";
}

TEST(Engine, FormErrForWhatIsNoQuery) {
  Asking server({zone("")});
  const Octets good = query_wire(name("www.example."), RrType::kA, true, false, 1232);
  const auto rcode_of = [&](const Octets& query) {
    return parse_message(server.raw(query))->rcode();
  };
  for (std::size_t size = 12; size < good.size(); ++size) {
    EXPECT_EQ(rcode_of(to_octets(OctetSpan(good).first(size))), Rcode::kFormErr) << size;
  }
  Octets longer = good;
  longer.push_back(0);
  EXPECT_EQ(rcode_of(longer), Rcode::kFormErr) << "octets left over";
  for (const std::size_t count_at : {5U, 7U, 9U, 11U}) {
    Octets bad = good;
    bad[count_at] = 2;
    EXPECT_EQ(rcode_of(bad), Rcode::kFormErr) << "count at " << count_at;
  }
}

TEST(Engine, OtherOpcodesAreNotImplemented) {
  Asking server({zone("")});
  for (int opcode = 1; opcode < 16; ++opcode) {
    Octets query = query_wire(name("example."), RrType::kSoa, false, false, 512);
    query[2] = static_cast<std::uint8_t>(opcode << 3);
    const Octets answer = server.raw(query);
    ASSERT_EQ(answer.size(), 12U) << opcode;
    EXPECT_EQ(answer[3] & 0xf, static_cast<int>(Rcode::kNotImp));
    EXPECT_EQ((answer[2] >> 3) & 0xf, opcode) << "the opcode is copied";
  }
}

TEST(Engine, RefusesTransfersAndMetaTypes) {
  Asking server({zone("")});
  EXPECT_EQ(server.ask({"example.", RrType::kAxfr}).rcode(), Rcode::kRefused);
  EXPECT_EQ(server.ask({"example.", RrType::kIxfr}).rcode(), Rcode::kRefused);
  EXPECT_EQ(server.ask({"example.", RrType::kTkey}).rcode(), Rcode::kNotImp);
}

TEST(Engine, AnswersAllTypesWithoutHarm) {
  Asking server({zone("a A 192.0.2.1\n")});
  for (std::uint32_t type = 0; type <= 0xffff; ++type) {
    const Octets answer =
        server.raw(query_wire(name("a.example."), static_cast<RrType>(type), false, false, 512));
    ASSERT_TRUE(parse_message(answer).has_value()) << type;
  }
}

// --- EDNS (RFC 6891)

const MessageRecord* opt_of(const Message& message) {
  for (const MessageRecord& record : message.additionals) {
    if (record.type == RrType::kOpt) {
      return &record;
    }
  }
  return nullptr;
}

TEST(Edns, AnswersOptWithOptAndOnlyThen) {
  Asking server({zone("")});
  EXPECT_EQ(opt_of(server.ask({"example.", RrType::kSoa})), nullptr);
  const Message answer = server.ask({.name = "example.", .type = RrType::kSoa, .edns = true});
  ASSERT_NE(opt_of(answer), nullptr);
  EXPECT_EQ(static_cast<std::uint16_t>(opt_of(answer)->rr_class), 1232);
  EXPECT_EQ(opt_of(answer)->ttl, 0U);
}

TEST(Edns, CopiesTheDoBit) {
  Asking server({zone("")});
  const Message answer = server.ask({.name = "example.", .type = RrType::kSoa, .dnssec = true});
  ASSERT_NE(opt_of(answer), nullptr);
  EXPECT_EQ(opt_of(answer)->ttl, kEdnsDoBit);
}

TEST(Edns, HigherVersionIsBadvers) {
  Asking server({zone("")});
  Octets query = query_wire(name("example."), RrType::kSoa, true, false, 1232);
  query[query.size() - 5] = 1;  // version
  const auto answer = parse_message(server.raw(query));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(opt_of(*answer)->ttl, 0x0100'0000U);
  EXPECT_EQ(answer->rcode(), Rcode::kNoError) << "the lower four bits of 16";
  EXPECT_THAT(answer->answers, IsEmpty());
}

TEST(Edns, TwoOptsAreAFormErr) {
  Asking server({zone("")});
  Octets query = query_wire(name("example."), RrType::kSoa, true, false, 1232);
  const Octets opt = to_octets(OctetSpan(query).last(11));
  append(query, opt);
  query[11] = 2;
  EXPECT_EQ(parse_message(server.raw(query))->rcode(), Rcode::kFormErr);
}

TEST(Edns, IgnoresUnknownOptionsAndTellsNsid) {
  EngineOptions options;
  options.nsid = to_octets(as_octets("home"));
  Asking server({zone("")}, options);
  Octets query = query_wire(name("example."), RrType::kSoa, true, false, 1232);
  const Octets extra = {0xff, 0xf0, 0, 1, 7, 0, 3, 0, 0};
  store_be16(query.data() + query.size() - 2, static_cast<std::uint16_t>(extra.size()));
  append(query, extra);
  const auto answer = parse_message(server.raw(query));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(opt_of(*answer)->rdata, (Octets{0, 3, 0, 4, 'h', 'o', 'm', 'e'}));
}

TEST(Edns, ExpiredZonesSayWhy) {
  Asking server({});
  server.catalog().put({zone(""), ServeState::kExpired});
  const Message answer = server.ask({.name = "example.", .type = RrType::kSoa, .edns = true});
  EXPECT_EQ(answer.rcode(), Rcode::kServFail);
  EXPECT_EQ(opt_of(answer)->rdata, (Octets{0, 15, 0, 2, 0, 24})) << "RFC 8914 s4.25";
  server.catalog().put({zone(""), ServeState::kStale});
  const Message stale = server.ask({.name = "example.", .type = RrType::kSoa, .edns = true});
  EXPECT_EQ(stale.rcode(), Rcode::kNoError);
  EXPECT_EQ(opt_of(stale)->rdata, (Octets{0, 15, 0, 2, 0, 3})) << "RFC 8914 s4.4";
}

// --- size and truncation (RFC 2181 s9, RFC 6891 s6.2)

std::string many_texts(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += fmt::format("big TXT \"{:03}{}\"\n", i, std::string(100, 'x'));
  }
  return lines;
}

TEST(Truncation, KeepsEveryAnswerWithinWhatTheClientTakes) {
  Asking server({zone(many_texts(20))});
  for (const std::uint16_t payload :
       std::initializer_list<std::uint16_t>{0, 100, 512, 600, 1232, 4096}) {
    const Octets query = query_wire(name("big.example."), RrType::kTxt, true, false, payload);
    const Octets answer = server.raw(query);
    EXPECT_LE(answer.size(), std::clamp<std::size_t>(payload, 512, 1232));
    const auto parsed = parse_message(answer);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_TRUE(parsed->flags & kFlagTc);
    EXPECT_THAT(parsed->answers, IsEmpty());
    ASSERT_NE(opt_of(*parsed), nullptr) << "OPT survives truncation (RFC 6891 s7)";
  }
  EXPECT_EQ(server.ask({.name = "big.example.", .type = RrType::kTxt, .transport = Transport::kTcp})
                .answers.size(),
            20U);
}

TEST(Truncation, NeededGlueThatDoesNotFitIsTc) {
  std::string lines;
  for (int i = 0; i < 13; ++i) {
    lines += fmt::format(
        "sub NS "
        "a-rather-long-name-for-a-server-{0:02}.sub\na-rather-long-name-for-a-server-{0:02}.sub "
        "AAAA 2001:db8::{0}\n",
        i);
  }
  Asking server({zone(lines)});
  EXPECT_TRUE(server.ask({"x.sub.example.", RrType::kA}).flags & kFlagTc) << "RFC 9471 s3.1";
  EXPECT_EQ(
      server.ask({.name = "x.sub.example.", .type = RrType::kA, .edns = true, .payload = 1232})
          .additionals.size(),
      14U);
}

TEST(Truncation, LargeAnswersOverTcpPointOnlyWhereAPointerReaches) {
  std::string lines;
  for (int i = 0; i < 100; ++i) {
    lines += fmt::format("big MX {} {}{:03}.mail.elsewhere.net.\n", i, std::string(60, 'm'), i);
  }
  // A chain of long names in front moves the block beyond where its inner pointers reach with 14
  // bits.
  std::string from = "start";
  for (int i = 0; i < 14; ++i) {
    const std::string to =
        fmt::format("{0}{1:02}.{0}{1:02}.{0}", std::string(60, 'c'), i).substr(0, 180);
    lines += fmt::format("{} CNAME {}\n", from, to);
    from = to;
  }
  lines += fmt::format("{} CNAME big\n", from);
  Asking server({zone(lines)});
  const Message answer =
      server.ask({.name = "start.example.", .type = RrType::kMx, .transport = Transport::kTcp});
  EXPECT_FALSE(answer.flags & kFlagTc);
  EXPECT_EQ(answer.answers.size(), 15U + 100U);
}

}  // namespace
}  // namespace tandem
