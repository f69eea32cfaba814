// How servers outside of the cluster are shown.
#include "ctl/outside_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/json_view.h"

namespace tandem {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string lines_of(const Table& table) {
  return table.to_text(TableStyle::kTabs);
}

constexpr std::string_view kSecondaries = R"({"secondaries":[
  {"name":"he","source":"log","words":"notify:192.0.2.1:53","servers":[
    {"address":"192.0.2.1:53","answers":true,"asked":3,"behind":1,"zones":[
      {"secondary":"he","address":"192.0.2.1:53","zone":"a.","ours":7,"serial":6,"state":"behind",
       "seen":"2026-11-22T18:04:05.123456Z","problem":"it has serial 6","refusal":"it answers NOTAUTH"}]},
    {"address":"192.0.2.2:53","answers":false,"asked":3,"behind":0,"zones":[]},
    {"address":"192.0.2.3:53","answers":true,"asked":0,"behind":0,"zones":[]},
    {"address":"192.0.2.4:53","answers":true,"asked":3,"behind":0,"zones":[]}]},
  {"name":"pull","source":"configuration","words":"transfer:192.0.2.9","servers":[]}]})";

TEST(OutsideLines, EachServerHasARow) {
  EXPECT_EQ(lines_of(secondaries_table(parse_json(kSecondaries).value())),
            "NAME\tFROM\tADDRESS\tZONES\tSTATE\tWORDS\n"
            "he\tlog\t192.0.2.1:53\t3\tbehind with 1\tnotify:192.0.2.1:53\n"
            "he\tlog\t192.0.2.2:53\t3\tdoes not answer\tnotify:192.0.2.1:53\n"
            "he\tlog\t192.0.2.3:53\t0\tnot asked yet\tnotify:192.0.2.1:53\n"
            "he\tlog\t192.0.2.4:53\t3\tin step\tnotify:192.0.2.1:53\n"
            "pull\tconfiguration\t-\t-\tnot told from here\ttransfer:192.0.2.9\n");
}

TEST(OutsideLines, AZoneSaysWhatIsWrongWithIt) {
  const std::string lines = lines_of(followed_table(parse_json(kSecondaries).value()));
  EXPECT_EQ(lines,
            "ZONE\tSECONDARY\tADDRESS\tSTATE\tSERIAL\tOURS\tSEEN\tNOTIFIED\tPROBLEM\n"
            "a.\the\t192.0.2.1:53\tbehind\t6\t7\t2026-11-22T18:04:05Z\t-\t"
            "it has serial 6; NOTIFY: it answers NOTAUTH\n");
  EXPECT_TRUE(followed_table(parse_json(R"({"secondaries":[]})").value()).is_empty());
}

TEST(OutsideLines, ACheckSaysWhatItFound) {
  EXPECT_EQ(lines_of(checked_table(parse_json(R"({"zones":[
                {"zone":"a.","address":"192.0.2.1:53","ours":7,"serial":7},
                {"zone":"b.","address":"192.0.2.1:53","ours":7,"problem":"it answers REFUSED"}]})")
                                       .value())),
            "ZONE\tADDRESS\tSERIAL\tOURS\tFINDING\n"
            "a.\t192.0.2.1:53\t7\t7\tin step\n"
            "b.\t192.0.2.1:53\t-\t7\tit answers REFUSED\n");
}

TEST(OutsideLines, AReceiptSaysWhoHasIt) {
  EXPECT_THAT(waited_lines(parse_json(R"({"followers":[{"node":"5b","has_it":true}],"outside":[
                {"secondary":"he","address":"192.0.2.1:53","has_it":false,"serial":6},
                {"secondary":"other","address":"192.0.2.2:53","has_it":false}]})")
                               .value()),
              ElementsAre("node 5b has it", "he at 192.0.2.1:53 does not have it yet, serial 6",
                          "other at 192.0.2.2:53 does not have it yet, serial unknown"));
  EXPECT_THAT(waited_lines(parse_json(R"({"changed":true})").value()), IsEmpty());
}

}  // namespace
}  // namespace tandem
