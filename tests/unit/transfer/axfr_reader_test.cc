// Whole zones as they come (RFC 5936): what makes a zone, and what is no transfer.
#include <algorithm>
#include <array>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/dns/rdata.h"
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
using test::zone_of;
using ::testing::Contains;
using ::testing::HasSubstr;

const std::string kBody = "@ NS ns1\nns1 A 192.0.2.1\n";

/// The answer to AXFR with these lines between its SOA records.
std::vector<MessageRecord> whole(std::string_view lines, Serial serial = 1) {
  return rows(soa_line(serial) + std::string(lines) + soa_line(serial));
}

Result<TransferOutcome> axfr(const std::vector<MessageRecord>& records, std::size_t most = 1000,
                             const TransferLimits& limits = {}) {
  return outcome_of(reader_of(nullptr, limits), series_of(RrType::kAxfr, records, most));
}

/// Of one message that is given to a new reader, or behind `first`.
std::string error_of(const Message& message, const std::vector<Octets>& first = {}) {
  std::vector<Octets> messages = first;
  messages.push_back(*write_message(message));
  const auto outcome = outcome_of(reader_of(), messages);
  return outcome ? "good" : text_of(outcome);
}

std::string error_of(const std::vector<MessageRecord>& records) {
  return error_of(answer_to(RrType::kAxfr, records));
}

TEST(AxfrReader, MakesTheZoneOfOneMessageOrOfMany) {
  for (const std::size_t most : {1000U, 2U, 1U}) {
    const auto outcome = axfr(whole(kBody), most);
    ASSERT_EQ(text_of(outcome), "whole");
    EXPECT_EQ(content_digest_of(*zone_of(outcome)), content_digest_of(*test::zone("")));
    EXPECT_EQ(outcome->records, 4U);
    EXPECT_GT(outcome->octets, 4U * 12U);
    EXPECT_EQ(outcome->expire, std::nullopt);
  }
}

TEST(AxfrReader, IsDoneWithTheLastSoaRecord) {
  TransferReader reader = reader_of();
  const auto messages = series_of(RrType::kAxfr, whole(kBody), 1);
  for (const Octets& message : messages) {
    EXPECT_FALSE(reader.is_done());
    ASSERT_TRUE(reader.take(message));
  }
  EXPECT_TRUE(reader.is_done());
  const auto more = reader.take(messages.back());
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().detail,
            "the primary sends a message behind the last SOA record of example.");
  EXPECT_FALSE(reader.is_done()) << "an error is for good";
  EXPECT_FALSE(reader.finish());
}

TEST(AxfrReader, TakesAnyOrderAndDropsWhatIsThereTwice) {
  const auto outcome =
      axfr(whole("b A 192.0.2.2\nns1 A 192.0.2.1\na TXT x\nb A 192.0.2.2\n@ NS ns1\n"
                 "b A 192.0.2.3\na TXT x\n"),
           2);
  ASSERT_EQ(text_of(outcome), "whole");
  EXPECT_EQ(content_digest_of(*zone_of(outcome)),
            content_digest_of(*test::zone("a TXT x\nb A 192.0.2.2\nb A 192.0.2.3\n")));
}

TEST(AxfrReader, LeavesOutWhatIsOutsideOfTheZone) {
  const auto outcome =
      axfr(whole(kBody + "a.other. A 192.0.2.9\nother. SOA a b 1 2 3 4 5\n. NS a\n"));
  ASSERT_EQ(text_of(outcome), "whole");
  EXPECT_EQ(lines_of(*zone_of(outcome)), lines_of(*test::zone("")));
  EXPECT_EQ(outcome->records, 7U);
}

