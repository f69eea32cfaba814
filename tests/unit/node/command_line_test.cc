// What the two programs are told, and what they say to what they do not understand.
#include <fstream>
#include <unistd.h>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "common/node/config.h"
#include "common/node/version.h"

namespace tandem {
namespace {

struct Parsed {
  CommandLine line;
  std::string out;
  std::string error;
};

Parsed parse(std::vector<const char*> words, std::string_view program = "tandem-primary") {
  words.insert(words.begin(), "/usr/bin/tandem");
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Parsed parsed;
  parsed.line = parse_command_line(program, static_cast<int>(words.size()), words.data());
  parsed.out = ::testing::internal::GetCapturedStdout();
  parsed.error = ::testing::internal::GetCapturedStderr();
  return parsed;
}

TEST(CommandLine, StartsAServer) {
  const Parsed parsed =
      parse({"serve", "--data", "d", "--listen", "127.0.0.1:5300", "--zone", "example.com=x.zone"});
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.line.command, Command::kServe);
  EXPECT_EQ(parsed.line.config.data, "d");
  EXPECT_EQ(parsed.line.config.zones.at(0).zone.to_text(), "example.com.");
}

TEST(CommandLine, TakesEveryFlag) {
  const Parsed parsed = parse({"serve",
                               "--data=d",
                               "--listen",
                               "127.0.0.1:1",
                               "--listen",
                               "[::1]:1",
                               "--listen-tls",
                               "127.0.0.1:853",
                               "--threads",
                               "3",
                               "--http",
                               "127.0.0.1:2",
                               "--peer",
                               "home:3",
                               "--link",
                               "0.0.0.0:4",
                               "--peer-key",
                               "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                               "--nsid",
                               "n",
                               "--version-text",
                               "v",
                               "--identity-text",
                               "i",
                               "--allow-transfer",
                               "192.0.2.0/24 zone:example.com",
                               "--allow-transfer",
                               "key:Xfr",
                               "--allow-update",
                               "2001:db8::/32",
                               "--allow-update",
                               "key:upd name:_acme-challenge.* type:TXT",
                               "--pull",
                               "example.com=192.0.2.1",
                               "--pull",
                               "example.com=192.0.2.2,tls",
                               "--key",
                               "hmac-sha512:upd:c2VjcmV0IG9jdGV0cw==",
                               "--log-level",
                               "warn"});
  EXPECT_EQ(parsed.error, "");
  const Config& config = parsed.line.config;
  EXPECT_EQ(config.listen.size(), 2U);
  EXPECT_EQ(config.listen_tls.size(), 1U);
  EXPECT_EQ(config.threads, 3U);
  ASSERT_EQ(config.transfers.allow.size(), 2U);
  EXPECT_EQ(config.transfers.allow.at(0).to_text(), "from:192.0.2.0/24 zone:example.com.");
  EXPECT_EQ(config.transfers.allow.at(1).to_text(), "key:xfr.");
  EXPECT_EQ(config.update_rules.at(0).to_text(), "from:2001:db8::/32");
  EXPECT_EQ(config.update_rules.at(1).to_text(), "key:upd. name:_acme-challenge.* type:TXT");
  EXPECT_EQ(config.pulls.at("example.com."), "192.0.2.1:53 192.0.2.2:853,tls");
  EXPECT_EQ(config.tsig_keys.at(0).name.to_text(), "upd.");
  EXPECT_EQ(config.http, std::vector<std::string>{"127.0.0.1:2"});
  EXPECT_EQ(config.link_dial, std::vector<std::string>{"home:3"});
  EXPECT_EQ(config.link_listen, std::vector<std::string>{"0.0.0.0:4"});
  EXPECT_EQ(config.peer_keys.size(), 1U);
  EXPECT_EQ(config.nsid + config.version_text + config.identity_text, "nvi");
  EXPECT_EQ(config.log_level, LogLevel::kWarn);
}

TEST(CommandLine, TakesSeveralValuesForOneFlag) {
  const Parsed parsed = parse(
      {"serve", "--data", "d", "--listen", "127.0.0.1:1", "127.0.0.1:2", "--zone", "a=x", "b=y"});
  EXPECT_EQ(parsed.line.config.listen.size(), 2U);
  EXPECT_EQ(parsed.line.config.zones.size(), 2U);
}

TEST(CommandLine, LetsFlagsWinOverTheFile) {
  const std::string file = ::testing::TempDir() + "flags_win.toml";
  std::ofstream(file) << "data = \"/file\"\nthreads = 5\nlisten = [\"127.0.0.1:1\"]\n"
                         "dns.nsid = \"file\"";
  const Parsed parsed = parse({"serve", "--config", file.c_str(), "--data", "/flag", "--listen",
                               "127.0.0.1:2", "--nsid", ""});
  EXPECT_EQ(parsed.error, "");
  const Config& config = parsed.line.config;
  EXPECT_EQ(config.data, "/flag");
  EXPECT_EQ(config.threads, 5U);
  ASSERT_EQ(config.listen.size(), 1U);
  EXPECT_EQ(config.listen[0].to_text(), "127.0.0.1:2");
  EXPECT_EQ(config.nsid, "");
}

TEST(CommandLine, JoinsWithATokenAndNoKeys) {
  const JoinToken token = JoinToken::make(KeyPin{});
  const std::string text = token.to_text();
  std::vector<const char*> words{"join",   text.c_str(), "--link",   "0.0.0.0:4",
                                 "--data", "d",          "--listen", "127.0.0.1:1"};
  Parsed parsed = parse(words, "tandem-secondary");
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.line.command, Command::kJoin);
  EXPECT_EQ(parsed.line.token, token);
  EXPECT_TRUE(parsed.line.serves);
  EXPECT_EQ(parsed.line.config.link_listen, std::vector<std::string>{"0.0.0.0:4"});
  EXPECT_EQ(
      parse({"join", "--link", "0.0.0.0:4", text.c_str(), "--data", "d", "--listen", "127.0.0.1:1"},
            "tandem-secondary")
          .line.token,
      token)
      << "wherever it stands";
  words.push_back("--no-serve");
  EXPECT_FALSE(parse(words, "tandem-secondary").line.serves);
  parsed = parse(words, "tandem-primary");
  EXPECT_EQ(parsed.line.exit_code, 2);
  EXPECT_NE(parsed.error.find("a secondary joins"), std::string::npos) << parsed.error;
}

