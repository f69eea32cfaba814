// The routes of what zones were (docs/http_api.md): history, old texts, differences, and bringing
// it back.
#include <gmock/gmock.h>

#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;

class HistoryApiTest : public ApiTest {
 protected:
  void set(std::string_view address) {
    const Answer done =
        post("/zones/example/records",
             fmt::format(R"({{"changes":[{{"op":"set","name":"www","type":"A","data":["{}"]}}]}})",
                         address));
    ASSERT_EQ(done.status, 200U) << done.text;
  }

  /// A zone with the serials 5, 6 and 7.
  void create_and_change() {
    create();
    set("192.0.2.6");
    set("192.0.2.7");
  }

  static std::string error_of(const Answer& answer) {
    return std::string(answer.body.at("error").at("text").as_string());
  }
};

TEST_F(HistoryApiTest, HistoryTellsKindSerialAndCounts) {
  create_and_change();
  const json::array entries = get("/zones/example/history").body.at("entries").as_array();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].at("kind"), "records");
  EXPECT_EQ(entries[0].at("serial"), 7);
  EXPECT_EQ(entries[0].at("records_removed"), 1);
  EXPECT_EQ(entries[0].at("records_added"), 1);
  EXPECT_EQ(entries[0].at("actor").at("credential"), "unix");
  EXPECT_EQ(entries[2].at("kind"), "created");
  EXPECT_EQ(entries[2].at("serial"), 5);
  EXPECT_EQ(entries[2].at("records_added"), 4);
}

TEST_F(HistoryApiTest, HistoryComesInPages) {
  create_and_change();
  const json::array newest = get("/zones/example/history?limit=2").body.at("entries").as_array();
  ASSERT_EQ(newest.size(), 2U);
  const Answer rest =
      get("/zones/example/history?before=" + json::serialize(newest[1].at("sequence")));
  ASSERT_EQ(rest.body.at("entries").as_array().size(), 1U);
  EXPECT_EQ(rest.body.at("entries").at(0).at("serial"), 5);
  EXPECT_EQ(get("/zones/example/history?before=x").status, 422U);
}

TEST_F(HistoryApiTest, AnExportOfASerialIsWhatTheZoneWas) {
  create();
  const std::string once = get("/zones/example/export").text;
  set("192.0.2.6");
  EXPECT_EQ(get("/zones/example/export?serial=5").text, once);
  EXPECT_EQ(get("/zones/example/export?serial=6").text, get("/zones/example/export").text);
  const Answer unknown = get("/zones/example/export?serial=9");
  EXPECT_EQ(unknown.status, 404U);
  EXPECT_EQ(error_of(unknown), "example. has not had the serial 9: it is at 6");
  EXPECT_EQ(get("/zones/example/export?serial=4294967296").status, 422U);
}

TEST_F(HistoryApiTest, ADifferenceHasWhatGoesAndWhatComes) {
  create_and_change();
  EXPECT_EQ(json::serialize(get("/zones/example/diff?from=5&to=6").body),
            R"({"zone":"example.","from":5,"to":6,"removed":1,"added":1,)"
            R"("diff":["- www.example. 600 IN A 192.0.2.2","+ www.example. 600 IN A 192.0.2.6"],)"
            R"("notes_removed":[],"notes_added":[]})");
  EXPECT_EQ(get("/zones/example/diff?from=5").body.at("to"), 7);
  EXPECT_TRUE(get("/zones/example/diff?from=6&to=6").body.at("diff").as_array().empty());
  EXPECT_EQ(get("/zones/example/diff").status, 422U);
  EXPECT_EQ(get("/zones/other/diff?from=1").status, 404U);
}

TEST_F(HistoryApiTest, ARevertIsANewChange) {
  create_and_change();
  const Answer done = post("/zones/example/revert", R"({"to":5})");
  ASSERT_EQ(done.status, 200U) << done.text;
  EXPECT_EQ(done.body.at("serial"), 8);
  EXPECT_TRUE(get("/zones/example/diff?from=5&to=8").body.at("diff").as_array().empty());
  const json::value newest = get("/zones/example/history").body.at("entries").at(0);
  EXPECT_EQ(newest.at("actor").at("reason"), "revert to serial 5");
  EXPECT_FALSE(post("/zones/example/revert", R"({"to":5})").body.at("changed").as_bool());
}

