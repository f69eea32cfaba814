// Programs that are run to their end: what they get, how they fail, and that they end in time.
#include "common/base/run_program.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

namespace tandem::test {
namespace {

namespace fs = std::filesystem;

class RunProgramTest : public ::testing::Test {
 protected:
  RunProgramTest() {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    std::string pattern = (fs::temp_directory_path() / "tandem-run-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }

  ~RunProgramTest() override { fs::remove_all(folder_); }

  /// A program of these lines of sh.
  std::string program(const std::string& lines) {
    const fs::path path = folder_ / "program";
    std::ofstream(path) << "#!/bin/sh\n" << lines << "\n";
    fs::permissions(path, fs::perms::owner_all);
    return path.string();
  }

  [[nodiscard]] std::string text(const std::string& file) const {
    std::ifstream in(folder_ / file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder_;
  StopEvent stop_;
};

TEST_F(RunProgramTest, ItGetsItsInputAndItsVariables) {
  const auto ran = run_program({.path = program("cd \"$FOLDER\"; cat >in; echo \"$WORD\" >word"),
                                .input = "some text",
                                .environment = {{"FOLDER", folder_.string()}, {"WORD", "a; b"}}},
                               stop_);
  ASSERT_TRUE(ran) << ran.error().detail;
  EXPECT_EQ(text("in"), "some text");
  EXPECT_EQ(text("word"), "a; b\n");
}

TEST_F(RunProgramTest, WhatItDoesNotReadIsNobodysLoss) {
  const auto ran = run_program(
      {.path = program("exit 0"), .input = std::string(1U << 20U, 'x'), .environment = {}}, stop_);
  EXPECT_TRUE(ran) << ran.error().detail;
}

TEST_F(RunProgramTest, SignalsThatWeBlockReachIt) {
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &term, nullptr), 0);
  const auto ran = run_program(
      {.path = program("kill -TERM $$; exit 0"), .input = {}, .environment = {}}, stop_);
  ASSERT_EQ(::pthread_sigmask(SIG_UNBLOCK, &term, nullptr), 0);
  ASSERT_FALSE(ran);
  EXPECT_NE(ran.error().detail.find("signal 15"), std::string::npos) << ran.error().detail;
}

TEST_F(RunProgramTest, AnotherExitCodeThan0AndAMissingProgramAreErrors) {
  const auto ended =
      run_program({.path = program("exit 3"), .input = {}, .environment = {}}, stop_);
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.error().detail.find("exit code 3"), std::string::npos);
  const auto missing =
      run_program({.path = (folder_ / "none").string(), .input = {}, .environment = {}}, stop_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::kNotFound);
}

TEST_F(RunProgramTest, OneThatHangsIsKilledWithAllThatItStarted) {
  const auto ran = run_program({.path = program("sleep 1000 & sleep 1000"),
                                .input = {},
                                .environment = {},
                                .limit = std::chrono::milliseconds(50)},
                               stop_);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::kTimeout);
}

TEST_F(RunProgramTest, StopEndsIt) {
  std::jthread stopper([this] { stop_.stop(); });
  const auto ran =
      run_program({.path = program("sleep 1000"), .input = {}, .environment = {}}, stop_);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace tandem::test
