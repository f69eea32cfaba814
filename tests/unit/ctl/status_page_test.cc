// The page that says how a node is.
#include "ctl/status_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/json_view.h"

namespace tandem {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kNode = R"(
  "program":"tandem-primary","version":"0.1.0","role":"leader","node":"5b","key":"SHA256:k=",
  "started":"2026-11-22T18:04:05.123456Z","listen":["192.0.2.1:53","[2001:db8::1]:53"],
  "link_listen":[],"writable":true,"read_only_reason":"",
  "position":{"epoch":2,"sequence":1207},"first_sequence":3,
  "store":{"folder":"/var/lib/tandem","state":"good","detail":"","free_octets":1073741824})";

std::string page(const std::string& more = "") {
  const std::string text = "{" + std::string(kNode) + (more.empty() ? "" : "," + more) + "}";
  return status_page(parse_json(text).value(), TableStyle::kTabs);
}

TEST(StatusPage, TellsOfTheNode) {
  EXPECT_EQ(page(),
            "tandem-primary 0.1.0, leader, node 5b, running since 2026-11-22T18:04:05Z\n"
            "takes changes\n"
            "answers DNS at 192.0.2.1:53, [2001:db8::1]:53; no link listened on\n"
            "log at epoch 2, entry 1207; kept from entry 3\n"
            "store /var/lib/tandem is good, 1.0 GiB free\n"
            "key SHA256:k=\n"
            "\n"
            "ZONE\tSERIAL\tRECORDS\tSTATE\tLOG\tENTRY\tIMAGE AGE S\n");
}

TEST(StatusPage, BeginsWithWhatIsWrong) {
  EXPECT_THAT(
      page(R"("alarms":[{"since":"2026-11-22T18:04:05.1Z","what":"the store takes no changes"}])"),
      StartsWith("ALARM since 2026-11-22T18:04:05Z: the store takes no changes\ntandem-primary "));
}

TEST(StatusPage, TellsOfXdp) {
  const std::string text = page(
      R"("xdp":[{"interface":"eth0","mode":"driver","queues":2,"reason":""},
                {"interface":"eth1","mode":"","queues":0,"reason":"there is no interface"}])");
  EXPECT_THAT(text, HasSubstr("\nXDP on eth0, driver mode, 2 queues\n"
                              "no XDP on eth1, its sockets answer: there is no interface\n"));
}

TEST(StatusPage, TellsOfTheRunwayAndWhoIsTold) {
  EXPECT_THAT(page(R"("runway":{"kind":"expire","text":"zone a. expires","used_percent":12})"),
              HasSubstr("\nrunway: zone a. expires (12 % used up)\n"));
  EXPECT_THAT(page(R"("runway":null)"), Not(HasSubstr("runway")));
  EXPECT_THAT(page(R"("tell":[{"kind":"webhook","name":"https://h:443","waiting":2,
                               "last_try":"2026-11-22T18:04:05.1Z","last_error":"status 500"},
                              {"kind":"program","name":"/bin/p","waiting":0,"last_try":null,
                               "last_error":""}])"),
              HasSubstr("tells webhook https://h:443: last tried 2026-11-22T18:04:05Z, 2 waiting, "
                        "without success: status 500\n"
                        "tells program /bin/p: not tried yet, 0 waiting\n"));
}

TEST(StatusPage, TellsOfZonesFromElsewhere) {
  EXPECT_THAT(page(R"("pulls":{"zones":3,"failing":0,"expired":0})"),
              HasSubstr("\n3 zones pulled from elsewhere\n"));
  EXPECT_THAT(page(R"("pulls":{"zones":3,"failing":2,"expired":1})"),
              HasSubstr("3 zones pulled from elsewhere, 2 of them without success and 1 expired"));
  EXPECT_THAT(page(R"("catalogs":[{"name":"c.","problem":"","clash_count":2}])"),
              HasSubstr("catalog c.: 2 of its zones are here already"));
  EXPECT_THAT(page(R"("catalogs":[{"name":"c.","problem":"it is broken","clash_count":0}])"),
              HasSubstr("catalog c.: it is broken\n"));
  EXPECT_THAT(page(R"("pulls":{"zones":0,"failing":0,"expired":0})"), Not(HasSubstr("pulled")));
}

