// Rules of zones over the API: listed with where they are from, added, removed, tried out.
#include <gmock/gmock.h>

#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;

class PolicyRoutesTest : public ApiTest {
 protected:
  PolicyRoutesTest() {
    stop();
    rules_ = {*UpdateRule::from_text("from:192.0.2.0/24 type:A")};
    start(Role::kLeader);
    create();
    EXPECT_EQ(post("/keys", R"({"name":"certbot"})").status, 201U);
  }

  Answer add(std::string_view rule) {
    return post("/zones/example/policy",
                json::serialize(json::object{{"rules", json::array{json::string(rule)}}}));
  }

  Answer remove(const std::string& rule) {
    HttpRequest asked = request("DELETE", "/zones/example/policy");
    asked.query.emplace_back("rule", rule);
    return ask(std::move(asked));
  }

  /// What a trial comes to, as `tandemctl policy test` says it.
  std::string tried(const json::object& body) {
    const Answer answer = post("/zones/example/policy/test", json::serialize(body));
    if (answer.status != 200) {
      return error_of(answer);
    }
    const auto member = [&](std::string_view name) {
      return std::string(answer.body.at(name).as_string());
    };
    return answer.body.at("allowed").as_bool() ? member("rule") + " " + member("source")
                                               : member("reason");
  }

  [[nodiscard]] static std::string error_of(const Answer& answer) {
    return std::string(answer.body.at("error").at("text").as_string());
  }
};

TEST_F(PolicyRoutesTest, ARuleComesAndGoes) {
  const Answer added = add("key:CertBot type:TXT name:_acme-challenge.*");
  ASSERT_EQ(added.status, 200U) << added.text;
  EXPECT_TRUE(added.body.at("changed").as_bool());
  EXPECT_TRUE(added.body.at("warnings").as_array().empty()) << added.text;
  EXPECT_EQ(added.body.at("serial"), 5);
  EXPECT_FALSE(add("type:TXT key:certbot. name:_acme-challenge.*").body.at("changed").as_bool());
  EXPECT_EQ(get("/zones/example/policy").text,
            R"({"zone":"example.","rules":[{"zone":"example.","number":1,)"
            R"("rule":"key:certbot. name:_acme-challenge.* type:TXT","source":"log",)"
            R"("counts":true},{"zone":null,"rule":"from:192.0.2.0/24 type:A",)"
            R"("source":"configuration","counts":true}]})");
  EXPECT_EQ(get("/policy").body.at("rules"), get("/zones/example/policy").body.at("rules"));
  EXPECT_EQ(get("/zones/example/history").body.at("entries").at(0).at("kind"), "rules");
  EXPECT_TRUE(remove("key:certbot type:TXT name:_acme-challenge.*").body.at("changed").as_bool());
  EXPECT_EQ(remove("key:certbot").status, 404U);
  EXPECT_EQ(get("/policy").body.at("rules").as_array().size(), 1U);
}

TEST_F(PolicyRoutesTest, TheLogSaysWhatCameAndWent) {
  ASSERT_EQ(add("key:certbot").status, 200U);
  ASSERT_EQ(remove("key:certbot").status, 200U);
  const json::array entries = get("/log?limit=2").body.at("entries").as_array();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].at("changes").at(0).at("kind"), "zone_rules_change");
  EXPECT_EQ(entries[0].at("changes").at(0).at("added"), json::array{"key:certbot."});
  EXPECT_EQ(entries[1].at("changes").at(0).at("removed"), json::array{"key:certbot."});
}

TEST_F(PolicyRoutesTest, AKeyThatNobodyHasIsWarnedOf) {
  const Answer added = add("key:cretbot");
  ASSERT_EQ(added.status, 200U);
  EXPECT_THAT(added.text, HasSubstr("there is no key cretbot."));
}

TEST_F(PolicyRoutesTest, WhatIsNoRuleIsInvalid) {
  EXPECT_THAT(error_of(add("key:certbot name:www.example.com.")),
              HasSubstr("outside of the zone example."));
  EXPECT_THAT(error_of(add("name:www")), HasSubstr("needs a key or an address"));
  EXPECT_EQ(post("/zones/example/policy", R"({"rules":[]})").status, 422U);
  EXPECT_EQ(post("/zones/example/policy", R"({"rule":"key:a"})").status, 422U);
  EXPECT_EQ(post("/zones/none/policy", R"({"rules":["key:a"]})").status, 404U);
  EXPECT_EQ(remove("").status, 422U);
  EXPECT_EQ(get("/zones/none/policy").status, 404U);
  EXPECT_EQ(ask(request("PUT", "/zones/example/policy")).status, 405U);
  EXPECT_EQ(get("/zones/example/policy/test").status, 405U);
  EXPECT_EQ(get("/zones/example/policy/other").status, 404U);
}

TEST_F(PolicyRoutesTest, ATrialSaysWhichRuleDecides) {
  ASSERT_EQ(add("key:certbot type:TXT").status, 200U);
  EXPECT_EQ(tried({{"key", "certbot"}, {"name", "www"}, {"type", "TXT"}}),
            "key:certbot. type:TXT log");
  EXPECT_EQ(tried({{"key", "certbot"}, {"name", "www.example"}, {"type", "A"}}),
            "no rule for it allows www.example. A");
  EXPECT_EQ(
      tried({{"key", "certbot"}, {"from", "192.0.2.7"}, {"name", "www.example"}, {"type", "A"}}),
      "from:192.0.2.0/24 type:A configuration");
  EXPECT_EQ(tried({{"from", "2001:db8::1"}, {"name", "@"}, {"type", "A"}}),
            "no rule is for this key and address");
  EXPECT_EQ(tried({{"key", "certbot"}, {"name", "www"}, {"type", "ANY"}}),
            "no rule for it allows www.example. ANY");
  EXPECT_THAT(tried({{"key", "nobody"}, {"name", "www"}, {"type", "TXT"}}),
              HasSubstr("there is no key nobody."));
  EXPECT_THAT(tried({{"name", "www"}, {"type", "TXT"}}), HasSubstr("say who"));
  EXPECT_THAT(tried({{"key", "certbot"}, {"name", "a.com."}, {"type", "TXT"}}),
              HasSubstr("outside of the zone"));
  EXPECT_THAT(tried({{"key", "certbot"}, {"name", "www"}, {"type", "AXFR"}}),
              HasSubstr("\"type\" is a record type"));
  EXPECT_THAT(tried({{"from", "192.0.2.0/24"}, {"name", "www"}, {"type", "A"}}),
              HasSubstr("\"from\" is an address"));
}

TEST_F(PolicyRoutesTest, AZoneThatIsRestoredHasItsRules) {
  ASSERT_EQ(add("key:certbot").status, 200U);
  ASSERT_EQ(ask(request("DELETE", "/zones/example")).status, 200U);
  ASSERT_EQ(post("/zones/example/restore", "").status, 201U);
  EXPECT_EQ(get("/zones/example/policy").body.at("rules").at(0).at("rule"), "key:certbot.");
}

}  // namespace
}  // namespace tandem::test