TEST(CommandLine, JoiningNeedsAnAddressAndAToken) {
  const std::string text = JoinToken::make(KeyPin{}).to_text();
  const auto error_of = [](std::vector<const char*> words) {
    for (const char* const word : {"--data", "d", "--listen", "127.0.0.1:1"}) {
      words.push_back(word);
    }
    const Parsed parsed = parse(words, "tandem-secondary");
    EXPECT_EQ(parsed.line.command, Command::kPrintAndExit);
    EXPECT_EQ(parsed.line.exit_code, 2);
    return parsed.error;
  };
  EXPECT_NE(error_of({"join", text.c_str()}).find("--link ADDR:PORT"), std::string::npos);
  const std::string error = error_of({"join", "tandem1_secret", "--link", "0.0.0.0:4"});
  EXPECT_NE(error.find("as `tandemctl cluster invite` prints it"), std::string::npos) << error;
  EXPECT_EQ(error.find("tandem1_secret"), std::string::npos);
  EXPECT_NE(error_of({"join", "--link", "0.0.0.0:4"}), "");
}

TEST(CommandLine, ChecksAFile) {
  const Parsed parsed = parse({"check-config", "/etc/tandem/tandem.toml"});
  EXPECT_EQ(parsed.line.command, Command::kCheckConfig);
  EXPECT_EQ(parsed.line.config_file, "/etc/tandem/tandem.toml");
}

struct UsageCase {
  std::vector<const char*> words;
  std::string_view text;
  std::string_view command = "serve";
};

class Usage : public ::testing::TestWithParam<UsageCase> {};