TEST(AxfrReader, KeepsLettersAndTheLeastTtl) {
  const auto outcome =
      axfr(whole(kBody + "Www 60 A 192.0.2.1\nWww 30 A 192.0.2.2\nMail MX 1 MX.Example.\n"));
  ASSERT_EQ(text_of(outcome), "whole");
  const auto lines = lines_of(*zone_of(outcome));
  EXPECT_THAT(lines, Contains("Www.example. 30 IN A 192.0.2.1"));
  EXPECT_THAT(lines, Contains("Www.example. 30 IN A 192.0.2.2"));
  EXPECT_THAT(lines, Contains("Mail.example. 3600 IN MX 1 MX.Example."));
}

TEST(AxfrReader, ATtlWithItsHighestBitIsZero) {
  auto records = whole(kBody + "a A 192.0.2.1\n");
  records[3].ttl = 0x8000'0001;
  const auto outcome = axfr(records);
  ASSERT_EQ(text_of(outcome), "whole");
  EXPECT_THAT(lines_of(*zone_of(outcome)), Contains("a.example. 0 IN A 192.0.2.1"));
}

TEST(AxfrReader, HeaderBitsWithoutMeaningAndOtherSectionsDoNotMatter) {
  Message message = answer_to(RrType::kAxfr, whole(kBody));
  message.flags = kFlagQr | kFlagRa | kFlagRd | kFlagAd | kFlagCd;
  message.authorities = rows("a NS b\n");
  message.additionals = rows("b A 192.0.2.1\n");
  EXPECT_EQ(error_of(message), "good");
}

TEST(AxfrReader, TellsWhenThePrimaryWillExpireTheZone) {
  Message message = answer_to(RrType::kAxfr, whole(kBody));
  MessageRecord opt{{}, RrType::kOpt, static_cast<RrClass>(1232), 0, {0, 9, 0, 4, 0, 0, 1, 0}};
  message.additionals.push_back(opt);
  const auto outcome = outcome_of(reader_of(), {*write_message(message)});
  ASSERT_EQ(text_of(outcome), "whole");
  EXPECT_EQ(outcome->expire, 256U);
}

TEST(AxfrReader, AMessageWithoutRecordsMayComeBetweenOthers) {
  const auto messages = series_of(RrType::kAxfr, whole(kBody), 2);
  const Octets empty = *write_message(answer_to(RrType::kAxfr, {}));
  EXPECT_EQ(text_of(outcome_of(reader_of(), {messages[0], empty, messages[1]})), "whole");
  EXPECT_EQ(error_of(std::vector<MessageRecord>{}),
            "the primary answers AXFR of example. without records");
}

TEST(AxfrReader, SaysWhyThePrimaryDoesNotGiveTheZone) {
  const auto refused = [](Rcode rcode) {
    Message message = answer_to(RrType::kAxfr, {});
    message.flags = static_cast<std::uint16_t>(kFlagQr | static_cast<unsigned>(rcode));
    message.questions.clear();
    const auto outcome = outcome_of(reader_of(), {*write_message(message)});
    EXPECT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::kRefused);
    return outcome.error().detail;
  };
  EXPECT_EQ(refused(Rcode::kRefused),
            "the primary does not allow us the AXFR of example. (REFUSED)");
  EXPECT_EQ(refused(Rcode::kNotAuth),
            "the primary is not authoritative for example., or does not take the key (NOTAUTH)");
  EXPECT_THAT(refused(Rcode::kServFail), HasSubstr("(SERVFAIL): expired there, or not loaded"));
  EXPECT_THAT(refused(Rcode::kFormErr), HasSubstr("does not know how to answer AXFR"));
  EXPECT_THAT(refused(Rcode::kNotImp), HasSubstr("(NOTIMP)"));
  EXPECT_EQ(refused(Rcode::kNxDomain), "the primary answers AXFR of example. with NXDOMAIN");
}