TEST_F(HistoryApiTest, ARevertKeepsTheReasonThatWasGiven) {
  create_and_change();
  HttpRequest revert = request("POST", "/zones/example/revert", R"({"to":6})");
  revert.headers = {{"reason", "not yet"}};
  ASSERT_EQ(ask(revert).status, 200U);
  EXPECT_EQ(get("/zones/example/history").body.at("entries").at(0).at("actor").at("reason"),
            "revert to serial 6: not yet");
}

TEST_F(HistoryApiTest, WrongRevertsAreRefused) {
  create();
  EXPECT_EQ(post("/zones/example/revert", "{}").status, 422U);
  EXPECT_EQ(post("/zones/example/revert", R"({"to":"x"})").status, 422U);
  EXPECT_EQ(post("/zones/example/revert", R"({"to":5,"why":1})").status, 422U);
  EXPECT_EQ(post("/zones/example/revert", R"({"to":4294967295})").status, 404U);
  EXPECT_EQ(post("/zones/other/revert", R"({"to":5})").status, 404U);
  EXPECT_EQ(get("/zones/example/revert").status, 405U);
  EXPECT_EQ(post("/zones/example/diff", "").status, 405U);
}

TEST_F(HistoryApiTest, ADeletedZoneIsNotReverted) {
  create();
  ASSERT_EQ(ask(request("DELETE", "/zones/example")).status, 200U);
  EXPECT_EQ(error_of(post("/zones/example/revert", R"({"to":5})")),
            "example. has no content now: a deleted zone is restored, an empty one imported");
}

TEST_F(HistoryApiTest, ADeletedZoneIsListedAndComesBackAsItWas) {
  create_and_change();
  ASSERT_EQ(ask(request("PATCH", "/zones/example", R"({"serial_policy":"date"})")).status, 200U);
  const std::string last = get("/zones/example/export").text;
  EXPECT_TRUE(get("/zones?deleted=true").body.at("zones").as_array().empty());
  EXPECT_EQ(error_of(post("/zones/example/restore", "")),
            "the zone example. is there: revert it instead");
  ASSERT_EQ(ask(request("DELETE", "/zones/example")).status, 200U);
  const json::array deleted = get("/zones?deleted=true").body.at("zones").as_array();
  ASSERT_EQ(deleted.size(), 1U);
  EXPECT_EQ(deleted[0].at("name"), "example.");
  EXPECT_EQ(deleted[0].at("serial"), 7);
  EXPECT_EQ(deleted[0].at("records"), 4);
  const Answer done = post("/zones/example/restore", "");
  ASSERT_EQ(done.status, 201U) << done.text;
  EXPECT_EQ(get("/zones/example/export").text, last);
  EXPECT_EQ(get("/zones/example").body.at("serial_policy"), "date");
  const json::value newest = get("/zones/example/history").body.at("entries").at(0);
  EXPECT_EQ(newest.at("kind"), "restored");
  EXPECT_THAT(std::string(newest.at("actor").at("reason").as_string()),
              HasSubstr("restored from entry "));
  EXPECT_TRUE(get("/zones?deleted=true").body.at("zones").as_array().empty());
  EXPECT_EQ(post("/zones/example/revert", R"({"to":5})").status, 200U)
      << "also what it was before it was deleted";
}

TEST_F(HistoryApiTest, AZoneThatComesBackOlderIsToldOf) {
  create_and_change();
  const std::string last = get("/zones/example/export").text;
  ASSERT_EQ(ask(request("DELETE", "/zones/example")).status, 200U);
  const auto warnings_of = [this](std::string text) {
    const Answer made = post("/zones/example/import?create=true", std::move(text));
    EXPECT_EQ(made.status, 200U) << made.text;
    static_cast<void>(ask(request("DELETE", "/zones/example")));
    return json::serialize(made.body.at("warnings"));
  };
  EXPECT_EQ(warnings_of(last), "[]") << "the same again";
  const std::string text = "$TTL 60\n@ SOA ns1 h {} 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.9\n";
  EXPECT_THAT(warnings_of(fmt::format(fmt::runtime(text), 7)),
              HasSubstr("example. had the serial 7 when it was deleted, and comes back with 7"));
  EXPECT_EQ(warnings_of(fmt::format(fmt::runtime(text), 8)), "[]");
}

