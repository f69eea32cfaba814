// Configuration files: what a good one gives, and the exact text for each way to get one wrong.
#include "common/node/config.h"

#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "common/node/config_values.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::string_view kPin = "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

class ConfigFile : public ::testing::Test {
 public:
  void SetUp() override {
    std::string made = ::testing::TempDir() + "configXXXXXX";
    folder = ::mkdtemp(made.data());
  }

  void TearDown() override { fs::remove_all(folder); }

  Status read(std::string_view text) {
    std::ofstream(file()) << text;
    return read_config_file(file(), config);
  }

  /// The findings, with the folder's name cut away.
  std::string errors_of(std::string_view text) {
    const Status status = read(text);
    std::string detail = status ? "" : status.error().detail;
    const std::string prefix = folder.string() + "/";
    for (std::size_t at = 0; (at = detail.find(prefix, at)) != std::string::npos;) {
      detail.erase(at, prefix.size());
    }
    return detail;
  }

  [[nodiscard]] fs::path file() const { return folder / "t.toml"; }

  fs::path folder;
  Config config;
};

// --- good files

TEST_F(ConfigFile, TakesKeysFromFilesBesideIt) {
  std::ofstream(folder / "k") << "key \"upd\" { algorithm hmac-sha256; secret \"b2s=\"; };\n";
  std::ofstream(folder / "l") << "hmac-sha1:other:b2s=\n";
  const Status status = read(
      "key_files = [\"k\", \"l\"]\n"
      "[update]\nallow = [\"key:upd type:TXT\", \"::1\"]\n"
      "[transfer]\nallow = [\"key:other\", \"192.0.2.0/24\"]\n");
  ASSERT_TRUE(status) << status.error().detail;
  ASSERT_EQ(config.tsig_keys.size(), 2U);
  EXPECT_EQ(config.tsig_keys[1].name.to_text(), "other.");
  ASSERT_EQ(config.update_rules.size(), 2U);
  EXPECT_EQ(config.update_rules[0].to_text(), "key:upd. type:TXT");
  ASSERT_EQ(config.transfers.allow.size(), 2U);
  EXPECT_EQ(config.transfers.allow[0].to_text(), "key:other.");
  EXPECT_EQ(config.transfers.allow[1].to_text(), "from:192.0.2.0/24");
}

TEST_F(ConfigFile, TakesZonesFromElsewhere) {
  const Status status = read(
      "[pull]\nzones = [\"Example.com=192.0.2.1,key:K\", \"example.com.=192.0.2.2\", "
      "\"b.test=[2001:db8::1]:5300\"]\n"
      "records = 1000\noctets = \"16MiB\"\n");
  ASSERT_TRUE(status) << status.error().detail;
  EXPECT_EQ(config.pulls, (decltype(config.pulls){
                              {"b.test.", "[2001:db8::1]:5300"},
                              {"example.com.", "192.0.2.1:53,key:k. 192.0.2.2:53"},
                          }));
  EXPECT_EQ(config.pull_records, 1000U);
  EXPECT_EQ(config.pull_octets, 16U << 20U);
}

TEST_F(ConfigFile, AZoneIsFromAFileOrFromElsewhere) {
  ASSERT_TRUE(
      read("data = \"d\"\nlisten = [\"127.0.0.1:53\"]\n"
           "zones = [{name = \"a.test\", file = \"a\"}]\n"
           "[pull]\nzones = [\"A.test=192.0.2.1\"]\n"));
  const Status checked = check_config(config);
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().detail.find("to come from a file and to be pulled"), std::string::npos);
}

TEST_F(ConfigFile, SaysWhichKeyFileIsWrong) {
  std::ofstream(folder / "k") << "key \"upd\" { algorithm hmac-sha256; };\n";
  EXPECT_EQ(errors_of("key_files = [\"k\", \"absent\"]\n"),
            "t.toml:1:14: key_files: k: line 1: a key needs a name, an algorithm and a secret\n"
            "t.toml:1:19: key_files: absent: No such file or directory");
}