TEST(AxfrReader, AnErrorMayComeInTheMiddleAndInOpt) {
  const auto messages = series_of(RrType::kAxfr, whole(kBody), 2);
  Message message = answer_to(RrType::kAxfr, {});
  message.flags = kFlagQr | static_cast<std::uint16_t>(Rcode::kServFail);
  EXPECT_THAT(error_of(message, {messages[0]}), HasSubstr("SERVFAIL"));
  message.flags = kFlagQr;
  message.additionals.push_back({{}, RrType::kOpt, static_cast<RrClass>(1232), 1U << 24U, {}});
  EXPECT_THAT(error_of(message, {messages[0]}), HasSubstr("with BADVERS"));
}

TEST(AxfrReader, RefusesWhatIsNoAnswerToTheRequest) {
  const Message good = answer_to(RrType::kAxfr, whole(kBody));
  Message bad = good;
  bad.id = 8;
  EXPECT_EQ(error_of(bad), "the primary answers something else");
  bad = good;
  bad.flags = kFlagAa;
  EXPECT_EQ(error_of(bad), "the primary answers something else");
  bad = good;
  bad.flags |= static_cast<std::uint16_t>(static_cast<unsigned>(Opcode::kNotify) << 11U);
  EXPECT_EQ(error_of(bad), "the primary answers something else");
  bad = good;
  bad.flags |= kFlagTc;
  EXPECT_EQ(error_of(bad), "the primary sends a truncated message over TCP");
  bad = good;
  bad.questions.clear();
  EXPECT_EQ(error_of(bad), "the primary answers 0 questions, one was asked");
  bad.questions = {good.questions[0], good.questions[0]};
  EXPECT_EQ(error_of(bad), "the primary answers 2 questions, one was asked");
  bad.questions = {{name("other."), RrType::kAxfr}};
  EXPECT_THAT(error_of(bad), HasSubstr("the question other. IN AXFR, asked was example. AXFR"));
  bad.questions = {{name("example."), RrType::kSoa}};
  EXPECT_THAT(error_of(bad), HasSubstr("the question example. IN SOA"));
  bad.questions = {{name("example."), RrType::kAxfr, RrClass::kCh}};
  EXPECT_THAT(error_of(bad), HasSubstr("the question example. CH AXFR"));
}

TEST(AxfrReader, RefusesRecordsThatNoZoneHolds) {
  auto records = whole(kBody + "a A 192.0.2.1\n");
  records[3].rr_class = RrClass::kCh;
  EXPECT_EQ(error_of(records), "the primary sends a.example. CH A, which is no data of a zone");
  records[3].rr_class = RrClass::kIn;
  records[3].type = RrType::kOpt;
  EXPECT_THAT(error_of(records), HasSubstr("IN OPT, which is no data"));
}

TEST(AxfrReader, RefusesMalformedRecords) {
  constexpr std::array<std::uint8_t, 4> kTypeAndClass{0xff, 0x00, 0x00, 0x01};
  auto records = whole(kBody + "a TYPE65280 \\# 4 c0000201\n");
  Octets wire = *write_message(answer_to(RrType::kAxfr, records));
  const auto type = std::ranges::search(wire, kTypeAndClass);
  ASSERT_FALSE(type.empty());
  store_be16(&*type.begin(), number(RrType::kAaaa));
  const auto outcome = outcome_of(reader_of(), {wire});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::kCorrupt);
  EXPECT_THAT(outcome.error().detail, HasSubstr("a malformed record, a.example. AAAA: "));
}

TEST(AxfrReader, RefusesSoaRecordsInTheWrongPlace) {
  EXPECT_EQ(error_of(rows("@ NS ns1\n" + soa_line(1))),
            "the transfer of example. begins with example. NS in place of its SOA record");
  EXPECT_THAT(error_of(rows("other. SOA a b 1 2 3 4 5\n" + soa_line(1))),
              HasSubstr("begins with other. SOA"));
  EXPECT_EQ(error_of(rows(soa_line(1) + kBody + soa_line(2))),
            "the last SOA record of example. (serial 2) is not its first (serial 1): it changed "
            "meanwhile");
  EXPECT_EQ(error_of(whole(kBody + "sub SOA a b 1 2 3 4 5\n")),
            "the primary sends an SOA record at sub.example., below the top of example.");
  EXPECT_EQ(error_of(rows(soa_line(1) + kBody + soa_line(1) + "a A 192.0.2.1\n")),
            "the primary sends records behind the last SOA record of example.");
  EXPECT_THAT(error_of(rows(soa_line(1) + kBody)), HasSubstr("ends before its last SOA record"));
}

