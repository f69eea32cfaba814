// BIND's configuration: what zones it has, and text that nobody should have written.
#include "ctl/named_conf.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReadNamedConf : public ::testing::Test {
 public:
  Result<NamedConf> result(std::string_view text) {
    return read_named_conf(
        text, "named.conf",
        [this](std::string_view file, std::string_view directory) -> Result<IncludedConf> {
          asked.push_back(std::string(directory) + "|" + std::string(file));
          const auto found = files.find(std::string(file));
          if (found == files.end()) {
            return fail(Errc::kNotFound, "{}: is no regular file", file);
          }
          return IncludedConf{found->first, found->second};
        });
  }

  NamedConf conf(std::string_view text) {
    auto read = result(text);
    EXPECT_TRUE(read) << read.error().detail;
    return read ? *std::move(read) : NamedConf{};
  }

  std::string error(std::string_view text) {
    const auto read = result(text);
    return read ? "good" : read.error().detail;
  }

  static std::vector<std::string> lines(const NamedConf& conf) {
    std::vector<std::string> out;
    for (const NamedZone& zone : conf.zones) {
      out.push_back(zone.view + "|" + zone.name + "|" + zone.type + "|" + zone.file);
    }
    return out;
  }

  std::map<std::string, std::string> files;
  std::vector<std::string> asked;
};

TEST_F(ReadNamedConf, FindsZonesInEveryForm) {
  const NamedConf read = conf(R"(
options { directory "/var/cache/bind"; allow-transfer { none; }; };  // where
# primary ones
zone "example.com" { type master; file "db.example.com"; };
zone example.net IN { type primary; file "/etc/bind/db.net"; notify no; };
/* others
   too */
zone "far.test" { type slave; masters { 192.0.2.1 port 53; }; };
zone "." { type hint; file "root"; };
)");
  EXPECT_EQ(read.directory, "/var/cache/bind");
  EXPECT_THAT(lines(read), ElementsAre("|example.com|primary|db.example.com",
                                       "|example.net|primary|/etc/bind/db.net",
                                       "|far.test|secondary|", "|.|hint|root"));
  EXPECT_EQ(read.zones[0].place, "named.conf:4");
}

TEST_F(ReadNamedConf, FollowsIncludesEverywhere) {
  files["zones.conf"] = "zone a.test { type master; file \"a\"; };\ninclude \"more.conf\";";
  files["more.conf"] = "zone b.test { type master; file \"b\"; };";
  const NamedConf read = conf(
      "include \"zones.conf\"; options { directory \"/d\"; };"
      "view inside { match-clients { any; }; include \"more.conf\"; };");
  EXPECT_THAT(lines(read),
              ElementsAre("|a.test|primary|a", "|b.test|primary|b", "inside|b.test|primary|b"));
  EXPECT_THAT(asked, ElementsAre("|zones.conf", "|more.conf", "/d|more.conf"));
}

TEST_F(ReadNamedConf, KnowsWhatElseMattersOfAZone) {
  const NamedConf read = conf(
      "options { masterfile-format raw; };"
      "zone a { type primary; file a; dnssec-policy default; update-policy local; };"
      "zone b { type primary; file b; masterfile-format text; dnssec-policy none; };"
      "zone c CH { type primary; file c; allow-update { none; }; };"
      "zone d { in-view inside; };"
      "zone e { type primary; allow-update { key k; }; inline-signing yes; };");
  ASSERT_EQ(read.zones.size(), 5U);
  EXPECT_TRUE(read.zones[0].is_signed_there && read.zones[0].takes_updates);
  EXPECT_EQ(read.zones[0].format, "raw");
  EXPECT_FALSE(read.zones[1].is_signed_there || read.zones[1].takes_updates);
  EXPECT_EQ(read.zones[1].format, "text");
  EXPECT_FALSE(read.zones[2].is_class_in || read.zones[2].takes_updates);
  EXPECT_EQ(read.zones[3].type, "in-view");
  EXPECT_TRUE(read.zones[4].takes_updates && read.zones[4].is_signed_there);
}

TEST_F(ReadNamedConf, KnowsWhereKeysAre) {
  files["keys"] = "key k { algorithm hmac-sha256; secret \"c2VjcmV0\"; };";
  EXPECT_THAT(conf("include keys; controls { inet * keys { k; }; };").key_files,
              ElementsAre("keys"));
}

TEST_F(ReadNamedConf, SaysWhereTheTextIsWrong) {
  files["loop"] = "\ninclude loop;";
  files["bad"] = "\n\n}";
  EXPECT_EQ(error("zone a { type master;\n"),
            "named.conf:2: the file ends within a statement, "
            "expected };");
  EXPECT_EQ(error("zone a"), "named.conf:1: the file ends within a statement, expected ;");
  EXPECT_EQ(error("\n};"), "named.conf:2: unexpected }");
  EXPECT_EQ(error("\n/* never"), "named.conf:2: a comment without end");
  EXPECT_EQ(error("zone \"a {};"), "named.conf:1: a quoted word without end");
  EXPECT_EQ(error("zone;"), "named.conf:1: expected `zone \"NAME\" { ... };`");
  EXPECT_EQ(error("view v { view w { }; };"),
            "named.conf:1: expected `view NAME { ... };` at the top level");
  EXPECT_EQ(error("include bad;"), "bad:3: unexpected }");
  EXPECT_THAT(error("\ninclude absent;"), HasSubstr("named.conf:2: absent: is no regular file"));
  EXPECT_THAT(error("include loop;"), HasSubstr("does the file include itself?"));
}

TEST_F(ReadNamedConf, DepthHasALimit) {
  EXPECT_THAT(error(std::string(1'000'000, '{')), HasSubstr("nested too deep"));
  EXPECT_EQ(error(std::string(30, '{') + "a;" +
                  [] {
                    std::string ends;
                    for (int i = 0; i < 30; ++i) {
                      ends += "};";
                    }
                    return ends;
                  }()),
            "good");
}

}  // namespace
}  // namespace tandem
