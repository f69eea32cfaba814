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

TEST(Engine, EndsALoopBeforeAnyRecordIsThereTwice) {
  Asking server(
      {zone("a CNAME b\nb CNAME c\nc CNAME a\n*.w CNAME foo.w\n"
            "d DNAME t\nt DNAME d\nq.q DNAME q\n")});
  EXPECT_EQ(server.ask({"a.example.", RrType::kA}).answers.size(), 3U);
  EXPECT_THAT(lines_of(server.ask({"x.w.example.", RrType::kA}).answers),
              ElementsAre("x.w.example. 3600 CNAME foo.w.example.",
                          "foo.w.example. 3600 CNAME foo.w.example."));
  EXPECT_THAT(lines_of(server.ask({"foo.w.example.", RrType::kA}).answers),
              ElementsAre("foo.w.example. 3600 CNAME foo.w.example."));
  EXPECT_THAT(
      lines_of(server.ask({"x.d.example.", RrType::kA}).answers),
      ElementsAre("d.example. 3600 DNAME t.example.", "x.d.example. 3600 CNAME x.t.example.",
                  "t.example. 3600 DNAME d.example.", "x.t.example. 3600 CNAME x.d.example."));
  EXPECT_THAT(
      lines_of(server.ask({"q.q.q.example.", RrType::kDname}).answers),
      ElementsAre("q.q.example. 3600 DNAME q.example.", "q.q.q.example. 3600 CNAME q.q.example."));
}

TEST(Engine, ACnameToNothingIsNxdomainOfTheLastName) {
  Asking server({zone("a CNAME nothing\n")});
  const Message answer = server.ask({"a.example.", RrType::kA});
  EXPECT_EQ(answer.rcode(), Rcode::kNxDomain) << "RFC 6604 s3";
  EXPECT_EQ(answer.answers.size(), 1U);
  EXPECT_THAT(lines_of(answer.authorities), ElementsAre(kSoaLine));
}

// RFC 4592 s4.4: the same set stands for two names, its own and one that the wildcard answers.
TEST(Engine, AWildcardDnameIsInTheAnswerForEachOfItsNames) {
  Asking server({zone("*.w DNAME b.w\n")});
  EXPECT_THAT(lines_of(server.ask({"a.*.w.example.", RrType::kDname}).answers),
              ElementsAre("*.w.example. 3600 DNAME b.w.example.",
                          "a.*.w.example. 3600 CNAME a.b.w.example.",
                          "a.b.w.example. 3600 DNAME b.w.example."));
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

/// `query` with `record` behind its question, in the section whose count is at that offset.
Octets with_record(Octets query, std::size_t count_at, OctetSpan record) {
  ++query[count_at];
  append(query, record);
  return query;
}

TEST(Engine, AnIxfrSaysInTheAuthoritySectionWhatItHas) {
  Asking server({zone("")});
  const Octets soa = {0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0, 0, 0, 0,
                      1,    0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0};
  const Octets a = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1};
  constexpr std::size_t kAuthorityCount = 9;
  const auto rcode_of = [&](const Octets& query) {
    return parse_message(server.raw(query))->rcode();
  };
  const Octets ixfr = query_wire(name("example."), RrType::kIxfr, false, false, 512);
  const Octets with_soa = with_record(ixfr, kAuthorityCount, soa);
  EXPECT_TRUE(server.raw(ixfr).empty()) << "handed over";
  EXPECT_TRUE(server.raw(with_soa).empty()) << "RFC 1995 s3; handed over";
  EXPECT_EQ(rcode_of(with_record(with_soa, kAuthorityCount, soa)), Rcode::kFormErr);
  EXPECT_EQ(rcode_of(with_record(ixfr, kAuthorityCount, a)), Rcode::kFormErr);
  EXPECT_EQ(rcode_of(to_octets(OctetSpan(with_soa).first(with_soa.size() - 1))), Rcode::kFormErr);
  const Octets soa_query = query_wire(name("example."), RrType::kSoa, false, false, 512);
  EXPECT_EQ(rcode_of(with_record(soa_query, kAuthorityCount, soa)), Rcode::kFormErr);
}

TEST(Engine, OtherOpcodesAreNotImplemented) {
  Asking server({zone("")});
  for (const int opcode : {1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}) {
    Octets query = query_wire(name("example."), RrType::kSoa, false, false, 512);
    query[2] = static_cast<std::uint8_t>(opcode << 3);
    const Octets answer = server.raw(query);
    ASSERT_EQ(answer.size(), 12U) << opcode;
    EXPECT_EQ(answer[3] & 0xf, static_cast<int>(Rcode::kNotImp));
    EXPECT_EQ((answer[2] >> 3) & 0xf, opcode) << "the opcode is copied";
  }
}