TEST_P(Usage, EndsWithTwoAndAHint) {
  const Parsed parsed = parse(GetParam().words);
  EXPECT_EQ(parsed.line.command, Command::kPrintAndExit);
  EXPECT_EQ(parsed.line.exit_code, 2);
  EXPECT_EQ(parsed.out, "");
  EXPECT_EQ(parsed.error, fmt::format("tandem-primary: {}\nTry: tandem-primary {} --help\n",
                                      GetParam().text, GetParam().command));
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, Usage,
    ::testing::Values(
        UsageCase{{}, "no command; expected serve, join or check-config"},
        UsageCase{{"server"}, "unknown command \"server\"; did you mean \"serve\"?"},
        UsageCase{{"serve", "--lisen", "x"},
                  "unknown flag \"--lisen\"; did you mean \"--listen\"?"},
        UsageCase{{"serve", "now"}, "\"now\" is one word too many"},
        UsageCase{
            {"--config", "x"},
            "\"--config\" comes before the command; expected serve, join or check-config first"},
        UsageCase{{"check-config"}, "file is required", "check-config"},
        UsageCase{{"serve", "--data"}, "--data: 1 required DIR missing"},
        UsageCase{{"serve", "--data", "d"},
                  "no address to answer DNS on: give --listen ADDR:PORT, or listen = [...] in the "
                  "file"},
        UsageCase{{"serve", "--listen", "127.0.0.1:1"},
                  "no data folder: give --data DIR, or data = \"DIR\" in the file"},
        UsageCase{{"serve", "--data", "d", "--listen", "x"},
                  "--listen: \"x\" is no address with a port; expected 192.0.2.1:53 or "
                  "[2001:db8::1]:53"},
        UsageCase{{"serve", "--data", "d", "--listen", "127.0.0.1:1", "--zone", "x"},
                  "--zone: \"x\" is no zone with its file; expected NAME=FILE"},
        UsageCase{{"serve", "--data", "d", "--listen", "127.0.0.1:1", "--xdp", "eth0:1"},
                  "--xdp: \"eth0:1\" is no interface's name; expected one that `ip link` shows"},
        UsageCase{{"serve", "--data", "d", "--listen", "127.0.0.1:1", "--allow-update", "kez:a"},
                  "--allow-update: \"kez:a\": no word of a rule begins so; did you mean \"key\"?; "
                  "expected key:NAME, from:CIDR, name:PATTERN, type:TYPE, wait:none or wait:all, "
                  "or expire:TIME, with spaces between"},
        UsageCase{{"serve", "--data", "d", "--listen", "127.0.0.1:1", "--key",
                   "hmac-sha256:a:b2s=", "--key", "hmac-sha256:A:b2s="},
                  "--key: key a. is there twice"},
        UsageCase{{"serve", "--data", "d", "--listen", "127.0.0.1:1", "--key-file", "/nonexistent"},
                  "--key-file: /nonexistent: No such file or directory"},
        UsageCase{{"serve", "--data", "d", "--listen", "127.0.0.1:1", "--log-level", "x"},
                  "--log-level: \"x\" is no log level; expected debug, info, warn or error"}));

TEST(CommandLine, EndsWithTwoForABadFile) {
  const std::string file = ::testing::TempDir() + "bad.toml";
  std::ofstream(file) << "q = 1";
  const Parsed parsed = parse({"serve", "--config", file.c_str()});
  EXPECT_EQ(parsed.line.command, Command::kPrintAndExit);
  EXPECT_EQ(parsed.line.exit_code, 2);
  EXPECT_EQ(parsed.error, "tandem-primary: " + file + ":1:1: unknown key \"q\"\n");
}

TEST(CommandLine, TellsItsVersion) {
  const Parsed parsed = parse({"--version"});
  EXPECT_EQ(parsed.line.exit_code, 0);
  EXPECT_EQ(parsed.out, version_text("tandem-primary"));
}

TEST(CommandLine, HelpsWithACommand) {
  const Parsed parsed = parse({"serve", "--help"});
  EXPECT_EQ(parsed.line.exit_code, 0);
  EXPECT_NE(parsed.out.find("--peer-key FINGERPRINT"), std::string::npos) << parsed.out;
}

TEST(Version, NamesEveryLibrary) {
  const std::string text = version_text("tandem-secondary");
  EXPECT_TRUE(text.starts_with("tandem-secondary " + std::string(kVersion))) << text;
  for (const std::string_view library : {"Boost", "gRPC", "Protobuf", "RocksDB", "OpenSSL"}) {
    EXPECT_NE(text.find(library), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace tandem
