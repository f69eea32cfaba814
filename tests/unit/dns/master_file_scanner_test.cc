// The lexical half of master files (RFC 1035 s5.1).
#include "common/dns/master_file_scanner.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace tandem {
namespace {

/// All lines of `text`, tokens between bars, quoted ones in quotes, a problem as !line:column text;
/// "~" in front of a line that begins with white space.
std::string scanned(std::string_view text) {
  MasterFileScanner scanner(text);
  std::string out;
  while (true) {
    const auto found = scanner.next();
    if (found == MasterFileScanner::Found::kEnd) {
      return out;
    }
    if (found == MasterFileScanner::Found::kProblem) {
      const TextPlace place = scanner.place_of(scanner.problem().at);
      out += "!" + std::to_string(place.line) + ":" + std::to_string(place.column) + " ";
      out += scanner.problem().text;
      out += "\n";
      continue;
    }
    out += std::to_string(scanner.line());
    out += scanner.begins_with_blank() ? "~" : "";
    for (const Token& token : scanner.tokens()) {
      const std::string_view quote = token.kind == TokenKind::kQuoted ? "\"" : "";
      out += "|";
      out += quote;
      out += token.text;
      out += quote;
    }
    out += "\n";
  }
}

TEST(Scanner, SplitsAtSpacesAndTabs) {
  EXPECT_EQ(scanned("a  b\tc\n d\n"), "1|a|b|c\n2~|d\n");
}

TEST(Scanner, SkipsEmptyLinesAndComments) {
  EXPECT_EQ(scanned("\n  \n; c\na ; c ( \" c\n\t;\nb;c\n"), "4|a\n6|b\n");
}

TEST(Scanner, TakesALastLineWithoutNewline) {
  EXPECT_EQ(scanned("a\nb c"), "1|a\n2|b|c\n");
}

TEST(Scanner, TakesCarriageReturnsAsWhiteSpace) {
  EXPECT_EQ(scanned("a\r\n\r\nb c\r\n"), "1|a\n3|b|c\n");
}

TEST(Scanner, SkipsAByteOrderMark) {
  EXPECT_EQ(scanned("\xef\xbb\xbf"
                    "a b\n"),
            "1|a|b\n");
}

TEST(Scanner, JoinsLinesInParentheses) {
  EXPECT_EQ(scanned("a ( b ; x\n c\n) d\ne"), "1|a|b|c|d\n4|e\n");
}

TEST(Scanner, TakesParenthesesWithoutSpacesAndNested) {
  EXPECT_EQ(scanned("a(b(c\n)d\n)e"), "1|a|b|c|d|e\n");
}

TEST(Scanner, KeepsWhatIsQuotedTogether) {
  EXPECT_EQ(scanned("\"a ; ( b\" \"\" c"), "1|\"a ; ( b\"|\"\"|c\n");
}

TEST(Scanner, EndsTokensAtQuotes) {
  EXPECT_EQ(scanned("a\"b\"c\"d\"\"e\""), "1|a|\"b\"|c|\"d\"|\"e\"\n");
}

TEST(Scanner, LeavesEscapesAsTheyAre) {
  EXPECT_EQ(scanned("a\\ b\\;c\\(\\\"d \"e\\\"f\\\\\" g\\065"),
            "1|a\\ b\\;c\\(\\\"d|\"e\\\"f\\\\\"|g\\065\n");
}

TEST(Scanner, EndsAnEscapeAtTheLineEnd) {
  EXPECT_EQ(scanned("a\\\nb\\\r\nc\\"), "1|a\\\n2|b\\\n3|c\\\n");
}

TEST(Scanner, TakesAnyOtherOctet) {
  EXPECT_EQ(scanned(std::string_view("a\0b\xff\x7f\v", 6)), std::string("1|a\0b\xff\x7f\v\n", 9));
}

TEST(ScannerProblem, IsAnUnclosedQuoteWhereItWasOpened) {
  EXPECT_EQ(scanned("a b \"c\nd\n"),
            "!1:5 quoted text is not closed on its line, expected a second \"\n2|d\n");
}

TEST(ScannerProblem, IsAnUnclosedQuoteAtTheEnd) {
  EXPECT_EQ(scanned("\""), "!1:1 quoted text is not closed on its line, expected a second \"\n");
}

TEST(ScannerProblem, LeavesParenthesesOpenBehindAnUnclosedQuote) {
  EXPECT_EQ(scanned("a (\n \"b\n c )\nd\n"),
            "!2:2 quoted text is not closed on its line, expected a second \"\n4|d\n");
}

TEST(ScannerProblem, IsAnUnclosedParenthesisWhereItWasOpened) {
  EXPECT_EQ(scanned("a\nb c ( d\ne ( f )\ng"),
            "1|a\n!2:5 parenthesis is never closed\n3|e|f\n4|g\n");
}

TEST(ScannerProblem, IsAnUnclosedParenthesisOnALineOfItsRecordBehindTheFirst) {
  EXPECT_EQ(scanned("a ( b\n) c ( d\ne"), "!2:5 parenthesis is never closed\n3|e\n");
}

TEST(ScannerProblem, IsAParenthesisThatWasNotOpened) {
  EXPECT_EQ(scanned("a ) b\nc"), "!1:3 closing parenthesis without an opening one\n2|c\n");
}

TEST(ScannerProblem, IsALineOfTooManyWords) {
  std::string text;
  for (std::size_t i = 0; i <= kMaxLineTokens; ++i) {
    text += "a ";
  }
  EXPECT_EQ(scanned(text + "\nb"),
            "!1:262145 line has too many words, at most 131072 fit in a record\n2|b\n");
}

TEST(ScannerProblem, IsAParenthesisThatSpansTooManyWords) {
  std::string text = "(\n";
  for (std::size_t i = 0; i <= kMaxLineTokens; ++i) {
    text += "a\n";
  }
  EXPECT_EQ(scanned(text + ")\nb"),
            "!131074:1 line has too many words, at most 131072 fit in a record\n131076|b\n");
}

TEST(ScannerProblem, IsEveryUnclosedParenthesisAndNoOther) {
  EXPECT_EQ(scanned("a (\nb ( (\nc (\nd )\ne ( f\ng ) h\ni ( j"),
            "!1:3 parenthesis is never closed\n!2:3 parenthesis is never closed\n3|c|d\n"
            "5|e|f|g|h\n!7:3 parenthesis is never closed\n");
}

TEST(ScannerProblem, IsFoundWithoutReadingTheRestAgain) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "a (\n";
  }
  text.append(50'000'000, '\n');
  MasterFileScanner scanner(text);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(scanner.next(), MasterFileScanner::Found::kProblem);
    EXPECT_EQ(scanner.line(), static_cast<std::uint32_t>(i + 1));
  }
  ASSERT_EQ(scanner.next(), MasterFileScanner::Found::kEnd);
  // One pass or two; a hundred took a hundred times as long.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(Scanner, CountsLinesAcrossProblems) {
  EXPECT_EQ(scanned("(\n\na"), "!1:1 parenthesis is never closed\n3|a\n");
}

TEST(Scanner, StartsAnew) {
  MasterFileScanner scanner("a\nb");
  static_cast<void>(scanner.next());
  static_cast<void>(scanner.next());
  scanner.start("c");
  ASSERT_EQ(scanner.next(), MasterFileScanner::Found::kLine);
  EXPECT_EQ(scanner.line(), 1U);
  EXPECT_EQ(scanner.tokens()[0].text, "c");
}

TEST(Scanner, FindsNothingInNothing) {
  EXPECT_EQ(scanned(""), "");
}

}  // namespace
}  // namespace tandem
