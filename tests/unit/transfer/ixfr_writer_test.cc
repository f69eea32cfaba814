// The changes of a zone as messages (RFC 1995): the sequence of SOAs, letters, sizes, and that who
// applies what comes has the zone.
#include "common/transfer/ixfr_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/dns/rdata.h"
#include "common/zone/diff.h"
#include "tests/support/asking.h"
#include "tests/support/written_messages.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::name;
using test::query_wire;
using test::zone;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Le;

struct Written : test::WrittenMessages {
  bool is_done = false;
};

/// A step between two zones with one origin, whose SOAs are left out of the change.
ZoneStep step_of(const Zone& from, const Zone& to) {
  ZoneStep step{SoaRecord::of(from), SoaRecord::of(to), {}};
  RrPacker removed(step.change.removed);
  RrPacker added(step.change.added);
  visit_difference(&from, to, [&](DiffSide side, const PackedRecord& record) {
    if (record.type != RrType::kSoa) {
      (side == DiffSide::kAdded ? added : removed)
          .add(record.owner, record.type, record.ttl, record.rdata);
    }
    return true;
  });
  return step;
}

ZonePtr with_serial(const ZonePtr& zone, Serial serial) {
  const Changeset raise = serial_change(*zone, serial);
  auto raised = zone->apply(std::span(&raise, 1), ZoneLimits{});
  EXPECT_TRUE(raised) << raised.error().detail;
  return *raised;
}

Written write(const ZoneStep& step, std::string_view origin, std::string_view asked = "example.",
              std::size_t room_octets = kMaxMessageOctets,
              const std::optional<EdnsReply>& edns = std::nullopt, std::size_t tail = 0) {
  const Octets wire = query_wire(name(asked), RrType::kIxfr, edns.has_value(), false, 1232);
  QueryView query;
  EXPECT_EQ(parse_query(wire, query), ParseStatus::kOk);
  IxfrWriter writer(name(origin), step, TransferForm(query, edns, tail));
  Written out{test::written_by(writer, room_octets)};
  out.is_done = writer.is_done();
  EXPECT_EQ(writer.records(), out.lines.size());
  return out;
}

std::string soa_line(const Zone& zone) {
  const SoaRecord soa = SoaRecord::of(zone);
  return fmt::format("{} {} SOA {}", zone.origin().to_text(), soa.ttl,
                     rdata_to_text(RrType::kSoa, soa.rdata));
}

// RFC 1995 s4
TEST(IxfrWriter, NamesTheSoasAroundWhatGoesAndWhatComes) {
  const ZonePtr from = zone("a A 192.0.2.2\nb A 192.0.2.3\n");
  const ZonePtr to = with_serial(zone("a A 192.0.2.2\nc A 192.0.2.4\n"), 9);
  const Written got = write(step_of(*from, *to), "example.");
  ASSERT_TRUE(got.is_done);
  EXPECT_THAT(got.lines, ElementsAre(soa_line(*to), soa_line(*from), "b.example. 3600 A 192.0.2.3",
                                     soa_line(*to), "c.example. 3600 A 192.0.2.4", soa_line(*to)));
  ASSERT_EQ(got.messages.size(), 1U);
  const Message& message = got.messages.front();
  EXPECT_EQ(message.flags & (kFlagQr | kFlagAa | kFlagTc), kFlagQr | kFlagAa);
  ASSERT_EQ(message.questions.size(), 1U);
  EXPECT_EQ(message.questions.front().type, RrType::kIxfr);
}

TEST(IxfrWriter, AChangeOfTheSerialAloneIsFourSoas) {
  const ZonePtr from = zone("");
  const ZonePtr to = with_serial(from, 2);
  EXPECT_THAT(write(step_of(*from, *to), "example.").lines,
              ElementsAre(soa_line(*to), soa_line(*from), soa_line(*to), soa_line(*to)));
}

// RFC 5936 s3.4, which RFC 1995 is older than.
TEST(IxfrWriter, KeepsTheLettersOfOwnersAndOfTheOriginWhateverTheQuestionHas) {
  const ZonePtr from = zone("", "In.ExamPle.");
  const ZonePtr to = with_serial(zone("MiXed A 192.0.2.2\nmixed TXT one\n", "In.ExamPle."), 2);
  for (const std::string_view asked : {"in.example.", "In.ExamPle."}) {
    const Written got = write(step_of(*from, *to), "In.ExamPle.", asked);
    EXPECT_THAT(got.lines, testing::Contains("MiXed.In.ExamPle. 3600 A 192.0.2.2"));
    EXPECT_EQ(got.lines.front(), soa_line(*to)) << asked;
    EXPECT_EQ(got.messages.front().questions.front().name.to_text(), asked);
  }
}

