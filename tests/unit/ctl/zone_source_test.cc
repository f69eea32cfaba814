// Master files as tandemctl reads them.
#include "ctl/zone_source.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kHead =
    "@ 3600 IN SOA ns1 hostmaster 7 900 300 2419200 900\n"
    "@ 3600 IN NS ns1\n"
    "ns1 3600 IN A 192.0.2.1\n";

class ZoneFileSource : public ::testing::Test {
 public:
  void SetUp() override {
    std::string made = ::testing::TempDir() + "sourceXXXXXX";
    folder = ::mkdtemp(made.data());
  }

  void TearDown() override { fs::remove_all(folder); }

  [[nodiscard]] fs::path write(const std::string& name, std::string_view text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  }

  ZoneSource read(const fs::path& file, const std::optional<Name>& origin = std::nullopt) {
    auto source = read_zone_source(file, origin, ZoneLimits{});
    EXPECT_TRUE(source) << source.error().detail;
    return source ? *std::move(source) : ZoneSource{};
  }

  /// The findings with the folder's name cut away.
  [[nodiscard]] std::vector<std::string> findings(const ZoneSource& source) const {
    std::vector<std::string> lines;
    for (const Diagnostic& finding : source.findings) {
      const std::string line = finding.to_line();
      const std::string prefix = folder.string() + "/";
      lines.push_back(line.starts_with(prefix) ? line.substr(prefix.size()) : line);
    }
    return lines;
  }

  fs::path folder;
};

TEST_F(ZoneFileSource, GoodFileGoesOutAsItIs) {
  const ZoneSource source = read(write("example.com.zone", kHead));
  EXPECT_TRUE(source.is_good);
  EXPECT_EQ(source.origin.to_text(), "example.com.");
  EXPECT_EQ(source.serial, 7U);
  EXPECT_EQ(source.record_count, 3U);
  EXPECT_EQ(source.text, kHead);
  EXPECT_THAT(source.findings, IsEmpty());
}

TEST_F(ZoneFileSource, OriginIsWhatTheCallerSays) {
  const Name origin = Name::from_text("example.net.").value();
  EXPECT_EQ(read(write("example.com.zone", kHead), origin).origin.to_text(), "example.net.");
}

TEST_F(ZoneFileSource, OriginIsTheOwnerOfTheSoa) {
  const std::string text = "$ORIGIN example.org.\n" + std::string(kHead);
  EXPECT_EQ(read(write("backup", text)).origin.to_text(), "example.org.");
  EXPECT_EQ(read(write("other.zone", text)).origin.to_text(), "example.org.");
}

TEST_F(ZoneFileSource, OriginIsTheFilesNameWithoutItsSuffix) {
  EXPECT_EQ(read(write("example.net.db", kHead)).origin.to_text(), "example.net.");
}

TEST_F(ZoneFileSource, AFileNameOfOneLabelNamesNoZone) {
  EXPECT_FALSE(read_zone_source(write("backup-2024.zone", kHead), std::nullopt, ZoneLimits{}));
  const std::string text = "$ORIGIN kr.\n" + std::string(kHead);
  EXPECT_EQ(read(write("kr.zone", text)).origin.to_text(), "kr.");
}

TEST_F(ZoneFileSource, BadFilesAreAnErrorWithTheirFindings) {
  const ZoneSource bad =
      read(write("example.com.zone", std::string(kHead) + "www 600 IN A 192.0.2\n"));
  const Status taken = take_findings(bad, {}, "nothing was imported");
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().detail, HasSubstr(" has errors; nothing was imported\n"));
  EXPECT_THAT(taken.error().detail, HasSubstr("example.com.zone:4:14: error: "));
  EXPECT_TRUE(take_findings(read(write("example.com.zone", kHead)), {}, ""));
}

TEST_F(ZoneFileSource, RefusesAFileThatNamesNoZone) {
  const auto source = read_zone_source(write("backup", kHead), std::nullopt, ZoneLimits{});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, Errc::kInvalid);
  EXPECT_THAT(source.error().detail, HasSubstr("does not say which zone it is of"));
}

TEST_F(ZoneFileSource, RefusesAFileThatIsNotThere) {
  const auto source = read_zone_source(folder / "none.zone", std::nullopt, ZoneLimits{});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, Errc::kNotFound);
}

