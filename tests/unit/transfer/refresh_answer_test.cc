// The question whether there is a newer version, with the EXPIRE option (RFC 7314).
#include "common/transfer/refresh_answer.h"

#include <gtest/gtest.h>

#include "common/dns/message.h"
#include "common/dns/transfer_request.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

/// An answer with the SOA of kApex, and an OPT record with these options.
Octets answer(const Octets& options) {
  Message message = *parse_message(soa_request(name("example."), 7));
  message.flags = kFlagQr | kFlagAa;
  message.answers = {
      {name("example."), RrType::kSoa, RrClass::kIn, 60, zone("")->soa().rdatas.front()}};
  message.additionals.front().rdata = options;
  return *write_message(message);
}

TEST(RefreshQuestion, AsksForTheSoaAndHowLongTheZoneIsGood) {
  const Message message = *parse_message(soa_request(name("example."), 4711));
  EXPECT_EQ(message.id, 4711);
  EXPECT_EQ(message.flags, 0);
  ASSERT_EQ(message.questions.size(), 1U);
  EXPECT_EQ(message.questions.front().type, RrType::kSoa);
  ASSERT_EQ(message.additionals.size(), 1U);
  EXPECT_EQ(message.additionals.front().type, RrType::kOpt);
  EXPECT_EQ(message.additionals.front().rdata, (Octets{0, 9, 0, 0})) << "RFC 7314 s3: empty";
}

TEST(RefreshQuestion, ReadsSerialAndExpire) {
  const auto read = read_refresh_answer(answer({0, 9, 0, 4, 0, 0, 1, 0}), name("example."));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->serial, 1U);
  EXPECT_EQ(read->expire, 256U);
}

TEST(RefreshQuestion, WithoutAGoodOptionThereIsNoExpire) {
  EXPECT_EQ(read_refresh_answer(answer({}), name("example."))->expire, std::nullopt);
  EXPECT_EQ(read_refresh_answer(answer({0, 9, 0, 2, 1, 0}), name("example."))->expire,
            std::nullopt);
}

TEST(RefreshQuestion, AnswersOfOthersAreRefused) {
  EXPECT_FALSE(read_refresh_answer(answer({}), name("other.")));
  EXPECT_FALSE(read_refresh_answer({}, name("example.")));
}

}  // namespace
}  // namespace tandem::test
