// Log entries as lines.
#include "ctl/log_lines.h"

#include <gtest/gtest.h>

#include "ctl/json_view.h"

namespace tandem {
namespace {

namespace json = boost::json;

std::string summary(const std::string& changes) {
  return change_summary(parse_json(R"({"epoch":4,"changes":[)" + changes + "]}").value());
}

const std::string kEntries = R"([
  {"sequence":7,"epoch":1,"time":"2026-11-22T18:04:05.123456Z",
   "actor":{"name":"root","credential":"unix","source":"uid 0","reason":"new server"},
   "changes":[{"kind":"record_change","zone":"example.com.",
               "removed":["www.example.com. 600 IN A 192.0.2.1"],
               "added":["www.example.com. 600 IN A 192.0.2.2"]}]},
  {"sequence":8,"epoch":1,"time":"2026-11-22T18:04:06.5Z",
   "actor":{"name":"tandem","credential":"file","source":"tandem","reason":""},
   "changes":[{"kind":"zone_create","zone":"example.net."}]}])";

std::string lines(Detail detail, TableHeader header, const std::string& entries = kEntries) {
  return log_lines(parse_json(entries)->as_array(), detail, header, TableStyle::kTabs);
}

TEST(ChangeSummary, CountsRecords) {
  EXPECT_EQ(summary(R"({"kind":"record_change","zone":"a.","removed":["x"],"added":["y","z"]})"),
            "a. -1 +2");
  EXPECT_EQ(summary(R"({"kind":"record_change","zone":"a.","removed":[],"added":["y"]})"), "a. +1");
}

TEST(ChangeSummary, SaysWhenTheNodeLeftSomeOut) {
  EXPECT_EQ(summary(R"({"kind":"record_change","zone":"a.","added":["y"],"cut":true})"),
            "a. +1 or more");
}

TEST(ChangeSummary, NamesAZoneOnce) {
  const std::string records = R"({"kind":"record_change","zone":"a.","added":["y"]})";
  const std::string notes = R"({"kind":"zone_notes_change","zone":"a.","added":[{}]})";
  const std::string other = R"({"kind":"zone_notes_change","zone":"b.","added":[{}]})";
  EXPECT_EQ(summary(records + "," + notes + "," + other), "a. +1, notes +1; b. notes +1");
}

TEST(NoteChangeLines, TellWhatGoesAndWhatComes) {
  const auto answer = parse_json(
      R"({"notes_removed":[{"name":"a.","type":"A","data":"192.0.2.1","comment":"old"}],)"
      R"("notes_added":[{"name":"b.","type":"A","data":"192.0.2.2","disabled":true}]})");
  EXPECT_EQ(note_change_lines(*answer), "- a. A 192.0.2.1: old\n+ b. A 192.0.2.2: disabled\n");
}

TEST(ChangeSummary, TellsEachKind) {
  EXPECT_EQ(summary(R"({"kind":"zone_create","zone":"a."})"), "a. created");
  EXPECT_EQ(summary(R"({"kind":"zone_delete","zone":"a."})"), "a. deleted");
  EXPECT_EQ(summary(R"({"kind":"zone_options_change","zone":"a."})"), "a. has other options");
  EXPECT_EQ(
      summary(R"({"kind":"zone_rules_change","zone":"a.","removed":["r"],"added":["s","t"]})"),
      "a. rules -1 +2");
  EXPECT_EQ(summary(R"({"kind":"zone_replace","zone":"a.",
                        "before":{"record_count":3},"after":{"record_count":5}})"),
            "a. replaced: 3 records, now 5");
  EXPECT_EQ(summary(R"({"kind":"secret_named","label":"key1"})"), "secret key1 named");
  EXPECT_EQ(summary(R"({"kind":"secret_dropped","label":"key1"})"), "secret key1 dropped");
  const std::string key = R"("purpose":"tsig","label":"certbot.:hmac-sha256"})";
  EXPECT_EQ(summary(R"({"kind":"secret_named",)" + key), "key certbot. added");
  EXPECT_EQ(summary(R"({"kind":"secret_dropped",)" + key), "key certbot. deleted");
  EXPECT_EQ(summary(R"({"kind":"epoch_start"})"), "epoch 4 begins");
}

TEST(ChangeSummary, ShowsAKindOfALaterVersionByItsName) {
  EXPECT_EQ(summary(R"({"kind":"zone_signing","zone":"a."})"), "a. zone_signing");
}

TEST(ChangeSummary, JoinsSeveralChanges) {
  EXPECT_EQ(summary(R"({"kind":"zone_create","zone":"a."},{"kind":"zone_delete","zone":"b."})"),
            "a. created; b. deleted");
}

TEST(LogLines, AreOneForEachEntry) {
  EXPECT_EQ(lines(Detail::kSummary, TableHeader::kShown),
            "ENTRY\tTIME\tWHO\tCHANGES\tREASON\n"
            "7\t2026-11-22T18:04:05Z\troot (uid 0)\texample.com. -1 +1\tnew server\n"
            "8\t2026-11-22T18:04:06Z\ttandem\texample.net. created\t\n");
}

TEST(LogLines, HaveRecordsBeneathWhenAskedFor) {
  const std::string records =
      "    - www.example.com. 600 IN A 192.0.2.1\n"
      "    + www.example.com. 600 IN A 192.0.2.2\n";
  const std::string first =
      "7\t2026-11-22T18:04:05Z\troot (uid 0)\texample.com. -1 +1\tnew server\n";
  const std::string second = "8\t2026-11-22T18:04:06Z\ttandem\texample.net. created\t\n";
  EXPECT_EQ(lines(Detail::kRecords, TableHeader::kLeftOut), first + records + second);
  EXPECT_EQ(lines(Detail::kRecords, TableHeader::kShown),
            "ENTRY\tTIME\tWHO\tCHANGES\tREASON\n" + first + records + second);
}

TEST(LogLines, NeverCarryControlCharacters) {
  EXPECT_EQ(lines(Detail::kRecords, TableHeader::kLeftOut, R"([{"sequence":1,"time":"t",
    "actor":{"name":"a\u001b[31m","reason":"x\ny"},
    "changes":[{"kind":"record_change","zone":"z.","added":["z. TXT \u0007"]}]}])"),
            "1\tt\ta\\027[31m\tz. +1\tx\\010y\n    + z. TXT \\007\n");
}

TEST(LogLines, OfNothingAreAHeader) {
  EXPECT_EQ(lines(Detail::kSummary, TableHeader::kShown, "[]"),
            "ENTRY\tTIME\tWHO\tCHANGES\tREASON\n");
  EXPECT_EQ(lines(Detail::kSummary, TableHeader::kLeftOut, "[]"), "");
}

}  // namespace
}  // namespace tandem
