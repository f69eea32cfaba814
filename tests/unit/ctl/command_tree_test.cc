// Command lines and what they come to.
#include "ctl/command_tree.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CommandLine : public ::testing::Test {
 public:
  Parsed parse(const std::vector<std::string>& words) {
    std::vector<const char*> argv = {"tandemctl"};
    for (const std::string& word : words) {
      argv.push_back(word.c_str());
    }
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Parsed parsed = parse_arguments(static_cast<int>(argv.size()), argv.data());
    out = ::testing::internal::GetCapturedStdout();
    err = ::testing::internal::GetCapturedStderr();
    return parsed;
  }

  void expect_usage_error(const std::vector<std::string>& words, std::string_view hint) {
    const Parsed parsed = parse(words);
    EXPECT_EQ(parsed.command, nullptr);
    EXPECT_EQ(parsed.exit, ExitCode::kUsage);
    EXPECT_THAT(err, StartsWith("tandemctl: "));
    EXPECT_THAT(err, HasSubstr(hint));
    EXPECT_EQ(out, "");
  }

  std::string out;
  std::string err;
};

struct Row {
  std::vector<std::string> words;
  CommandResult (*command)(const Arguments&);
};

TEST_F(CommandLine, EachCommandHasItsFunction) {
  const std::vector<Row> rows = {
      {{"zone", "list"}, zone_list},
      {{"zone", "show", "example.com"}, zone_show},
      {{"zone", "create", "example.com", "--nameserver", "ns1"}, zone_create},
      {{"zone", "import", "example.com=a.zone"}, zone_import},
      {{"zone", "export", "example.com"}, zone_export},
      {{"zone", "options", "example.com", "--serial-policy", "date"}, zone_options},
      {{"zone", "delete", "example.com"}, zone_delete},
      {{"zone", "digest", "example.com"}, zone_digest},
      {{"zone", "history", "example.com"}, zone_history},
      {{"zone", "check", "a.zone"}, zone_check},
      {{"record", "list", "example.com"}, record_list},
      {{"record", "add", "example.com", "www", "A", "192.0.2.1"}, record_add},
      {{"record", "set", "example.com", "www", "A", "192.0.2.1"}, record_set},
      {{"record", "delete", "example.com", "www"}, record_delete},
      {{"status"}, node_status},
      {{"log", "-f"}, show_log},
      {{"link", "keep", "this"}, link_keep},
      {{"node", "key"}, node_key},
      {{"completion", "zsh"}, print_completion}};
  for (const Row& row : rows) {
    EXPECT_EQ(parse(row.words).command, row.command) << row.words.front() << ": " << err;
  }
}

TEST_F(CommandLine, RecordWordsStayInOrder) {
  const Arguments arguments =
      parse({"record", "add", "example.com", "@", "600", "MX", "10", "mail"}).arguments;
  EXPECT_EQ(arguments.zone, "example.com");
  EXPECT_EQ(arguments.name, "@");
  EXPECT_THAT(arguments.words, ElementsAre("600", "MX", "10", "mail"));
}

TEST_F(CommandLine, CommonFlagsMayStandAnywhere) {
  const Arguments before =
      parse({"--data", "/x", "--json", "zone", "show", "example.com"}).arguments;
  const Arguments behind =
      parse({"zone", "show", "example.com", "--data", "/x", "--json"}).arguments;
  for (const Arguments& arguments : {before, behind}) {
    EXPECT_EQ(arguments.data, "/x");
    EXPECT_TRUE(arguments.json);
    EXPECT_EQ(arguments.zone, "example.com");
  }
}

TEST_F(CommandLine, FlagsBehindRecordWordsAreNoData) {
  const Arguments arguments = parse({"record", "set", "example.com", "www", "A", "192.0.2.1",
                                     "--reason", "new server", "--json"})
                                  .arguments;
  EXPECT_THAT(arguments.words, ElementsAre("A", "192.0.2.1"));
  EXPECT_EQ(arguments.reason, "new server");
  EXPECT_TRUE(arguments.json);
}

