// Named addresses and notes over HTTP.
#include <gmock/gmock.h>

#include "common/log/codec.h"
#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AddressRoutesTest : public ApiTest {
 protected:
  Answer put(std::string_view path, std::string body) {
    return ask(request("PUT", path, std::move(body)));
  }

  Answer change_records(std::string_view change) {
    return post("/zones/example/records", fmt::format(R"({{"changes":[{}]}})", change));
  }

  std::string exported() { return get("/zones/example/export").text; }
};

TEST_F(AddressRoutesTest, RecordsFollowAnAddress) {
  create();
  EXPECT_EQ(put("/addresses/home4", R"({"value":"192.0.2.7"})").status, 200U);
  EXPECT_EQ(change_records(R"({"op":"set","name":"www","type":"A","data":["@home4"]})").status,
            200U);
  EXPECT_THAT(exported(), HasSubstr("www.example. 600 IN A 192.0.2.7\n"));
  EXPECT_EQ(put("/addresses/home4", R"({"value":"192.0.2.70"})").status, 200U);
  EXPECT_THAT(exported(), HasSubstr("www.example. 600 IN A 192.0.2.70\n"));
  EXPECT_EQ(json::serialize(get("/addresses").body),
            R"({"addresses":[{"name":"home4","value":"192.0.2.70","records":1}]})");
  const Answer gone = ask(request("DELETE", "/addresses/home4"));
  EXPECT_EQ(gone.status, 200U);
  EXPECT_EQ(gone.body.at("warnings").at(0),
            "www.example. A does not follow home4 any more: there is no address home4");
  EXPECT_EQ(ask(request("DELETE", "/addresses/home4")).status, 404U);
}

TEST_F(AddressRoutesTest, SaysWhatIsWrong) {
  create();
  EXPECT_EQ(put("/addresses/Home", R"({"value":"192.0.2.7"})").status, 422U);
  EXPECT_EQ(put("/addresses/home4", R"({"value":"192.0.2"})").status, 422U);
  EXPECT_EQ(put("/addresses/home4", R"({"address":"192.0.2.7"})").status, 422U);
  EXPECT_EQ(post("/addresses/home4", "{}").status, 405U);
  EXPECT_EQ(get("/addresses/home4/bind").status, 405U);
  EXPECT_EQ(post("/addresses/home4/other", "{}").status, 404U);
  EXPECT_EQ(post("/addresses/home4/bind", R"({"zones":[]})").status, 422U);
  EXPECT_EQ(post("/addresses/home4/bind", R"({"zones":["example"]})").status, 404U);
  EXPECT_EQ(change_records(R"({"op":"set","name":"www","type":"A","data":["@home4"]})").status,
            404U);
  EXPECT_EQ(change_records(R"({"op":"set","name":"www","type":"TXT","data":["@home4"]})").status,
            200U)
      << "a text is a text";
}

TEST_F(AddressRoutesTest, WhatAMemberDoesNotKnowIsNotMade) {
  create();
  const auto met_before = [this](std::vector<std::uint32_t> kinds) {
    stop();
    start(Role::kLeader);
    hub_->remember(node_id(2), false, {}, WallTime(), std::move(kinds));
  };
  met_before({1, 2, 3});
  const Answer refused = put("/addresses/home4", R"({"value":"192.0.2.7"})");
  EXPECT_EQ(refused.status, 403U) << refused.text;
  EXPECT_THAT(refused.text, HasSubstr("which was not met since the start, does not know"));
  met_before(known_change_kinds());
  EXPECT_EQ(put("/addresses/home4", R"({"value":"192.0.2.7"})").status, 200U) << "it is away";
}

TEST_F(AddressRoutesTest, BindingIsOfferedByAnImport) {
  create();
  std::string file = "$TTL 60\n@ SOA ns1 h 9 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.1\n";
  for (const char* const owner : {"a", "b", "c"}) {
    file += std::string(owner) + " A 192.0.2.8\n";
  }
  const Answer imported = post("/zones/example/import", file);
  EXPECT_EQ(json::serialize(imported.body.at("repeats")),
            R"([{"address":"192.0.2.8","type":"A","records":3,"name":"home4","is_named":false}])");
  put("/addresses/home4", R"({"value":"192.0.2.1"})");
  const Answer again = post("/zones/example/import", file);
  EXPECT_EQ(again.body.at("repeats").at(0).at("name"), "home4-2") << "the other is in use";
  put("/addresses/home4", R"({"value":"192.0.2.8"})");
  EXPECT_TRUE(
      post("/zones/example/import", file).body.at("repeats").at(0).at("is_named").as_bool());
  EXPECT_EQ(post("/addresses/home4/bind", R"({"zones":["example"]})").status, 200U);
  EXPECT_EQ(get("/addresses").body.at("addresses").at(0).at("records"), 3);
  EXPECT_TRUE(post("/zones/example/import", file).body.at("repeats").as_array().empty());
}