TEST(StatusPage, TellsOfServicesThatAreDown) {
  const std::string text = page(
      R"("failovers":[{"name":"a.","type":"A","health":"up","answers":"base"},
                      {"name":"b.","type":"A","health":"down","answers":"alternative",
                       "since":"2026-11-22T18:04:05.1Z"},
                      {"name":"c.","type":"A","health":"down","answers":"nothing"}])");
  EXPECT_THAT(text, HasSubstr("service of b. A is down since 2026-11-22T18:04:05Z: its alternative "
                              "is answered\n"));
  EXPECT_THAT(text, HasSubstr("service of c. A is down since : what the zone has is answered\n"));
  EXPECT_THAT(text, Not(HasSubstr("service of a.")));
}

TEST(StatusPage, SaysWhyThereAreNoChanges) {
  const auto status = parse_json(R"({"writable":false,"read_only_reason":"this node follows"})");
  EXPECT_THAT(status_page(*status, TableStyle::kTabs),
              HasSubstr("takes no changes: this node follows\n"));
}

TEST(StatusPage, ListsPeersAndZones) {
  const std::string text = page(R"(
    "peers":[{"node":"c2","address":"192.0.2.53:40112","role":"follower","connected":true,
              "last_contact":"2026-11-22T18:04:09.9Z","sequence":1205,"lag_entries":2,"lag_ms":1500,
              "state":"catching up"}],
    "zones":[{"name":"example.com.","serial":7,"records":12,"state":"serving","log":"cluster","sequence":1206,"image_age_s":30},
             {"name":"example.net.","serial":8,"records":2,"state":"serving","log":"cluster","sequence":1207,"image_age_s":null}])");
  EXPECT_THAT(
      text, HasSubstr("PEER\tADDRESS\tROLE\tCONNECTED\tLAST CONTACT\tENTRY\tBEHIND\tLAG MS\tSTATE\n"
                      "c2\t192.0.2.53:40112\tfollower\tyes\t2026-11-22T18:04:09Z\t1205\t2\t1500\t"
                      "catching up\n"));
  EXPECT_THAT(text, HasSubstr("ZONE\tSERIAL\tRECORDS\tSTATE\tLOG\tENTRY\tIMAGE AGE S\n"
                              "example.com.\t7\t12\tserving\tcluster\t1206\t30\n"
                              "example.net.\t8\t2\tserving\tcluster\t1207\t-\n"));
}

TEST(StatusPage, ShowsDialsOnlyWhenTheyFail) {
  const std::string text = page(R"(
    "dialling":[{"address":"192.0.2.53:7953","connected":false,"last_error":"no route"},
                {"address":"192.0.2.54:7953","connected":true,"last_error":"old news"}])");
  EXPECT_THAT(text, HasSubstr("no link to 192.0.2.53:7953: no route\n"));
  EXPECT_THAT(text, Not(HasSubstr("192.0.2.54")));
}

TEST(StatusPage, TellsOfOrphans) {
  EXPECT_THAT(page(R"("orphans":3)"), HasSubstr("3 orphaned entries"));
  EXPECT_THAT(page(R"("orphans":0)"), Not(HasSubstr("orphaned")));
}

TEST(StatusPage, NeverCarriesControlCharacters) {
  EXPECT_THAT(page(R"("alarms":[{"since":"","what":"a\u001bb"}])"), HasSubstr("a\\027b"));
}

TEST(StatusPage, UnderstandsAnEmptyAnswer) {
  EXPECT_THAT(status_page(parse_json("{}").value(), TableStyle::kTabs),
              HasSubstr("takes no changes\n"));
}

TEST(StatusPage, AlignsColumnsForPeople) {
  const auto status =
      parse_json(R"({"zones":[{"name":"a.very.long.example.","serial":7,"records":1}]})");
  const std::string text = status_page(*status, TableStyle::kAligned);
  EXPECT_THAT(text, HasSubstr("ZONE                  SERIAL  RECORDS"));
  EXPECT_THAT(text, HasSubstr("a.very.long.example.  7       1      "));
}

TEST(ShortTime, CutsTheFractionOff) {
  EXPECT_EQ(short_time("2026-11-22T18:04:05.123456Z"), "2026-11-22T18:04:05Z");
  EXPECT_EQ(short_time("2026-11-22T18:04:05Z"), "2026-11-22T18:04:05Z");
  EXPECT_EQ(short_time(""), "");
}

TEST(ShortSize, PicksTheUnit) {
  EXPECT_EQ(short_size(0), "0 octets");
  EXPECT_EQ(short_size(1023), "1023 octets");
  EXPECT_EQ(short_size(1024), "1.0 KiB");
  EXPECT_EQ(short_size(1536), "1.5 KiB");
  EXPECT_EQ(short_size(std::uint64_t{5} << 40U), "5.0 TiB");
  EXPECT_EQ(short_size(std::uint64_t{5000} << 40U), "5000.0 TiB");
}

}  // namespace
}  // namespace tandem
