// Command lines and what they come to.
#include "ctl/command_tree.h"

#include <algorithm>
#include <map>
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
      {{"zone", "diff", "example.com", "--from", "1"}, zone_diff},
      {{"zone", "revert", "example.com", "--to", "1"}, zone_revert},
      {{"zone", "restore", "example.com"}, zone_restore},
      {{"zone", "check", "a.zone"}, zone_check},
      {{"record", "list", "example.com"}, record_list},
      {{"record", "add", "example.com", "www", "A", "192.0.2.1"}, record_add},
      {{"record", "set", "example.com", "www", "A", "192.0.2.1"}, record_set},
      {{"record", "delete", "example.com", "www"}, record_delete},
      {{"key", "list"}, key_list},
      {{"key", "show", "certbot", "--format", "text"}, key_show},
      {{"key", "create", "certbot", "--algorithm", "hmac-sha512"}, key_create},
      {{"key", "import", "keys.conf", "--replace"}, key_import},
      {{"key", "delete", "certbot"}, key_delete},
      {{"policy", "list"}, policy_list},
      {{"policy", "add", "example.com", "key:a"}, policy_add},
      {{"policy", "remove", "example.com", "key:a"}, policy_remove},
      {{"policy", "test", "a", "--key", "k", "--name", "@", "--type", "A"}, policy_test},
      {{"catalog", "list"}, catalog_list},
      {{"catalog", "show", "c.invalid"}, catalog_show},
      {{"catalog", "create", "c.invalid", "--group", "home", "--named"}, catalog_create},
      {{"catalog", "follow", "c.invalid", "192.0.2.1,key:up"}, catalog_follow},
      {{"catalog", "remove", "c.invalid"}, catalog_remove},
      {{"catalog", "set-group", "example.com", "home"}, catalog_set_group},
      {{"catalog", "put-in", "example.com", "c.invalid"}, catalog_put_in},
      {{"catalog", "leave-out", "example.com"}, catalog_leave_out},
      {{"catalog", "move", "example.com", "d.invalid"}, catalog_move},
      {{"secondary", "list"}, secondary_list},
      {{"secondary", "add", "he", "notify:192.0.2.1", "--no-check"}, secondary_add},
      {{"secondary", "remove", "he"}, secondary_remove},
      {{"secondary", "delete", "he"}, secondary_remove},
      {{"secondary", "check", "he", "example.com"}, secondary_check},
      {{"xfr", "status"}, xfr_status},
      {{"xfr", "notify", "example.com", "he"}, xfr_notify},
      {{"xfr", "retransfer", "example.com"}, xfr_retransfer},
      {{"zone", "pull", "example.com", "192.0.2.1,key:k", "192.0.2.2"}, zone_pull},
      {{"zone", "unpull", "example.com"}, zone_unpull},
      {{"doctor", "example.com", "--resolver", "192.0.2.1", "--no-node"}, doctor},
      {{"cluster", "list"}, cluster_list},
      {{"cluster", "invite", "--at", "vm.example:7953", "--name", "ns2.example"}, cluster_invite},
      {{"cluster", "remove", "vm.example:7953"}, cluster_remove},
      {{"cluster", "rotate"}, cluster_rotate},
      {{"status"}, node_status},
      {{"log", "-f"}, show_log},
      {{"link", "keep", "this"}, link_keep},
      {{"tell", "test"}, tell_test},
      {{"promote", "--planned"}, promote_node},
      {{"promote", "--force", "--dry-run"}, promote_node},
      {{"orphans", "list", "--records"}, list_orphans},
      {{"orphans", "diff"}, diff_orphans},
      {{"orphans", "diff", "1.7", "1.8"}, diff_orphans},
      {{"orphans", "apply", "--all", "--force"}, apply_orphans},
      {{"orphans", "discard", "1.7"}, discard_orphans},
      {{"node", "key"}, node_key},
      {{"completion", "zsh"}, print_completion}};
  for (const Row& row : rows) {
    EXPECT_EQ(parse(row.words).command, row.command) << row.words.front() << ": " << err;
  }
}

