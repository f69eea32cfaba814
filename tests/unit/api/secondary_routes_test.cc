// Outside secondaries over HTTP: who follows, what they serve, who is told.
#include <gmock/gmock.h>

#include "common/log/codec.h"
#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kServer = R"({"words":"notify:192.0.2.9 transfer:192.0.2.0/24"})";

class SecondaryRoutesTest : public ApiTest {
 protected:
  Answer put(std::string_view path, std::string_view body) {
    return ask(request("PUT", path, std::string(body)));
  }

  void run() {
    while (notifier_->step()) {
    }
  }

  /// Asks for a check that one server answers meanwhile.
  Answer check(std::string_view path, std::string body, Serial serial) {
    auto promise = std::make_shared<std::promise<HttpResponse>>();
    auto future = promise->get_future();
    HttpRequest asked = request("POST", path, std::move(body));
    asked.peer.is_local_socket = true;
    api_->handle(std::move(asked),
                 [promise](HttpResponse response) { promise->set_value(std::move(response)); });
    if (!servers_.asked.empty()) {
      answer_serial(servers_.next(), serial);
    }
    const HttpResponse response = future.get();
    return {response.status, response.body, json::parse(response.body)};
  }
};

TEST_F(SecondaryRoutesTest, OneIsSetShownAndRemoved) {
  create();
  const Answer made = put("/secondaries/he", kServer);
  EXPECT_EQ(made.status, 200U) << made.text;
  EXPECT_TRUE(made.body.at("changed").as_bool());
  run();
  answer_serial(servers_.next(), 5);
  const Answer shown = get("/secondaries");
  const json::value& he = shown.body.at("secondaries").at(0);
  EXPECT_EQ(he.at("name"), "he");
  EXPECT_EQ(he.at("source"), "log");
  EXPECT_EQ(he.at("words"), "notify:192.0.2.9:53 transfer:192.0.2.0/24");
  const json::value& server = he.at("servers").at(0);
  EXPECT_EQ(server.at("address"), "192.0.2.9:53");
  EXPECT_TRUE(server.at("answers").as_bool());
  EXPECT_EQ(server.at("asked"), 1);
  EXPECT_EQ(server.at("behind"), 0);
  EXPECT_EQ(server.at("zones").at(0).at("zone"), "example.");
  EXPECT_EQ(server.at("zones").at(0).at("serial"), 5);
  EXPECT_EQ(server.at("zones").at(0).at("state"), "in step");
  EXPECT_EQ(ask(request("DELETE", "/secondaries/he")).status, 200U);
  EXPECT_EQ(ask(request("DELETE", "/secondaries/he")).status, 404U);
  EXPECT_EQ(get("/secondaries").text, R"({"secondaries":[]})");
}

TEST_F(SecondaryRoutesTest, SaysWhatIsWrong) {
  EXPECT_EQ(put("/secondaries/a%20b", kServer).status, 422U);
  const Answer bad = put("/secondaries/he", R"({"words":"notify:x"})");
  EXPECT_EQ(bad.status, 422U);
  EXPECT_THAT(bad.text, HasSubstr("words: \\\"notify:x\\\""));
  EXPECT_EQ(put("/secondaries/he", R"({"word":"notify:192.0.2.9"})").status, 422U);
  EXPECT_EQ(get("/secondaries/he").status, 405U);
  EXPECT_EQ(post("/secondaries/he/other", "{}").status, 404U);
  EXPECT_EQ(post("/secondaries/he/check", "{}").status, 404U);
  EXPECT_EQ(post("/xfr", "{}").status, 405U);
  EXPECT_EQ(get("/xfr/notify").status, 405U);
  EXPECT_EQ(get("/xfr/other").status, 404U);
}

TEST_F(SecondaryRoutesTest, AKeyThatNobodyHasIsWarnedOf) {
  const Answer made = put("/secondaries/he", R"({"words":"notify:192.0.2.9 key:up"})");
  EXPECT_THAT(made.text, HasSubstr("there is no key up."));
}

TEST_F(SecondaryRoutesTest, WhatAMemberDoesNotKnowIsNotMade) {
  stop();
  start(Role::kLeader);
  hub_->remember(node_id(2), false, {}, WallTime(), {1, 2, 12});
  EXPECT_EQ(put("/secondaries/he", kServer).status, 403U);
  stop();
  start(Role::kLeader);
  hub_->remember(node_id(2), false, {}, WallTime(), known_change_kinds());
  EXPECT_EQ(put("/secondaries/he", kServer).status, 200U);
}

TEST_F(SecondaryRoutesTest, ACheckAsksAtOnce) {
  create();
  EXPECT_EQ(check("/secondaries", std::string(kServer), 5).text,
            R"({"zones":[{"zone":"example.","address":"192.0.2.9:53","ours":5,"serial":5}]})");
  EXPECT_EQ(check("/secondaries", R"({"words":"transfer:192.0.2.9"})", 5).status, 422U);
  EXPECT_EQ(check("/secondaries", R"({"words":"notify:192.0.2.9","zone":"other"})", 5).status,
            404U);
  ASSERT_EQ(put("/secondaries/he", kServer).status, 200U);
  const Answer behind = check("/secondaries/he/check", R"({"zone":"example"})", 4);
  EXPECT_THAT(std::string(behind.body.at("zones").at(0).at("problem").as_string()),
              HasSubstr("it has serial 4, ours is 5"));
}

TEST_F(SecondaryRoutesTest, WhoHasAZoneAndWhoIsTold) {
  create();
  EXPECT_EQ(post("/xfr/notify", R"({"zone":"example"})").status, 404U);
  put("/secondaries/he", kServer);
  run();
  answer_serial(servers_.next(), 4);
  run();
  EXPECT_TRUE(servers_.next().is_notify());
  const Answer of_zone = get("/xfr?zone=example");
  const json::value& told = of_zone.body.at("told").at(0);
  EXPECT_EQ(told.at("secondary"), "he");
  EXPECT_EQ(told.at("state"), "behind");
  EXPECT_EQ(told.at("serial"), 4);
  EXPECT_EQ(told.at("problem"), "it has serial 4");
  EXPECT_EQ(get("/xfr").body.at("told").as_array().size(), 1U);
  EXPECT_EQ(get("/xfr?zone=other").status, 404U);
  EXPECT_EQ(post("/xfr/notify", R"({"zone":"example","secondary":"other"})").status, 404U);
  EXPECT_EQ(post("/xfr/notify", R"({"zone":"example","secondary":"he"})").status, 200U);
}

TEST_F(SecondaryRoutesTest, AWaitHasATimeAndAnEnd) {
  create();
  const auto wait = [this](std::string_view text) {
    HttpRequest asked = request("DELETE", "/zones/example");
    asked.headers.emplace_back("wait", text);
    return ask(std::move(asked)).status;
  };
  EXPECT_EQ(wait("everybody"), 422U);
  EXPECT_EQ(wait("all:61s"), 422U);
  EXPECT_EQ(wait("all:soon"), 422U);
  EXPECT_EQ(wait("all:500ms"), 200U);
}

}  // namespace
}  // namespace tandem::test
