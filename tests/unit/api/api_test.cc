// Each route of docs/http_api.md and each way to be refused.
#include <gmock/gmock.h>

#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

TEST_F(ApiTest, ACreatedZoneIsReadInEveryForm) {
  create();
  EXPECT_EQ(get("/zones").body.at("zones").as_array().size(), 1U);
  const Answer zone = get("/zones/example.");
  EXPECT_EQ(zone.body.at("name"), "example.");
  EXPECT_EQ(zone.body.at("serial"), 5);
  EXPECT_EQ(zone.body.at("records"), 4);
  EXPECT_EQ(zone.body.at("state"), "serving");
  EXPECT_EQ(zone.body.at("log"), "cluster");
  EXPECT_TRUE(zone.body.at("image_age_s").is_null());
  EXPECT_NE(get("/zones/example/export").text.find("www.example. 600 IN A 192.0.2.2\n"),
            std::string::npos);
  const Answer records = get("/zones/example/records?name=www&type=A");
  EXPECT_EQ(
      json::serialize(records.body),
      R"({"rrsets":[{"name":"www.example.","type":"A","ttl":600,"data":["192.0.2.2"]}],"notes":[]})");
  const Answer digest = get("/zones/example/digest");
  EXPECT_EQ(digest.body.at("content_digest").as_string().size(), 64U);
  EXPECT_EQ(digest.body.at("zonemd_sha384").as_string().size(), 96U);
  const Answer history = get("/zones/example/history");
  ASSERT_EQ(history.body.at("entries").as_array().size(), 1U);
  EXPECT_EQ(history.body.at("entries").at(0).at("changes").at(0).at("kind"), "zone_create");
  EXPECT_EQ(get("/status").body.at("role"), "leader");
  EXPECT_NE(get("/metrics").text.find("tandem_zone_serial{zone=\"example.\"} 5\n"),
            std::string::npos);
  EXPECT_NE(get("/metrics").text.find("tandem_tests_total 3\n"), std::string::npos);
}

TEST_F(ApiTest, AnExportLoadsBackToTheSameZone) {
  create();
  const std::string text = get("/zones/example/export").text;
  const Answer imported = post("/zones/example/import", text);
  EXPECT_EQ(imported.status, 200U);
  EXPECT_FALSE(imported.body.at("changed").as_bool());
  EXPECT_TRUE(imported.body.at("diff").as_array().empty());
}

TEST_F(ApiTest, RecordsChangeAndTheReceiptSaysWhereThatIsInTheLog) {
  create();
  HttpRequest change =
      request("POST", "/zones/example/records",
              R"({"changes":[{"op":"set","name":"www","type":"A","data":["192.0.2.9"]}]})");
  change.headers = {{"request-id", "r-1"},
                    {"reason",
                     "Gr\xc3\xbc\xc3\x9f"
                     "e"}};
  const Answer receipt = ask(change);
  EXPECT_EQ(receipt.status, 200U);
  EXPECT_TRUE(receipt.body.at("changed").as_bool());
  EXPECT_EQ(receipt.body.at("serial"), 6);
  EXPECT_EQ(receipt.body.at("request_id"), "r-1");
  const std::int64_t sequence =
      receipt.body.at("position").at("sequence").to_number<std::int64_t>();
  const Answer log = get("/log?after=" + std::to_string(sequence - 1));
  ASSERT_EQ(log.body.at("entries").as_array().size(), 1U);
  const json::value& entry = log.body.at("entries").at(0);
  EXPECT_EQ(entry.at("actor").at("reason"),
            "Gr\xc3\xbc\xc3\x9f"
            "e");
  EXPECT_EQ(entry.at("request_id"), "r-1");
  EXPECT_EQ(entry.at("changes").at(0).at("added").at(0), "www.example. 600 IN A 192.0.2.9");
  EXPECT_EQ(ask(change).body, receipt.body) << "a repeat gets the first receipt";
  change.headers.front().second = "r-2";
  EXPECT_FALSE(ask(change).body.at("changed").as_bool()) << "asked again it is so already";
}