TEST_F(CommandLine, KeysHaveAlgorithmsAndFormatsThatAreKnown) {
  EXPECT_EQ(parse({"key", "create", "a", "--algorithm", "HMAC-SHA256-128"}).arguments.algorithm,
            "HMAC-SHA256-128");
  expect_usage_error({"key", "create", "a", "--algorithm", "sha256"}, "expected hmac-sha256");
  expect_usage_error({"key", "show", "a", "--format", "nsd"}, "--format");
  expect_usage_error({"key", "create"}, "key create");
}

TEST_F(CommandLine, ARuleIsItsWords) {
  const Arguments added =
      parse({"policy", "add", "example.com", "key:certbot", "name:_acme-challenge.*", "type:TXT"})
          .arguments;
  EXPECT_EQ(added.zone, "example.com");
  EXPECT_THAT(added.words, ElementsAre("key:certbot", "name:_acme-challenge.*", "type:TXT"));
  EXPECT_EQ(parse({"policy", "remove", "a", "--number", "3"}).arguments.count, 3U);
  EXPECT_EQ(parse({"policy", "list", "a"}).arguments.zone, "a");
  const Arguments tried = parse({"policy", "test", "a", "--key", "k", "--from", "192.0.2.1",
                                 "--name", "www", "--type", "TXT"})
                              .arguments;
  EXPECT_EQ(tried.key, "k");
  EXPECT_EQ(tried.address, "192.0.2.1");
  EXPECT_EQ(tried.name, "www");
  EXPECT_EQ(tried.type, "TXT");
  expect_usage_error({"policy", "add", "a"}, "policy add");
  expect_usage_error({"policy", "remove", "a", "--number", "0"}, "--number");
  expect_usage_error({"policy", "test", "a", "--key", "k", "--name", "@"}, "--type");
}

TEST_F(CommandLine, TheDoctorsPlacesAreEachFlags) {
  const Arguments asked =
      parse({"doctor", "--parent", "192.0.2.1:5300", "--server", "ns1=192.0.2.2", "--server",
             "ns2=192.0.2.3", "example.com", "--no-node"})
          .arguments;
  EXPECT_EQ(asked.zone, "example.com");
  EXPECT_THAT(asked.parents, ElementsAre("192.0.2.1:5300"));
  EXPECT_THAT(asked.servers, ElementsAre("ns1=192.0.2.2", "ns2=192.0.2.3"));
  EXPECT_TRUE(asked.is_without_node);
  expect_usage_error({"doctor"}, "doctor");
}

TEST_F(CommandLine, ASecondaryIsItsNameAndWords) {
  const Arguments added =
      parse({"secondary", "add", "he", "notify:192.0.2.1", "transfer:192.0.2.2"}).arguments;
  EXPECT_EQ(added.name, "he");
  EXPECT_THAT(added.words, ElementsAre("notify:192.0.2.1", "transfer:192.0.2.2"));
  EXPECT_FALSE(added.is_unchecked);
  EXPECT_TRUE(parse({"secondary", "add", "a", "b", "--no-check"}).arguments.is_unchecked);
  EXPECT_EQ(parse({"secondary", "check", "he", "a"}).arguments.zone, "a");
  EXPECT_EQ(parse({"xfr", "notify", "a", "he"}).arguments.name, "he");
  EXPECT_EQ(parse({"zone", "list", "--wait", "all:10s"}).arguments.wait, "all:10s");
  expect_usage_error({"secondary", "add", "he"}, "secondary add");
  expect_usage_error({"xfr", "notify"}, "xfr notify");
}