TEST_F(ConfigFile, GivesEveryValue) {
  const Status status = read(fmt::format(R"(
data = "/var/lib/tandem"
listen = ["192.0.2.1:53", "[2001:db8::1]:53"]
listen_tls = ["192.0.2.1:853"]
threads = 2
http = ["127.0.0.1:9153"]
xdp = ["eth0", "enp1s0f0"]
log_level = "debug"
zones = [{{name = "example.com", file = "/etc/zones/example.com.zone"}}]
also_notify = ["192.0.2.7", "[2001:db8::7]:5300,key:up"]
secondaries = ["notify:192.0.2.8 transfer:192.0.2.0/24 zone:example.com"]

[link]
listen = ["[::]:7953"]
dial = ["home.example.net:7953", "192.0.2.9:7953"]
peer_keys = ["{}"]

[dns]
nsid = "home"
version_text = "tandem"
identity_text = "one"
udp_payload = 1400

[tls]
certificate = "/etc/tls.crt"
key = "tls.key"

[tcp]
connections = 10
connections_per_address = 3
idle = 20
message = "500ms"
write = "1m"

[tell]
webhooks = ["https://hooks.example.net/secret"]
programs = ["/usr/local/bin/tell-me"]

[log]
keep_days = 7
keep_octets = "64MiB"
)",
                                         kPin));
  ASSERT_TRUE(status.has_value()) << status.error().detail;
  EXPECT_EQ(config.data, "/var/lib/tandem");
  ASSERT_EQ(config.listen.size(), 2U);
  EXPECT_EQ(config.listen[1].to_text(), "[2001:db8::1]:53");
  ASSERT_EQ(config.listen_tls.size(), 1U);
  EXPECT_EQ(config.listen_tls[0].to_text(), "192.0.2.1:853");
  EXPECT_EQ(config.tls.certificate, "/etc/tls.crt");
  EXPECT_EQ(config.tls.key, std::filesystem::path(file()).parent_path() / "tls.key");
  EXPECT_EQ(config.threads, 2U);
  EXPECT_EQ(config.http, std::vector<std::string>{"127.0.0.1:9153"});
  EXPECT_EQ(config.xdp, (std::vector<std::string>{"eth0", "enp1s0f0"}));
  EXPECT_EQ(config.log_level, LogLevel::kDebug);
  ASSERT_EQ(config.zones.size(), 1U);
  EXPECT_EQ(config.zones[0].zone.to_text(), "example.com.");
  EXPECT_EQ(config.zones[0].file, "/etc/zones/example.com.zone");
  ASSERT_EQ(config.also_notify.size(), 2U);
  EXPECT_EQ(config.also_notify[0].to_text(), "notify:192.0.2.7:53");
  EXPECT_EQ(config.also_notify[1].to_text(), "notify:[2001:db8::7]:5300 key:up.");
  ASSERT_EQ(config.secondaries.size(), 1U);
  EXPECT_EQ(config.secondaries[0].to_text(),
            "notify:192.0.2.8:53 transfer:192.0.2.0/24 zone:example.com.");
  EXPECT_EQ(config.link_listen, std::vector<std::string>{"[::]:7953"});
  EXPECT_EQ(config.link_dial,
            (std::vector<std::string>{"home.example.net:7953", "192.0.2.9:7953"}));
  ASSERT_EQ(config.peer_keys.size(), 1U);
  EXPECT_EQ(config.peer_keys[0].to_text(), kPin);
  EXPECT_EQ(config.nsid, "home");
  EXPECT_EQ(config.version_text, "tandem");
  EXPECT_EQ(config.identity_text, "one");
  EXPECT_EQ(config.udp_payload, 1400);
  EXPECT_EQ(config.tcp.connections, 10U);
  EXPECT_EQ(config.tcp.connections_per_address, 3U);
  EXPECT_EQ(config.tcp.idle, milliseconds(20'000));
  EXPECT_EQ(config.tcp.message, milliseconds(500));
  EXPECT_EQ(config.tcp.write, milliseconds(60'000));
  ASSERT_EQ(config.tell_webhooks.size(), 1U);
  EXPECT_EQ(config.tell_webhooks[0].origin(), "https://hooks.example.net:443");
  EXPECT_EQ(config.tell_webhooks[0].target, "/secret");
  EXPECT_EQ(config.tell_programs, std::vector<std::string>{"/usr/local/bin/tell-me"});
  EXPECT_EQ(config.log_keep, std::chrono::hours(7 * 24));
  EXPECT_EQ(config.log_keep_octets, 64U << 20U);
}

TEST_F(ConfigFile, LeavesWhatItDoesNotNameAsItWas) {
  config.threads = 7;
  config.nsid = "before";
  ASSERT_TRUE(read("threads = 3").has_value());
  EXPECT_EQ(config.threads, 3U);
  EXPECT_EQ(config.nsid, "before");
}

TEST_F(ConfigFile, ReplacesListsThatItNames) {
  config.http = {"127.0.0.1:1"};
  ASSERT_TRUE(read("http = [\"127.0.0.1:2\"]").has_value());
  EXPECT_EQ(config.http, std::vector<std::string>{"127.0.0.1:2"});
}

TEST_F(ConfigFile, TakesPathsFromItsOwnFolder) {
  ASSERT_TRUE(read("data = \"state\"\nzones = [{name = \"a\", file = \"a.zone\"}]").has_value());
  EXPECT_EQ(config.data, folder / "state");
  EXPECT_EQ(config.zones.at(0).file, folder / "a.zone");
}

TEST_F(ConfigFile, MayBeEmpty) {
  EXPECT_TRUE(read("").has_value());
}

TEST_F(ConfigFile, TakesOctetsAsANumber) {
  ASSERT_TRUE(read("log.keep_octets = 2097152").has_value());
  EXPECT_EQ(config.log_keep_octets, 2U << 20U);
}

// --- bad files

struct BadFile {
  std::string_view text;
  std::string_view findings;
};

class BadConfigFile : public ConfigFile, public ::testing::WithParamInterface<BadFile> {};

TEST_P(BadConfigFile, SaysWhereAndWhatWasExpected) {
  EXPECT_EQ(errors_of(GetParam().text), GetParam().findings);
}

INSTANTIATE_TEST_SUITE_P(
    Config, BadConfigFile,
    ::testing::Values(
        BadFile{"lissten = []", R"(t.toml:1:1: unknown key "lissten"; did you mean "listen"?)"},
        BadFile{"\n  log-level = \"info\"",
                R"(t.toml:2:3: unknown key "log-level"; did you mean "log_level"?)"},
        BadFile{"[tcp]\nidel = 3", R"(t.toml:2:1: unknown key "idel"; did you mean "idle"?)"},
        BadFile{"colour = \"red\"", R"(t.toml:1:1: unknown key "colour")"},
        BadFile{"\"\\u0007\" = 1", R"(t.toml:1:1: unknown key "\007")"},
        BadFile{"data = 3", "t.toml:1:8: data needs a text in quotes, got a whole number"},
        BadFile{"listen = \"127.0.0.1:53\"",
                "t.toml:1:10: listen needs a list of texts, got a text"},
        BadFile{"listen = [53]", "t.toml:1:11: listen needs a text in quotes, got a whole number"},
        BadFile{"listen = [\"127.0.0.1\"]",
                "t.toml:1:11: listen: \"127.0.0.1\" is no address with a port; expected "
                "192.0.2.1:53 or [2001:db8::1]:53"},
        BadFile{"threads = 1025", "t.toml:1:11: threads needs a number from 0 to 1024, got 1025"},
        BadFile{"threads = -1", "t.toml:1:11: threads needs a number from 0 to 1024, got -1"},
        BadFile{"threads = 1.5",
                "t.toml:1:11: threads needs a whole number, got a number with a fraction"},
        BadFile{"zones = [\"a\"]", "t.toml:1:10: zones needs a table, got a text"},
        BadFile{"zones = {name = \"a\"}",
                "t.toml:1:9: zones needs a list of tables {name = ..., file = ...}, got a table"},
        BadFile{"zones = [{name = \"a\"}]", "t.toml:1:10: each of zones needs a name and a file"},
        BadFile{"zones = [{name = \"a..b\", file = \"x\"}]",
                R"(t.toml:1:18: name: "a..b" has an empty label)"},
        BadFile{
            "[link]\ndial = [\"home example:1\"]",
            R"(t.toml:2:9: dial: "home example:1" is nothing to dial; expected 192.0.2.1:7953, )"
            "[2001:db8::1]:7953 or host.example.net:7953"},
        BadFile{"link = 3", "t.toml:1:8: link needs a table, got a whole number"},
        BadFile{"dns.udp_payload = 511",
                "t.toml:1:19: udp_payload needs a number from 512 to 4096, got 511"},
        BadFile{"tcp.idle = 0",
                R"(t.toml:1:12: idle: "0" is no time; expected seconds or a text such as "500ms", )"
                R"("10s", "2m", up to "24h")"},
        BadFile{"tcp.idle = true",
                "t.toml:1:12: idle needs seconds or a text such as \"10s\", \"500ms\", got true or "
                "false"},
        BadFile{"log.keep_octets = \"10KiB\"", "t.toml:1:19: keep_octets needs at least 1MiB"},
        BadFile{"log.keep_octets = -5", "t.toml:1:19: keep_octets needs at least 1MiB"},
        BadFile{"log.keep_octets = \"1GB\"",
                R"(t.toml:1:19: keep_octets: "1GB" is no size; expected octets or a text such as )"
                R"("512MiB", "1GiB")"},
        BadFile{"[tell]\nwebhooks = [\"hooks.example.net\"]",
                R"(t.toml:2:13: webhooks: expected http://HOST[:PORT]/PATH or )"
                R"(https://HOST[:PORT]/PATH)"},
        BadFile{"[tell]\nprograms = [\"tell-me\"]",
                R"(t.toml:2:13: programs: expected the whole path of a program, got "tell-me")"},
        BadFile{"log_level = \"loud\"",
                R"(t.toml:1:13: log_level: "loud" is no log level; expected debug, info, warn or )"
                "error"},
        BadFile{"data = 1979-05-27",
                "t.toml:1:8: data needs a text in quotes, got a date or a time"},
        BadFile{"threads = 1\nthreads = 2",
                "t.toml:2:11: Error while parsing key-value pair: cannot redefine existing integer "
                "'threads'"}));

TEST_F(ConfigFile, ReportsEverythingInTheOrderOfTheFile) {
  EXPECT_EQ(errors_of("threads = true\n[tcp]\nidle = []\n[dns]\nnsid = 1\nx = 1"),
            "t.toml:1:11: threads needs a whole number, got true or false\n"
            "t.toml:3:8: idle needs seconds or a text such as \"10s\", \"500ms\", got a list\n"
            "t.toml:5:8: nsid needs a text in quotes, got a whole number\n"
            "t.toml:6:1: unknown key \"x\"");
}

TEST_F(ConfigFile, SaysThatATextIsTooLongForDns) {
  EXPECT_EQ(errors_of("dns.version_text = \"" + std::string(256, 'x') + "\""),
            "t.toml:1:20: version_text: the text has 256 octets; DNS carries at most 255 (RFC 1035 "
            "s3.3)");
  EXPECT_EQ(errors_of("dns.nsid = \"" + std::string(129, 'x') + "\""),
            "t.toml:1:12: nsid: the identifier has 129 octets; at most 128 have room beside any "
            "question");
}

TEST_F(ConfigFile, ChangesNothingWhenItIsBad) {
  config.threads = 7;
  EXPECT_FALSE(read("threads = 3\nbad = 1").has_value());
  EXPECT_EQ(config.threads, 7U);
}

TEST_F(ConfigFile, MustBeThere) {
  const Status status = read_config_file(folder / "none.toml", config);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Errc::kIo);
  EXPECT_EQ(status.error().detail, (folder / "none.toml").string() + ": No such file or directory");
}

TEST_F(ConfigFile, MayNotBeEndless) {
  fs::create_symlink("/dev/zero", file());
  EXPECT_FALSE(read_config_file(file(), config).has_value());
}

TEST_F(ConfigFile, MayNestOnlySoDeep) {
  EXPECT_FALSE(read("data = " + std::string(100'000, '[')).has_value());
}

TEST_F(ConfigFile, IsGoodWhenCheckedWhole) {
  std::ofstream(file()) << "data = \"d\"\nlisten = [\"127.0.0.1:53\"]";
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(print_config_check(file()), 0);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), file().string() + ": good\n");
}

TEST_F(ConfigFile, IsCheckedAsAWholeToo) {
  std::ofstream(file()) << "link.dial = [\"a:1\"]";
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(print_config_check(file()), 2);
  const std::string name = file().string();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            name + ": no data folder: give --data DIR, or data = \"DIR\" in the file\n" + name +
                ": no address to answer DNS on: give --listen ADDR:PORT, or listen = [...] in the "
                "file\n" +
                name +
                ": the link needs the other node's key: join the other node (`tandemctl cluster "
                "invite` there), or give --peer-key FINGERPRINT, or peer_keys = [...] (`tandemctl "
                "node key` prints it there)\n");
}

// --- the whole

Config good_config() {
  Config config;
  config.data = "d";
  config.listen = {SocketAddress::from_text("127.0.0.1:53").value()};
  return config;
}

std::string findings_of(const Config& config) {
  const Status status = check_config(config);
  return status ? "" : status.error().detail;
}

TEST(CheckConfig, AcceptsTheLeast) {
  EXPECT_EQ(findings_of(good_config()), "");
}

TEST(CheckConfig, ALinkNeedsAKeyOrMembers) {
  const std::filesystem::path folder = ::testing::TempDir() + "has_members";
  std::filesystem::create_directories(folder);
  std::filesystem::remove(folder / "members");
  Config config = good_config();
  config.data = folder;
  config.link_listen = {"0.0.0.0:7953"};
  EXPECT_NE(findings_of(config), "");
  EXPECT_TRUE(check_config(config, LinkKeys::kComeByJoining));
  std::ofstream(folder / "members") << "# none yet\n";
  EXPECT_EQ(findings_of(config), "");
}

TEST(CheckConfig, RefusesAnAddressTwice) {
  Config config = good_config();
  config.listen.push_back(config.listen[0]);
  EXPECT_EQ(findings_of(config), "listen: 127.0.0.1:53 is there twice");
}

TEST(CheckConfig, TakesPortZeroTwice) {
  Config config = good_config();
  config.listen = {SocketAddress::from_text("127.0.0.1:0").value(),
                   SocketAddress::from_text("127.0.0.1:0").value()};
  EXPECT_EQ(findings_of(config), "");
}

TEST(CheckConfig, RefusesOnePortForTwoTransports) {
  Config config = good_config();
  config.listen_tls = config.listen;
  EXPECT_EQ(findings_of(config), "listen: 127.0.0.1:53 is there twice");
}

TEST(CheckConfig, RefusesHalfOfACertificate) {
  Config config = good_config();
  config.listen_tls = {SocketAddress::from_text("127.0.0.1:853").value()};
  EXPECT_EQ(findings_of(config), "");
  config.tls.certificate = "tls.crt";
  EXPECT_EQ(findings_of(config),
            "tls: certificate and key belong together; without both the node's own key is shown");
  config.tls.key = "tls.key";
  EXPECT_EQ(findings_of(config), "");
  config.listen_tls.clear();
  EXPECT_EQ(findings_of(config),
            "tls: a certificate but no address: give --listen-tls ADDR:853, or listen_tls = [...]");
}

TEST(CheckConfig, RefusesAZoneTwice) {
  Config config = good_config();
  config.zones = {zone_file_from_text("a.example=x").value(),
                  zone_file_from_text("A.EXAMPLE.=y").value()};
  EXPECT_EQ(findings_of(config), "zone A.EXAMPLE. is there twice");
}

TEST(CheckConfig, RefusesAKeyWithoutALink) {
  Config config = good_config();
  config.peer_keys = {KeyPin{}};
  EXPECT_EQ(findings_of(config),
            "a peer's key but no link: give --peer HOST:PORT to dial, or --link ADDR:PORT to be "
            "dialled");
}

TEST(CheckConfig, KeepsHttpInside) {
  Config config = good_config();
  config.http = {"127.9.9.9:80", "[::1]:80"};
  EXPECT_EQ(findings_of(config), "");
  config.http = {"0.0.0.0:80"};
  EXPECT_EQ(findings_of(config),
            "http: 0.0.0.0:80 can be reached from outside, and HTTP is not encrypted: listen on "
            "127.0.0.1 or [::1] and put a proxy or a tunnel in front");
}

// --- values

struct TimeCase {
  std::string_view text;
  std::int64_t milliseconds;  // 0: refused
};

class Duration : public ::testing::TestWithParam<TimeCase> {};

TEST_P(Duration, IsReadOrRefused) {
  const auto time = duration_from_text(GetParam().text);
  EXPECT_EQ(time ? time->count() : 0, GetParam().milliseconds);
}

INSTANTIATE_TEST_SUITE_P(Config, Duration,
                         ::testing::Values(TimeCase{"1ms", 1}, TimeCase{"10s", 10'000},
                                           TimeCase{"10", 10'000}, TimeCase{"2m", 120'000},
                                           TimeCase{"24h", 86'400'000}, TimeCase{"25h", 0},
                                           TimeCase{"0", 0}, TimeCase{"-1", 0}, TimeCase{"1.5s", 0},
                                           TimeCase{"", 0}, TimeCase{"s", 0}, TimeCase{"10 s", 0},
                                           TimeCase{"1d", 0}, TimeCase{"18446744073709551615h", 0},
                                           TimeCase{"99999999999999999999", 0}));

struct SizeCase {
  std::string_view text;
  std::uint64_t octets;  // 0: refused
};

class Size : public ::testing::TestWithParam<SizeCase> {};

TEST_P(Size, IsReadOrRefused) {
  EXPECT_EQ(octets_from_text(GetParam().text).value_or(0), GetParam().octets);
}

INSTANTIATE_TEST_SUITE_P(Config, Size,
                         ::testing::Values(SizeCase{"1", 1}, SizeCase{"1KiB", 1024},
                                           SizeCase{"3MiB", 3U << 20U}, SizeCase{"1GiB", 1U << 30U},
                                           SizeCase{"16777215TiB", 16777215ULL << 40U},
                                           SizeCase{"16777216TiB", 0}, SizeCase{"1GB", 0},
                                           SizeCase{"GiB", 0}, SizeCase{"1 GiB", 0}));

class GoodDial : public ::testing::TestWithParam<std::string_view> {};

TEST_P(GoodDial, IsTaken) {
  EXPECT_EQ(dial_text_from_text(GetParam()).value_or("refused"), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Config, GoodDial,
                         ::testing::Values("192.0.2.1:7953", "[2001:db8::1]:7953", "home:1",
                                           "a-b.example.net.:65535"));

class BadDial : public ::testing::TestWithParam<std::string_view> {};

TEST_P(BadDial, IsRefused) {
  EXPECT_FALSE(dial_text_from_text(GetParam()).has_value());
}

INSTANTIATE_TEST_SUITE_P(Config, BadDial,
                         ::testing::Values("", "home", "home:", ":1", "home:0", "home:65536",
                                           "192.0.2.1:0", "2001:db8::1", "a b:1", "-x:1", "a..b:1",
                                           ".:1", "home:x", "a/b:1", "[::1]:x"));

class BadZoneFile : public ::testing::TestWithParam<std::string_view> {};

TEST_P(BadZoneFile, IsRefused) {
  EXPECT_FALSE(zone_file_from_text(GetParam()).has_value());
}

INSTANTIATE_TEST_SUITE_P(Config, BadZoneFile,
                         ::testing::Values("", "example.com", "=x", "a=", "a..b=x", "@=x"));

TEST(ZoneFile, MayHaveAnEqualsSignInItsPath) {
  EXPECT_EQ(zone_file_from_text("a=b=c").value().file, "b=c");
}

}  // namespace
}  // namespace tandem
