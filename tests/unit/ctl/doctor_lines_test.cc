// What the doctor found, as it is printed.
#include "ctl/doctor_lines.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/json_view.h"

namespace tandem {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

DoctorFacts facts_of_one_server() {
  DoctorFacts out;
  out.zone = Name::from_text("example.com.").value();
  out.parents.resize(2);
  out.parents[0].place = {"198.51.100.1", "53"};
  out.parents[1].place = {"2001:db8::1", "5300"};
  ServerFacts server;
  server.name = Name::from_text("ns1.example.com.").value();
  server.place = {"192.0.2.1", "53"};
  server.edns = {.reach = Reach::kAnswered,
                 .rcode = Rcode::kNoError,
                 .is_authoritative = true,
                 .is_truncated = false,
                 .offers_recursion = false,
                 .edns_version = 0,
                 .serial = 7};
  out.servers = {server};
  return out;
}

TEST(DoctorLines, FindingsStandUnderTheirSeverity) {
  const std::vector<Finding> findings = {
      {FindingKind::kTcpBlocked, "ns1 at 192.0.2.1:53", "no TCP"},
      {FindingKind::kLame, "ns\x1b[2J", "odd"},
      {FindingKind::kOneServer, "", "it is alone"}};
  const std::string text = doctor_text(facts_of_one_server(), findings);
  EXPECT_THAT(text, HasSubstr("ERRORS\nns1 at 192.0.2.1:53: no TCP\n    why: answers that are"));
  EXPECT_THAT(text, HasSubstr("NOTES\nit is alone\n"));
  EXPECT_THAT(text, Not(HasSubstr("WARNINGS")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("\nexample.com.: 2 errors, 0 warnings, 1 note (asked: 2 of the "
                              "parent, 1 of the zone)\n"));
  EXPECT_FALSE(is_healthy(findings));
}

TEST(DoctorLines, WhatToDoHasTheRealNames) {
  const Finding finding{FindingKind::kNsOnlyAtParent, "ns3.example.com.", "it differs"};
  const std::string todo = "tandemctl record add example.com. @ NS ns3.example.com.";
  EXPECT_THAT(doctor_text(facts_of_one_server(), {finding}), HasSubstr(todo));
  const boost::json::value out = doctor_json(facts_of_one_server(), {finding});
  EXPECT_THAT(text_of(list_of(out, "findings").front(), "do"), HasSubstr(todo));
}

TEST(DoctorLines, WithoutFindingsThereIsOneLine) {
  EXPECT_EQ(
      doctor_text(facts_of_one_server(), {}),
      "example.com.: 0 errors, 0 warnings, 0 notes (asked: 2 of the parent, 1 of the zone)\n");
  EXPECT_TRUE(is_healthy({}));
  EXPECT_TRUE(is_healthy({{FindingKind::kOneServer, "", ""}}));
  EXPECT_FALSE(is_healthy({{FindingKind::kRecursion, "", ""}}));
}

TEST(DoctorLines, JsonHasServersFindingsAndCounts) {
  const boost::json::value out =
      doctor_json(facts_of_one_server(), {{FindingKind::kRecursion, "ns1", "it offers recursion"}});
  EXPECT_EQ(text_of(out, "zone"), "example.com.");
  EXPECT_EQ(boost::json::serialize(member(out, "parents")),
            R"(["198.51.100.1:53","[2001:db8::1]:5300"])");
  EXPECT_EQ(boost::json::serialize(member(out, "servers")),
            R"([{"name":"ns1.example.com.","address":"192.0.2.1:53","answers":true,"serial":7}])");
  const boost::json::value& found = list_of(out, "findings").front();
  EXPECT_EQ(text_of(found, "severity"), "warning");
  EXPECT_EQ(text_of(found, "kind"), "recursion");
  EXPECT_EQ(text_of(found, "server"), "ns1");
  EXPECT_EQ(text_of(found, "what"), "it offers recursion");
  EXPECT_FALSE(text_of(found, "why").empty() || text_of(found, "do").empty());
  EXPECT_EQ(number_of(out, "warnings"), 1U);
  EXPECT_EQ(number_of(out, "errors"), 0U);
}

}  // namespace
}  // namespace tandem