TEST_F(CommandLine, RecordWordsStayInOrder) {
  const Arguments arguments =
      parse({"record", "add", "example.com", "@", "600", "MX", "10", "mail"}).arguments;
  EXPECT_EQ(arguments.zone, "example.com");
  EXPECT_EQ(arguments.name, "@");
  EXPECT_THAT(arguments.words, ElementsAre("600", "MX", "10", "mail"));
}

TEST_F(CommandLine, WordsStayWhole) {
  const std::vector<std::vector<std::string>> data = {{"[a,b]"},    {"[x]"},       {"[]"},
                                                      {"[a", "b]"}, {"[]", "[c]"}, {"\x01[a,b]"}};
  for (const auto& words : data) {
    std::vector<std::string> line = {"record", "set", "example.com", "br", "TXT"};
    line.insert(line.end(), words.begin(), words.end());
    std::vector<std::string> expected = {"TXT"};
    expected.insert(expected.end(), words.begin(), words.end());
    EXPECT_EQ(parse(line).arguments.words, expected) << err;
  }
  EXPECT_EQ(parse({"--reason", "[a,b]", "status"}).arguments.reason, "[a,b]");
  EXPECT_EQ(parse({"record", "list", "example.com", "[a,b]"}).arguments.name, "[a,b]");
  expect_usage_error({"zone", "list", "[a]"}, "\"[a]\" is one word too many");
}