TEST_F(AddressRoutesTest, NotesAreShownAndExportedAndImportedAgain) {
  create();
  const Answer noted = change_records(
      R"({"op":"note","name":"www","type":"A","comment":"the web","expires":"2099-01-01"})");
  EXPECT_EQ(noted.status, 200U) << noted.text;
  EXPECT_EQ(change_records(R"({"op":"add","name":"old","type":"A","data":["192.0.2.3"],)"
                           R"("disabled":true})")
                .status,
            200U);
  const Answer records = get("/zones/example/records?name=www");
  EXPECT_EQ(json::serialize(records.body.at("notes")),
            R"([{"name":"www.example.","type":"A","data":"192.0.2.2","comment":"the web",)"
            R"("expires":"2099-01-01T00:00:00Z"}])");
  const std::string text = exported();
  EXPECT_THAT(text, HasSubstr("\n; @note {\"name\":\"old.example.\""));
  EXPECT_THAT(text, Not(HasSubstr("\nold.example.")));
  change_records(R"({"op":"note","name":"www","type":"A","comment":"","expires":"never"})");
  change_records(R"({"op":"delete","name":"old"})");
  EXPECT_THAT(exported(), Not(HasSubstr("@note")));
  const Answer imported = post("/zones/example/import", text);
  EXPECT_TRUE(imported.body.at("changed").as_bool());
  EXPECT_EQ(exported(), text);
  change_records(R"({"op":"note","name":"old","type":"A","disabled":false})");
  EXPECT_THAT(exported(), HasSubstr("\nold.example. 3600 IN A 192.0.2.3\n"));
}

TEST_F(AddressRoutesTest, ANoteIsNotGuessed) {
  create();
  for (const char* const bad : {
           R"({"op":"note","name":"www","type":"A"})",
           R"({"op":"note","name":"www","comment":"x"})",
           R"({"op":"delete","name":"www","comment":"x"})",
           R"({"op":"note","name":"www","type":"A","expires":"soon"})",
           R"({"op":"note","name":"www","type":"A","comment":"a\nb"})",
       }) {
    EXPECT_EQ(change_records(bad).status, 422U) << bad;
  }
  EXPECT_EQ(change_records(R"({"op":"note","name":"no","type":"A","comment":"x"})").status, 404U);
  EXPECT_EQ(post("/zones/example/import", "; @note {}\n").status, 422U);
}

TEST_F(AddressRoutesTest, BindingTellsHowManyAndCanBeTried) {
  create();
  put("/addresses/home4", R"({"value":"192.0.2.2"})");
  const std::string asked = R"({"zones":["example"]})";
  const Answer tried = post("/addresses/home4/bind?dry_run=true", asked);
  EXPECT_EQ(tried.status, 200U) << tried.text;
  EXPECT_EQ(tried.body.at("records"), 1);
  EXPECT_EQ(get("/addresses").body.at("addresses").at(0).at("records"), 0);
  EXPECT_EQ(post("/addresses/home4/bind", asked).body.at("records"), 1);
  EXPECT_EQ(post("/addresses/home4/bind", asked).body.at("records"), 0) << "it follows already";
}

TEST_F(AddressRoutesTest, AnImportShowsItsNotesBeforehand) {
  create();
  change_records(R"({"op":"note","name":"www","type":"A","comment":"the web"})");
  const std::string text = exported();
  change_records(R"({"op":"note","name":"www","type":"A","comment":"the old web"})");
  const json::value tried = post("/zones/example/import?dry_run=true", text).body;
  EXPECT_TRUE(tried.at("changed").as_bool());
  EXPECT_EQ(tried.at("added"), 0);
  EXPECT_EQ(tried.at("notes_removed").at(0).at("comment"), "the old web");
  EXPECT_EQ(tried.at("notes_added").at(0).at("comment"), "the web");
}

TEST_F(AddressRoutesTest, NotesAreFoundFaultWithByTheirLines) {
  create();
  const Answer refused =
      post("/zones/example/import?file=my.zone",
           "@ SOA ns1 h 9 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.1\n; @note {}\n; @note x\n");
  EXPECT_EQ(refused.status, 422U);
  const json::array details = refused.body.at("error").at("details").as_array();
  ASSERT_EQ(details.size(), 2U) << refused.text;
  EXPECT_THAT(std::string(details[1].as_string()),
              ::testing::StartsWith("my.zone:5:1: error: the note: "));
}

TEST_F(AddressRoutesTest, WhatExpiredMeanwhileIsToldWhenItComesBack) {
  create();
  const std::string expired =
      R"(; @note {"name":"www.example.","type":"A","data":"192.0.2.2","expires":"2020-01-01"})";
  const Answer imported = post(
      "/zones/example/import",
      "$TTL 60\n@ SOA ns1 h 9 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.1\nwww A 192.0.2.2\n" + expired);
  ASSERT_EQ(imported.status, 200U) << imported.text;
  EXPECT_THAT(imported.text,
              HasSubstr("www.example. A 192.0.2.2 comes back without its time, which is over"));
}

}  // namespace
}  // namespace tandem::test
