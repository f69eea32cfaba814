// Completion scripts, each run by its own shell.
#include "ctl/completion.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/command_tree.h"
#include "ctl/commands.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

/// What is offered for a line whose last word is being typed. `tandemctl` itself is a function
/// there that knows one zone and tells which folder it was asked for.
class Completion : public ::testing::TestWithParam<std::string> {
 public:
  void SetUp() override {
    std::string made = ::testing::TempDir() + "completionXXXXXX";
    folder = ::mkdtemp(made.data());
    write("_tandemctl", zsh_completion());
    write("tandemctl.bash", bash_completion());
    write("tandemctl.fish", fish_completion());
    write("my.zone", "");
  }

  void TearDown() override { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
  }

  /// `line` without `tandemctl`; ends with a blank when the last word is empty.
  [[nodiscard]] std::set<std::string> offers(const std::string& line) const {
    write("ask", GetParam() == "bash"  ? in_bash(line)
                 : GetParam() == "zsh" ? in_zsh(line)
                                       : in_fish(line));
    const std::string options = GetParam() == "bash"  ? "--norc --noprofile"
                                : GetParam() == "zsh" ? "-f"
                                                      : "--no-config";
    return lines_of("cd '" + folder.string() + "' && " + GetParam() + " " + options + " ask 2>&1");
  }

  fs::path folder;

 private:
  static std::string last_word(const std::string& line) { return line.substr(line.rfind(' ') + 1); }

  /// Quoted, so that an empty last word is one.
  static std::string words(const std::string& line) {
    return line + (last_word(line).empty() ? "''" : "");
  }

  static std::string in_bash(const std::string& line) {
    return "tandemctl() { printf 'ZONE\\tSERIAL\\nexample.com.\\t7\\n'; echo \"$*\" >asked; }\n"
           "source ./tandemctl.bash || exit 9\n"
           "COMP_WORDS=(tandemctl " +
           words(line) +
           ")\n"
           "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
           "_tandemctl_complete\n"
           "for word in \"${COMPREPLY[@]}\"; do printf '%s\\n' \"$word\"; done\n";
  }

  /// As the first completion of a session: zsh finds the file and runs it. The builtins that put
  /// the matches on the screen work on one only.
  static std::string in_zsh(const std::string& line) {
    return "tandemctl() { printf 'ZONE\\tSERIAL\\nexample.com.\\t7\\n'; echo \"$*\" >asked; }\n"
           "fpath=($PWD $fpath)\n"
           "autoload -Uz compinit && compinit -u -D\n"
           "compset() { return 1; }\n"
           "compadd() { for match in $matches; do\n"
           "  [[ $match = ${PREFIX}* ]] && print -r -- $match; done; }\n"
           "words=(tandemctl " +
           words(line) +
           ")\n"
           "CURRENT=$#words PREFIX=${words[-1]} IPREFIX= SUFFIX= ISUFFIX= QIPREFIX=\n"
           "if [[ ! -e again ]]; then $_comps[tandemctl]; else\n"
           "  $_comps[tandemctl] >/dev/null; ${=_comps[tandemctl]}; fi\n"
           "exit 0\n";
  }

  static std::string in_fish(const std::string& line) {
    return "function tandemctl; printf 'ZONE\\tSERIAL\\nexample.com.\\t7\\n'; echo $argv >asked; "
           "end\n"
           "source ./tandemctl.fish; or exit 9\n"
           "complete -C 'tandemctl " +
           line + "' | cut -f1\n";
  }