TEST(IxfrWriter, AnOwnerThatOnlyDiffersInLettersOfTheOriginIsWrittenWhole) {
  ZoneStep step = step_of(*zone(""), *with_serial(zone(""), 2));
  RrPacker(step.change.added).add(name("a.EXAMPLE."), RrType::kA, 60, Octets{192, 0, 2, 1});
  EXPECT_THAT(write(step, "example.").lines, testing::Contains("a.EXAMPLE. 60 A 192.0.2.1"));
}

TEST(IxfrWriter, ManyChangesTakeManyMessagesEachWithAnOpt) {
  std::string lines;
  for (int i = 0; i < 3000; ++i) {
    lines += fmt::format("host{0} A 192.0.2.1\nhost{0} TXT \"text {0}\"\n", i);
  }
  const ZonePtr from = zone("");
  const ZonePtr to = with_serial(zone(lines), 2);
  EdnsReply edns;
  edns.expire_seconds = 77;
  const Written got =
      write(step_of(*from, *to), "example.", "example.", kMaxMessageOctets, edns, 100);
  ASSERT_TRUE(got.is_done);
  ASSERT_GT(got.messages.size(), 3U);
  EXPECT_THAT(got.octets, Each(Le(kPointerLimit - 100)));
  EXPECT_EQ(got.lines.size(), 6004U);
  for (const Message& message : got.messages) {
    ASSERT_EQ(message.additionals.size(), 1U);
    EXPECT_EQ(message.additionals[0].type, RrType::kOpt);
    // RFC 7314: in the first alone.
    EXPECT_EQ(message.additionals[0].rdata.empty(), &message != &got.messages.front());
  }
}

TEST(IxfrWriter, ARecordLargerThanAMessageShouldBeTakesALargerOne) {
  ZoneStep step = step_of(*zone(""), *with_serial(zone(""), 2));
  const Octets large(60'000, 7);
  RrPacker(step.change.added).add(name("large.example."), static_cast<RrType>(65'280), 60, large);
  const Written got = write(step, "example.");
  EXPECT_TRUE(got.is_done);
  EXPECT_GT(std::ranges::max(got.octets), kPointerLimit);
}

// RFC 1995 s2: over UDP everything is in one message, or it is asked for over TCP.
TEST(IxfrWriter, SaysWhenARoomIsTooSmall) {
  const ZonePtr from = zone("");
  const ZonePtr to = with_serial(
      zone("a TXT " + std::string(200, 'x') + "\nb TXT " + std::string(200, 'x') + "\n"), 2);
  const Octets wire = query_wire(name("example."), RrType::kIxfr, false, false, 512);
  QueryView query;
  ASSERT_EQ(parse_query(wire, query), ParseStatus::kOk);
  Octets room(512);
  IxfrWriter writer(name("example."), step_of(*from, *to), TransferForm(query, std::nullopt, 0));
  EXPECT_LE(writer.next(room), 512U);
  EXPECT_FALSE(writer.is_done());
  // Not even an SOA.
  IxfrWriter cramped(name("example."), step_of(*from, *to), TransferForm(query, std::nullopt, 470));
  EXPECT_EQ(cramped.next(room), 0U);
  EXPECT_FALSE(cramped.is_done());
}

TEST(SoaAnswer, IsThePresentSoaAloneOrNothing) {
  const ZonePtr present = with_serial(zone("a A 192.0.2.2\n"), 12);
  const Octets wire = query_wire(name("EXAMPLE."), RrType::kIxfr, false, false, 512);
  QueryView query;
  ASSERT_EQ(parse_query(wire, query), ParseStatus::kOk);
  const TransferForm form(query, std::nullopt, 0);
  const auto answer = parse_message(soa_answer(*present, form, 512));
  ASSERT_TRUE(answer);
  EXPECT_THAT(test::lines_of(answer->answers), ElementsAre(soa_line(*present)));
  EXPECT_TRUE(soa_answer(*present, form, 60).empty());
}

}  // namespace
}  // namespace tandem
