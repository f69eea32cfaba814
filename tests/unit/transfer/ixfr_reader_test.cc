// Incremental transfers (RFC 1995): what leads from one version to another, and what does not.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/log/content_digest.h"
#include "tests/support/random_zone.h"
#include "tests/support/zone_text.h"
#include "tests/unit/transfer/transfer_series.h"

namespace tandem {
namespace {

using test::answer_to;
using test::lines_of;
using test::name;
using test::outcome_of;
using test::reader_of;
using test::rows;
using test::series_of;
using test::soa_line;
using test::text_of;
using test::zone;
using test::zone_of;
using ::testing::Contains;
using ::testing::HasSubstr;

/// The answer of these lines to IXFR from `have`.
Result<TransferOutcome> ixfr(const ZonePtr& have, const std::string& lines, std::size_t most = 1000,
                             const TransferLimits& limits = {}) {
  return outcome_of(reader_of(have, limits), series_of(RrType::kIxfr, rows(lines), most));
}

/// The zone of test::zone() has serial 1; the answer with one step from it to serial 2.
std::string step(const std::string& removed, const std::string& added) {
  return soa_line(2) + soa_line(1) + removed + soa_line(2) + added + soa_line(2);
}

// RFC 1995 s7, with a TTL.
constexpr std::string_view kJain = "jain.ad.jp.";

std::string jain_soa(Serial serial) {
  return fmt::format("@ 600 SOA ns mohta {} 600 600 3600000 604800\n", serial);
}

const std::string kJainRest = "@ 600 NS NS.JAIN.AD.JP.\nNS 600 A 133.69.136.1\n";
const std::string kJainNew = "JAIN-BB 600 A 133.69.136.3\nJAIN-BB 600 A 192.41.197.2\n";

Result<TransferOutcome> jain(const std::string& lines) {
  const ZonePtr have =
      test::build(jain_soa(1) + kJainRest + "NEZU 600 A 133.69.136.5\n", kJain).zone;
  return outcome_of(reader_of(have, {}, kJain),
                    series_of(RrType::kIxfr, rows(lines, kJain), 1000, kJain));
}

void expect_newest_jain(const Result<TransferOutcome>& outcome) {
  const ZonePtr newest = test::build(jain_soa(3) + kJainRest + kJainNew, kJain).zone;
  ASSERT_NE(zone_of(outcome), nullptr) << text_of(outcome);
  EXPECT_EQ(lines_of(*zone_of(outcome)), lines_of(*newest));
  EXPECT_EQ(content_digest_of(*zone_of(outcome)), content_digest_of(*newest));
}

TEST(IxfrReader, TakesTheStepsOfRfc1995Section7) {
  const auto outcome = jain(jain_soa(3) + jain_soa(1) + "NEZU 600 A 133.69.136.5\n" + jain_soa(2) +
                            "JAIN-BB 600 A 133.69.136.4\nJAIN-BB 600 A 192.41.197.2\n" +
                            jain_soa(2) + "JAIN-BB 600 A 133.69.136.4\n" + jain_soa(3) +
                            "JAIN-BB 600 A 133.69.136.3\n" + jain_soa(3));
  ASSERT_EQ(text_of(outcome), "steps");
  EXPECT_EQ(std::get<TransferSteps>(outcome->content).changes.size(), 2U);
  EXPECT_EQ(outcome->records, 11U);
  expect_newest_jain(outcome);
}

TEST(IxfrReader, TakesTheCondensedStepOfRfc1995Section7) {
  const auto outcome = jain(jain_soa(3) + jain_soa(1) + "NEZU 600 A 133.69.136.5\n" + jain_soa(3) +
                            kJainNew + jain_soa(3));
  ASSERT_EQ(text_of(outcome), "steps");
  expect_newest_jain(outcome);
}

TEST(IxfrReader, TakesTheWholeZoneOfRfc1995Section7) {
  const auto outcome = jain(jain_soa(3) + kJainRest + kJainNew + jain_soa(3));
  ASSERT_EQ(text_of(outcome), "whole");
  expect_newest_jain(outcome);
}

TEST(IxfrReader, ANewerSoaAloneMeansOverTcpAsInRfc1995Section7) {
  EXPECT_EQ(text_of(jain(jain_soa(3))), "over TCP");
}

TEST(IxfrReader, ATruncatedMessageMeansOverTcp) {
  Message message = answer_to(RrType::kIxfr, rows(soa_line(2) + soa_line(1)));
  message.flags |= kFlagTc;
  TransferReader reader = reader_of(zone(""));
  ASSERT_TRUE(reader.take(*write_message(message)));
  EXPECT_TRUE(reader.is_done());
  EXPECT_EQ(text_of(reader.finish()), "over TCP");
  const auto first = series_of(RrType::kIxfr, rows(soa_line(2)), 1);
  EXPECT_EQ(text_of(outcome_of(reader_of(zone("")), {first[0], *write_message(message)})),
            "the primary sends a truncated message over TCP");
}

TEST(IxfrReader, ASoaThatIsNotNewerMeansUpToDate) {
  for (const Serial serial : {Serial{1}, Serial{0}, Serial{0x8000'0002}}) {
    TransferReader reader = reader_of(zone(""));
    ASSERT_TRUE(reader.take(series_of(RrType::kIxfr, rows(soa_line(serial)), 1).front()));
    EXPECT_TRUE(reader.is_done());
    EXPECT_EQ(text_of(reader.finish()), "up to date") << serial;
  }
}

TEST(IxfrReader, ASoaAloneMayBeTheFirstMessageOfMany) {
  const std::string added = "a A 192.0.2.9\n";
  TransferReader reader = reader_of(zone(""));
  const auto messages = series_of(RrType::kIxfr, rows(step("", added)), 1);
  for (const Octets& message : messages) {
    EXPECT_FALSE(reader.is_done());
    ASSERT_TRUE(reader.take(message));
  }
  EXPECT_TRUE(reader.is_done());
  EXPECT_EQ(text_of(reader.finish()), "steps");
  EXPECT_EQ(text_of(ixfr(zone(""), soa_line(2) + "@ NS ns1\n" + soa_line(2), 1)), "whole");
}

TEST(IxfrReader, AWholeZoneMayBeOlder) {
  const auto outcome = ixfr(zone(""), soa_line(0) + "@ NS ns1\n" + soa_line(0));
  ASSERT_EQ(text_of(outcome), "whole");
  EXPECT_EQ(zone_of(outcome)->serial(), 0U);
}

TEST(IxfrReader, ARefusalIsNoUpToDate) {
  Message message = answer_to(RrType::kIxfr, {});
  EXPECT_EQ(text_of(outcome_of(reader_of(zone("")), {*write_message(message)})),
            "the primary answers IXFR of example. without records");
  message.flags = kFlagQr | static_cast<std::uint16_t>(Rcode::kNotImp);
  EXPECT_EQ(text_of(outcome_of(reader_of(zone("")), {*write_message(message)})),
            "the primary does not know how to answer IXFR of example. (NOTIMP)");
}

TEST(IxfrReader, AStepMayChangeTheSoaRecordAlone) {
  const auto outcome = ixfr(zone(""), step("", ""));
  ASSERT_EQ(text_of(outcome), "steps");
  EXPECT_EQ(zone_of(outcome)->serial(), 2U);
}

TEST(IxfrReader, ChangesAreThoseOfTheLog) {
  const ZonePtr have = zone("a 60 A 192.0.2.1\n");
  const auto outcome = ixfr(have, step("a 60 A 192.0.2.1\n", "a 60 A 192.0.2.2\n"));
  ASSERT_EQ(text_of(outcome), "steps");
  const auto& steps = std::get<TransferSteps>(outcome->content);
  ASSERT_EQ(steps.changes.size(), 1U);
  ContentDigest digest = content_digest_of(*have);
  digest.apply(steps.changes[0]);
  EXPECT_EQ(digest, content_digest_of(*steps.zone));
  const Changeset back = Changeset(steps.changes[0]).inverted();
  const auto before = steps.zone->apply(std::span(&back, 1), ZoneLimits{});
  ASSERT_TRUE(before);
  EXPECT_EQ(lines_of(**before), lines_of(*have));
}

TEST(IxfrReader, OfAnOldSoaRecordTheSerialAloneCounts) {
  const auto outcome =
      ixfr(zone(""), soa_line(2) + "@ 60 SOA other. h 1 1 1 1 1\n" + soa_line(2) + soa_line(2));
  ASSERT_EQ(text_of(outcome), "steps");
  EXPECT_EQ(lines_of(*zone_of(outcome)).front(),
            "example. 3600 IN SOA ns1.example. hostmaster.example. 2 900 300 604800 600");
}

TEST(IxfrReader, LeavesOutWhatIsOutsideOfTheZone) {
  const auto outcome =
      ixfr(zone(""), step("a.other. A 192.0.2.1\n", "b.other. A 192.0.2.1\na A 192.0.2.1\n"));
  ASSERT_EQ(text_of(outcome), "steps");
  EXPECT_EQ(zone_of(outcome)->record_count(), 4U);
}

TEST(IxfrReader, SerialsMayGoAroundTheirEnd) {
  const auto start =
      zone("")->apply(std::vector{test::changeset(soa_line(1), soa_line(0x7fff'ffff)),
                                  test::changeset(soa_line(0x7fff'ffff), soa_line(0xffff'fffe))},
                      ZoneLimits{});
  ASSERT_TRUE(start);
  const auto outcome = ixfr(*start, soa_line(5) + soa_line(0xffff'fffe) + soa_line(0xffff'ffff) +
                                        soa_line(0xffff'ffff) + soa_line(5) + soa_line(5));
  ASSERT_EQ(text_of(outcome), "steps");
  EXPECT_EQ(zone_of(outcome)->serial(), 5U);
}

TEST(IxfrReader, RefusesSerialsThatDoNotLeadFromOursToTheAnnouncedOne) {
  const auto error = [](const std::string& lines) { return text_of(ixfr(zone(""), lines)); };
  EXPECT_EQ(error(soa_line(9) + soa_line(3) + soa_line(9) + soa_line(9)),
            "the primary sends a step from serial 3 where one from 1 belongs");
  EXPECT_EQ(
      error(soa_line(9) + soa_line(1) + soa_line(2) + soa_line(3) + soa_line(9) + soa_line(9)),
      "the primary sends a step from serial 3 where one from 2 belongs");
  EXPECT_EQ(error(soa_line(9) + soa_line(1) + soa_line(2) + soa_line(9)),
            "the primary sends a step from serial 9 where one from 2 belongs");
  EXPECT_EQ(error(soa_line(9) + soa_line(1) + soa_line(1)),
            "the primary sends a step from serial 1 to 1, which is not newer");
  EXPECT_EQ(error(soa_line(9) + soa_line(1) + soa_line(5) + soa_line(5) + soa_line(4)),
            "the primary sends a step from serial 5 to 4, which is not newer");
  EXPECT_EQ(error(soa_line(1) + soa_line(1) + soa_line(1)),
            "the primary sends steps to serial 1, which is not newer than 1");
  EXPECT_THAT(error(soa_line(2) + soa_line(1) + soa_line(2)),
              HasSubstr("ends before its last SOA record"));
  EXPECT_EQ(error(step("", "") + "a A 192.0.2.1\n"),
            "the primary sends records behind the last SOA record of example.");
}

TEST(IxfrReader, RefusesTwoSoaRecordsOfOneSerial) {
  const std::string other = "@ 3600 SOA other hostmaster 2 900 300 604800 600\n";
  EXPECT_EQ(text_of(ixfr(zone(""), soa_line(2) + soa_line(1) + soa_line(2) + other)),
            "the primary sends different SOA records for serial 2");
  EXPECT_EQ(text_of(ixfr(zone(""), soa_line(2) + soa_line(1) + other + soa_line(2))),
            "the primary sends different SOA records for serial 2");
}

TEST(IxfrReader, RefusesStepsThatDoNotFit) {
  const ZonePtr have = zone("a 60 A 192.0.2.1\n");
  const auto error = [&have](const std::string& removed, const std::string& added) {
    const auto outcome = ixfr(have, step(removed, added));
    EXPECT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::kCorrupt);
    return text_of(outcome);
  };
  EXPECT_EQ(error("a 60 A 192.0.2.2\n", ""),
            "the steps from serial 1 to 2 of example. do not fit: a.example. A: the record to "
            "remove is not there with that TTL");
  EXPECT_THAT(error("a 61 A 192.0.2.1\n", ""), HasSubstr("not there with that TTL"));
  EXPECT_THAT(error("", "a 60 A 192.0.2.1\n"), HasSubstr("is there already"));
  EXPECT_THAT(error("", "a 61 A 192.0.2.2\n"), HasSubstr("differs from the others' 60"));
  EXPECT_THAT(error("@ NS ns1\n", ""), HasSubstr("has no NS record"));
  EXPECT_THAT(error("", "sub SOA a b 1 2 3 4 5\n"), HasSubstr("below the top of example."));
}

TEST(IxfrReader, LettersComeOutAsTheStepsHaveThem) {
  const ZonePtr have = zone("www 60 A 192.0.2.1\nmail 60 MX 1 mx\n");
  const auto outcome = ixfr(have, step("www 60 A 192.0.2.1\nmail 60 MX 1 mx\n@ NS ns1\n",
                                       "WWW 60 A 192.0.2.1\nmail 60 MX 1 Mx\n@ NS NS1\n"));
  ASSERT_EQ(text_of(outcome), "steps");
  const auto lines = lines_of(*zone_of(outcome));
  EXPECT_THAT(lines, Contains("WWW.example. 60 IN A 192.0.2.1"));
  EXPECT_THAT(lines, Contains("mail.example. 60 IN MX 1 Mx.example."));
  EXPECT_THAT(lines, Contains("example. 3600 IN NS NS1.example."));
}

TEST(IxfrReader, HasTheLimitsOfTheZone) {
  std::string many;
  for (int i = 0; i < 500; ++i) {
    many += fmt::format("many 60 A 10.0.{}.{}\n", i / 256, i % 256);
  }
  EXPECT_THAT(text_of(ixfr(zone(""), step("", many))), HasSubstr("more than 100 A records"));
  TransferLimits limits;
  limits.zone.rrset_records = 500;
  const auto grown = ixfr(zone(""), step("", many), 50, limits);
  ASSERT_EQ(text_of(grown), "steps");
  EXPECT_EQ(zone_of(grown)->record_count(), 503U);
  const auto shrunk = ixfr(
      zone_of(grown), soa_line(3) + soa_line(2) + many + soa_line(3) + soa_line(3), 50, limits);
  ASSERT_EQ(text_of(shrunk), "steps");
  EXPECT_EQ(zone_of(shrunk)->record_count(), 3U);
}

/// Versions of a zone, each with records of its own, as far as they have some in common.
std::vector<ZonePtr> versions(std::uint64_t seed) {
  test::RandomZones random(seed);
  std::vector<ZonePtr> out;
  for (Serial serial = 0; serial < 5; ++serial) {
    auto records = random.records(name("example."), 10 + random.below(40));
    for (test::PlainRecord& record : records) {
      if (record.type == RrType::kSoa) {
        set_soa_serial(record.rdata, 0xffff'fffe + serial);
      }
    }
    out.push_back(test::build_what_fits(records, name("example.")));
  }
  return out;
}

void append_section(const Octets& packed, const RrSet& soa, std::vector<MessageRecord>& to) {
  to.push_back({soa.owner, soa.type, RrClass::kIn, soa.ttl, soa.rdatas.front()});
  RrUnpacker records(packed);
  while (const auto record = records.next()) {
    if (record->type != RrType::kSoa) {
      to.push_back(
          {Name(record->owner), record->type, RrClass::kIn, record->ttl, to_octets(record->rdata)});
    }
  }
}

TEST(IxfrReader, RandomVersionsFollowEachOther) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<ZonePtr> zones = versions(seed);
    std::vector<MessageRecord> records;
    append_section({}, zones.back()->soa(), records);
    for (std::size_t i = 1; i < zones.size(); ++i) {
      const Changeset change = test::difference(zones[i - 1].get(), *zones[i]);
      append_section(change.removed, zones[i - 1]->soa(), records);
      append_section(change.added, zones[i]->soa(), records);
    }
    append_section({}, zones.back()->soa(), records);
    const auto outcome =
        outcome_of(reader_of(zones.front()), series_of(RrType::kIxfr, records, 1 + seed % 20));
    ASSERT_EQ(text_of(outcome), "steps") << seed;
    EXPECT_EQ(lines_of(*zone_of(outcome)), lines_of(*zones.back())) << seed;
    EXPECT_EQ(content_digest_of(*zone_of(outcome)), content_digest_of(*zones.back())) << seed;
    std::vector<Changeset> back = std::get<TransferSteps>(outcome->content).changes;
    std::ranges::reverse(back);
    for (Changeset& change : back) {
      change = std::move(change).inverted();
    }
    const auto first = zone_of(outcome)->apply(back, ZoneLimits{});
    ASSERT_TRUE(first) << seed;
    EXPECT_EQ(content_digest_of(**first), content_digest_of(*zones.front())) << seed;
  }
}

}  // namespace
}  // namespace tandem
