// What changes are answered with.
#include "ctl/receipt.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "ctl/json_view.h"

namespace tandem {
namespace {

constexpr std::string_view kChanged =
    R"({"changed":true,"zone":"example.com.","serial":43,"position":{"sequence":1208},
        "warnings":["odd","f.zone:3:1: warning: odder"]})";

TEST(ReceiptLine, SaysWhatBecameOfTheZone) {
  const auto changed = parse_json(kChanged).value();
  EXPECT_EQ(receipt_line(changed, ReceiptOf::kContent), "example.com.: serial 43, entry 1208");
  EXPECT_EQ(receipt_line(changed, ReceiptOf::kDeletion), "example.com.: deleted, entry 1208");
  EXPECT_EQ(receipt_line(parse_json(R"({"changed":false,"zone":"a.","serial":4})").value(),
                         ReceiptOf::kContent),
            "a.: nothing to change, serial 4");
}

TEST(ReceiptLine, SaysWhatWasDoneToKeys) {
  EXPECT_EQ(key_receipt_line(parse_json(kChanged).value(), "certbot.: created"),
            "certbot.: created, entry 1208");
  EXPECT_EQ(key_receipt_line(parse_json(R"({"changed":false})").value(), "3 keys: imported"),
            "nothing to change");
}

TEST(PolicyTestLine, SaysWhatDecides) {
  EXPECT_EQ(
      policy_test_line(parse_json(R"({"allowed":true,"rule":"key:a.","source":"log"})").value()),
      "allowed by: key:a. (log)");
  EXPECT_EQ(policy_test_line(parse_json(R"({"allowed":false,"reason":"no rule"})").value()),
            "refused: no rule");
}

TEST(PrintReceipt, LeavesOutWhatWasFoundInTheFile) {
  const auto changed = parse_json(kChanged).value();
  const auto warnings = [&](const std::string& known_file) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    print_receipt({}, kChanged, changed, ReceiptOf::kContent, known_file);
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "example.com.: serial 43, entry 1208\n");
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(warnings("f.zone"), "tandemctl: warning: odd\n");
  EXPECT_EQ(warnings(""),
            "tandemctl: warning: odd\ntandemctl: warning: f.zone:3:1: warning: odder\n");
}

TEST(RepeatLines, SayWhatToType) {
  const auto answer = boost::json::parse(
      R"({"repeats":[{"address":"192.0.2.8","records":12,"name":"home4","is_named":true},)"
      R"({"address":"192.0.2.9","records":3,"name":"home4-2","is_named":false}]})");
  EXPECT_EQ(
      repeat_lines(answer, *Name::from_text("example.")),
      (std::vector<std::string>{
          "12 records have the address 192.0.2.8; to change it in one place from then on: "
          "tandemctl address bind home4 example.",
          "3 records have the address 192.0.2.9; to change it in one place from then on: "
          "tandemctl address set home4-2 192.0.2.9 && tandemctl address bind home4-2 example."}));
  EXPECT_TRUE(repeat_lines(boost::json::parse("{}"), Name()).empty());
}

}  // namespace
}  // namespace tandem
