// Catalogs over HTTP: made, shown, followed, and how zones stand to them.
#include <gmock/gmock.h>

#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;

class CatalogRoutesTest : public ApiTest {
 protected:
  Answer put(std::string_view path, std::string_view body) {
    return ask(request("PUT", path, std::string(body)));
  }

  void make(std::string_view body = R"({"words":"make group:home"})") {
    const Answer made = put("/catalogs/catalog.invalid", body);
    EXPECT_EQ(made.status, 200U) << made.text;
    EXPECT_EQ(made.body.at("zone"), "catalog.invalid.");
  }
};

TEST_F(CatalogRoutesTest, OneIsMadeShownAndEnded) {
  create();
  make();
  const Answer all = get("/catalogs");
  EXPECT_EQ(all.body.at("catalogs").as_array().size(), 1U);
  EXPECT_EQ(all.body.at("catalogs").at(0).at("kind"), "made");
  EXPECT_EQ(all.body.at("catalogs").at(0).at("members"), 1);
  EXPECT_FALSE(all.body.at("catalogs").at(0).as_object().contains("zones"));
  const Answer one = get("/catalogs/Catalog.Invalid");
  ASSERT_EQ(one.status, 200U) << one.text;
  EXPECT_EQ(one.body.at("words"), "make group:home");
  EXPECT_EQ(one.body.at("serial"), get("/zones/catalog.invalid").body.at("serial"));
  const json::value& zone = one.body.at("zones").at(0);
  EXPECT_EQ(zone.at("zone"), "example.");
  EXPECT_EQ(zone.at("label"), get("/zones/example").body.at("id"));
  EXPECT_EQ(zone.at("groups").at(0), "home");
  EXPECT_EQ(ask(request("DELETE", "/catalogs/catalog.invalid")).status, 200U);
  EXPECT_EQ(ask(request("DELETE", "/catalogs/catalog.invalid")).status, 404U);
  EXPECT_EQ(get("/catalogs/catalog.invalid").status, 404U);
  EXPECT_EQ(get("/catalogs").text, R"({"catalogs":[]})");
}

TEST_F(CatalogRoutesTest, AZoneHasItsPlaceAndGroup) {
  create();
  make();
  EXPECT_EQ(put("/zones/example/catalog", R"({"group":"signed"})").status, 200U);
  EXPECT_EQ(get("/catalogs/catalog.invalid").body.at("zones").at(0).at("groups").at(0), "signed");
  EXPECT_EQ(put("/zones/example/catalog", R"({"catalog":"none"})").status, 200U);
  EXPECT_EQ(get("/catalogs/catalog.invalid").body.at("members"), 0);
  EXPECT_EQ(put("/zones/example/catalog", R"({"catalog":""})").status, 200U);
  EXPECT_EQ(get("/catalogs/catalog.invalid").body.at("members"), 1);
  EXPECT_EQ(put("/catalogs/new.invalid", R"({"words":"make members:named"})").status, 200U);
  const Answer moved = post("/zones/example/catalog/move", R"({"to":"new.invalid"})");
  EXPECT_THAT(moved.text, HasSubstr("step 1 of 3"));
  EXPECT_EQ(get("/catalogs/catalog.invalid").body.at("zones").at(0).at("coo"), "new.invalid.");
}

TEST_F(CatalogRoutesTest, OneIsFollowed) {
  const Answer made = put("/catalogs/list.invalid", R"({"words":"follow 192.0.2.1,key:up"})");
  ASSERT_EQ(made.status, 200U) << made.text;
  const Answer one = get("/catalogs/list.invalid");
  EXPECT_EQ(one.body.at("kind"), "followed");
  EXPECT_EQ(one.body.at("words"), "follow 192.0.2.1:53,key:up.");
  EXPECT_THAT(one.text, HasSubstr("no content yet"));
  EXPECT_EQ(ask(request("DELETE", "/catalogs/list.invalid")).status, 200U);
}

TEST_F(CatalogRoutesTest, AKeyThatNobodyHasIsWarnedOfOnce) {
  ASSERT_EQ(post("/keys", R"({"name":"up"})").status, 201U);
  const Answer known = put("/catalogs/list.invalid", R"({"words":"follow 192.0.2.1,key:up"})");
  ASSERT_EQ(known.status, 200U) << known.text;
  EXPECT_TRUE(known.body.at("warnings").as_array().empty()) << known.text;
  const Answer unknown =
      put("/catalogs/list.invalid",
          R"({"words":"follow 192.0.2.1,key:none members-from:192.0.2.2,key:none"})");
  ASSERT_EQ(unknown.status, 200U) << unknown.text;
  ASSERT_EQ(unknown.body.at("warnings").as_array().size(), 1U) << unknown.text;
  EXPECT_THAT(unknown.text, HasSubstr("there is no key none."));
}

TEST_F(CatalogRoutesTest, SaysWhatIsWrong) {
  create();
  EXPECT_EQ(put("/catalogs/example", R"({"words":"make"})").status, 409U);
  EXPECT_EQ(put("/catalogs/example", R"({"words":"follow 192.0.2.1"})").status, 409U);
  const Answer bad = put("/catalogs/catalog.invalid", R"({"words":"made"})");
  EXPECT_EQ(bad.status, 422U);
  EXPECT_THAT(bad.text, HasSubstr("words: "));
  EXPECT_EQ(put("/catalogs/catalog.invalid", R"({"word":"make"})").status, 422U);
  EXPECT_EQ(put("/zones/other/catalog", R"({"group":"x"})").status, 404U);
  EXPECT_EQ(put("/zones/example/catalog", R"({"group":"x y"})").status, 422U);
  EXPECT_EQ(put("/zones/example/catalog", R"({"catalog":"catalog.invalid"})").status, 404U);
  EXPECT_EQ(post("/zones/example/catalog/other", "{}").status, 404U);
  EXPECT_EQ(get("/zones/example/catalog").status, 405U);
  EXPECT_EQ(post("/catalogs", "{}").status, 405U);
  EXPECT_EQ(get("/catalogs/a/b").status, 404U);
}

}  // namespace
}  // namespace tandem::test
