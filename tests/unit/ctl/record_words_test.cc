// Records as people type them on a command line.
#include "ctl/record_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Name name(std::string_view text) {
  return Name::from_text(text).value();
}

class Words : public ::testing::Test {
 public:
  [[nodiscard]] RecordWords read(const std::vector<std::string>& words) const {
    auto out = record_words(words, zone);
    EXPECT_TRUE(out) << out.error().detail;
    return out ? *std::move(out) : RecordWords{};
  }

  [[nodiscard]] std::string error_of(const std::vector<std::string>& words) const {
    const auto out = record_words(words, zone);
    EXPECT_FALSE(out);
    return out ? "" : out.error().detail;
  }

  Name zone = name("example.com.");
};

std::string owner(std::string_view text, std::string_view zone) {
  const auto found = name_in_zone(text, name(zone));
  return found ? found->to_text() : "error: " + found.error().detail;
}

TEST(NameInZone, TakesRelativeNames) {
  EXPECT_EQ(owner("www", "example.com."), "www.example.com.");
  EXPECT_EQ(owner("*.dyn", "example.com."), "*.dyn.example.com.");
}

TEST(NameInZone, AtIsTheZoneItself) {
  EXPECT_EQ(owner("@", "example.com."), "example.com.");
  EXPECT_EQ(owner("@", "."), ".");
}

TEST(NameInZone, WhatEndsWithTheZoneIsAbsoluteWithoutItsDot) {
  EXPECT_EQ(owner("www.example.com", "example.com."), "www.example.com.");
  EXPECT_EQ(owner("example.com", "example.com."), "example.com.");
  EXPECT_EQ(owner("WWW.Example.COM", "example.com."), "WWW.Example.COM.");
}

TEST(NameInZone, RefusesAnAbsoluteNameElsewhere) {
  EXPECT_EQ(owner("www.example.org.", "example.com."),
            "error: www.example.org. is not in the zone example.com.");
}

TEST(NameInZone, EverythingIsInTheRootZone) {
  EXPECT_EQ(owner("kr", "."), "kr.");
  EXPECT_EQ(owner("kr.", "."), "kr.");
}

TEST(HostOfZone, IsInTheZoneWhenItIsOneLabel) {
  const auto host = [](std::string_view text) {
    return host_of_zone(text, name("example.com.")).value().to_text();
  };
  EXPECT_EQ(host("ns1"), "ns1.example.com.");
  EXPECT_EQ(host("ns1.example.com"), "ns1.example.com.");
  EXPECT_EQ(host("ns1.example.net"), "ns1.example.net.");
  EXPECT_EQ(host("ns1."), "ns1.");
}

TEST(RecordType, KnowsNamesInAnyCaseAndNumbers) {
  EXPECT_EQ(record_type("mx").value(), RrType::kMx);
  EXPECT_EQ(number(record_type("TYPE65280").value()), 65280);
}

TEST(RecordType, RefusesWhatAZoneCannotHold) {
  for (const std::string_view text : {"AXFR", "ANY", "OPT", "BOGUS", ""}) {
    const auto type = record_type(text);
    ASSERT_FALSE(type) << text;
    EXPECT_THAT(type.error().detail, HasSubstr("is no record type"));
  }
}

TEST_F(Words, TtlIsOptional) {
  const RecordWords with = read({"600", "A", "192.0.2.1"});
  EXPECT_EQ(with.ttl, 600U);
  EXPECT_THAT(with.data, ElementsAre("192.0.2.1"));
  EXPECT_EQ(read({"A", "192.0.2.1"}).ttl, std::nullopt);
}

TEST_F(Words, TtlHasItsRange) {
  for (const char* const ttl : {"2147483648", "99999999999", "-5"}) {
    EXPECT_THAT(error_of({ttl, "A", "192.0.2.1"}),
                HasSubstr("is no TTL; expected 0 to 2147483647"));
  }
}

TEST_F(Words, TtlMayHaveUnits) {
  EXPECT_EQ(read({"1h30m", "A", "192.0.2.1"}).ttl, 5400U);
}

TEST_F(Words, TheClassMayBeThere) {
  const std::vector<std::vector<std::string>> rows = {{"600", "IN", "A", "192.0.2.1"},
                                                      {"IN", "600", "A", "192.0.2.1"},
                                                      {"600", "in", "A", "192.0.2.1"}};
  for (const auto& words : rows) {
    const RecordWords out = read(words);
    EXPECT_EQ(out.ttl, 600U);
    EXPECT_EQ(out.type, RrType::kA);
    EXPECT_THAT(out.data, ElementsAre("192.0.2.1"));
  }
  EXPECT_EQ(read({"IN", "A", "192.0.2.1"}).ttl, std::nullopt);
}

TEST_F(Words, AmongRecordsTheBadOneIsNamed) {
  EXPECT_THAT(error_of({"A", "192.0.2.1", "192.0.2.2", "192.0.2"}), HasSubstr("got \"192.0.2\""));
  EXPECT_THAT(error_of({"SRV", "0", "5", "443"}), HasSubstr("got nothing"));
}