TEST_F(ZoneFileSource, RefusesAFolder) {
  EXPECT_FALSE(read_zone_source(folder, Name::from_text("a.").value(), ZoneLimits{}));
}

TEST_F(ZoneFileSource, BadLinesHaveTheirPlaceAndNoTextGoesOut) {
  const ZoneSource source =
      read(write("example.com.zone", std::string(kHead) + "www 600 IN A 192.0.2\n"));
  EXPECT_FALSE(source.is_good);
  EXPECT_THAT(findings(source), ElementsAre(HasSubstr("example.com.zone:4:14: error: ")));
  EXPECT_EQ(source.text, "");
}

TEST_F(ZoneFileSource, FindsWhatIsWrongWithTheZone) {
  const ZoneSource source = read(
      write("example.com.zone", std::string(kHead) + "w 60 IN CNAME ns1\nw 60 IN A 192.0.2.3\n"));
  EXPECT_FALSE(source.is_good);
  EXPECT_THAT(findings(source), ElementsAre(HasSubstr("example.com.zone:5:1: error: ")));
}

TEST_F(ZoneFileSource, ReadsWhatTheFileIncludes) {
  static_cast<void>(write("hosts.inc", "www 600 IN A 192.0.2.80\n"));
  const ZoneSource source =
      read(write("example.com.zone", std::string(kHead) + "$INCLUDE hosts.inc\n"));
  ASSERT_TRUE(source.is_good);
  EXPECT_EQ(source.record_count, 4U);
  EXPECT_THAT(source.text, Not(HasSubstr("$INCLUDE")));
  EXPECT_THAT(source.text, HasSubstr("www.example.com. 600 IN A 192.0.2.80\n"));
}

TEST_F(ZoneFileSource, WhatGoesOutForAnIncludeIsTheSameZone) {
  static_cast<void>(write("hosts.inc", "www 600 IN A 192.0.2.80\n"));
  const ZoneSource with =
      read(write("example.com.zone", std::string(kHead) + "$INCLUDE hosts.inc\n"));
  const ZoneSource again = read(write("again.zone", with.text));
  EXPECT_TRUE(again.is_good);
  EXPECT_EQ(again.origin.to_text(), "example.com.");
  EXPECT_EQ(again.record_count, with.record_count);
  EXPECT_EQ(again.serial, with.serial);
}

TEST_F(ZoneFileSource, NamesTheIncludedFileWithABadLine) {
  static_cast<void>(write("hosts.inc", "www 600 IN A 192.0.2\n"));
  const ZoneSource source =
      read(write("example.com.zone", std::string(kHead) + "$INCLUDE hosts.inc\n"));
  EXPECT_FALSE(source.is_good);
  EXPECT_THAT(findings(source), ElementsAre(HasSubstr("hosts.inc:1:14: error: ")));
}

TEST_F(ZoneFileSource, NamesTheIncludedFileWithWhatIsWrongWithTheZone) {
  static_cast<void>(
      write("hosts.inc", "ok 600 IN A 192.0.2.80\nw 60 IN CNAME ns1\n   60 IN A 192.0.2.3\n"));
  const ZoneSource source =
      read(write("example.com.zone", std::string(kHead) + "$INCLUDE hosts.inc\n"));
  EXPECT_FALSE(source.is_good);
  EXPECT_THAT(findings(source), ElementsAre(HasSubstr("hosts.inc:3:4: error: ")));
}

TEST_F(ZoneFileSource, NotesAreCheckedWithTheirLines) {
  const fs::path file = write("notes.example.zone", std::string(kHead) +
                                                        "; @note {\"name\":\"ns1.notes.example.\","
                                                        "\"type\":\"A\",\"data\":\"192.0.2.1\","
                                                        "\"comment\":\"good\"}\n"
                                                        "; @note {\"name\":\"x.other.\"}\n");
  const ZoneSource source = read(file);
  EXPECT_FALSE(source.is_good);
  ASSERT_EQ(source.findings.size(), 1U);
  EXPECT_THAT(source.findings.front().to_line(),
              ::testing::StartsWith(file.string() + ":5:1: error: the note: "));
}

}  // namespace
}  // namespace tandem