TEST_F(ApiTest, ImportsSayWhatChangesAndADryRunChangesNothing) {
  create();
  const std::string file = "$TTL 60\n@ SOA ns1 h 9 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.1\n";
  const Answer tried = post("/zones/example/import?dry_run=true", file);
  EXPECT_EQ(tried.body.at("serial"), 9);
  EXPECT_EQ(tried.body.at("removed"), 2);  // www and the SOA
  EXPECT_TRUE(tried.body.at("changed").as_bool());
  EXPECT_EQ(get("/zones/example").body.at("serial"), 5);
  EXPECT_EQ(post("/zones/example/import", file).body.at("serial"), 9);
  EXPECT_EQ(post("/zones/new/import", file).status, 404U);
  EXPECT_EQ(post("/zones/new/import?create=true", file).status, 200U);
  const Answer bad = post("/zones/example/import?file=f.zone", "@ SOA nonsense\nwww A 1.2.3\n");
  EXPECT_EQ(bad.status, 422U);
  EXPECT_THAT(std::string(bad.body.at("error").at("details").at(0).as_string()),
              ::testing::MatchesRegex("f.zone:1:[0-9]+: error: .*"));
}

TEST_F(ApiTest, OptionsChangeAndAZoneGoes) {
  create();
  EXPECT_EQ(ask(request("PATCH", "/zones/example", R"({"serial_policy":"unixtime"})")).status,
            200U);
  EXPECT_EQ(get("/zones/example").body.at("serial_policy"), "unixtime");
  EXPECT_EQ(ask(request("DELETE", "/zones/example")).status, 200U);
  EXPECT_EQ(get("/zones/example").status, 404U);
}

TEST_F(ApiTest, TheReceiptOfADeletionNamesWhatIsGone) {
  create();
  const Answer gone = ask(request("DELETE", "/zones/example"));
  EXPECT_TRUE(gone.body.at("changed").as_bool());
  EXPECT_EQ(gone.body.at("zone"), "example.");
  EXPECT_EQ(gone.body.at("serial"), 5);
}

TEST_F(ApiTest, ADeletedZoneKeepsItsNameAndItsHistory) {
  create();
  const std::string edit =
      R"({"changes":[{"op":"add","name":"a","type":"A","data":["192.0.2.1"]}]})";
  ASSERT_EQ(post("/zones/example/records", edit).status, 200U);
  ASSERT_EQ(ask(request("DELETE", "/zones/example")).status, 200U);
  for (const json::value& entry : get("/log").body.at("entries").as_array()) {
    for (const json::value& change : entry.at("changes").as_array()) {
      if (change.at("kind") != "epoch_start") {
        EXPECT_EQ(change.at("zone"), "example.") << json::serialize(change);
      }
    }
  }
  const auto kinds = [this] {
    std::string out;
    for (const json::value& entry : get("/zones/example/history").body.at("entries").as_array()) {
      out += std::string(entry.at("changes").at(0).at("kind").as_string()) + " ";
    }
    return out;
  };
  EXPECT_EQ(kinds(), "zone_delete record_change zone_create ");
  create();
  EXPECT_EQ(kinds(), "zone_create zone_delete record_change zone_create ");
  EXPECT_EQ(get("/zones/other/history").status, 404U);
}

TEST_F(ApiTest, AFileWithAnOlderSerialAndTheSameRecordsChangesNothing) {
  create();
  const std::string file = get("/zones/example/export").text;
  for (const char* const operation : {"add", "delete"}) {  // raises the serial twice
    ASSERT_EQ(
        post("/zones/example/records",
             fmt::format(
                 R"({{"changes":[{{"op":"{}","name":"a","type":"A","data":["192.0.2.1"]}}]}})",
                 operation))
            .status,
        200U);
  }
  for (const char* const path : {"/zones/example/import?dry_run=true", "/zones/example/import"}) {
    const Answer answer = post(path, file);
    EXPECT_FALSE(answer.body.at("changed").as_bool()) << answer.text;
    EXPECT_EQ(answer.body.at("serial"), 7);
    EXPECT_EQ(answer.body.at("added"), 0);
    EXPECT_EQ(answer.body.at("removed"), 0);
    EXPECT_TRUE(answer.body.at("diff").as_array().empty());
  }
}

