// What stands around the answer: EDNS, proofs, size and truncation.
#include <algorithm>
#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/query/engine.h"
#include "tests/support/asking.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::Asking;
using test::name;
using test::query_wire;
using test::zone;
using ::testing::IsEmpty;

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

// RFC 6891 s6.1.1
TEST(Edns, OtherOpcodesGetAnOptToo) {
  Asking server({zone("")});
  const Octets record = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1};
  for (const int opcode : {1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}) {
    Octets query = query_wire(name("example."), RrType::kSoa, false, false, 512);
    query[2] = static_cast<std::uint8_t>(opcode << 3);
    ++query[7];  // an answer
    append(query, record);
    ++query[11];
    append(query, Octets{0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0});
    const auto answer = parse_message(server.raw(query));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->rcode(), Rcode::kNotImp);
    EXPECT_NE(opt_of(*answer), nullptr) << opcode;
    for (std::size_t size = 12; size < query.size(); ++size) {
      EXPECT_EQ(server.raw(OctetSpan(query).first(size)).size(), 12U) << size;
    }
    query[11] = 9;
    EXPECT_EQ(server.raw(query).size(), 12U) << "what cannot be read has the header alone";
  }
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

// The longest name leaves 241 of 512 octets: an identifier that has no room is not told, and
// whatever else is said stays within what was asked for.
TEST(Edns, NoIdentifierIsTooLongForAnyQuestion) {
  const std::string label(63, 'l');
  const std::string longest = fmt::format("{0}.{0}.{0}.{1}.example.", label, std::string(53, 'm'));
  std::string lines;
  for (int i = 0; i < 100; ++i) {
    lines += fmt::format("* TXT \"{:03}{}\"\n", i, std::string(200, 'x'));
  }
  for (std::size_t octets = 0; octets <= 300; ++octets) {
    EngineOptions options;
    options.nsid = Octets(octets, 'n');
    Asking server({zone(lines)}, options);
    for (const RrType type : {RrType::kTxt, RrType::kA}) {
      Octets query = query_wire(name(longest), type, true, true, 512);
      store_be16(query.data() + query.size() - 2, 4);
      append(query, Octets{0, 3, 0, 0});
      const Octets wire = server.raw(query);
      ASSERT_LE(wire.size(), 512U) << octets;
      const auto answer = parse_message(wire);
      ASSERT_TRUE(answer.has_value()) << octets;
      ASSERT_NE(opt_of(*answer), nullptr) << octets;
      EXPECT_EQ(opt_of(*answer)->rdata.size(), octets == 0 || octets > 226 ? 0U : 4 + octets);
      EXPECT_TRUE(type == RrType::kA || (answer->flags & kFlagTc)) << octets;
    }
  }
}

TEST(AnswerWriter, WritesNothingWhereThereIsNoRoom) {
  std::array<std::uint8_t, 64> room{};
  for (const std::size_t limit : {std::size_t{0}, std::size_t{20}, SIZE_MAX}) {
    const std::size_t question_end = limit == SIZE_MAX ? room.size() : 40;
    AnswerWriter writer(room, question_end, limit);
    EXPECT_FALSE(writer.put_text(RrClass::kCh, Octets(1)));
    EXPECT_EQ(writer.at(), question_end);
  }
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

// --- proofs (RFC 4035 s3.1.3, RFC 5155 s7.2); what they prove is tried in tests/conformance

std::size_t count_of(const std::vector<MessageRecord>& section, RrType type) {
  return static_cast<std::size_t>(std::ranges::count(section, type, &MessageRecord::type));
}

TEST(Proofs, AnApexWithoutItsNsec3IsNoHarm) {
  for (const char* const origin : {".", "example."}) {
    Asking server(
        {zone("@ NSEC3PARAM 1 0 0 -\n"
              "2t7b4g4vsa5smi47k61mv5bv1a22bojr NSEC3 1 1 0 - "
              "2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A\n",
              origin)});
    const Message answer = server.ask({.name = origin, .type = RrType::kTxt, .dnssec = true});
    EXPECT_EQ(answer.rcode(), Rcode::kNoError);
    EXPECT_EQ(count_of(answer.authorities, RrType::kSoa), 1U);
    EXPECT_EQ(server.ask({.name = origin, .type = RrType::kDs, .dnssec = true}).rcode(),
              Rcode::kNoError);
  }
}

TEST(Proofs, EveryWildcardOfALongChainIsProved) {
  constexpr int kWildcards = 14;
  std::string lines = "@ NSEC *.w10 SOA NS NSEC\n";
  for (int i = 0; i < kWildcards; ++i) {
    lines += fmt::format("*.w{0} CNAME x.w{1}\n*.w{0} NSEC *.w{1} CNAME NSEC\n", 10 + i, 11 + i);
  }
  Asking server({zone(lines)});
  const Message answer =
      server.ask({.name = "x.w10.example.", .dnssec = true, .transport = Transport::kTcp});
  EXPECT_EQ(answer.rcode(), Rcode::kNxDomain);
  EXPECT_EQ(count_of(answer.answers, RrType::kCname), std::size_t{kWildcards});
  // Each but the last name's, which the last wildcard's covers too, and the apex's for the end.
  EXPECT_EQ(count_of(answer.authorities, RrType::kNsec), std::size_t{kWildcards} + 1);
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

// RFC 9471 s3.1
TEST(Truncation, GlueOfAReferralBeyondThePointersIsWrittenOut) {
  constexpr std::size_t kServers = 75;  // the last one still begins within 16 KiB
  std::string lines;
  for (std::size_t i = 0; i < kServers; ++i) {
    const std::string server =
        fmt::format("{1:02}{0}.{1:02}{0}.{1:02}{0}.{1:02}.sub", std::string(60, 's'), i);
    lines += fmt::format("sub NS {0}\n{0} A 192.0.2.{1}\n", server, i);
  }
  Asking server({zone(lines)});
  const Message answer =
      server.ask({.name = "x.sub.example.", .type = RrType::kA, .transport = Transport::kTcp});
  EXPECT_FALSE(answer.flags & kFlagTc);
  EXPECT_EQ(answer.authorities.size(), kServers);
  EXPECT_EQ(answer.additionals.size(), kServers);
  for (std::size_t i = 0; i < answer.additionals.size(); ++i) {
    EXPECT_EQ(answer.additionals[i].owner.wire().size(), answer.authorities[i].rdata.size());
    EXPECT_TRUE(equal(answer.additionals[i].owner.wire(), answer.authorities[i].rdata)) << i;
  }
}

}  // namespace
}  // namespace tandem