TEST_F(Words, WordsThatAreNoRecordTogetherAreOneEach) {
  EXPECT_THAT(read({"A", "192.0.2.1", "192.0.2.2"}).data, ElementsAre("192.0.2.1", "192.0.2.2"));
}

TEST_F(Words, WordsThatAreOneRecordTogetherAreOne) {
  EXPECT_THAT(read({"SRV", "0", "5", "443", "www"}).data, ElementsAre("0 5 443 www.example.com."));
}

TEST_F(Words, SeveralRecordsOfSeveralFieldsNeedQuotes) {
  EXPECT_THAT(read({"MX", "10 mail", "20 mail2"}).data,
              ElementsAre("10 mail.example.com.", "20 mail2.example.com."));
}

TEST_F(Words, RelativeDataIsCompletedWithTheZone) {
  EXPECT_THAT(read({"CNAME", "web"}).data, ElementsAre("web.example.com."));
  EXPECT_THAT(read({"CNAME", "web.example.org."}).data, ElementsAre("web.example.org."));
}

TEST_F(Words, WarnsOfAForgottenFinalDot) {
  const RecordWords words = read({"MX", "10", "mail.example.com"});
  EXPECT_THAT(words.data, ElementsAre("10 mail.example.com.example.com."));
  EXPECT_THAT(words.warnings, ElementsAre(HasSubstr("without its final dot")));
  EXPECT_THAT(read({"MX", "10", "mail.example.com."}).warnings, IsEmpty());
}

TEST_F(Words, AWordOfTxtIsOneString) {
  EXPECT_THAT(read({"TXT", "v=spf1 mx -all"}).data, ElementsAre(R"("v=spf1 mx -all")"));
  EXPECT_THAT(read({"TXT", "one", "two words"}).data, ElementsAre(R"("one" "two words")"));
}

TEST_F(Words, QuotesOfTheUserArePresentationForm) {
  EXPECT_THAT(read({"TXT", R"("a b" "c")"}).data, ElementsAre(R"("a b" "c")"));
}

TEST_F(Words, AQuoteElsewhereThanAroundTheWordIsItself) {
  EXPECT_THAT(read({"TXT", R"(semi;colon and "quote)"}).data,
              ElementsAre(R"("semi;colon and \"quote")"));
  EXPECT_THAT(read({"TXT", R"(say "hi" to)"}).data, ElementsAre(R"("say \"hi\" to")"));
  EXPECT_THAT(read({"TXT", R"(")"}).data, ElementsAre(R"("\"")"));
}

TEST_F(Words, NothingIsLostBehindASemicolon) {
  EXPECT_THAT(read({"TXT", "semi;colon"}).data, ElementsAre(R"("semi;colon")"));
  EXPECT_THAT(error_of({"TXT", R"("a" ;"b")"}), HasSubstr("`;` begins a comment"));
  EXPECT_THAT(error_of({"A", "192.0.2.1 ; hello"}), HasSubstr("`;` begins a comment"));
  EXPECT_THAT(read({"CAA", R"(0 issue "ca.example.net; account=7")"}).data,
              ElementsAre(R"(0 issue "ca.example.net; account=7")"));
  EXPECT_THAT(read({"SVCB", "1", ".", R"(alpn="h2,h3" port=443)"}).data,
              ElementsAre("1 . alpn=\"h2,h3\" port=443"));
}

TEST_F(Words, BackslashOfAPlainWordIsItself) {
  EXPECT_THAT(read({"TXT", R"(a\b)"}).data, ElementsAre(R"("a\\b")"));
}

TEST_F(Words, LongTxtWordsAreCutAfter255Octets) {
  const std::string long_word(300, 'x');
  EXPECT_THAT(read({"TXT", long_word}).data,
              ElementsAre('"' + std::string(255, 'x') + "\" \"" + std::string(45, 'x') + '"'));
}

TEST_F(Words, ABlankAmongSeveralWordsMakesAString) {
  EXPECT_THAT(read({"CAA", "0", "issue", "ca.example.net; account=7"}).data,
              ElementsAre(R"(0 issue "ca.example.net; account=7")"));
}

TEST_F(Words, UnknownTypesTakeTheGenericForm) {
  EXPECT_THAT(read({"TYPE65280", R"(\# 2 abcd)"}).data, ElementsAre(R"(\# 2 ABCD)"));
}

TEST_F(Words, TooFewWordsTellTheForm) {
  const std::vector<std::vector<std::string>> few = {{}, {"A"}, {"600"}, {"600", "A"}};
  for (const auto& words : few) {
    EXPECT_EQ(error_of(words), "expected [TTL] TYPE DATA...");
  }
}

TEST_F(Words, BadDataSaysWhatIsWrong) {
  EXPECT_THAT(error_of({"A", "192.0.2"}), HasSubstr("192.0.2"));
  EXPECT_THAT(error_of({"MX", "ten", "mail"}), HasSubstr("ten"));
}

}  // namespace
}  // namespace tandem