TEST_F(ApiTest, AnImportMakesAZoneWithALargerLimit) {
  std::string file = "$TTL 60\n@ SOA ns1 h 9 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.1\n";
  for (int i = 0; i < 150; ++i) {
    file += fmt::format("many A 192.0.2.{}\n", i);
  }
  EXPECT_EQ(post("/zones/new/import?create=true", file).status, 422U);
  EXPECT_EQ(post("/zones/new/import?create=true&rrset_records_max=150", file).status, 200U);
  EXPECT_EQ(get("/zones/new").body.at("rrset_records_max"), 150);
  EXPECT_EQ(post("/zones/new/import?rrset_records_max=160", file).status, 422U)
      << "the zone has its own";
}

TEST_F(ApiTest, AContactMayBeAMailAddress) {
  const auto contact_of = [this](const std::string& zone, const std::string& more) {
    const Answer made =
        post("/zones", fmt::format(R"({{"name":"{}","nameservers":["ns.other."]{}}})", zone, more));
    EXPECT_EQ(made.status, 201U) << made.text;
    const std::string path = zone == "." ? "%2E" : zone;
    return std::string(get("/zones/" + path + "/records?type=SOA")
                           .body.at("rrsets")
                           .at(0)
                           .at("data")
                           .at(0)
                           .as_string());
  };
  EXPECT_THAT(contact_of("a.", R"(,"contact":"first.last@n.org")"),
              ::testing::StartsWith("ns.other. first\\.last.n.org. "));
  EXPECT_THAT(contact_of("b.", R"(,"contact":"me.n.org")"),
              ::testing::StartsWith("ns.other. me.n.org. "));
  EXPECT_THAT(contact_of("c.", ""), ::testing::StartsWith("ns.other. hostmaster.c. "));
  EXPECT_THAT(contact_of(".", ""), ::testing::StartsWith("ns.other. hostmaster. "));
  for (const char* const bad : {"@n.org", "me@", "a@b@c"}) {
    EXPECT_EQ(
        post("/zones", fmt::format(R"({{"name":"x.","nameservers":["ns."],"contact":"{}"}})", bad))
            .status,
        422U)
        << bad;
  }
}

TEST_F(ApiTest, OverTcpANameFromElsewhereGetsNothing) {
  const std::pair<const char*, unsigned> rows[] = {
      {"localhost", 200},      {"localhost:8053", 200},
      {"127.0.0.1:8053", 200}, {"[::1]:8053", 200},
      {"[::1]", 200},          {"", 200},
      {"evil.example", 403},   {"127.0.0.1.evil.example:80", 403},
      {"192.0.2.1:8053", 403}, {"localhost.evil.example", 403}};
  for (const auto& [host, status] : rows) {
    HttpRequest asked = request("GET", "/status");
    asked.headers = {{"host", host}};
    EXPECT_EQ(ask(asked, Door::kTcp).status, status) << host;
    EXPECT_EQ(ask(asked, Door::kSocket).status, 200U) << host;
  }
}

TEST_F(ApiTest, TheOperatorsChoiceIsHandedOn) {
  EXPECT_EQ(post("/link/keep", R"({"keep":"this"})").body.at("done"), true);
  EXPECT_EQ(kept_, "this");
  EXPECT_EQ(post("/link/keep", R"({"keep":"peer"})").status, 409U);
}

