#include "common/net/http_message.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct TargetCase {
  std::string_view target;
  std::string_view path;
  Pairs query;
};

class GoodTarget : public ::testing::TestWithParam<TargetCase> {};

TEST_P(GoodTarget, IsTakenApart) {
  const auto parsed = parse_http_target(GetParam().target);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
  EXPECT_EQ(parsed->path, GetParam().path);
  EXPECT_EQ(parsed->query, GetParam().query);
}

INSTANTIATE_TEST_SUITE_P(
    Http, GoodTarget,
    ::testing::Values(TargetCase{"/", "/", {}}, TargetCase{"/a/b", "/a/b", {}},
                      TargetCase{"/a%2Fb/%2e?x=1", "/a%2Fb/%2e", {{"x", "1"}}},
                      TargetCase{"/a?name=www%2Eexample.com.&type=A",
                                 "/a",
                                 {{"name", "www.example.com."}, {"type", "A"}}},
                      TargetCase{"/a?text=a+b%2Bc", "/a", {{"text", "a b+c"}}},
                      TargetCase{"/a?flag", "/a", {{"flag", ""}}},
                      TargetCase{"/a?", "/a", {{"", ""}}},
                      TargetCase{"/a?%00=%ff", "/a", {{std::string(1, '\0'), "\xff"}}},
                      TargetCase{"http://node:80/a?x=y", "/a", {{"x", "y"}}}));

class BadTarget : public ::testing::TestWithParam<std::string_view> {};

TEST_P(BadTarget, IsRefused) {
  EXPECT_FALSE(parse_http_target(GetParam()).has_value());
}

INSTANTIATE_TEST_SUITE_P(Http, BadTarget,
                         ::testing::Values("", "*", "a/b", "/a%2", "/a%zz", "/a?x=%", "/a#b",
                                           "/a b", "http://", "node:80", "/\xc3\xa4"));

TEST(HttpError, HasTheShapeOfTheApi) {
  const HttpResponse response = http_error(404, "not_found", "no \"zone\"\n");
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"error":{"code":"not_found","text":"no \"zone\"\n"}})");
}

TEST(HttpRequest, GivesTheFirstParameterOfAName) {
  HttpRequest request;
  request.query = {{"a", "1"}, {"a", "2"}};
  EXPECT_EQ(request.parameter("a"), "1");
}

TEST(HttpRequest, TellsNoParameterFromAnEmptyOne) {
  HttpRequest request;
  request.query = {{"a", ""}};
  EXPECT_EQ(request.parameter("a"), "");
  EXPECT_EQ(request.parameter("b"), std::nullopt);
}

TEST(HttpRequest, GivesAnEmptyTextForAnAbsentHeader) {
  HttpRequest request;
  request.headers = {{"reason", "because"}};
  EXPECT_EQ(request.header("reason"), "because");
  EXPECT_EQ(request.header("request-id"), "");
}

}  // namespace
}  // namespace tandem