/// A batch of three, the second of them not for the data plane.
std::array<QueryEngine::Exchange, 3> answered_around(Asking& server, const Octets& other,
                                                     Transport transport, std::size_t expected) {
  static std::array<std::array<std::uint8_t, 1232>, 3> rooms;
  const Octets plain = query_wire(name("example."), RrType::kSoa, false, false, 512);
  std::array<QueryEngine::Exchange, 3> batch{};
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].message = i == 1 ? OctetSpan(other) : OctetSpan(plain);
    batch[i].room = rooms[i];
  }
  EXPECT_EQ(server.engine().answer(server.catalog(), batch, transport, server.worker()), expected);
  return batch;
}

TEST(Engine, HandsOverUpdatesNotifyAndWhatIsSigned) {
  Asking server({zone("")});
  Octets update = query_wire(name("example."), RrType::kSoa, false, false, 512);
  update[2] = 5 << 3;
  Octets notify = update;
  notify[2] = 4 << 3;
  Octets is_signed = query_wire(name("example."), RrType::kSoa, false, false, 512);
  append(is_signed, Octets{0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 17, 0, 0, 0,
                           0, 0, 0,   0, 0,   0, 0, 0, 0, 0, 0,  0, 0, 0});
  ++is_signed[11];  // an additional record
  for (const Octets& other : {update, notify, is_signed}) {
    const auto over_udp = answered_around(server, other, Transport::kUdp, 3);
    EXPECT_TRUE(over_udp[1].is_handed_over);
    EXPECT_EQ(over_udp[1].answer_octets, 0U);
    EXPECT_TRUE(over_udp[0].answer_octets > 0 && over_udp[2].answer_octets > 0);
    // What stands behind it on a connection has to wait.
    EXPECT_TRUE(answered_around(server, other, Transport::kTcp, 2)[1].is_handed_over);
  }
  update.resize(update.size() - 1);
  EXPECT_FALSE(answered_around(server, update, Transport::kUdp, 3)[1].is_handed_over) << "FORMERR";
}

TEST(Engine, HandsOverTransfersAndWhoAsksForTheExpireOption) {
  Asking server({zone("")});
  Octets expire = query_wire(name("example."), RrType::kSoa, true, false, 1232);
  store_be16(expire.data() + expire.size() - 2, 4);
  append(expire, Octets{0, 9, 0, 0});
  const Octets axfr = query_wire(name("example."), RrType::kAxfr, false, false, 512);
  const Octets ixfr = query_wire(name("example."), RrType::kIxfr, true, false, 512);
  for (const Octets& other : {expire, axfr, ixfr}) {
    for (const Transport transport : {Transport::kUdp, Transport::kTcp}) {
      const std::size_t expected = transport == Transport::kUdp ? 3 : 2;
      EXPECT_TRUE(answered_around(server, other, transport, expected)[1].is_handed_over);
    }
  }
  // An option of the future, of another class or another type is answered at once.
  Octets future = expire;
  future[future.size() - 9] = 1;
  EXPECT_FALSE(answered_around(server, future, Transport::kUdp, 3)[1].is_handed_over) << "BADVERS";
  Octets chaos = axfr;
  store_be16(chaos.data() + chaos.size() - 2, static_cast<std::uint16_t>(RrClass::kCh));
  EXPECT_FALSE(answered_around(server, chaos, Transport::kTcp, 3)[1].is_handed_over);
}

// RFC 7314 s3
TEST(Engine, TellsTheControlPlanesExpireAndHandsNothingOverAgain) {
  Asking server({zone("")});
  Octets expire = query_wire(name("example."), RrType::kSoa, true, false, 1232);
  store_be16(expire.data() + expire.size() - 2, 4);
  append(expire, Octets{0, 9, 0, 0});
  std::array<std::uint8_t, 1232> room{};
  QueryEngine::Exchange exchange{.message = expire, .room = room, .is_from_control_plane = true};
  exchange.expire_seconds = 4711;
  server.engine().answer(server.catalog(), {&exchange, 1}, Transport::kUdp, server.worker());
  EXPECT_FALSE(exchange.is_handed_over);
  const auto answer = parse_message(exchange.room.first(exchange.answer_octets));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->additionals.back().rdata, (Octets{0, 9, 0, 4, 0, 0, 0x12, 0x67}));
}

TEST(Engine, RefusesMetaTypes) {
  Asking server({zone("")});
  EXPECT_EQ(server.ask({"example.", RrType::kTkey}).rcode(), Rcode::kNotImp);
}

TEST(Engine, AnswersAllTypesWithoutHarm) {
  Asking server({zone("a A 192.0.2.1\n")});
  for (std::uint32_t type = 0; type <= 0xffff; ++type) {
    const Octets answer =
        server.raw(query_wire(name("a.example."), static_cast<RrType>(type), false, false, 512));
    const bool is_transfer = type == number(RrType::kAxfr) || type == number(RrType::kIxfr);
    ASSERT_EQ(answer.empty(), is_transfer) << type << ": those are handed over";
    ASSERT_TRUE(is_transfer || parse_message(answer).has_value()) << type;
  }
}

}  // namespace
}  // namespace tandem
