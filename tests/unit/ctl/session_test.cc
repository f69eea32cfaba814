// How errors are shown.
#include "ctl/session.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

std::string shown(const Error& error, ErrorForm form) {
  ::testing::internal::CaptureStderr();
  print_error(error, form);
  return ::testing::internal::GetCapturedStderr();
}

TEST(PrintError, PutsFindingsBeforeTheText) {
  const Error error{Errc::kInvalid, "the file has errors\nf:1:2: error: bad\nf:3:4: error: \x1b"};
  EXPECT_EQ(shown(error, ErrorForm::kText),
            "f:1:2: error: bad\nf:3:4: error: \\027\ntandemctl: the file has errors\n");
}

TEST(PrintError, IsTheNodesOwnShapeAsJson) {
  EXPECT_EQ(shown({Errc::kInvalid, "bad\nf:1:2: \"x\""}, ErrorForm::kJson),
            R"({"error":{"code":"invalid","text":"bad","details":["f:1:2: \"x\""]}})"
            "\n");
  EXPECT_EQ(shown({Errc::kNotFound, "gone"}, ErrorForm::kJson),
            "{\"error\":{\"code\":\"not_found\",\"text\":\"gone\"}}\n");
}

}  // namespace
}  // namespace tandem
