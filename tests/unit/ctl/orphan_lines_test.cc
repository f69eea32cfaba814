// Orphans as lines: each record with what could become of it now.
#include "ctl/orphan_lines.h"

#include <gtest/gtest.h>

#include "ctl/json_view.h"

namespace tandem {
namespace {

std::string diff(const std::string& parts) {
  const auto answer =
      parse_json(R"({"orphans":[{"id":"1.7","state":"open","time":"2026-11-22T18:04:05.5Z",)"
                 R"("actor":{"name":"root","source":""},"changes":[],"parts":[)" +
                 parts + "]}]}");
  const std::string out = orphan_diff(*answer);
  return out.substr(out.find('\n') + 1);
}

TEST(OrphanDiff, SaysOfEachRecordWhatCouldBecomeOfIt) {
  EXPECT_EQ(diff(R"({"verdict":"would","removed":["a A 1"],"added":["a A 2"]})"),
            "    - a A 1  would remove\n    + a A 2  would add\n");
  EXPECT_EQ(diff(R"({"verdict":"there","removed":["a A 1"],"added":["a A 2"]})"),
            "    - a A 1  is gone already\n    + a A 2  is there already\n");
  EXPECT_EQ(diff(R"({"verdict":"conflict","removed":[],"added":["a A 2"],"now":["a A 3","a A 4"],)"
                 R"("reason":"the RRset was changed since"})"),
            "    + a A 2  conflicts: the RRset was changed since (now: a A 3, a A 4)\n");
}

TEST(OrphanDiff, NamesWhatHasToBeMadeByHand) {
  EXPECT_EQ(
      diff(R"({"verdict":"by_hand","zone":"","what":"new.","reason":"the zone was created"})"),
      "    new.  make it by hand: the zone was created\n");
  EXPECT_EQ(diff(""), "    nothing that would have to be made again\n");
}

TEST(OrphanResults, TellOfEachAndWhetherOneWasRefused) {
  const auto answer =
      parse_json(R"({"results":[{"id":"1.7","changed":true,"sequence":9,"refusal":""},)"
                 R"({"id":"1.8","changed":false,"sequence":null,"refusal":""},)"
                 R"({"id":"1.9","changed":false,"sequence":null,"refusal":"a A: changed"}]})");
  EXPECT_EQ(orphan_results(*answer),
            "1.7  applied, entry 9\n1.8  applied: it was there already\n"
            "1.9  not applied: a A: changed\n");
  EXPECT_TRUE(has_refusal(*answer));
  EXPECT_FALSE(has_refusal(*parse_json(R"({"results":[{"refusal":""}]})")));
}

TEST(OrphanList, ShowsTheState) {
  const auto orphans =
      parse_json(R"([{"id":"1.7","state":"applied","time":"2026-11-22T18:04:05.5Z",)"
                 R"("actor":{"name":"root","source":"","reason":"why"},"changes":[]}])");
  EXPECT_EQ(orphan_list(orphans->as_array(), Detail::kSummary, TableStyle::kTabs),
            "ID\tSTATE\tTIME\tWHO\tCHANGES\tREASON\n"
            "1.7\tapplied\t2026-11-22T18:04:05Z\troot\t\twhy\n");
}

}  // namespace
}  // namespace tandem
