// $GENERATE: ranges and patterns. The expected values are those of BIND 9.18.
#include "common/dns/master_file_generate.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/dns/rdata_rows.h"

namespace tandem {
namespace {

using Row = std::vector<std::string>;

TEST(GenerateRange, IsStartStopAndStep) {
  const auto range = generate_range_from_text("2-10/3");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->start, 2U);
  EXPECT_EQ(range->stop, 10U);
  EXPECT_EQ(range->step, 3U);
  EXPECT_EQ(range->count(), 3U);
}

TEST(GenerateRange, StepsByOneWhenNotTold) {
  const auto range = generate_range_from_text("0-2147483647");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->count(), 2'147'483'648U);
}

TEST(GenerateRange, RefusesEverythingElse) {
  for (const std::string_view text : {"", "1", "1-", "-1", "2-1", "1-2/0", "1-2/", "1/2-3", "a-b",
                                      "1-2147483648", "1--2", "1-2-3", "1-2/3/4", "1 - 2"}) {
    EXPECT_FALSE(generate_range_from_text(text)) << text;
  }
}

class GeneratePattern : public ::testing::TestWithParam<Row> {};

// pattern | number | text
INSTANTIATE_TEST_SUITE_P(Rows, GeneratePattern, ::testing::ValuesIn(testing::rows_of(R"table(
host         | 7    | host
host$        | 7    | host7
$.$          | 7    | 7.7
a$$b         | 7    | a$b
a\$b         | 7    | a\$b
a\\$         | 7    | a\\7
a\           | 7    | a\
${0}         | 7    | 7
${3}         | 7    | 10
${+3}        | 7    | 10
${-7}        | 7    | 0
${0,3}       | 7    | 007
${0,3,d}     | 1234 | 1234
${0,4,x}     | 171  | 00ab
${0,0,X}     | 171  | AB
${0,4,o}     | 8    | 0010
${0,0,n}     | 26   | a.1
${0,1,n}     | 26   | a.1
${0,3,N}     | 26   | A.1
${0,4,n}     | 26   | a.1.
${0,7,n}     | 26   | a.1.0.0
${0,8,N}     | 26   | A.1.0.0.
${0,0,n}     | 0    | 0
${0,2,d}-${1,3,x} | 9 | 09-00a
)table")));

TEST_P(GeneratePattern, IsFilledIn) {
  std::string text;
  const auto number = static_cast<std::uint32_t>(std::stoul(GetParam().at(1)));
  ASSERT_TRUE(append_generated(GetParam().at(0), number, text));
  EXPECT_EQ(text, GetParam().at(2));
}

TEST(GeneratePattern, RefusesMalformedModifiers) {
  for (const std::string_view pattern :
       {"${", "${}", "${a}", "${0,}", "${0,x}", "${0,256}", "${0,1,}", "${0,1,q}", "${0,1,dd}",
        "${0,1,d,1}", "${2147483648}", "${-2147483648}", "${+-1}", "${0"}) {
    std::string text;
    EXPECT_FALSE(append_generated(pattern, 7, text)) << pattern;
  }
}

TEST(GeneratePattern, RefusesNumbersBelowZero) {
  std::string text;
  const Status status = append_generated("${-8}", 7, text);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().detail, "$GENERATE needs numbers from 0, got -1");
}

TEST(GeneratePattern, SaysWhichModifierIsWrong) {
  std::string text;
  const Status status = append_generated("a${0,x}b", 7, text);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().detail, "$GENERATE needs ${offset,width,base}, got \"${0,x}b\"");
}

}  // namespace
}  // namespace tandem