TEST_F(CommandLine, BehindTheMarkThereAreNoFlags) {
  const Arguments end =
      parse({"--json", "record", "set", "example.com", "www", "TXT", "--", "-x", "--json", "--"})
          .arguments;
  EXPECT_THAT(end.words, ElementsAre("TXT", "-x", "--json", "--"));
  const Arguments name =
      parse({"record", "set", "example.com", "--", "-www", "TXT", "-[x]"}).arguments;
  EXPECT_EQ(name.name, "-www");
  EXPECT_THAT(name.words, ElementsAre("TXT", "-[x]"));
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

TEST_F(CommandLine, HistoryNamesEntriesAndSerials) {
  const Arguments page =
      parse({"zone", "history", "example.com", "--limit", "5", "--before", "1207"}).arguments;
  EXPECT_EQ(page.count, 5U);
  EXPECT_EQ(page.before, 1207U);
  const Arguments diff =
      parse({"zone", "diff", "example.com", "--from", "4294967295", "--to", "3"}).arguments;
  EXPECT_EQ(diff.from, 4294967295U);
  EXPECT_EQ(diff.to, 3U);
  EXPECT_EQ(parse({"zone", "show", "example.com", "--serial", "0"}).arguments.serial, 0U);
  EXPECT_EQ(parse({"zone", "export", "example.com", "--entry", "7"}).arguments.entry, 7U);
  EXPECT_EQ(parse({"zone", "revert", "example.com", "--to-entry", "7"}).arguments.to_entry, 7U);
  expect_usage_error({"zone", "revert", "example.com", "--to-entry", "7", "--to", "3"},
                     "Try: tandemctl zone revert --help");
  expect_usage_error({"zone", "show", "example.com", "--serial", "4294967296"},
                     "Try: tandemctl zone show --help");
}

TEST_F(CommandLine, WrongWordsAreUsageErrors) {
  expect_usage_error({}, "Try: tandemctl --help");
  expect_usage_error({"zone"}, "Try: tandemctl zone --help");
  expect_usage_error({"zone", "show"}, "Try: tandemctl zone show --help");
  expect_usage_error({}, "no command; expected one of zone, record, ");
  expect_usage_error({"zone"}, "no command; expected one of list, show, ");
  expect_usage_error({"zone", "frobnicate"}, "unknown command \"frobnicate\"");
  expect_usage_error({"zome"}, "unknown command \"zome\"; did you mean \"zone\"?");
  expect_usage_error({"zone", "lst"}, "unknown command \"lst\"; did you mean \"list\"?");
  expect_usage_error({"status", "--frobnicate"}, "unknown flag \"--frobnicate\"");
  expect_usage_error({"zone", "list", "--jsno"}, "did you mean \"--json\"?");
  expect_usage_error({"--jsno", "zone", "list"}, "did you mean \"--json\"?");
  expect_usage_error({"zone", "import", "a", "--replaec"}, "did you mean \"--replace\"?");
  expect_usage_error({"zone", "show", "a", "b"}, "\"b\" is one word too many");
  expect_usage_error({"zone", "options", "example.com", "--serial-policy", "random"}, "random");
  expect_usage_error({"link", "keep", "both"}, "both");
  expect_usage_error({"promote", "--planned", "--force"}, "--planned");
  expect_usage_error({"completion", "csh"}, "csh");
  expect_usage_error({"log", "-n", "many"}, "many");
  expect_usage_error({"log", "-n", "-1"}, "--limit");
  expect_usage_error({"log", "-n=-1"}, "-1");
  expect_usage_error({"log", "-n", "0"}, "0");
  expect_usage_error({"log", "-n", "1001"}, "1001");
  expect_usage_error({"--timeout", "-1", "status"}, "-1");
}

TEST_F(CommandLine, AMissingWordIsNamedWithAnExample) {
  expect_usage_error({"record", "note", "example.com", "www"},
                     "TYPE [DATA...] is missing. Example: tandemctl record note example.com www A");
  expect_usage_error({"address", "set", "home4"},
                     "ADDRESS is missing. Example: tandemctl address set home4 192.0.2.1");
  expect_usage_error({"failover", "set", "example.com", "www", "A", "--alternative", "192.0.2.1"},
                     "--check CHECK is missing.");
  expect_usage_error({"policy", "test", "example.com", "--type", "A"}, "--name NAME is missing.");
}

TEST_F(CommandLine, WhatTakesAwayHasBothWords) {
  const std::vector<std::pair<std::vector<std::string>, CommandResult (*)(const Arguments&)>> rows =
      {{{"zone", "remove", "a"}, zone_delete},
       {{"record", "remove", "a", "b"}, record_delete},
       {{"key", "remove", "a"}, key_delete},
       {{"address", "delete", "a"}, address_remove},
       {{"failover", "delete", "a", "www", "A"}, failover_remove},
       {{"policy", "delete", "a", "key:b"}, policy_remove}};
  for (const auto& [words, command] : rows) {
    EXPECT_EQ(parse(words).command, command) << words.front();
  }
  parse({"zone", "--help"});
  EXPECT_THAT(out, HasSubstr("delete"));
  EXPECT_THAT(out, Not(HasSubstr("remove")));
}

TEST_F(CommandLine, BadValuesAreUsageErrors) {
  expect_usage_error({"zone", "show", "a..b"}, "a..b");
  expect_usage_error({"record", "add", "a..b", "www", "A", "192.0.2.1"}, "a..b");
  expect_usage_error({"zone", "check", "f", "--origin", "a..b"}, "a..b");
  expect_usage_error({"zone", "create", "a", "--nameserver", "b", "--ttl", "abc"}, "abc");
  expect_usage_error({"zone", "create", "a", "--nameserver", "b..c"}, "b..c");
  expect_usage_error({"zone", "create", "a", "--rrset-records-max", "-1"}, "-1");
  expect_usage_error({"zone", "delete", "a", "--reason", "two\nlines"}, "one line");
  expect_usage_error({"zone", "delete", "a", "--request-id", "\xff"}, "UTF-8");
  EXPECT_EQ(parse({"zone", "delete", "a", "--reason", "Gr\xc3\xbc\xc3\x9f"}).arguments.reason,
            "Gr\xc3\xbc\xc3\x9f");
}

TEST_F(CommandLine, AFileAndFirstRecordsExcludeEachOther) {
  for (const char* const flag : {"--nameserver", "--primary", "--contact", "--ttl"}) {
    expect_usage_error({"zone", "create", "a", "--file", "f", flag, "7"}, flag);
  }
}

TEST_F(CommandLine, ANameServerIsOneWord) {
  const Arguments arguments =
      parse({"zone", "create", "--nameserver", "ns1", "example.com"}).arguments;
  EXPECT_EQ(arguments.zone, "example.com");
  EXPECT_THAT(arguments.nameservers, ElementsAre("ns1"));
}

TEST_F(CommandLine, UsageErrorsAreJsonForThoseWhoWantIt) {
  EXPECT_EQ(parse({"zone", "lst", "--json"}).exit, ExitCode::kUsage);
  EXPECT_EQ(err,
            "{\"error\":{\"code\":\"usage\",\"text\":\"unknown command \\\"lst\\\"; did you "
            "mean \\\"list\\\"?\"}}\n");
}

TEST_F(CommandLine, HelpIsOfTheCommandThatWasNamed) {
  const Parsed parsed = parse({"zone", "import", "--help"});
  EXPECT_EQ(parsed.command, nullptr);
  EXPECT_EQ(parsed.exit, ExitCode::kDone);
  EXPECT_THAT(out, HasSubstr("--dry-run"));
  EXPECT_THAT(out, Not(HasSubstr("--nameserver")));
  EXPECT_THAT(out, HasSubstr("Example: tandemctl zone import "));
  EXPECT_THAT(out, HasSubstr("--timeout SECONDS"));
  EXPECT_EQ(err, "");
}

TEST_F(CommandLine, VersionNamesTheProgram) {
  EXPECT_EQ(parse({"--version"}).exit, ExitCode::kDone);
  EXPECT_THAT(out, StartsWith("tandemctl "));
  EXPECT_THAT(out, HasSubstr("OpenSSL "));
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

std::vector<std::string> names_of(const CommandWords& command) {
  std::vector<std::string> names;
  for (const FlagWords& flag : command.flags) {
    names.push_back(flag.name);
  }
  return names;
}

TEST(CommandWordsTable, KnowsWhatAWordStandsFor) {
  using Kind = WordValue::Kind;
  const std::vector<CommandWords> commands = command_words();
  EXPECT_EQ(words_of(commands, "zone show").values.at(0).kind, Kind::kZone);
  EXPECT_TRUE(words_of(commands, "zone list").values.empty());
  EXPECT_EQ(words_of(commands, "zone check").values.at(0).kind, Kind::kFile);
  EXPECT_THAT(words_of(commands, "link keep").values.at(0).choices, ElementsAre("this", "peer"));
  EXPECT_THAT(words_of(commands, "record add").values.at(2).choices, Contains("MX"));
  EXPECT_THAT(words_of(commands, "record add").values.at(3).choices, Contains("TXT"));
  EXPECT_THAT(names_of(words_of(commands, "zone export")),
              ElementsAre("--output", "-o", "--serial", "--entry"));
  EXPECT_THAT(names_of(words_of(commands, "")), Contains("--json"));
}

TEST(CommandWordsTable, KnowsWhichFlagsTakeAValue) {
  const std::vector<CommandWords> commands = command_words();
  std::map<std::string, bool> takes_value;
  for (const CommandWords& command : commands) {
    for (const FlagWords& flag : command.flags) {
      const auto [known, is_new] = takes_value.emplace(flag.name, flag.takes_value);
      EXPECT_TRUE(is_new || known->second == flag.takes_value)
          << flag.name << ": the scripts know a flag by its name alone";
    }
  }
  EXPECT_TRUE(takes_value.at("--data"));
  EXPECT_TRUE(takes_value.at("-n"));
  EXPECT_TRUE(takes_value.at("--nameserver"));
  EXPECT_FALSE(takes_value.at("--json"));
  EXPECT_FALSE(takes_value.at("-f"));
}

}  // namespace
}  // namespace tandem
