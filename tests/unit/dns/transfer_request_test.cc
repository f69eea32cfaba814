// Requests for a zone (RFC 5936 s2.1, RFC 1995 s3), and the time it has left (RFC 7314).
#include "common/dns/transfer_request.h"

#include <gtest/gtest.h>

#include "common/dns/edns.h"
#include "common/dns/message.h"
#include "common/dns/rdata.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::name;

void expect_expire_asked(const Message& request) {
  ASSERT_EQ(request.additionals.size(), 1U);
  const MessageRecord& opt = request.additionals.front();
  EXPECT_TRUE(opt.owner.is_root());
  EXPECT_EQ(opt.type, RrType::kOpt);
  EXPECT_EQ(static_cast<unsigned>(opt.rr_class), 1232U);
  EXPECT_EQ(opt.rdata, (Octets{0, 9, 0, 0}));
}

TEST(TransferRequest, AxfrAsksForTheZone) {
  const auto request = parse_message(axfr_request(name("example."), 77));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->id, 77);
  EXPECT_EQ(request->flags, 0);
  ASSERT_EQ(request->questions.size(), 1U);
  EXPECT_EQ(request->questions[0].name, name("example."));
  EXPECT_EQ(request->questions[0].type, RrType::kAxfr);
  EXPECT_TRUE(request->authorities.empty());
  expect_expire_asked(*request);
}

TEST(TransferRequest, IxfrSaysWhichVersionIsThere) {
  const Octets soa = *rdata_from_text(RrType::kSoa, "ns.example. h.example. 7 1 2 3 4");
  const auto request =
      parse_message(ixfr_request(RrSet{name("example."), RrType::kSoa, 60, {soa}}, 78));
  ASSERT_TRUE(request);
  ASSERT_EQ(request->questions.size(), 1U);
  EXPECT_EQ(request->questions[0].type, RrType::kIxfr);
  EXPECT_TRUE(request->answers.empty());
  ASSERT_EQ(request->authorities.size(), 1U);
  EXPECT_EQ(request->authorities[0].type, RrType::kSoa);
  EXPECT_EQ(request->authorities[0].rdata, soa);
  expect_expire_asked(*request);
}

TEST(ExpireOption, IsFourOctetsOfSeconds) {
  EXPECT_EQ(expire_option(Octets{0, 9, 0, 4, 0, 1, 0, 2}), 65538U);
  EXPECT_EQ(expire_option(Octets{0, 3, 0, 1, 7, 0, 9, 0, 4, 0, 0, 0, 2}), 2U);
  EXPECT_EQ(expire_option({}), std::nullopt);
  EXPECT_EQ(expire_option(Octets{0, 9, 0, 0}), std::nullopt);
  EXPECT_EQ(expire_option(Octets{0, 9, 0, 4, 0, 1, 0}), std::nullopt);
  EXPECT_EQ(expire_option(Octets{0, 9, 0, 4, 0, 1, 0, 2, 0}), std::nullopt);
}

}  // namespace
}  // namespace tandem