TEST_F(CommandLine, ZoneCreateTakesAllItsOptions) {
  const Arguments arguments =
      parse({"zone", "create", "example.com", "--nameserver", "ns1.example.com", "--nameserver",
             "ns2.example.com", "--primary", "ns0.example.com", "--contact", "admin.example.com",
             "--ttl", "1h", "--serial-policy", "unixtime", "--serve-after-expire", "yes",
             "--rrset-records-max", "300"})
          .arguments;
  EXPECT_THAT(arguments.nameservers, ElementsAre("ns1.example.com", "ns2.example.com"));
  EXPECT_EQ(arguments.primary, "ns0.example.com");
  EXPECT_EQ(arguments.contact, "admin.example.com");
  EXPECT_EQ(arguments.ttl, "1h");
  EXPECT_EQ(arguments.serial_policy, "unixtime");
  EXPECT_EQ(arguments.serve_after_expire, "yes");
  EXPECT_EQ(arguments.rrset_records_max, 300U);
}

TEST_F(CommandLine, EntriesHaveCountAndDetail) {
  const Arguments arguments =
      parse({"zone", "history", "example.com", "-n", "5", "--records"}).arguments;
  EXPECT_EQ(arguments.count, 5U);
  EXPECT_TRUE(arguments.show_records);
}

TEST_F(CommandLine, WrongWordsAreUsageErrors) {
  expect_usage_error({}, "Try: tandemctl --help");
  expect_usage_error({"zone"}, "Try: tandemctl zone --help");
  expect_usage_error({"zone", "show"}, "Try: tandemctl zone show --help");
  expect_usage_error({"zone", "frobnicate"}, "zone");
  expect_usage_error({"status", "--frobnicate"}, "--frobnicate");
  expect_usage_error({"zone", "options", "example.com", "--serial-policy", "random"}, "random");
  expect_usage_error({"link", "keep", "both"}, "both");
  expect_usage_error({"completion", "csh"}, "csh");
  expect_usage_error({"log", "-n", "many"}, "many");
}

TEST_F(CommandLine, HelpIsOfTheCommandThatWasNamed) {
  const Parsed parsed = parse({"zone", "import", "--help"});
  EXPECT_EQ(parsed.command, nullptr);
  EXPECT_EQ(parsed.exit, ExitCode::kDone);
  EXPECT_THAT(out, HasSubstr("--dry-run"));
  EXPECT_THAT(out, Not(HasSubstr("--nameserver")));
  EXPECT_EQ(err, "");
}

TEST_F(CommandLine, VersionNamesTheProgram) {
  EXPECT_EQ(parse({"--version"}).exit, ExitCode::kDone);
  EXPECT_THAT(out, StartsWith("tandemctl "));
}

const CommandWords& words_of(const std::vector<CommandWords>& commands, std::string_view path) {
  const auto found = std::ranges::find(commands, path, &CommandWords::path);
  EXPECT_NE(found, commands.end()) << path;
  return found != commands.end() ? *found : commands.front();
}

TEST(CommandWordsTable, HasEveryCommandOnce) {
  const std::vector<CommandWords> commands = command_words();
  std::set<std::string> paths;
  for (const CommandWords& command : commands) {
    EXPECT_TRUE(paths.insert(command.path).second) << command.path;
    for (const std::string& sub : command.subcommands) {
      const std::string path = command.path.empty() ? sub : command.path + " " + sub;
      EXPECT_NE(std::ranges::find(commands, path, &CommandWords::path), commands.end()) << path;
    }
  }
  EXPECT_TRUE(paths.contains(""));
}

TEST(CommandWordsTable, KnowsWhatAWordStandsFor) {
  const std::vector<CommandWords> commands = command_words();
  EXPECT_TRUE(words_of(commands, "zone show").takes_zone);
  EXPECT_FALSE(words_of(commands, "zone list").takes_zone);
  EXPECT_TRUE(words_of(commands, "zone check").takes_file);
  EXPECT_FALSE(words_of(commands, "zone check").takes_zone);
  EXPECT_THAT(words_of(commands, "zone export").flags, Contains("--output"));
  EXPECT_THAT(words_of(commands, "zone export").flags, Contains("-o"));
  EXPECT_THAT(words_of(commands, "").flags, Contains("--json"));
}

}  // namespace
}  // namespace tandem
