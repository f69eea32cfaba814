// IP addresses as text: strict in (RFC 4291 s2.2), RFC 5952 out.
#include "common/dns/rdata_address.h"

#include <vector>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "tests/unit/dns/rdata_rows.h"

namespace tandem {
namespace {

using testing::octets_of;
using testing::rows_of;

using Row = std::vector<std::string>;

TEST(Ipv4Text, IsFourNumbersUpTo255) {
  EXPECT_EQ(ipv4_from_text("192.0.2.255"), (Ipv4Octets{192, 0, 2, 255}));
  EXPECT_EQ(ipv4_from_text("0.0.0.0"), Ipv4Octets{});
}

TEST(Ipv4Text, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", "1", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5", "1.2.3.256",
        "1.2.3.1000", "01.2.3.4", "1.2.3.00", "1.2.3.0x1", "1.2.3.4 ", " 1.2.3.4", "-1.2.3.4",
        "1.2.3.+4", "1,2.3.4"}) {
    EXPECT_FALSE(ipv4_from_text(text)) << text;
  }
}

class Ipv6Text : public ::testing::TestWithParam<Row> {};

// read | octets | printed
INSTANTIATE_TEST_SUITE_P(Rows, Ipv6Text, ::testing::ValuesIn(rows_of(R"table(
::                              | 0000 0000 0000 0000 0000 0000 0000 0000 | ::
::1                             | 0000 0000 0000 0000 0000 0000 0000 0001 | ::1
1::                             | 0001 0000 0000 0000 0000 0000 0000 0000 | 1::
2001:DB8::00A1                  | 2001 0db8 0000 0000 0000 0000 0000 00a1 | 2001:db8::a1
2001:db8:0:0:1:0:0:1            | 2001 0db8 0000 0000 0001 0000 0000 0001 | 2001:db8::1:0:0:1
2001:0:0:1:0:0:0:1              | 2001 0000 0000 0001 0000 0000 0000 0001 | 2001:0:0:1::1
2001:db8:0:1:1:1:1:1            | 2001 0db8 0000 0001 0001 0001 0001 0001 | 2001:db8:0:1:1:1:1:1
2001:db8::1:1:1:1:1             | 2001 0db8 0000 0001 0001 0001 0001 0001 | 2001:db8:0:1:1:1:1:1
1:2:3:4:5:6:7::                 | 0001 0002 0003 0004 0005 0006 0007 0000 | 1:2:3:4:5:6:7:0
::2:3:4:5:6:7:8                 | 0000 0002 0003 0004 0005 0006 0007 0008 | 0:2:3:4:5:6:7:8
::ffff:192.0.2.1                | 0000 0000 0000 0000 0000 ffff c000 0201 | ::ffff:192.0.2.1
::192.0.2.1                     | 0000 0000 0000 0000 0000 0000 c000 0201 | ::c000:201
64:ff9b::192.0.2.33             | 0064 ff9b 0000 0000 0000 0000 c000 0221 | 64:ff9b::c000:221
1:2:3:4:5:6:1.2.3.4             | 0001 0002 0003 0004 0005 0006 0102 0304 | 1:2:3:4:5:6:102:304
ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff | ffff ffff ffff ffff ffff ffff ffff ffff | ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
0:0:0:0:0:0:0:0                 | 0000 0000 0000 0000 0000 0000 0000 0000 | ::
0:0:1::                         | 0000 0000 0001 0000 0000 0000 0000 0000 | 0:0:1::
)table")));

TEST_P(Ipv6Text, IsRead) {
  const auto address = ipv6_from_text(GetParam().at(0));
  ASSERT_TRUE(address);
  EXPECT_EQ(to_hex(*address), to_hex(octets_of(GetParam().at(1))));
}

TEST_P(Ipv6Text, IsPrintedByRfc5952) {
  const Octets address = octets_of(GetParam().at(1));
  std::string text;
  append_ipv6_text(std::span(address).first<16>(), text);
  EXPECT_EQ(text, GetParam().at(2));
}

TEST(Ipv6Text, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      ":",
                                      ":::",
                                      "1",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      "1::2::3",
                                      "::12345",
                                      "::g",
                                      "1:",
                                      ":1",
                                      "::1:",
                                      "1:::2",
                                      "::1.2.3",
                                      "::1.2.3.4:1",
                                      "1.2.3.4",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "::1%1",
                                      "::1/64",
                                      " ::1",
                                      "::1 "}) {
    EXPECT_FALSE(ipv6_from_text(text)) << text;
  }
}

}  // namespace
}  // namespace tandem