TEST_F(ApiTest, AReaderOfTheLogWaitsUntilThereIsSomething) {
  const std::uint64_t head = node_->cluster_log().table().position().sequence;
  const auto path = fmt::format("/log?wait=60&after={}", head);
  auto waiting = std::async(std::launch::async, [&] { return get(path); });
  create();
  const Answer answer = waiting.get();
  EXPECT_EQ(answer.body.at("entries").as_array().size(), 1U);
  EXPECT_EQ(answer.body.at("head"), head + 1);
  const Answer none = get(fmt::format("/log?after={}", head + 1));
  EXPECT_EQ(none.status, 200U);
  EXPECT_TRUE(none.body.at("entries").as_array().empty());
}

struct Refused {
  const char* method;
  const char* path;
  const char* body;
  unsigned status;
  const char* code;
};

TEST_F(ApiTest, WhatIsWrongIsRefusedWithItsCode) {
  create();
  const Refused rows[] = {
      {"GET", "/nothing", "", 404, "not_found"},
      {"GET", "/zones/no.such", "", 404, "not_found"},
      {"GET", "/zones/example/nothing", "", 404, "not_found"},
      {"GET", "/zones/example/export/more", "", 404, "not_found"},
      {"GET", "/zones/%zz", "", 404, "not_found"},
      {"GET", "/zones/a..b", "", 422, "invalid"},
      {"GET", "/zones/example/records?type=NOTYPE", "", 422, "invalid"},
      {"GET", "/zones/example/history?limit=x", "", 422, "invalid"},
      {"GET", "/log?wait=soon", "", 422, "invalid"},
      {"GET", "/log?after=-1", "", 422, "invalid"},
      {"PUT", "/zones", "", 405, "invalid"},
      {"PUT", "/zones/example", "", 405, "invalid"},
      {"PUT", "/zones/example/records", "", 405, "invalid"},
      {"POST", "/zones/example/export", "", 405, "invalid"},
      {"POST", "/zones/example/digest", "", 405, "invalid"},
      {"GET", "/zones/example/import", "", 405, "invalid"},
      {"POST", "/status", "", 405, "invalid"},
      {"POST", "/log", "", 405, "invalid"},
      {"GET", "/link/keep", "", 405, "invalid"},
      {"POST", "/metrics", "", 405, "invalid"},
      {"POST", "/zones", "nonsense", 422, "invalid"},
      {"POST", "/zones", "[]", 422, "invalid"},
      {"POST", "/zones", R"({"name":"x.","nameservers":["ns."],"surprise":1})", 422, "invalid"},
      {"POST", "/zones", R"({"name":"x."})", 422, "invalid"},
      {"POST", "/zones", R"({"name":"x.","nameservers":"ns."})", 422, "invalid"},
      {"POST", "/zones", R"({"name":"x.","nameservers":["ns."],"serial_policy":"y"})", 422,
       "invalid"},
      {"POST", "/zones", R"({"name":"x.","nameservers":["ns."],"ttl":-1})", 422, "invalid"},
      {"POST", "/zones", R"({"name":"x.","nameservers":["ns."],"ttl":1.5})", 422, "invalid"},
      {"POST", "/zones", R"({"name":"example.","nameservers":["ns."]})", 409, "exists"},
      {"POST", "/zones", R"({"name":"x.","text":"@ SOA oops"})", 422, "invalid"},
      {"PATCH", "/zones/no.such", R"({"serial_policy":"date"})", 404, "not_found"},
      {"PATCH", "/zones/example", R"({"serve_after_expire":"yes"})", 422, "invalid"},
      {"DELETE", "/zones/no.such", "", 404, "not_found"},
      {"POST", "/zones/no.such/records", R"({"changes":[]})", 404, "not_found"},
      {"POST", "/zones/example/records", R"({"changes":{}})", 422, "invalid"},
      {"POST", "/zones/example/records", R"({"changes":[{"op":"add"}]})", 422, "invalid"},
      {"POST", "/zones/example/records", R"({"changes":[{"op":"add","name":"a","type":"A"}]})", 422,
       "invalid"},
      {"POST", "/zones/example/records",
       R"({"changes":[{"op":"add","name":"a","type":"A","data":["1.2.3"]}]})", 422, "invalid"},
      {"POST", "/zones/example/records",
       R"({"changes":[{"op":"add","name":"a","type":"TXT","data":["semi;colon"]}]})", 422,
       "invalid"},
      {"POST", "/zones/example/records",
       R"({"changes":[{"op":"add","name":"a.other.","type":"A","data":["192.0.2.1"]}]})", 422,
       "invalid"},
      {"POST", "/zones/example/records",
       R"({"changes":[{"op":"add","name":"www","type":"CNAME","data":["ns1"]}]})", 422, "invalid"},
      {"POST", "/link/keep", R"({"keep":"mine"})", 422, "invalid"},
      {"POST", "/link/keep", R"({"keep":"this","really":true})", 422, "invalid"},
  };
  for (const Refused& row : rows) {
    SCOPED_TRACE(fmt::format("{} {} {}", row.method, row.path, row.body));
    const Answer answer = ask(request(row.method, row.path, row.body));
    EXPECT_EQ(answer.status, row.status) << answer.text;
    EXPECT_EQ(answer.code(), row.code);
  }
  EXPECT_EQ(get("/zones/example").body.at("serial"), 5) << "none of it changed anything";
}

