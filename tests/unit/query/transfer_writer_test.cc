// Whole zones as messages (RFC 5936): what is sent is what the zone has, in messages that parse.
#include "common/query/transfer_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/dns/rdata.h"
#include "common/zone/zone_builder.h"
#include "tests/support/asking.h"
#include "tests/support/proof_chain.h"
#include "tests/support/random_zone.h"
#include "tests/support/written_messages.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::name;
using test::query_wire;
using test::zone;
using ::testing::Each;
using ::testing::Le;
using ::testing::SizeIs;

using Transfer = test::WrittenMessages;

/// What is sent to who asks for the zone by `asked`, its origin in any letters.
Transfer transfer_as(NameView asked, const ZonePtr& zone, bool edns = false) {
  const Octets wire = query_wire(asked, RrType::kAxfr, edns, false, 1232);
  QueryView query;
  EXPECT_EQ(parse_query(wire, query), ParseStatus::kOk);
  TransferWriter writer(zone,
                        TransferForm(query, edns ? std::optional(EdnsReply{}) : std::nullopt, 0));
  Transfer out = test::written_by(writer);
  EXPECT_TRUE(writer.is_done());
  EXPECT_EQ(writer.records(), out.lines.size());
  Octets room(65535);
  EXPECT_EQ(writer.next(room), 0U);
  return out;
}

Transfer transfer_of(const ZonePtr& zone, bool edns = false) {
  return transfer_as(zone->origin(), zone, edns);
}

/// What the zone has, with the SOA at both ends.
std::vector<std::string> expected_lines(const Zone& zone) {
  std::vector<std::string> lines;
  zone.for_each_record([&](const PackedRecord& record) {
    lines.push_back(fmt::format("{} {} {} {}", record.owner.to_text(), record.ttl,
                                to_text(record.type), rdata_to_text(record.type, record.rdata)));
  });
  lines.push_back(lines.front());
  return lines;
}

std::vector<std::string> sorted(std::vector<std::string> lines) {
  std::ranges::sort(lines);
  return lines;
}

// RFC 5936 s2.2
TEST(TransferWriter, BeginsAndEndsWithTheSoa) {
  const ZonePtr sent = zone("a A 192.0.2.2\nb MX 10 mail\nmail AAAA 2001:db8::1\n");
  const Transfer got = transfer_of(sent);
  ASSERT_THAT(got.messages, SizeIs(1));
  EXPECT_EQ(got.lines.front(), got.lines.back());
  EXPECT_EQ(got.messages[0].answers.front().type, RrType::kSoa);
  EXPECT_EQ(sorted(got.lines), sorted(expected_lines(*sent)));
}

// RFC 5936 s2.2.1
TEST(TransferWriter, EveryMessageIsAnAuthoritativeAnswerToTheQuestion) {
  std::string lines;
  for (int i = 0; i < 3000; ++i) {
    lines += fmt::format("host{0} A 192.0.2.1\nhost{0} TXT \"text {0}\"\n", i);
  }
  const Transfer got = transfer_of(zone(lines), true);
  ASSERT_GT(got.messages.size(), 3U);
  EXPECT_THAT(got.octets, Each(Le(kPointerLimit)));
  for (const Message& message : got.messages) {
    EXPECT_EQ(message.flags & (kFlagQr | kFlagAa | kFlagTc), kFlagQr | kFlagAa);
    EXPECT_EQ(message.rcode(), Rcode::kNoError);
    ASSERT_THAT(message.questions, SizeIs(1));
    EXPECT_EQ(message.questions[0].type, RrType::kAxfr);
    ASSERT_THAT(message.additionals, SizeIs(1));
    EXPECT_EQ(message.additionals[0].type, RrType::kOpt);
  }
}

TEST(TransferWriter, SendsTheOwnersLetterCase) {
  const Transfer got = transfer_of(zone("MiXed A 192.0.2.2\nMiXed TXT here\n"));
  EXPECT_THAT(got.lines, testing::Contains("MiXed.example. 3600 A 192.0.2.2"));
}

// RFC 5936 s3.4
TEST(TransferWriter, SendsTheOriginsLetterCaseWhateverTheQuestionHas) {
  std::string lines;
  for (int i = 0; i < 1500; ++i) {
    lines += fmt::format("host{0} A 192.0.2.1\nhost{0} MX 10 host{0}\ncut{0} NS ns.cut{0}\n", i);
    lines += fmt::format("ns.cut{0} A 192.0.2.2\ncut{0} NS elsewhere.\n", i);
  }
  const ZonePtr sent = zone(lines, "In.ExamPle.");
  for (const std::string_view asked : {"in.example.", "IN.EXAMPLE.", "In.ExamPle."}) {
    const Transfer got = transfer_as(name(asked), sent);
    ASSERT_GT(got.messages.size(), 3U);
    EXPECT_EQ(sorted(got.lines), sorted(expected_lines(*sent))) << asked;
    for (const Message& message : got.messages) {
      EXPECT_EQ(message.questions[0].name.to_text(), asked) << "the question is copied";
    }
  }
}

TEST(TransferWriter, AnRrsetLargerThanAMessageShouldBeTakesALargerOne) {
  const Name origin = name("example.");
  ZoneBuilder builder(origin, ZoneLimits{.rrset_records = 4000});
  const auto add = [&](std::string_view owner, RrType type, std::string_view rdata) {
    const auto octets = rdata_from_text(type, rdata, origin);
    ASSERT_TRUE(octets) << octets.error().detail;
    builder.add({name(owner), type, 60, *octets}, 0);
  };
  add("example.", RrType::kSoa, "ns1 hostmaster 1 900 300 604800 600");
  add("example.", RrType::kNs, "ns1");
  add("ns1.example.", RrType::kA, "192.0.2.1");
  for (int i = 0; i < 1200; ++i) {
    add("large.example.", RrType::kMx, fmt::format("{} mail{}.of.some.length", i, i));
  }
  // What comes behind it in the order begins a message of its own: no pointer would reach it.
  add("y.example.", RrType::kA, "192.0.2.2");
  add("y.example.", RrType::kA, "192.0.2.3");
  add("z.example.", RrType::kNs, "ns1");
  add("z.example.", RrType::kNs, "ns2");
  const auto built = builder.build();
  ASSERT_NE(built.zone, nullptr);
  const Transfer got = transfer_of(built.zone);
  EXPECT_GT(std::ranges::max(got.octets), kPointerLimit);
  EXPECT_EQ(sorted(got.lines), sorted(expected_lines(*built.zone)));
}

TEST(TransferWriter, RandomZonesArriveWhole) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Name origin = name("example.");
    test::RandomZones random(seed);
    auto records = random.records(origin, 60);
    static_cast<void>(test::build_what_fits(records, origin));
    if (seed % 3 == 0) {
      random.add_nsec3(records, origin);
    } else if (seed % 3 == 1) {
      test::add_nsec_chain(records, origin);
    }
    const ZonePtr sent = test::build_what_fits(records, origin);
    const Transfer got =
        transfer_as(name(seed % 5 == 0 ? "eXample." : "example."), sent, seed % 2 == 0);
    ASSERT_EQ(sorted(got.lines), sorted(expected_lines(*sent))) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tandem
