// Domain names: RFC 1035 s3.1 and s5.1, RFC 4343 for case, RFC 4034 s6.1 for order.
#include "common/dns/name.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/dns/rdata_text.h"
#include "tests/unit/dns/rdata_rows.h"

namespace tandem {
namespace {

using testing::octets_of;
using testing::rows_of;

using Row = std::vector<std::string>;

Name name_of(std::string_view text) {
  const auto name = Name::from_text(text);
  EXPECT_TRUE(name) << text;
  return name.value_or(Name());
}

std::string repeated(std::string_view part, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += part;
  }
  return out;
}

std::string error_of(std::string_view text, NameView origin = {}) {
  const auto name = Name::from_text(text, origin);
  return name ? "" : name.error().detail;
}

// ---- text

class NameText : public ::testing::TestWithParam<Row> {};

// text | wire | printed, empty when it is the same
INSTANTIATE_TEST_SUITE_P(Rows, NameText, ::testing::ValuesIn(rows_of(R"table(
.              | 00 |
a.             | 0161 00 |
www.example.   | 03777777 076578616d706c65 00 |
WwW.Example.   | 03577757 074578616d706c65 00 |
a              | 0161 066f726967696e 00 | a.origin.
@              | 066f726967696e 00 | origin.
\@             | 0140 066f726967696e 00 | \@.origin.
a\.b.          | 03612e62 00 |
a\\.           | 02615c 00 |
\065.          | 0141 00 | A.
\000\255.      | 0200ff 00 |
a\032b.        | 03612062 00 |
\".            | 0122 00 |
\;\(\)\$.      | 043b282924 00 |
*.a.           | 012a 0161 00 |
_tcp.a-b.      | 045f746370 03612d62 00 |
a\.            | 02612e 066f726967696e 00 | a\..origin.
)table")));

TEST_P(NameText, GivesItsWireForm) {
  const auto name = Name::from_text(GetParam().at(0), name_of("origin."));
  ASSERT_TRUE(name) << name.error().detail;
  EXPECT_EQ(to_hex(name->wire()), to_hex(octets_of(GetParam().at(1))));
}

TEST_P(NameText, IsPrinted) {
  const auto name = Name::from_wire(octets_of(GetParam().at(1)));
  ASSERT_TRUE(name) << name.error().detail;
  EXPECT_EQ(name->to_text(), GetParam().at(2).empty() ? GetParam().at(0) : GetParam().at(2));
}

TEST_P(NameText, IsReadTheSameByTheFastWay) {
  const Name origin = name_of("origin.");
  std::array<std::uint8_t, kMaxNameOctets> wire{};
  const std::size_t octets = plain_name_from_text(GetParam().at(0), origin, wire);
  if (octets != 0) {
    EXPECT_EQ(to_hex({wire.data(), octets}), to_hex(octets_of(GetParam().at(1))));
  }
}

TEST(NameFromText, RefusesWhatIsNoName) {
  EXPECT_EQ(error_of(""), "expected a domain name, got nothing");
  EXPECT_EQ(error_of("a..b"), "\"a..b\" has an empty label");
  EXPECT_EQ(error_of(".a"), "\".a\" has an empty label");
  EXPECT_EQ(error_of(".."), "\"..\" has an empty label");
  const std::string_view escape =
      "a backslash needs one character or three digits up to 255 after it";
  EXPECT_EQ(error_of("a\\"), escape);
  EXPECT_EQ(error_of("\\256"), escape);
  EXPECT_EQ(error_of("\\12"), escape);
  EXPECT_EQ(error_of("\\1x2"), escape);
}

TEST(NameFromText, TakesLabelsUpTo63Octets) {
  EXPECT_EQ(error_of(repeated("x", 63) + "."), "");
  EXPECT_NE(error_of(repeated("x", 64) + "."), "");
  EXPECT_NE(error_of(repeated("x", 64)), "");
}

TEST(NameFromText, CountsAnEscapeAsOneOctet) {
  EXPECT_EQ(error_of(repeated("\\120", 63) + "."), "");
  EXPECT_NE(error_of(repeated("\\120", 64) + "."), "");
}

TEST(NameFromText, TakesNamesUpTo255Octets) {
  EXPECT_EQ(name_of(repeated("a.", 127)).size(), 255U);
  EXPECT_NE(error_of(repeated("a.", 127) + "b."), "");
  EXPECT_NE(error_of(repeated("a.", 126) + "bc."), "");
}

TEST(NameFromText, CountsTheOriginToo) {
  const Name origin = name_of(repeated("a.", 126));
  EXPECT_EQ(error_of("b", origin), "");
  EXPECT_EQ(error_of("bc", origin), "\"bc\" has more than 255 octets with its origin");
}

TEST(NameFromText, ShowsLongAndUnprintableTextSafely) {
  EXPECT_EQ(error_of("\x1b..b"), "\"\\027..b\" has an empty label");
  EXPECT_LT(error_of(repeated("x", 10'000)).size(), 120U);
}

TEST(PlainName, LeavesWhatNeedsCareToTheSlowWay) {
  std::array<std::uint8_t, kMaxNameOctets> wire{};
  const std::vector<std::string> others = {"",
                                           "@",
                                           ".",
                                           "a\\.b",
                                           "a..b",
                                           repeated("x", 64),
                                           repeated("x", 64) + ".",
                                           repeated("a.", 127)};
  for (const std::string& text : others) {
    EXPECT_EQ(plain_name_from_text(text, {}, wire), 0U) << text;
  }
}

TEST(PlainName, StopsAt255Octets) {
  std::array<std::uint8_t, kMaxNameOctets> wire{};
  EXPECT_EQ(plain_name_from_text(repeated("a.", 126), {}, wire), 253U);
  const Name origin = name_of(repeated("a.", 126));
  EXPECT_EQ(plain_name_from_text("b", origin, wire), 255U);
  EXPECT_EQ(plain_name_from_text("bc", origin, wire), 0U);
}

// ---- wire

TEST(NameFromWire, RefusesWhatIsNotOneWholeName) {
  for (const std::string_view hex :
       {"", "01", "0161", "016100 00", "c000", "4061", "8000", "0161c000"}) {
    EXPECT_FALSE(Name::from_wire(octets_of(hex))) << hex;
  }
}

TEST(NameFromWire, TakesAtMost255Octets) {
  Octets wire;
  for (int i = 0; i < 127; ++i) {
    append(wire, octets_of("0161"));
  }
  wire.push_back(0);
  EXPECT_TRUE(Name::from_wire(wire));
  wire.insert(wire.begin(), {1, 'b'});
  EXPECT_FALSE(Name::from_wire(wire));
}

TEST(WireNameOctets, FindsTheEndOfTheFirstName) {
  EXPECT_EQ(wire_name_octets(octets_of("0161 00 ffff")), 3U);
  EXPECT_EQ(wire_name_octets(octets_of("00")), 1U);
  EXPECT_EQ(wire_name_octets(octets_of("0261 00")), 0U);
}

// ---- parts

TEST(NameView, CountsLabelsWithoutTheRoot) {
  EXPECT_EQ(name_of(".").label_count(), 0U);
  EXPECT_EQ(name_of("a.b.c.").label_count(), 3U);
}

TEST(NameView, GivesFirstLabelAndParent) {
  const Name name = name_of("www.example.");
  EXPECT_EQ(as_text(name.view().first_label()), "www");
  EXPECT_EQ(name.parent().to_text(), "example.");
}

TEST(NameView, KnowsWildcards) {
  EXPECT_TRUE(name_of("*.a.").view().is_wildcard());
  EXPECT_TRUE(name_of("*.").view().is_wildcard());
  EXPECT_FALSE(name_of("**.a.").view().is_wildcard());
  EXPECT_FALSE(name_of("a.*.").view().is_wildcard());
  EXPECT_FALSE(name_of(".").view().is_wildcard());
}

TEST(NameView, IsSubdomainOfItselfAndAboveOnly) {
  const Name name = name_of("www.Example.");
  EXPECT_TRUE(name.is_subdomain_of(name));
  EXPECT_TRUE(name.is_subdomain_of(name_of("eXample.")));
  EXPECT_TRUE(name.is_subdomain_of(name_of(".")));
  EXPECT_FALSE(name_of("example.").is_subdomain_of(name));
  EXPECT_FALSE(name_of("wexample.").is_subdomain_of(name_of("example.")));
}

TEST(NameView, ComparesSubdomainsByLabelsNotByOctets) {
  // The octets of "a\007example." end like those of "example."
  EXPECT_FALSE(name_of("aa\\007example.").is_subdomain_of(name_of("example.")));
}

// ---- case and order

TEST(NameEquality, IgnoresTheCaseOfLettersOnly) {
  EXPECT_EQ(name_of("ExAmPlE."), name_of("eXaMpLe."));
  EXPECT_NE(name_of("\\192."), name_of("\\224."));  // letters with accents are octets here
  EXPECT_NE(name_of("\\064."), name_of("\\096."));  // '@' and '`' differ by the same bit as letters
  EXPECT_NE(name_of("\\091."), name_of("\\123."));  // '[' and '{' too
}

TEST(NameEquality, TellsDotsInLabelsFromDotsBetween) {
  EXPECT_NE(name_of("a\\.b."), name_of("a.b."));
}

TEST(NameOrder, IsThatOfRfc4034Section6) {
  const std::vector<std::string_view> sorted = {
      "example.",   "a.example.",       "yljkjljk.a.example.", "Z.a.example.",    "zABC.a.EXAMPLE.",
      "z.example.", "\\001.z.example.", "*.z.example.",        "\\200.z.example."};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      EXPECT_EQ(name_of(sorted[i]) <=> name_of(sorted[j]), i <=> j)
          << sorted[i] << " and " << sorted[j];
    }
  }
}

TEST(NameOrder, PutsTheRootFirst) {
  EXPECT_LT(name_of("."), name_of("a."));
}

TEST(NameHash, IsTheSameForNamesThatDifferInCase) {
  EXPECT_EQ(NameHash()(name_of("WWW.Example.")), NameHash()(name_of("www.eXAMPLE.")));
  EXPECT_NE(NameHash()(name_of("a.")), NameHash()(name_of("b.")));
}

TEST(NameHash, FindsViewsInAContainerOfNames) {
  std::unordered_set<Name, NameHash, NameEqual> names = {name_of("a.example.")};
  EXPECT_TRUE(names.contains(name_of("A.EXAMPLE.").view()));
}

TEST(Name, FoldsToLowerCase) {
  EXPECT_EQ(name_of("A\\192Z[.").lower().to_text(), "a\\192z\\[.");
}

TEST(Name, CopiesOnlyWhatIsInUse) {
  Name name = name_of("a.b.c.");
  name = name_of("x.");
  EXPECT_EQ(name.to_text(), "x.");
  const Name& same = name;
  name = same;
  EXPECT_EQ(name.to_text(), "x.");
}

// ---- NameBuilder

TEST(NameBuilder, RefusesEmptyAndLongLabels) {
  NameBuilder builder;
  EXPECT_FALSE(builder.append_label({}));
  EXPECT_FALSE(builder.append_label(Octets(64, 'x')));
  EXPECT_TRUE(builder.empty());
  EXPECT_TRUE(builder.append_label(Octets(63, 'x')));
  EXPECT_FALSE(builder.empty());
}

TEST(NameBuilder, RefusesToGrowBeyond255Octets) {
  NameBuilder builder;
  for (int i = 0; i < 127; ++i) {
    ASSERT_TRUE(builder.append_label(Octets{'a'}));
  }
  EXPECT_FALSE(builder.append_label(Octets{'a'}));
  Name name;
  EXPECT_FALSE(builder.finish(name_of("a."), name));
  ASSERT_TRUE(builder.finish(NameView(), name));
  EXPECT_EQ(name.size(), 255U);
}

// RFC 4343 s3.2: A-Z and nothing else, also not 0xC1-0xDA, which differ from them in one bit.
TEST(FoldCase, FoldsEveryOctetAtEveryPlace) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (unsigned octet = 0; octet < 256; ++octet) {
      for (std::size_t at = 0; at < size; ++at) {
        Octets from(size, 'M');
        from[at] = static_cast<std::uint8_t>(octet);
        Octets to(size);
        fold_case(from, to);
        Octets expected(size, 'm');
        expected[at] = to_lower(from[at]);
        ASSERT_EQ(to, expected) << octet << " at " << at << " of " << size;
        fold_case(from, from);
        ASSERT_EQ(from, expected);
      }
    }
  }
}

}  // namespace
}  // namespace tandem
