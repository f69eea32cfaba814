// Orphans over the API: what they did, made again, thrown away.
#include <gmock/gmock.h>

#include "common/node/orphans.h"
#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;

/// A node whose two newest entries are orphans too; of the first one nothing is there any more.
class OrphanRoutesTest : public ApiTest {
 protected:
  OrphanRoutesTest() {
    create();
    const std::uint64_t fork = node_->cluster_log().entries().head().sequence;
    change("set", "one", "192.0.2.11");
    change("set", "two", "192.0.2.12");
    EXPECT_TRUE(keep_orphans(node_->cluster_log(), fork));
    first_ = fmt::format("1.{}", fork + 1);
    second_ = fmt::format("1.{}", fork + 2);
    change("delete", "one", "192.0.2.11");
    change("set", "two", "192.0.2.99");
  }

  void change(std::string_view op, std::string_view owner, std::string_view address) {
    const Answer made =
        post("/zones/example/records",
             fmt::format(R"({{"changes":[{{"op":"{}","name":"{}","type":"A","data":["{}"]}}]}})",
                         op, owner, address));
    ASSERT_EQ(made.status, 200U) << made.text;
  }

  [[nodiscard]] std::string states() {
    std::string out;
    for (const json::value& each : get("/orphans").body.at("orphans").as_array()) {
      out += std::string(each.at("state").as_string()) + " ";
    }
    return out;
  }

  std::string first_;
  std::string second_;
};

TEST_F(OrphanRoutesTest, TheDifferenceSaysWhatCouldBeMadeAgain) {
  const Answer diff = get("/orphans/diff");
  ASSERT_EQ(diff.status, 200U) << diff.text;
  const json::array& orphans = diff.body.at("orphans").as_array();
  ASSERT_EQ(orphans.size(), 2U);
  EXPECT_EQ(orphans[0].at("id").as_string(), first_);
  EXPECT_EQ(orphans[0].at("verdict").as_string(), "would");
  EXPECT_EQ(json::serialize(orphans[1].at("parts")),
            R"([{"zone":"example.","what":"two.example. A","verdict":"conflict","removed":[],)"
            R"("added":["two.example. 3600 IN A 192.0.2.12"],)"
            R"("now":["two.example. 3600 IN A 192.0.2.99"],)"
            R"("reason":"the RRset was changed since"}])");
  EXPECT_EQ(get("/orphans/diff?ids=" + second_).body.at("orphans").as_array().size(), 1U);
  EXPECT_EQ(get("/orphans/diff?ids=1.4711").status, 404U);
}

TEST_F(OrphanRoutesTest, ApplyMakesWhatDoesNotConflict) {
  const Answer applied = post("/orphans/apply", R"({"all":true})");
  ASSERT_EQ(applied.status, 200U) << applied.text;
  const json::array& results = applied.body.at("results").as_array();
  EXPECT_EQ(results[0].at("state").as_string(), "applied");
  EXPECT_TRUE(results[0].at("changed").as_bool());
  EXPECT_EQ(results[1].at("state").as_string(), "open");
  EXPECT_THAT(std::string(results[1].at("refusal").as_string()), HasSubstr("192.0.2.99"));
  EXPECT_EQ(applied.body.at("open"), 1);
  EXPECT_EQ(states(), "applied open ");
  EXPECT_EQ(get("/status").body.at("orphans"), 1);
  EXPECT_THAT(get("/metrics").text, HasSubstr("\ntandem_orphans 1\n"));
  EXPECT_THAT(get("/zones/example/records?name=one").text, HasSubstr("192.0.2.11"));
}

TEST_F(OrphanRoutesTest, ForcedTheOtherOneIsMadeToo) {
  const Answer applied =
      post("/orphans/apply", fmt::format(R"({{"ids":["{}"],"force":true}})", second_));
  ASSERT_EQ(applied.status, 200U) << applied.text;
  EXPECT_EQ(states(), "open applied ");
  EXPECT_THAT(get("/zones/example/records?name=two").text, HasSubstr("192.0.2.12"));
}

TEST_F(OrphanRoutesTest, DiscardSaysWhatItThrewAway) {
  const Answer discarded = post("/orphans/discard", fmt::format(R"({{"ids":["{}"]}})", second_));
  ASSERT_EQ(discarded.status, 200U) << discarded.text;
  EXPECT_THAT(discarded.text, HasSubstr("192.0.2.12"));
  EXPECT_EQ(discarded.body.at("open"), 1);
  EXPECT_EQ(states(), "open discarded ");
  EXPECT_TRUE(post("/orphans/discard", fmt::format(R"({{"ids":["{}"]}})", second_))
                  .body.at("discarded")
                  .as_array()
                  .empty());
}

TEST_F(OrphanRoutesTest, WhatIsMeantIsNamed) {
  for (const std::string_view what : {"apply", "discard"}) {
    const std::string path = fmt::format("/orphans/{}", what);
    EXPECT_EQ(post(path, "{}").status, 422U);
    EXPECT_EQ(post(path, R"({"all":true,"ids":["1.2"]})").status, 422U);
    EXPECT_EQ(post(path, R"({"ids":["1.4711"]})").status, 404U);
    EXPECT_EQ(get(path).status, 405U);
  }
  EXPECT_EQ(post("/orphans", "{}").status, 405U);
  EXPECT_EQ(get("/orphans/else").status, 404U);
  EXPECT_EQ(states(), "open open ");
}

}  // namespace
}  // namespace tandem::test
