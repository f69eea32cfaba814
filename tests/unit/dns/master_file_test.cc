// Master files: what records a text stands for (RFC 1035 s5.1, RFC 2308 s4).
#include "common/dns/master_file.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/dns/rdata.h"
#include "common/dns/rdata_schema.h"

namespace tandem {
namespace {

Name name_of(std::string_view text) {
  return Name::from_text(text).value_or(Name());
}

/// Files by name, for $INCLUDE.
using Files = std::map<std::string, std::string, std::less<>>;

IncludeOpener opener_of(Files files) {
  return
      [files = std::move(files)](std::string_view, std::string_view name) -> Result<std::string> {
        const auto file = files.find(name);
        if (file == files.end()) {
          return fail(Errc::kNotFound, "no such file");
        }
        return file->second;
      };
}

MasterFileOptions options_for(std::string_view origin = "example.") {
  MasterFileOptions options;
  options.origin = name_of(origin);
  options.file_name = "test.zone";
  return options;
}

/// The records of `text`, one per line, then its diagnostics.
std::string parsed(std::string_view text, const MasterFileOptions& options = options_for()) {
  std::string out;
  const auto report = parse_master_file(text, options, [&out](const MasterFileRecord& record) {
    out += record_to_text(record.owner, record.ttl, record.type, record.rdata) + "\n";
  });
  for (const Diagnostic& diagnostic : report.diagnostics) {
    out += diagnostic.to_text() + "\n";
  }
  return out;
}

std::string parsed_with(std::string_view text, Files files) {
  MasterFileOptions options = options_for();
  options.open_include = opener_of(std::move(files));
  return parsed(text, options);
}

// ---- lines and owners

TEST(MasterFile, CompletesRelativeNamesWithTheOrigin) {
  EXPECT_EQ(parsed("www 1 CNAME host\nabs. 1 CNAME host.\n@ 1 NS @\n"),
            "www.example. 1 IN CNAME host.example.\n"
            "abs. 1 IN CNAME host.\n"
            "example. 1 IN NS example.\n");
}

TEST(MasterFile, RepeatsTheOwnerThatIsLeftOut) {
  EXPECT_EQ(parsed("a 1 A 192.0.2.1\n  1 A 192.0.2.2\n\t1 A 192.0.2.3\n"),
            "a.example. 1 IN A 192.0.2.1\n"
            "a.example. 1 IN A 192.0.2.2\n"
            "a.example. 1 IN A 192.0.2.3\n");
}

TEST(MasterFile, KeepsTheOwnerWhenTheOriginChanges) {
  EXPECT_EQ(parsed("a 1 A 192.0.2.1\n$ORIGIN b.\n 1 A 192.0.2.2\nc 1 NS d\n"),
            "a.example. 1 IN A 192.0.2.1\n"
            "a.example. 1 IN A 192.0.2.2\n"
            "c.b. 1 IN NS d.b.\n");
}

TEST(MasterFile, TakesARelativeOrigin) {
  EXPECT_EQ(parsed("$ORIGIN sub\na 1 NS @\n"), "a.sub.example. 1 IN NS sub.example.\n");
}

TEST(MasterFile, TakesTtlAndClassInEitherOrderOrNot) {
  const std::string_view record = "a.example. 5 IN A 192.0.2.1\n";
  for (const std::string_view head : {"5 IN A", "IN 5 A", "5 A", "5 in a", "CLASS1 5 TYPE1"}) {
    EXPECT_EQ(parsed("a " + std::string(head) + " 192.0.2.1\n"), record) << head;
  }
  EXPECT_EQ(parsed("$TTL 5\na IN A 192.0.2.1\n"), record);
  EXPECT_EQ(parsed("$TTL 5\na A 192.0.2.1\n"), record);
}

TEST(MasterFile, TakesOwnersThatLookLikeTypesClassesAndTtls) {
  EXPECT_EQ(parsed("A 1 A 192.0.2.1\nIN 1 A 192.0.2.2\n7 1 A 192.0.2.3\n"),
            "A.example. 1 IN A 192.0.2.1\n"
            "IN.example. 1 IN A 192.0.2.2\n"
            "7.example. 1 IN A 192.0.2.3\n");
}

TEST(MasterFile, ReadsRecordsOverLinesInParentheses) {
  EXPECT_EQ(parsed("a 1 SOA ( ns h ; serial next\n 1 2\n3 4 5 ) ; end\nb 1 NS a\n"),
            "a.example. 1 IN SOA ns.example. h.example. 1 2 3 4 5\n"
            "b.example. 1 IN NS a.example.\n");
}

TEST(MasterFile, ReadsEscapesInOwners) {
  EXPECT_EQ(parsed("a\\.b\\032\\; 1 NS c\n"), "a\\.b\\032\\;.example. 1 IN NS c.example.\n");
}

TEST(MasterFile, ReadsFilesFromOtherSystems) {
  EXPECT_EQ(parsed("\xef\xbb\xbf"
                   "a 1 A 192.0.2.1\r\n\r\n 1 A 192.0.2.2"),
            "a.example. 1 IN A 192.0.2.1\na.example. 1 IN A 192.0.2.2\n");
}

TEST(MasterFile, ReadsTheGenericFormOfAnyType) {
  EXPECT_EQ(parsed("a 1 A \\# 4 c0000201\na 1 TYPE1234 \\# 2 ( 0a\n 0b )\na 1 TYPE16 \\# 2 0161\n"),
            "a.example. 1 IN A 192.0.2.1\n"
            "a.example. 1 IN TYPE1234 \\# 2 0A0B\n"
            "a.example. 1 IN TXT \"a\"\n");
}

TEST(MasterFile, ReadsRdataThatMayBeEmpty) {
  EXPECT_EQ(parsed("a 1 APL\n"), "a.example. 1 IN APL\n");
}

TEST(MasterFile, GivesTheLineOfEachRecord) {
  std::vector<std::uint32_t> lines;
  const auto report = parse_master_file(
      "\na 1 NS b\n;\nc 1 NS ( d\n)\ne 1 NS f\n", options_for(),
      [&lines](const MasterFileRecord& record) { lines.push_back(record.place.line); });
  EXPECT_EQ(lines, (std::vector<std::uint32_t>{2, 4, 6}));
  EXPECT_EQ(report.record_count, 3U);
  EXPECT_FALSE(report.has_errors());
}

TEST(MasterFile, IsEmptyWithoutRecords) {
  EXPECT_EQ(parsed(""), "");
  EXPECT_EQ(parsed("; only a comment"), "");
}

// ---- TTLs, RFC 2308 s4

TEST(MasterFileTtl, IsTheExplicitOneFirst) {
  EXPECT_EQ(parsed("$TTL 9\na 1h NS b\n"), "a.example. 3600 IN NS b.example.\n");
}

TEST(MasterFileTtl, IsThatOfTheTtlLineBeforeThePreviousRecords) {
  EXPECT_EQ(parsed("$TTL 9\na 1 NS b\na NS c\n$ttl 10\na NS d\n"),
            "a.example. 1 IN NS b.example.\n"
            "a.example. 9 IN NS c.example.\n"
            "a.example. 10 IN NS d.example.\n");
}

TEST(MasterFileTtl, IsThePreviousRecordsWithoutATtlLine) {
  EXPECT_EQ(parsed("a 7 NS b\na NS c\nd NS e\n"),
            "a.example. 7 IN NS b.example.\n"
            "a.example. 7 IN NS c.example.\n"
            "d.example. 7 IN NS e.example.\n");
}

TEST(MasterFileTtl, IsTheMinimumOfAFirstSoaWithAWarning) {
  EXPECT_EQ(
      parsed("@ SOA ns h 1 2 3 4 5\n NS ns\n"),
      "example. 5 IN SOA ns.example. h.example. 1 2 3 4 5\n"
      "example. 5 IN NS ns.example.\n"
      "test.zone:1:1: warning: SOA record has no TTL and no $TTL stands before it: its MINIMUM "
      "5 is used\n");
}

TEST(MasterFileTtl, GoesUpTo31Bits) {
  EXPECT_EQ(parsed("a 2147483647 NS b\n"), "a.example. 2147483647 IN NS b.example.\n");
}

TEST(TtlFromText, TakesSecondsAndUnits) {
  EXPECT_EQ(ttl_from_text("0"), 0U);
  EXPECT_EQ(ttl_from_text("86400"), 86'400U);
  EXPECT_EQ(ttl_from_text("1h30m"), 5'400U);
  EXPECT_EQ(ttl_from_text("1W2D3H4M5S"), 788'645U);
  EXPECT_EQ(ttl_from_text("0s"), 0U);
  EXPECT_EQ(ttl_from_text("3550w"), 2'147'040'000U);
  EXPECT_EQ(ttl_from_text("2147483647"), 2'147'483'647U);
}

TEST(TtlFromText, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", "h", "1x", "1h30", "1.5h", "-1", "+1", "1 h", "2147483648", "3551w", "99999999999",
        "4294967296s", "1hh", "h1"}) {
    EXPECT_FALSE(ttl_from_text(text)) << text;
  }
}

// ---- $INCLUDE

TEST(MasterFileInclude, ReadsTheFileInPlace) {
  EXPECT_EQ(parsed_with("$TTL 1\na NS b\n$INCLUDE more\nc NS d\n", {{"more", "x NS y\n"}}),
            "a.example. 1 IN NS b.example.\n"
            "x.example. 1 IN NS y.example.\n"
            "c.example. 1 IN NS d.example.\n");
}

TEST(MasterFileInclude, GivesTheFileAnOriginOfItsOwn) {
  EXPECT_EQ(parsed_with("$TTL 1\n$INCLUDE more sub\nc NS d\n", {{"more", "x NS @\n"}}),
            "x.sub.example. 1 IN NS sub.example.\n"
            "c.example. 1 IN NS d.example.\n");
}

TEST(MasterFileInclude, ChangesNeitherOriginNorOwnerOfTheIncludingFile) {
  EXPECT_EQ(parsed_with("a 1 NS b\n$INCLUDE \"more\"\n 1 NS c\n",
                        {{"more", "$ORIGIN other.\nx 1 NS y\n"}}),
            "a.example. 1 IN NS b.example.\n"
            "x.other. 1 IN NS y.other.\n"
            "a.example. 1 IN NS c.example.\n");
}

TEST(MasterFileInclude, LetsTheFileGoOnWithTheOwner) {
  EXPECT_EQ(parsed_with("a 1 NS b\n$INCLUDE more\n", {{"more", " 1 NS c\n"}}),
            "a.example. 1 IN NS b.example.\na.example. 1 IN NS c.example.\n");
}

TEST(MasterFileInclude, KeepsTheTtlLineOfTheFile) {
  EXPECT_EQ(parsed_with("$INCLUDE more\na NS b\n", {{"more", "$TTL 8\n"}}),
            "a.example. 8 IN NS b.example.\n");
}

TEST(MasterFileInclude, NamesTheIncludedFileInErrors) {
  EXPECT_EQ(parsed_with("$INCLUDE more\n$FOO\n", {{"more", "\na 1 A x\n"}}),
            "more:2:7: A record needs an IPv4 address, got \"x\"\n"
            "test.zone:2:1: expected $ORIGIN, $TTL, $INCLUDE or $GENERATE, got \"$FOO\"\n");
}

TEST(MasterFileInclude, OpensFilesRelativeToTheIncludingOne) {
  std::string asked;
  MasterFileOptions options = options_for();
  options.file_name = "zones/test.zone";
  options.open_include = [&asked](std::string_view including, std::string_view name) {
    asked += std::string(including) + " " + std::string(name) + "\n";
    return Result<std::string>(name == "sub/a" ? "$INCLUDE b\n" : "");
  };
  parsed("$INCLUDE sub/a\n", options);
  EXPECT_EQ(asked, "zones/test.zone sub/a\nzones/sub/a b\n");
}

TEST(MasterFileInclude, EndsALoop) {
  const std::string out = parsed_with("$INCLUDE self\n", {{"self", "a 1 NS b\n$INCLUDE self\n"}});
  EXPECT_EQ(std::ranges::count(out, '\n'), 17) << out;  // 16 times the record, and the error
  EXPECT_TRUE(
      out.ends_with("self:2:10: $INCLUDE is nested deeper than 16 files or used more than "
                    "4096 times: does \"self\" include itself?\n"))
      << out;
}

TEST(MasterFileInclude, OpensAtMost4096FilesHoweverTheyMultiply) {
  std::size_t opened = 0;
  MasterFileOptions options = options_for();
  // Each file includes the next one down four times: 4^15 files without a limit.
  options.open_include = [&opened](std::string_view, std::string_view name) {
    ++opened;
    const int depth = std::stoi(std::string(name));
    const std::string line = depth == 0 ? "" : fmt::format("$INCLUDE {}\n", depth - 1);
    return Result<std::string>(line + line + line + line);
  };
  const std::string out = parsed("$INCLUDE 15\n", options);
  EXPECT_EQ(opened, 4096U);
  EXPECT_NE(out.find("used more than 4096 times"), std::string::npos);
}

class MasterFileOnDisk : public ::testing::Test {
 public:
  void SetUp() override { std::filesystem::create_directories(folder / "sub"); }

  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }

  [[nodiscard]] std::string parsed_on_disk(std::string_view text) const {
    MasterFileOptions options = options_for();
    options.file_name = (folder / "test.zone").string();
    options.open_include = include_from_file_system();
    return parsed(text, options);
  }

  std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) /
                                 ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(MasterFileOnDisk, IncludesFilesOfItsFolder) {
  write("sub/a", "$INCLUDE b\n");
  write("sub/b", "a 1 NS b\n");
  EXPECT_EQ(parsed_on_disk("$INCLUDE sub/a\n"), "a.example. 1 IN NS b.example.\n");
}

TEST_F(MasterFileOnDisk, IncludesFilesByAbsolutePath) {
  write("a", "a 1 NS b\n");
  EXPECT_EQ(parsed_on_disk("$INCLUDE " + (folder / "a").string() + "\n"),
            "a.example. 1 IN NS b.example.\n");
}

TEST_F(MasterFileOnDisk, IncludesNoFoldersAndNoDevices) {
  EXPECT_NE(parsed_on_disk("$INCLUDE sub\n").find("is no regular file"), std::string::npos);
  EXPECT_NE(parsed_on_disk("$INCLUDE /dev/zero\n").find("is no regular file"), std::string::npos);
  EXPECT_NE(parsed_on_disk("$INCLUDE missing\n").find("is no regular file"), std::string::npos);
}

// ---- $GENERATE

TEST(MasterFileGenerate, MakesARecordOfEachNumber) {
  EXPECT_EQ(parsed("$GENERATE 8-10/2 host-${0,3} 5 IN A 192.0.2.$\n"),
            "host-008.example. 5 IN A 192.0.2.8\nhost-010.example. 5 IN A 192.0.2.10\n");
}

TEST(MasterFileGenerate, TakesTheTtlLine) {
  EXPECT_EQ(parsed("$TTL 6\n$GENERATE 1-1 $ PTR h$\n"), "1.example. 6 IN PTR h1.example.\n");
}

TEST(MasterFileGenerate, TakesRdataOfSeveralWords) {
  EXPECT_EQ(parsed("$GENERATE 1-1 a$ 1 MX 1$ mail$\n"), "a1.example. 1 IN MX 11 mail1.example.\n");
  EXPECT_EQ(parsed("$GENERATE 1-1 a$ 1 HTTPS $ . alpn=\"h$,h2\"\n"),
            "a1.example. 1 IN HTTPS 1 . alpn=\"h1,h2\"\n");
}

TEST(MasterFileGenerate, TakesTheRdataFromOneQuotedText) {
  EXPECT_EQ(parsed("$GENERATE 1-1 a$ 1 MX \"$0 mail$\"\n"),
            "a1.example. 1 IN MX 10 mail1.example.\n");
  EXPECT_EQ(parsed("$GENERATE 1-1 a$ 1 TXT \"\\\"a $\\\" b\\\\c\"\n"),
            "a1.example. 1 IN TXT \"a 1\" \"b\\\\c\"\n");
}

TEST(MasterFileGenerate, LeavesEscapedDollarsAlone) {
  EXPECT_EQ(parsed("$GENERATE 1-1 a$$\\$$ 1 NS b\n"), "a\\$\\$1.example. 1 IN NS b.example.\n");
}

TEST(MasterFileGenerate, StopsAtTheLimitOfRecords) {
  MasterFileOptions options = options_for();
  options.max_generated_records = 3;
  EXPECT_EQ(parsed("$GENERATE 1-2 a$ 1 NS b\n$GENERATE 1-2 c$ 1 NS d\n$GENERATE 3-3 e$ 1 NS f\n",
                   options),
            "a1.example. 1 IN NS b.example.\n"
            "a2.example. 1 IN NS b.example.\n"
            "e3.example. 1 IN NS f.example.\n"
            "test.zone:2:11: $GENERATE makes more than 3 records in this file, got 2 more\n");
}

TEST(MasterFileGenerate, ReportsOneErrorForAllItsRecords) {
  EXPECT_EQ(parsed("\n $GENERATE 254-300 a$ 1 A 192.0.2.$\n"),
            "a254.example. 1 IN A 192.0.2.254\n"
            "a255.example. 1 IN A 192.0.2.255\n"
            "test.zone:2:2: A record needs an IPv4 address, got \"192.0.2.256\"\n");
}

// ---- every type

std::string file_text(const std::string& name) {
  std::ifstream file(std::filesystem::path(TANDEM_TEST_DATA) / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(MasterFileOfAllTypes, IsGood) {
  const auto report = parse_master_file(file_text("dns_all_types.zone"), options_for(),
                                        [](const MasterFileRecord&) {});
  EXPECT_TRUE(report.diagnostics.empty());
}

TEST(MasterFileOfAllTypes, HasThemAll) {
  std::set<RrType> found;
  const auto report =
      parse_master_file(file_text("dns_all_types.zone"), options_for(),
                        [&found](const MasterFileRecord& record) { found.insert(record.type); });
  EXPECT_GT(report.record_count, found.size());
  for (const TypeSchema& schema : all_schemas()) {
    EXPECT_TRUE(found.contains(schema.type)) << to_text(schema.type);
  }
}

TEST(MasterFileOfAllTypes, IsTheSameWhenPrintedAndReadAgain) {
  const std::string printed = parsed(file_text("dns_all_types.zone"));
  EXPECT_EQ(parsed(printed), printed);
}

// ---- printing

TEST(RecordToText, IsOneLineWithAbsoluteNames) {
  const Octets rdata = rdata_from_text(RrType::kMx, "10 mail.").value_or(Octets());
  EXPECT_EQ(record_to_text(name_of("a\\.b."), 60, RrType::kMx, rdata), "a\\.b. 60 IN MX 10 mail.");
}

}  // namespace
}  // namespace tandem