TEST_F(HistoryApiTest, EntriesNameWhatNoSerialTellsApart) {
  create();
  const auto comment = [this](std::string_view text) {
    const Answer done = post(
        "/zones/example/records",
        fmt::format(R"({{"changes":[{{"op":"note","name":"www","type":"A","comment":"{}"}}]}})",
                    text));
    return done.body.at("position").at("sequence").as_int64();
  };
  const std::int64_t first = comment("first");
  const std::int64_t second = comment("second");
  const auto path = [](std::string_view form, std::int64_t entry) {
    return fmt::format(fmt::runtime(form), entry);
  };
  EXPECT_THAT(get(path("/zones/example/export?entry={}", first)).text, HasSubstr("\"first\""));
  const json::value diff = get(path("/zones/example/diff?from_entry={}", first)).body;
  EXPECT_EQ(diff.at("notes_removed").at(0).at("comment"), "first");
  EXPECT_EQ(diff.at("notes_added").at(0).at("comment"), "second");
  EXPECT_EQ(post("/zones/example/revert", R"({"to":5,"to_entry":1})").status, 422U);
  EXPECT_EQ(post("/zones/example/revert", R"({"to_entry":-1})").status, 422U);
  EXPECT_EQ(post("/zones/example/revert", path(R"({{"to_entry":{}}})", second + 1)).status, 404U);
  const Answer done = post("/zones/example/revert", path(R"({{"to_entry":{}}})", first));
  EXPECT_EQ(done.status, 200U) << done.text;
  EXPECT_THAT(get("/zones/example/export").text, HasSubstr("\"first\""));
}

TEST_F(HistoryApiTest, TheHistorySaysWhichAddressMovedRecords) {
  create();
  const auto put = [this](std::string_view value) {
    static_cast<void>(
        ask(request("PUT", "/addresses/home4", fmt::format(R"({{"value":"{}"}})", value))));
  };
  put("192.0.2.2");
  post("/addresses/home4/bind", R"({"zones":["example"]})");
  put("192.0.2.77");
  const json::value newest = get("/zones/example/history").body.at("entries").at(0);
  EXPECT_EQ(newest.at("kind"), "records");
  EXPECT_EQ(newest.at("changes").at(0).at("kind"), "address_change");
  EXPECT_EQ(newest.at("changes").at(0).at("after"), "192.0.2.77");
}

TEST_F(HistoryApiTest, WhatWasNeverThereIsNotRestored) {
  const Answer none = post("/zones/example/restore", "");
  EXPECT_EQ(none.status, 404U);
  EXPECT_EQ(error_of(none), "no zone example. was deleted, as far as the log goes back");
}

TEST_F(HistoryApiTest, AFollowerReadsHistoryAndChangesNothing) {
  stop();
  start(Role::kFollower);
  EXPECT_EQ(post("/zones/example/restore", "").status, 404U);
  EXPECT_EQ(post("/zones/example/revert", R"({"to":5})").status, 503U);
  EXPECT_EQ(get("/zones/example/history").status, 404U);
  EXPECT_EQ(get("/zones?deleted=true").status, 200U);
}

TEST_F(HistoryApiTest, AZoneOfAFollowersOwnLogHasAllOfIt) {
  stop();
  const fs::path file = folder_ / "example.zone";
  std::ofstream(file) << "$TTL 60\n@ SOA ns1 h 5 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.1\n";
  files_ = {{name("example."), file.string()}};
  start(Role::kFollower);
  load_zone_files(*node_, node_->local_log(), *writer_, [] {});
  static_cast<void>(change(*writer_, [](const TableDraft&) -> Result<Plan> { return Plan{}; }));
  set("192.0.2.6");
  const auto stored = get("/zones/example/history").body.at("entries").as_array();
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(stored[0].at("serial"), 6);
  EXPECT_EQ(post("/zones/example/revert", R"({"to":5})").body.at("serial"), 7);
  ASSERT_EQ(ask(request("DELETE", "/zones/example")).status, 200U);
  EXPECT_EQ(get("/zones?deleted=true").body.at("zones").at(0).at("log"), "local");
  EXPECT_EQ(post("/zones/example/restore", "").status, 201U);
  EXPECT_EQ(get("/zones/example").body.at("log"), "local");
}

TEST_F(HistoryApiTest, NothingOfItIsServedOverTcp) {
  create();
  EXPECT_EQ(ask(request("GET", "/zones/example/diff?from=5"), Door::kTcp).status, 403U);
  EXPECT_EQ(ask(request("POST", "/zones/example/revert", R"({"to":5})"), Door::kTcp).status, 403U);
}

}  // namespace
}  // namespace tandem::test
