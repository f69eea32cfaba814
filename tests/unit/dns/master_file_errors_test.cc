// What is said about master files that are wrong: file:line:column, what, and what was expected.
#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "common/dns/master_file.h"

namespace tandem {
namespace {

MasterFileReport report_of(std::string_view text) {
  MasterFileOptions options;
  options.origin = Name::from_text("example.").value_or(Name());
  options.file_name = "z";
  return parse_master_file(text, options, [](const MasterFileRecord&) {});
}

std::string diagnostics_of(std::string_view text) {
  std::string out;
  for (const Diagnostic& diagnostic : report_of(text).diagnostics) {
    out += diagnostic.to_text() + "\n";
  }
  return out;
}

struct WrongFile {
  std::string_view text;
  std::string_view diagnostics;

  friend std::ostream& operator<<(std::ostream& to, const WrongFile& file) {
    return to << file.text;
  }
};

class WrongMasterFile : public ::testing::TestWithParam<WrongFile> {};

constexpr std::array kWrongFiles = {
    // owners
    WrongFile{" 1 A 192.0.2.1\n",
              "z:1:2: record leaves its owner out, expected a name before the first one\n"},
    WrongFile{"a..b 1 A 192.0.2.1\n 1 A x\n 1 A 192.0.2.1\n",
              "z:1:1: owner needs to be a domain name: \"a..b\" has an empty label\n"
              "z:2:6: A record needs an IPv4 address, got \"x\"\n"},
    WrongFile{"\"a\" 1 A 192.0.2.1\n",
              "z:1:1: owner needs to be a domain name, got the quoted text \"a\"\n"},
    // TTL, class, type
    WrongFile{"a A 192.0.2.1\n",
              "z:1:1: record has no TTL, expected one here or a $TTL line before\n"},
    WrongFile{"a SOA . . 1 2 3 4 2147483648\n",
              "z:1:1: record has no TTL, expected one here or a $TTL line before\n"},
    WrongFile{"a 2147483648 A 192.0.2.1\n",
              "z:1:3: TTL needs seconds up to 2147483647 or units such as 1h30m, got "
              "\"2147483648\"\n"},
    WrongFile{"a 1h30 A 192.0.2.1\n",
              "z:1:3: TTL needs seconds up to 2147483647 or units such as 1h30m, got \"1h30\"\n"},
    WrongFile{"a 1 2 A 192.0.2.1\n", "z:1:5: expected a record type, got \"2\"\n"},
    WrongFile{"a 1 IN IN A 192.0.2.1\n", "z:1:8: expected a record type, got \"IN\"\n"},
    WrongFile{"a 1 CH TXT b\n", "z:1:5: class CH is not served, expected IN\n"},
    WrongFile{"a CLASS3 1 TXT b\n", "z:1:3: class CH is not served, expected IN\n"},
    WrongFile{"a 1 IN FOO b\n", "z:1:8: expected a record type, got \"FOO\"\n"},
    WrongFile{"a 1 IN \"A\" 192.0.2.1\n",
              "z:1:8: expected a record type, got the quoted text \"A\"\n"},
    WrongFile{"a 1 IN\n", "z:1:7: expected a record type, got nothing\n"},
    WrongFile{"a\n", "z:1:2: expected a record type, got nothing\n"},
    WrongFile{"a 1 ANY b\n", "z:1:5: ANY is never data of a zone, expected a record type\n"},
    WrongFile{"a 1 OPT b\n", "z:1:5: OPT is never data of a zone, expected a record type\n"},
    WrongFile{"a 1 AXFR\n", "z:1:5: AXFR is never data of a zone, expected a record type\n"},
    WrongFile{"a 1 TYPE250 \\# 0\n",
              "z:1:5: TSIG is never data of a zone, expected a record type\n"},
    WrongFile{"a 1 TYPE0 \\# 0\n",
              "z:1:5: TYPE0 is never data of a zone, expected a record type\n"},
    // rdata
    WrongFile{"\n\na 1 A 14.6.220\n", "z:3:7: A record needs an IPv4 address, got \"14.6.220\"\n"},
    WrongFile{"a 1 A\n", "z:1:6: A record needs an IPv4 address, got nothing\n"},
    WrongFile{"a 1 A ; 192.0.2.1\n", "z:1:6: A record needs an IPv4 address, got nothing\n"},
    WrongFile{"a 1 HINFO \"x\"\n", "z:1:14: HINFO record needs a string, got nothing\n"},
    WrongFile{"a 1 A 192.0.2.1 x y\n", "z:1:17: A record needs nothing more, got \"x\"\n"},
    WrongFile{"a 1 A \"192.0.2.1\"\n",
              "z:1:7: A record needs an IPv4 address, got the quoted text \"192.0.2.1\"\n"},
    WrongFile{"a 1 MX ( ; pref\n x\n mail )\n",
              "z:2:2: MX record needs a number from 0 to 65535, got \"x\"\n"},
    WrongFile{"a 1 MX (\n 10\n )\n", "z:2:4: MX record needs a domain name, got nothing\n"},
    WrongFile{"a 1 TYPE65280 abc\n",
              "z:1:15: TYPE65280 record needs \\#, a length and hex digits, as its form is not "
              "known, got \"abc\"\n"},
    // lines
    WrongFile{"a 1 TXT \"x\nb 1 A y\n",
              "z:1:9: quoted text is not closed on its line, expected a second \"\n"
              "z:2:7: A record needs an IPv4 address, got \"y\"\n"},
    WrongFile{"a 1 SOA ns h (\n 1 2 3 4 5\nb 1 A y\n",
              "z:1:14: parenthesis is never closed\n"
              "z:2:4: expected a record type, got \"2\"\n"
              "z:3:7: A record needs an IPv4 address, got \"y\"\n"},
    WrongFile{"a 1 A 192.0.2.1 )\n", "z:1:17: closing parenthesis without an opening one\n"},
    // directives
    WrongFile{"$FOO\n", "z:1:1: expected $ORIGIN, $TTL, $INCLUDE or $GENERATE, got \"$FOO\"\n"},
    WrongFile{"$TTL\n",
              "z:1:5: $TTL needs seconds up to 2147483647 or units such as 1h30m, got nothing\n"},
    WrongFile{"$TTL x\n",
              "z:1:6: $TTL needs seconds up to 2147483647 or units such as 1h30m, got \"x\"\n"},
    WrongFile{"$TTL 1 2\n", "z:1:8: $TTL needs nothing more, got \"2\"\n"},
    WrongFile{"$ORIGIN\n", "z:1:8: $ORIGIN needs a domain name, got nothing\n"},
    WrongFile{"$ORIGIN a..b\n",
              "z:1:9: $ORIGIN needs a domain name: \"a..b\" has an empty label\n"},
    WrongFile{"$ORIGIN a. b.\n", "z:1:12: $ORIGIN needs nothing more, got \"b.\"\n"},
    WrongFile{"$INCLUDE\n", "z:1:9: $INCLUDE needs a file's name, got nothing\n"},
    WrongFile{"$INCLUDE f\n",
              "z:1:1: $INCLUDE is not allowed here, expected all records in one file\n"},
    WrongFile{"$INCLUDE f a. b\n", "z:1:15: $INCLUDE needs nothing more, got \"b\"\n"},
    WrongFile{"$GENERATE\n",
              "z:1:10: $GENERATE needs a range such as 1-9 or 0-99/10, got nothing\n"},
    WrongFile{"$GENERATE 9-1 a$ 1 A 192.0.2.$\n",
              "z:1:11: $GENERATE needs a range such as 1-9 or 0-99/10, got \"9-1\"\n"},
    WrongFile{"$GENERATE 1-9\n", "z:1:14: $GENERATE needs an owner such as host$, got nothing\n"},
    WrongFile{"$GENERATE 1-9 a$\n", "z:1:17: expected a record type, got nothing\n"},
    WrongFile{"$GENERATE 1-9 a$ 1 A\n", "z:1:1: A record needs an IPv4 address, got nothing\n"},
    WrongFile{"$GENERATE 1-9 a${x} 1 A 192.0.2.$\n",
              "z:1:1: $GENERATE needs ${offset,width,base}, got \"${x}\"\n"},
    WrongFile{"$GENERATE 1-9 a$ 1 TXT \"\\\"a\"\n",
              "z:1:1: quoted text is not closed on its line, expected a second \"\n"},
    WrongFile{"$GENERATE 1-99999 a$ 1 TXT ${0,250} ${0,250} ${0,250}\n",
              "z:1:1: $GENERATE makes more than 67108864 octets of text in this file\n"},
    WrongFile{"$GENERATE 0-99999999 a$ 1 A 192.0.2.1\n",
              "z:1:11: $GENERATE makes more than 100000 records in this file, got 100000000 "
              "more\n"},
};

INSTANTIATE_TEST_SUITE_P(Rows, WrongMasterFile, ::testing::ValuesIn(kWrongFiles));

TEST_P(WrongMasterFile, IsReportedWhereAndWhy) {
  EXPECT_EQ(diagnostics_of(GetParam().text), GetParam().diagnostics);
}

TEST(MasterFileErrors, LeaveTheOtherRecordsInPlace) {
  const MasterFileReport report =
      report_of("a 1 A x\nb 1 A 192.0.2.1\nc 1 FOO\n(\nd 1 A 192.0.2.2\n");
  EXPECT_EQ(report.record_count, 2U);
  EXPECT_TRUE(report.has_errors());
}

TEST(MasterFileErrors, GiveNoRecordToTheOwnerBeforeAWrongOne) {
  const MasterFileReport report =
      report_of("a 1 A 192.0.2.1\nb..c 1 A 192.0.2.2\n 1 A 192.0.2.3\n");
  EXPECT_EQ(report.record_count, 1U);
}

TEST(MasterFileErrors, AreReportedUpToAHundred) {
  std::string text;
  for (std::size_t i = 0; i < kMaxDiagnostics; ++i) {
    text += "a 1 A x\n";
  }
  const MasterFileReport hundred = report_of(text + "b 1 A 192.0.2.1\n");
  EXPECT_EQ(hundred.diagnostics.size(), kMaxDiagnostics);
  EXPECT_FALSE(hundred.too_many_errors);
  EXPECT_EQ(hundred.record_count, 1U);

  const MasterFileReport more = report_of(text + "a 1 A x\nb 1 A 192.0.2.1\n");
  EXPECT_EQ(more.diagnostics.size(), kMaxDiagnostics);
  EXPECT_TRUE(more.too_many_errors);
  EXPECT_EQ(more.record_count, 0U);
}

TEST(MasterFileErrors, AreNotWarnings) {
  const MasterFileReport report = report_of("@ SOA . . 1 2 3 4 5\n");
  ASSERT_EQ(report.diagnostics.size(), 1U);
  EXPECT_EQ(report.diagnostics[0].severity, Diagnostic::Severity::kWarning);
  EXPECT_FALSE(report.has_errors());
}

TEST(DiagnosticLine, HasPlaceAndSeverity) {
  const Diagnostic bad{Diagnostic::Severity::kError, "a.zone", 3, 7, "bad"};
  EXPECT_EQ(bad.to_line(), "a.zone:3:7: error: bad");
  EXPECT_EQ(bad.to_text(), "a.zone:3:7: bad");
  const Diagnostic odd{Diagnostic::Severity::kWarning, "a.zone", 0, 1, "odd"};
  EXPECT_EQ(odd.to_line(), "a.zone: warning: odd");
  EXPECT_EQ(odd.to_text(), "a.zone: warning: odd");
}

TEST(MasterFileErrors, ShowNoControlCharacters) {
  EXPECT_EQ(diagnostics_of("a 1 \x1b[2J\n"), "z:1:5: expected a record type, got \"\\027[2J\"\n");
}

TEST(MasterFileErrors, EndARunOfParenthesesThatEachSwallowTheRest) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += "a (\n";
  }
  const MasterFileReport report = report_of(text);
  EXPECT_TRUE(report.too_many_errors);
}

}  // namespace
}  // namespace tandem