TEST_F(ApiTest, OverTcpEverythingButStatusAndMetricsIsRefused) {
  create();
  EXPECT_EQ(ask(request("GET", "/status"), Door::kTcp).status, 200U);
  EXPECT_EQ(ask(request("POST", "/status"), Door::kTcp).status, 403U);
  for (const char* const path : {"/log", "/zones", "/zones/example", "/zones/example/export"}) {
    EXPECT_EQ(ask(request("GET", path), Door::kTcp).status, 403U) << path;
  }
  for (const char* const method : {"POST", "PATCH", "DELETE", "PUT"}) {
    EXPECT_EQ(ask(request(method, "/zones/example"), Door::kTcp).status, 403U) << method;
  }
}

TEST_F(ApiTest, HeadersThatTheLogCannotKeepAreRefused) {
  create();
  const std::pair<const char*, std::string> bad[] = {{"request-id", std::string(65, 'x')},
                                                     {"request-id", "a\nb"},
                                                     {"reason", std::string(201, 'x')},
                                                     {"reason", "\xc3"},
                                                     {"reason", "\xc2\x85"}};
  for (const auto& [header, value] : bad) {
    HttpRequest change = request("DELETE", "/zones/example");
    change.headers = {{header, value}};
    EXPECT_EQ(ask(change).status, 422U) << header;
  }
}

TEST_F(ApiTest, AFollowerTakesChangesOfItsOwnZonesAlone) {
  stop();
  start(Role::kFollower);
  const Answer refused = post("/zones", R"({"name":"x.","nameservers":["ns."]})");
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.code(), "unavailable");
  ASSERT_TRUE(change(*writer_, plan_create(name("own."), {}, zone("", "own."))));
  EXPECT_EQ(get("/zones/own").body.at("log"), "local");
  EXPECT_EQ(post("/zones/own/records",
                 R"({"changes":[{"op":"add","name":"a","type":"A","data":["192.0.2.1"]}]})")
                .status,
            200U);
  EXPECT_EQ(get("/status").body.at("role"), "follower");
}

TEST_F(ApiTest, AReadOnlyNodeSaysWhy) {
  create();
  writer_->set_read_only("the operator has to choose");
  const Answer refused = ask(request("DELETE", "/zones/example"));
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.body.at("error").at("text"), "the operator has to choose");
  EXPECT_EQ(get("/status").body.at("writable"), false);
}

TEST_F(ApiTest, AZoneThatIsBeingStoredIsSaidToBe) {
  node_->publisher().publish_early(zone("", "early."));
  EXPECT_EQ(get("/zones/early").status, 503U);
  EXPECT_EQ(get("/zones").body.at("zones").at(0).at("state"), "storing");
}

}  // namespace
}  // namespace tandem::test