TEST(AxfrReader, RefusesWhatIsNoValidZone) {
  const auto outcome = axfr(whole(""));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::kCorrupt);
  EXPECT_THAT(outcome.error().detail,
              HasSubstr("what was transferred is no valid zone: example. has no NS record"));
  EXPECT_THAT(text_of(axfr(whole(kBody + "a CNAME b\na A 192.0.2.1\n"))),
              HasSubstr("stands alone"));
}

std::string addresses(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += fmt::format("many A 10.0.{}.{}\n", i / 256, i % 256);
  }
  return lines;
}

TEST(AxfrReader, HasTheLimitsOfTheZone) {
  EXPECT_THAT(text_of(axfr(whole(kBody + addresses(500)))), HasSubstr("500 A records; the limit"));
  TransferLimits limits;
  limits.zone.rrset_records = 500;
  const auto outcome = axfr(whole(kBody + addresses(500)), 100, limits);
  ASSERT_EQ(text_of(outcome), "whole");
  EXPECT_EQ(zone_of(outcome)->record_count(), 503U);
}

TEST(AxfrReader, HasLimitsOfItsOwn) {
  const auto error_with = [](const TransferLimits& limits) {
    const auto outcome = axfr(whole(kBody), 1, limits);
    EXPECT_TRUE(outcome || outcome.error().code == Errc::kTooLarge);
    return text_of(outcome);
  };
  EXPECT_EQ(error_with({.records = 4}), "whole");
  EXPECT_THAT(error_with({.records = 3}), HasSubstr("more than 3 records"));
  EXPECT_EQ(error_with({.octets = 1000}), "whole");
  EXPECT_THAT(error_with({.octets = 150}), HasSubstr("or 150 octets"));
}

TEST(AxfrReader, NamesCountWithAllTheirOctets) {
  const std::string label(63, 'a');
  std::string lines = kBody;
  const std::string owner = fmt::format("{0}.{0}.{0}", label);
  for (int i = 0; i < 100; ++i) {
    lines += fmt::format("{} TXT {}\n", owner, i);
  }
  const TransferLimits limits{.octets = 15'000};
  const Octets message = *write_message(answer_to(RrType::kAxfr, whole(lines)));
  ASSERT_LT(message.size(), 5'000U);
  const auto outcome = outcome_of(reader_of(nullptr, limits), {message});
  EXPECT_EQ(text_of(outcome), "the records of example. have more than 15000 octets");
}

TEST(AxfrReader, RandomZonesComeAsTheyAre) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    test::RandomZones random(seed);
    auto records = random.records(name("example."), 60);
    const ZonePtr sent = test::build_what_fits(records, name("example."));
    std::vector<MessageRecord> answers;
    for (const test::PlainRecord& record : records) {
      answers.push_back({record.owner, record.type, RrClass::kIn, record.ttl, record.rdata});
    }
    std::ranges::shuffle(answers, std::mt19937_64(seed));
    const auto soa = std::ranges::find(answers, RrType::kSoa, &MessageRecord::type);
    std::iter_swap(answers.begin(), soa);
    answers.push_back(answers.front());
    const auto outcome = axfr(answers, 1 + random.below(20));
    ASSERT_EQ(text_of(outcome), "whole") << seed;
    EXPECT_EQ(content_digest_of(*zone_of(outcome)), content_digest_of(*sent)) << seed;
  }
}

}  // namespace
}  // namespace tandem
