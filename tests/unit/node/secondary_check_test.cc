// What a look at an outside secondary finds.
#include "common/node/secondary_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/zone_text.h"
#include "tests/unit/node/fake_servers.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class SecondaryCheckTest : public ::testing::Test {
 protected:
  Status check(std::string_view words) {
    return check_secondary(servers_.ask(), keys_, OutsideSecondary::from_text(words).value(),
                           zones_, [this](std::vector<CheckedZone> zones) {
                             ++calls_;
                             found_ = std::move(zones);
                           });
  }

  void add_zone(std::string_view origin) {
    auto record = std::make_shared<ZoneRecord>();
    record->name = StoredName(name(origin));
    record->zone = zone("", origin);
    zones_.push_back(record);
  }

  FakeServers servers_;
  KeyRing keys_{{}};
  std::vector<ZoneRecordPtr> zones_;
  std::vector<CheckedZone> found_;
  int calls_ = 0;
};

TEST_F(SecondaryCheckTest, SaysOfEachWhatItFound) {
  for (const std::string_view origin : {"a.", "b.", "c.", "d."}) {
    add_zone(origin);
  }
  ASSERT_TRUE(check("notify:192.0.2.1"));
  ASSERT_THAT(servers_.asked, SizeIs(4));
  answer_serial(servers_.next(), 1);
  answer_serial(servers_.next(), 2);
  answer(servers_.next(), Rcode::kRefused);
  EXPECT_EQ(calls_, 0);
  do_not_answer(servers_.next());
  ASSERT_EQ(calls_, 1);
  ASSERT_THAT(found_, SizeIs(4));
  EXPECT_EQ(found_[0].problem, "");
  EXPECT_EQ(found_[0].serves, 1U);
  EXPECT_THAT(found_[1].problem, HasSubstr("serial 2"));
  EXPECT_THAT(found_[2].problem, HasSubstr("REFUSED"));
  EXPECT_THAT(found_[3].problem, HasSubstr("firewalls"));
  EXPECT_FALSE(found_[3].serves);
}

TEST_F(SecondaryCheckTest, LooksAtSomeAddressesAndZones) {
  for (int i = 0; i < 30; ++i) {
    add_zone(fmt::format("z{}.", i));
  }
  std::string words;
  for (int i = 1; i <= 10; ++i) {
    words += fmt::format("notify:192.0.2.{} ", i);
  }
  ASSERT_TRUE(check(words));
  EXPECT_THAT(servers_.asked, SizeIs(kMostCheckedZones * kMostCheckedAddresses));
  EXPECT_EQ(servers_.asked.back().to(), "192.0.2.8:53");
}

TEST_F(SecondaryCheckTest, NothingToAskIsSaid) {
  add_zone("a.");
  EXPECT_EQ(check("transfer:192.0.2.1").error().code, Errc::kInvalid);
  EXPECT_EQ(check("notify:192.0.2.1 key:up").error().code, Errc::kNotFound);
  EXPECT_EQ(calls_, 0);
  zones_.clear();
  ASSERT_TRUE(check("notify:192.0.2.1"));
  EXPECT_EQ(calls_, 1);
}

TEST_F(SecondaryCheckTest, AsksWithTheKeyAndFromTheAddress) {
  add_zone("a.");
  keys_.put(new_tsig_key(name("up."), TsigAlgorithm{}));
  ASSERT_TRUE(check("notify:192.0.2.1 key:up via:192.0.2.7"));
  const FakeServers::Asked asked = servers_.next();
  EXPECT_EQ(asked.peer.key->name, name("up."));
  EXPECT_EQ(asked.peer.from->to_text(), "192.0.2.7:0");
}

}  // namespace
}  // namespace tandem::test
