// TSIG keys over the API.
#include <gmock/gmock.h>

#include "common/base/encoding.h"
#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;

class KeyRoutesTest : public ApiTest {
 protected:
  Answer remove(std::string_view path) { return ask(request("DELETE", path)); }

  [[nodiscard]] static std::string error_text(const Answer& answer) {
    return std::string(answer.body.at("error").at("text").as_string());
  }
};

TEST_F(KeyRoutesTest, AMadeKeyIsInTheAnswerInTheRingAndWithoutItsSecretInTheList) {
  const Answer made = post("/keys", R"({"name":"CertBot"})");
  ASSERT_EQ(made.status, 201U) << made.text;
  EXPECT_TRUE(made.body.at("changed").as_bool());
  EXPECT_FALSE(made.body.as_object().contains("zone"));
  const json::object& key = made.body.at("key").as_object();
  EXPECT_EQ(key.at("name"), "certbot.");
  EXPECT_EQ(key.at("algorithm"), "hmac-sha256");
  const std::string secret(key.at("secret").as_string());
  EXPECT_EQ(from_base64(secret)->size(), 32U);
  EXPECT_EQ(to_base64(node_->keys().find(name("certbot."))->secret), secret);
  EXPECT_EQ(get("/keys").text,
            R"({"keys":[{"name":"certbot.","algorithm":"hmac-sha256","source":"log"}]})");
  EXPECT_EQ(get("/keys/certbot").body, json::value(key));
  EXPECT_EQ(get("/log").text.find(secret), std::string::npos);
  EXPECT_EQ(post("/keys", R"({"name":"certbot."})").code(), "exists");
}

TEST_F(KeyRoutesTest, KeysAreImportedTogetherOrNotAtAll) {
  const std::string two = R"({"keys":[{"name":"a","algorithm":"hmac-sha1","secret":"AAAA"},
                              {"name":"b","secret":"c2VjcmV0LW9uZS1vZi0zMi1vY3RldHMh"}]})";
  const Answer imported = post("/keys", two);
  ASSERT_EQ(imported.status, 200U) << imported.text;
  EXPECT_EQ(imported.body.at("warnings").as_array().size(), 2U);
  EXPECT_FALSE(post("/keys", two).body.at("changed").as_bool());
  const std::string other = R"("keys":[{"name":"c","secret":"AAAA"},{"name":"b","secret":"AAAA"}])";
  EXPECT_EQ(post("/keys", "{" + other + "}").status, 409U);
  EXPECT_EQ(get("/keys/c").status, 404U);
  EXPECT_EQ(post("/keys", "{" + other + R"(,"replace":true})").status, 200U);
  EXPECT_EQ(get("/keys/b").body.at("secret"), "AAAA");
}

TEST_F(KeyRoutesTest, WhatIsNoKeyIsInvalidAndNoAnswerRepeatsASecret) {
  for (const std::string_view body :
       {R"({})", R"({"name":"a","algorithm":"md5"})", R"({"name":"a/b"})", R"({"name":"."})",
        R"({"name":"a","secret":"AAAA"})", R"({"keys":[]})", R"({"keys":["a"]})",
        R"({"keys":[{"name":"a","secret":"AAAA="}]})", R"({"keys":[{"name":"a"}]})",
        R"({"keys":[{"name":"a","secret":"AAAA"},{"name":"A.","secret":"AAAB"}]})",
        R"({"keys":[{"name":"a","secret":"AAAA"}],"replace":1})"}) {
    const Answer answer = post("/keys", std::string(body));
    EXPECT_EQ(answer.status, 422U) << body;
    EXPECT_EQ(answer.text.find("AAA"), std::string::npos) << answer.text;
  }
  EXPECT_EQ(get("/keys").text, R"({"keys":[]})");
}

TEST_F(KeyRoutesTest, ADeletedKeyIsGone) {
  post("/keys", R"({"name":"a"})");
  EXPECT_EQ(remove("/keys/a").status, 200U);
  EXPECT_EQ(node_->keys().find(name("a.")), nullptr);
  EXPECT_EQ(remove("/keys/a").status, 404U);
  EXPECT_EQ(get("/keys/a").status, 404U);
  EXPECT_EQ(remove("/keys").status, 405U);
  EXPECT_EQ(post("/keys/a", "{}").status, 405U);
}

TEST_F(KeyRoutesTest, RulesThatAKeyLeavesBehindAreTold) {
  create();
  post("/keys", R"({"name":"a"})");
  ASSERT_EQ(
      post("/zones/example/policy", R"({"rules":["key:a name:www","key:a type:TXT"]})").status,
      200U);
  const json::value receipt = remove("/keys/a").body;
  ASSERT_EQ(receipt.at("warnings").as_array().size(), 1U);
  EXPECT_EQ(receipt.at("warnings").at(0),
            "2 rules of example. name the key a. and allow nothing without it (tandemctl policy "
            "list example.)");
}

TEST_F(KeyRoutesTest, ServersThatAKeyLeavesBehindAreTold) {
  post("/keys", R"({"name":"a"})");
  post("/keys", R"({"name":"ab"})");
  ASSERT_EQ(ask(request("PUT", "/zones/example/source",
                        R"({"primaries":["192.0.2.1,key:ab","192.0.2.2,key:a"]})"))
                .status,
            200U);
  const json::value receipt = remove("/keys/a").body;
  ASSERT_EQ(receipt.at("warnings").as_array().size(), 1U);
  EXPECT_EQ(receipt.at("warnings").at(0),
            "the zone from elsewhere example. has the key a. and gets nothing without it");
}

TEST_F(KeyRoutesTest, NothingOfKeysIsSaidOverTcp) {
  post("/keys", R"({"name":"a"})");
  for (const std::string_view path : {"/keys", "/keys/a"}) {
    EXPECT_EQ(ask(request("GET", path), Door::kTcp).status, 403U);
  }
}

TEST_F(KeyRoutesTest, AFollowerListsAndChangesNone) {
  stop();
  start(Role::kFollower);
  EXPECT_EQ(get("/keys").status, 200U);
  for (const Answer& refused : {post("/keys", R"({"name":"a"})"), remove("/keys/a"),
                                post("/keys", R"({"keys":[{"name":"a","secret":"AAAA"}]})")}) {
    EXPECT_EQ(refused.status, 503U);
    EXPECT_THAT(error_text(refused), HasSubstr("at the leader"));
  }
}

}  // namespace
}  // namespace tandem::test
