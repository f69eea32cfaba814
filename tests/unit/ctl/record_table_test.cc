// A zone's records as a table.
#include "ctl/record_table.h"

#include <gtest/gtest.h>

#include "ctl/json_view.h"

namespace tandem {
namespace {

TEST(RecordTable, HasDisabledRecordsWhereTheyBelong) {
  const auto answer =
      parse_json(R"({"rrsets":[{"name":"a.","type":"NS","ttl":60,"data":["n.a."]},)"
                 R"({"name":"b.a.","type":"A","ttl":60,"data":["192.0.2.1"]},)"
                 R"({"name":"b.a.","type":"TXT","ttl":60,"data":["\"x\""]},)"
                 R"({"name":"d.a.","type":"A","ttl":60,"data":["192.0.2.4"]}],)"
                 R"("notes":[{"name":"b.a.","type":"A","data":"192.0.2.1","comment":"first"},)"
                 R"({"name":"b.a.","type":"A","data":"192.0.2.2","disabled":true,"ttl":60},)"
                 R"({"name":"b.a.","type":"AAAA","data":"2001:db8::1","disabled":true,"ttl":60},)"
                 R"({"name":"c.a.","type":"A","data":"192.0.2.3","disabled":true,"ttl":60},)"
                 R"({"name":"e.a.","type":"A","data":"192.0.2.5","disabled":true,"ttl":60}]})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(record_table(*answer).to_text(TableStyle::kTabs),
            "NAME\tTTL\tTYPE\tDATA\tNOTE\n"
            "a.\t60\tNS\tn.a.\t\n"
            "b.a.\t60\tA\t192.0.2.1\tfirst\n"
            "b.a.\t60\tA\t192.0.2.2\tdisabled\n"
            "b.a.\t60\tTXT\t\"x\"\t\n"
            "b.a.\t60\tAAAA\t2001:db8::1\tdisabled\n"
            "c.a.\t60\tA\t192.0.2.3\tdisabled\n"
            "d.a.\t60\tA\t192.0.2.4\t\n"
            "e.a.\t60\tA\t192.0.2.5\tdisabled\n");
}

}  // namespace
}  // namespace tandem
