// Zones that are taken from elsewhere, by HTTP: their sources, and what is refused meanwhile.
#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

constexpr std::string_view kSource = "/zones/example/source";

class PullRoutesTest : public ApiTest {
 protected:
  Answer pull(std::string body) { return ask(request("PUT", kSource, std::move(body))); }

  Answer unpull() { return ask(request("DELETE", kSource)); }

  std::string source() { return std::string(get("/zones/example").body.at("source").as_string()); }
};

TEST_F(PullRoutesTest, ASourceComesChangesAndGoes) {
  create();
  EXPECT_EQ(source(), "");
  const Answer set = pull(R"({"primaries":["192.0.2.1","[2001:db8::1]:5300,tls"]})");
  ASSERT_EQ(set.status, 200U) << set.text;
  EXPECT_EQ(source(), "192.0.2.1:53 [2001:db8::1]:5300,tls");
  EXPECT_NE(set.text.find("with serial 5"), std::string::npos) << "says what is there already";
  EXPECT_FALSE(pull(R"({"primaries":["192.0.2.1:53","[2001:db8::1]:5300,tls"]})")
                   .body.at("changed")
                   .as_bool());
  EXPECT_EQ(unpull().status, 200U);
  EXPECT_EQ(source(), "");
  EXPECT_EQ(unpull().status, 404U);
}

TEST_F(PullRoutesTest, AZoneNeedNotBeThere) {
  EXPECT_EQ(pull(R"({"primaries":["192.0.2.1"]})").status, 200U);
  EXPECT_EQ(get("/zones/example").body.at("state").as_string(), "empty");
  EXPECT_EQ(source(), "192.0.2.1:53");
  EXPECT_EQ(ask(request("PATCH", "/zones/example", R"({"rrset_records_max":500})")).status, 200U);
}

TEST_F(PullRoutesTest, WhatIsNoPrimaryIsSaid) {
  const Answer wrong = pull(R"({"primaries":["192.0.2.1,kye:x"]})");
  EXPECT_EQ(wrong.code(), "invalid");
  EXPECT_NE(wrong.text.find("kye:x"), std::string::npos) << wrong.text;
  EXPECT_EQ(pull(R"({"primaries":[]})").code(), "invalid");
  EXPECT_EQ(pull(R"({"primary":["192.0.2.1"]})").code(), "invalid");
}

TEST_F(PullRoutesTest, AKeyThatNobodyHasIsWarnedOf) {
  const Answer set = pull(R"({"primaries":["192.0.2.1,key:none"]})");
  EXPECT_EQ(set.status, 200U);
  EXPECT_NE(set.text.find("there is no key none."), std::string::npos) << set.text;
}

TEST_F(PullRoutesTest, SuchAZoneTakesNoEdits) {
  create();
  ASSERT_EQ(pull(R"({"primaries":["192.0.2.1"]})").status, 200U);
  const Answer edit =
      post("/zones/example/records",
           R"({"changes":[{"op":"add","name":"x","type":"A","data":["192.0.2.9"]}]})");
  EXPECT_EQ(edit.code(), "refused");
  EXPECT_NE(edit.text.find("192.0.2.1:53"), std::string::npos) << edit.text;
  EXPECT_EQ(ask(request("DELETE", "/zones/example")).code(), "refused");
  ASSERT_EQ(unpull().status, 200U);
  EXPECT_EQ(ask(request("DELETE", "/zones/example")).status, 200U);
}

TEST_F(PullRoutesTest, AFollowerTakesNoSource) {
  stop();
  start(Role::kFollower);
  EXPECT_EQ(pull(R"({"primaries":["192.0.2.1"]})").code(), "unavailable");
}

}  // namespace
}  // namespace tandem::test
