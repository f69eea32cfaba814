// RFC 1996: what is sent, what is read, and the question for a serial.
#include "common/transfer/notify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/dns/message.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;

/// As a server answers: the same with QR and an rcode.
Message answer_to(OctetSpan request, Rcode rcode = Rcode::kNoError) {
  Message message = *parse_message(request);
  message.flags =
      static_cast<std::uint16_t>(message.flags | kFlagQr | static_cast<std::uint16_t>(rcode));
  return message;
}

Octets wire(const Message& message) {
  return *write_message(message);
}

Message soa_answer(std::string_view text = "") {
  const ZonePtr version = zone(text);
  Message message = answer_to(soa_question(name("example."), 7));
  message.flags |= kFlagAa;
  message.answers = {
      {name("EXAMPLE."), RrType::kSoa, RrClass::kIn, 60, version->soa().rdatas.front()}};
  return message;
}

TEST(Notify, CarriesTheSoaAsTheAnswer) {  // RFC 1996 s3.7, s4.5
  const Octets request = notify_request(*zone("a A 192.0.2.1\n"), 4711);
  const Message message = *parse_message(request);
  EXPECT_EQ(message.id, 4711);
  EXPECT_EQ(message.flags, 0x2400) << "opcode 4 and AA, nothing else";
  ASSERT_EQ(message.questions.size(), 1U);
  EXPECT_EQ(message.questions.front().name, name("example."));
  EXPECT_EQ(message.questions.front().type, RrType::kSoa);
  ASSERT_EQ(message.answers.size(), 1U);
  EXPECT_EQ(message.answers.front().ttl, 3600U);
  EXPECT_EQ(soa_serial(message.answers.front().rdata), 1U);
  EXPECT_TRUE(message.authorities.empty());
  EXPECT_TRUE(message.additionals.empty());
}

TEST(Notify, ReadsItsOwn) {
  const auto read = read_notify(notify_request(*zone(""), 1));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->zone, name("example."));
  EXPECT_EQ(read->serial, 1U);
}

TEST(Notify, TheSerialIsAHintThatMayBeMissing) {
  Message message = *parse_message(notify_request(*zone(""), 1));
  message.answers.front().owner = name("other.");
  EXPECT_EQ(read_notify(wire(message))->serial, std::nullopt);
  message.answers.clear();
  EXPECT_EQ(read_notify(wire(message))->serial, std::nullopt);
}

TEST(Notify, RefusesWhatIsNone) {
  const Message good = *parse_message(notify_request(*zone(""), 1));
  Message bad = good;
  bad.flags |= kFlagQr;
  EXPECT_FALSE(read_notify(wire(bad))) << "an answer";
  bad = good;
  bad.flags = 0;
  EXPECT_FALSE(read_notify(wire(bad))) << "a query";
  bad = good;
  bad.questions.clear();
  EXPECT_FALSE(read_notify(wire(bad))) << "no question";
  bad = good;
  bad.questions.push_back(bad.questions.front());
  EXPECT_FALSE(read_notify(wire(bad))) << "two questions";
  bad = good;
  bad.questions.front().type = RrType::kA;
  EXPECT_FALSE(read_notify(wire(bad))) << "another type";
  bad = good;
  bad.questions.front().rr_class = static_cast<RrClass>(3);
  EXPECT_FALSE(read_notify(wire(bad))) << "another class";
  const Octets whole = wire(good);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(read_notify(OctetSpan(whole).first(size)).error().code, Errc::kInvalid) << size;
  }
}

TEST(Notify, AnAnswerSaysWhetherItIsTaken) {
  const Octets request = notify_request(*zone(""), 1);
  EXPECT_TRUE(check_notify_answer(wire(answer_to(request))));
  const Status refused = check_notify_answer(wire(answer_to(request, Rcode::kNotAuth)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kRefused);
  EXPECT_THAT(refused.error().detail, HasSubstr("NOTAUTH"));
  EXPECT_EQ(check_notify_answer(request).error().code, Errc::kCorrupt) << "no answer";
  EXPECT_EQ(check_notify_answer({}).error().code, Errc::kCorrupt);
}

TEST(SoaQuestion, IsPlain) {
  const Message message = *parse_message(soa_question(name("example."), 9));
  EXPECT_EQ(message.id, 9);
  EXPECT_EQ(message.flags, 0) << "no recursion is wanted";
  EXPECT_EQ(message.questions.front().type, RrType::kSoa);
}

TEST(SoaQuestion, GivesTheSerialOfWhoServesTheZone) {
  EXPECT_EQ(*serial_of_answer(wire(soa_answer()), name("example.")), 1U);
  EXPECT_FALSE(serial_of_answer(wire(soa_answer()), name("other.")));
}

TEST(SoaQuestion, SaysWhyThereIsNone) {
  const auto reason = [](const Message& message) {
    const auto serial = serial_of_answer(wire(message), name("example."));
    return serial ? "it has one" : serial.error().detail;
  };
  Message message = soa_answer();
  message.flags &= static_cast<std::uint16_t>(~kFlagAa);
  EXPECT_THAT(reason(message), HasSubstr("without authority"));
  message = soa_answer();
  message.answers.clear();
  EXPECT_THAT(reason(message), HasSubstr("does not serve the zone"));
  message = answer_to(soa_question(name("example."), 7), Rcode::kRefused);
  EXPECT_THAT(reason(message), HasSubstr("REFUSED"));
  message = answer_to(notify_request(*zone(""), 7));
  EXPECT_THAT(reason(message), HasSubstr("no answer to QUERY"));
}

}  // namespace
}  // namespace tandem::test
