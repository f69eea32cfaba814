// Alternatives to record sets by the HTTP API.
#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

class FailoverRoutesTest : public ApiTest {
 protected:
  FailoverRoutesTest() {
    create();
    EXPECT_EQ(post("/zones/example/records",
                   R"({"changes":[{"op":"set","name":"www","type":"A","data":["192.0.2.1"]}]})")
                  .status,
              200U);
  }

  Answer put(std::string_view path, std::string body) {
    return ask(request("PUT", path, std::move(body)));
  }

  static constexpr std::string_view kPath = "/failover/example/www.example/A";
};

TEST_F(FailoverRoutesTest, OneIsSetShownAndTakenAway) {
  const Answer made =
      put(kPath, R"({"alternative":["203.0.113.7"],"check":"http://192.0.2.1/up",)"
                 R"("text":"all good","status":200,"every_s":5,"fall":2,"rise":1,"ttl":30})");
  ASSERT_EQ(made.status, 200U) << made.text;
  EXPECT_TRUE(made.body.at("changed").as_bool());
  failover_->turn();
  const Answer all = get("/failover");
  const json::object& shown = all.body.at("failovers").at(0).as_object();
  EXPECT_EQ(shown.at("zone"), "example.");
  EXPECT_EQ(shown.at("name"), "www.example.");
  EXPECT_EQ(shown.at("type"), "A");
  EXPECT_EQ(shown.at("check"), "http://192.0.2.1:80/up");
  EXPECT_EQ(shown.at("text"), "all good");
  EXPECT_EQ(shown.at("alternative"), json::array({"203.0.113.7"}));
  EXPECT_EQ(shown.at("ttl"), 30);
  EXPECT_EQ(shown.at("every_s"), 5);
  EXPECT_EQ(shown.at("mode"), "answers");
  EXPECT_EQ(shown.at("health"), "unknown");
  EXPECT_EQ(shown.at("answers"), "base");
  EXPECT_NE(get("/metrics").text.find("tandem_failover_down{name=\"www.example.\",type=\"A\"} 0"),
            std::string::npos);
  EXPECT_EQ(ask(request("DELETE", kPath)).status, 200U);
  failover_->turn();
  EXPECT_TRUE(get("/failover").body.at("failovers").as_array().empty());
  EXPECT_EQ(ask(request("DELETE", kPath)).status, 404U);
}

TEST_F(FailoverRoutesTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(put(kPath, R"({"alternative":["203.0.113.7"]})").status, 422U);
  EXPECT_EQ(put(kPath, R"({"alternative":["x"],"check":"tcp:192.0.2.1:80"})").status, 422U);
  EXPECT_EQ(put(kPath, R"({"alternatives":[],"check":"tcp:192.0.2.1:80"})").status, 422U);
  EXPECT_EQ(put("/failover/example/no.example/A",
                R"({"alternative":["203.0.113.7"],"check":"tcp:192.0.2.1:80"})")
                .status,
            404U);
  EXPECT_EQ(put("/failover/example/example/NS",
                R"({"alternative":["ns2.example."],"check":"tcp:192.0.2.1:80"})")
                .status,
            403U);
  EXPECT_EQ(
      put(kPath, R"({"alternative":["203.0.113.7"],"check":"tcp:192.0.2.1:80 fall:9"})").status,
      422U);
  EXPECT_EQ(post(kPath, "{}").status, 405U);
  EXPECT_EQ(get("/failover/example").status, 404U);
}

}  // namespace
}  // namespace tandem::test
