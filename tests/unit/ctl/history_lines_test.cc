// A zone's history as lines.
#include "ctl/history_lines.h"

#include <gtest/gtest.h>

#include "ctl/json_view.h"

namespace tandem {
namespace {

const std::string kEntries = R"([
  {"sequence":8,"time":"2026-11-22T18:04:06.5Z","kind":"records","serial":43,
   "records_removed":1,"records_added":2,
   "actor":{"name":"root","credential":"unix","source":"uid 0","reason":"new server"},
   "changes":[{"kind":"record_change","zone":"example.com.",
               "removed":["www.example.com. 600 IN A 192.0.2.1"],
               "added":["www.example.com. 600 IN A 192.0.2.2","www.example.com. 600 IN A 192.0.2.3"]}]},
  {"sequence":7,"time":"2026-11-22T18:04:05.123456Z","kind":"options","serial":null,
   "records_removed":0,"records_added":0,
   "actor":{"name":"tandem","credential":"file","source":"tandem","reason":""},
   "changes":[{"kind":"zone_options_change","zone":"example.com."}]}])";

std::string lines(Detail detail) {
  return history_lines(parse_json(kEntries)->as_array(), detail, TableStyle::kTabs);
}

TEST(HistoryLines, OneForEachEntry) {
  EXPECT_EQ(lines(Detail::kSummary),
            "ENTRY\tSERIAL\tTIME\tWHO\tWITH\tWHAT\tRECORDS\tREASON\n"
            "8\t43\t2026-11-22T18:04:06Z\troot (uid 0)\tunix\trecords\t-1 +2\tnew server\n"
            "7\t\t2026-11-22T18:04:05Z\ttandem\tfile\toptions\t\t\n");
}

TEST(HistoryLines, TheAddressThatRecordsFollowIsTheReason) {
  const auto entries = parse_json(
      R"([{"sequence":9,"kind":"records","serial":44,"actor":{"name":"root","reason":"new line"},)"
      R"("changes":[{"kind":"address_change","name":"home4","after":"192.0.2.9"}]}])");
  EXPECT_NE(history_lines(entries->as_array(), Detail::kSummary, TableStyle::kTabs)
                .find("\tnew line; home4 is 192.0.2.9\n"),
            std::string::npos);
}

TEST(HistoryLines, RecordsStandBeneathTheirEntry) {
  const std::string all = lines(Detail::kRecords);
  EXPECT_NE(all.find("new server\n"
                     "    - www.example.com. 600 IN A 192.0.2.1\n"
                     "    + www.example.com. 600 IN A 192.0.2.2\n"
                     "    + www.example.com. 600 IN A 192.0.2.3\n"
                     "7\t"),
            std::string::npos)
      << all;
}

}  // namespace
}  // namespace tandem
