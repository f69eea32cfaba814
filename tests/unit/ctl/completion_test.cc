// Completion scripts: the bash one is run by bash itself, the others are looked at.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/command_tree.h"
#include "ctl/commands.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

std::string script_for(const std::string& shell) {
  Arguments arguments;
  arguments.shell = shell;
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(print_completion(arguments).value(), ExitCode::kDone);
  return ::testing::internal::GetCapturedStdout();
}

class BashCompletion : public ::testing::Test {
 public:
  void SetUp() override {
    std::string made = ::testing::TempDir() + "completionXXXXXX";
    folder = ::mkdtemp(made.data());
    std::ofstream(folder / "tandemctl.bash") << script_for("bash");
  }

  void TearDown() override { fs::remove_all(folder); }

  /// What bash offers for `words`, the last of which is being typed. `tandemctl` itself is a
  /// function here that knows one zone.
  [[nodiscard]] std::set<std::string> offers(const std::string& words) const {
    std::ofstream(folder / "ask.bash")
        << "cd '" << folder.string() << "'\n"
        << "tandemctl() { printf 'ZONE\\tSERIAL\\nexample.com.\\t7\\n'; }\n"
        << "source ./tandemctl.bash || exit 9\n"
        << "COMP_WORDS=(tandemctl " << words << ")\n"
        << "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
        << "_tandemctl\n"
        << "for word in \"${COMPREPLY[@]}\"; do printf '%s\\n' \"$word\"; done\n";
    const std::string command =
        "bash --norc --noprofile '" + (folder / "ask.bash").string() + "' 2>&1";
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    std::set<std::string> out;
    if (pipe == nullptr) {
      ADD_FAILURE() << "cannot run bash";
      return out;
    }
    std::string line;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
      if (c == '\n') {
        out.insert(std::exchange(line, ""));
      } else {
        line += static_cast<char>(c);
      }
    }
    EXPECT_EQ(::pclose(pipe), 0);
    return out;
  }

  fs::path folder;
};

TEST_F(BashCompletion, OffersTheFirstWords) {
  EXPECT_THAT(offers("''"), IsSupersetOf({"zone", "record", "status", "log", "link", "node",
                                          "completion", "--data", "--json"}));
}

TEST_F(BashCompletion, NarrowsDownByWhatIsTyped) {
  EXPECT_THAT(offers("zone ex"), ElementsAre("export"));
  EXPECT_THAT(offers("--js"), ElementsAre("--json"));
}

TEST_F(BashCompletion, SkipsFlagsAndTheirValuesOnTheWay) {
  EXPECT_THAT(offers("--data /x --json zone --reason why sh"), ElementsAre("show"));
}

TEST_F(BashCompletion, OffersTheNodesZonesWhereAZoneIsDue) {
  EXPECT_THAT(offers("zone show ''"), Contains("example.com."));
  EXPECT_THAT(offers("record add ex"), ElementsAre("example.com."));
}

TEST_F(BashCompletion, OffersNoZoneBehindAZone) {
  EXPECT_THAT(offers("record add example.com. ''"), Not(Contains("example.com.")));
  EXPECT_THAT(offers("zone list ex"), IsEmpty());
}

TEST_F(BashCompletion, OffersFilesWhereAFileIsDue) {
  std::ofstream(folder / "my.zone") << "";
  EXPECT_THAT(offers("zone check my"), ElementsAre("my.zone"));
  EXPECT_THAT(offers("--config my"), ElementsAre("my.zone"));
}

TEST(ZshCompletion, IsTheBashOneWithItsBridge) {
  const std::string script = script_for("zsh");
  EXPECT_THAT(script, StartsWith("#compdef tandemctl\n"));
  EXPECT_THAT(script, HasSubstr("bashcompinit"));
  EXPECT_THAT(script, HasSubstr(script_for("bash")));
}

TEST(FishCompletion, HasEveryCommandAndFlag) {
  const std::string script = script_for("fish");
  for (const CommandWords& command : command_words()) {
    for (const std::string& sub : command.subcommands) {
      EXPECT_THAT(script, HasSubstr(" -a " + sub + "\n"));
    }
    for (const std::string& flag : command.flags) {
      const std::string wanted =
          flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
      EXPECT_THAT(script, HasSubstr(wanted + "\n"));
    }
  }
}

}  // namespace
}  // namespace tandem