  static std::set<std::string> lines_of(const std::string& command) {
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    std::set<std::string> out;
    if (pipe == nullptr) {
      ADD_FAILURE() << "cannot run " << command;
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
    EXPECT_EQ(::pclose(pipe), 0) << command;
    return out;
  }
};

INSTANTIATE_TEST_SUITE_P(Shells, Completion, ::testing::Values("bash", "zsh", "fish"),
                         [](const auto& shell) { return shell.param; });

TEST_P(Completion, OffersTheFirstWords) {
  EXPECT_THAT(offers(""),
              ElementsAre("address", "catalog", "cluster", "completion", "doctor", "failover",
                          "key", "link", "log", "node", "orphans", "policy", "promote", "record",
                          "secondary", "status", "tell", "xfr", "zone"));
}

TEST_P(Completion, NarrowsDownByWhatIsTyped) {
  EXPECT_THAT(offers("zone ex"), ElementsAre("export"));
  EXPECT_THAT(offers("--js"), ElementsAre("--json"));
}

TEST_P(Completion, OffersNoCommandsBehindACommand) {
  EXPECT_THAT(offers("zone list "), IsEmpty());
  EXPECT_THAT(offers("status "), IsEmpty());
}

TEST_P(Completion, SkipsFlagsAndTheirValuesOnTheWay) {
  EXPECT_THAT(offers("--data /x --json zone --reason why sh"), ElementsAre("show"));
  EXPECT_THAT(offers("zone history -n 5 ex"), ElementsAre("example.com."));
  EXPECT_THAT(offers("zone create --serial-policy date ex"), ElementsAre("example.com."));
}

TEST_P(Completion, OffersFlagsOfTheCommandAndOfAll) {
  EXPECT_THAT(offers("zone export --"),
              AllOf(IsSupersetOf({"--output", "--json", "--data"}), Not(Contains("--nameserver"))));
  EXPECT_THAT(offers("zone create example.com --"),
              IsSupersetOf({"--nameserver", "--file", "--reason"}));
}

TEST_P(Completion, OffersTheNodesZonesWhereAZoneIsDue) {
  EXPECT_THAT(offers("zone show "), ElementsAre("example.com."));
  EXPECT_THAT(offers("record add ex"), ElementsAre("example.com."));
}

TEST_P(Completion, AsksTheNodeThatTheLineNames) {
  EXPECT_THAT(offers("--data /x/y zone show "), ElementsAre("example.com."));
  std::string asked;
  std::getline(std::ifstream(folder / "asked") >> std::ws, asked);
  EXPECT_EQ(asked, "--data /x/y zone list");
}

TEST_P(Completion, OffersNoZoneBehindAZone) {
  EXPECT_THAT(offers("record add example.com. "), IsEmpty());
  EXPECT_THAT(offers("zone list ex"), IsEmpty());
}

TEST_P(Completion, OffersChoices) {
  EXPECT_THAT(offers("link keep "), ElementsAre("peer", "this"));
  EXPECT_THAT(offers("completion "), ElementsAre("bash", "fish", "zsh"));
  EXPECT_THAT(offers("zone options example.com. --serial-policy "),
              ElementsAre("date", "increment", "unixtime"));
}

TEST_P(Completion, OffersRecordTypes) {
  EXPECT_THAT(offers("record add example.com. www "), IsSupersetOf({"A", "MX", "TXT"}));
  EXPECT_THAT(offers("record set example.com. www 600 CA"), ElementsAre("CAA"));
  EXPECT_THAT(offers("record delete example.com. www CN"), ElementsAre("CNAME"));
  EXPECT_THAT(offers("record list example.com. www CN"), ElementsAre("CNAME"));
}

TEST_P(Completion, OffersFilesWhereAFileIsDue) {
  EXPECT_THAT(offers("zone check my"), ElementsAre("my.zone"));
  EXPECT_THAT(offers("--config my"), ElementsAre("my.zone"));
  EXPECT_THAT(offers("zone create example.com --file my"), ElementsAre("my.zone"));
}

TEST_P(Completion, WorksAgain) {
  write("again", "");
  EXPECT_THAT(offers("zone ex"), ElementsAre("export"));
}

TEST(ValueFlags, AreEachThereOnceAndMeanOneThing) {
  const std::vector<CommandWords> commands = command_words();
  std::map<std::string, WordValue> found;
  for (const FlagWords& flag : value_flags(commands)) {
    EXPECT_TRUE(found.emplace(flag.name, flag.value).second) << flag.name;
  }
  for (const CommandWords& command : commands) {
    for (const FlagWords& flag : command.flags) {
      ASSERT_EQ(found.contains(flag.name), flag.takes_value) << command.path << " " << flag.name;
      if (flag.takes_value) {
        EXPECT_EQ(found[flag.name].kind, flag.value.kind) << command.path << " " << flag.name;
        EXPECT_EQ(found[flag.name].choices, flag.value.choices) << command.path << flag.name;
      }
    }
  }
}

TEST(PrintCompletion, GivesTheScriptOfTheShell) {
  for (const auto& [shell, script] : {std::pair{"bash", bash_completion()},
                                      {"zsh", zsh_completion()},
                                      {"fish", fish_completion()}}) {
    Arguments arguments;
    arguments.shell = shell;
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(print_completion(arguments).value(), ExitCode::kDone);
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), script);
  }
  EXPECT_THAT(zsh_completion(), StartsWith("#compdef tandemctl\n"));
}

}  // namespace
}  // namespace tandem
