// What settings say of catalogs and of zones in them.
#include "common/node/catalog_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;

std::string again(std::string_view text) {
  const auto setting = CatalogSetting::from_text(text);
  return setting ? setting->to_text() : setting.error().detail;
}

std::string member_again(std::string_view text) {
  const auto setting = MemberSetting::from_text(text);
  return setting ? setting->to_text() : setting.error().detail;
}

TEST(CatalogSetting, IsWrittenAsItIsRead) {
  for (const std::string_view text :
       {"make", "make group:home", "make members:named group:home", "follow 192.0.2.1:53",
        "follow 192.0.2.1:53,key:up. [2001:db8::1]:53 members-from:192.0.2.2:53 "
        "group:a=serve-after-expire group:b=serve-after-expire,rrset-records-max:500"}) {
    EXPECT_EQ(again(text), text);
  }
  EXPECT_EQ(again("  make   group:home  members:named "), "make members:named group:home");
  EXPECT_EQ(again("follow 192.0.2.1 group:b=serve-after-expire group:a=rrset-records-max:2"),
            "follow 192.0.2.1:53 group:a=rrset-records-max:2 group:b=serve-after-expire");
}

TEST(CatalogSetting, SaysWhichWordIsWrong) {
  EXPECT_THAT(again(""), HasSubstr("expected make"));
  EXPECT_THAT(again("made"), HasSubstr("\"made\": expected make"));
  EXPECT_THAT(again("make members:all"), HasSubstr("\"members:all\""));
  EXPECT_THAT(again("make group:"), HasSubstr("\"group:\""));
  EXPECT_THAT(again("make 192.0.2.1"), HasSubstr("\"192.0.2.1\""));
  EXPECT_THAT(again("follow"), HasSubstr("expected follow, ADDRESS"));
  EXPECT_THAT(again("follow members-from:192.0.2.1"), HasSubstr("expected follow, ADDRESS"));
  EXPECT_THAT(again("follow nowhere"), HasSubstr("\"nowhere\""));
  EXPECT_THAT(again("follow 192.0.2.1 group:a"), HasSubstr("\"group:a\""));
  EXPECT_THAT(again("follow 192.0.2.1 group:a=fast"), HasSubstr("expected serve-after-expire"));
  EXPECT_THAT(again("follow 192.0.2.1 group:a=rrset-records-max:0"), HasSubstr("no number"));
  EXPECT_THAT(again("follow 192.0.2.1 group:a=rrset-records-max:2x"), HasSubstr("no number"));
  EXPECT_THAT(again("follow 192.0.2.1 group:a=serve-after-expire group:a=serve-after-expire"),
              HasSubstr("already"));
}

TEST(CatalogSetting, MembersComeFromWhereTheCatalogDoesUnlessItIsSaid) {
  const auto same = CatalogSetting::from_text("follow 192.0.2.1").value();
  EXPECT_EQ(same.followed->member_source().to_text(), "192.0.2.1:53");
  const auto other = CatalogSetting::from_text("follow 192.0.2.1 members-from:192.0.2.2").value();
  EXPECT_EQ(other.followed->member_source().to_text(), "192.0.2.2:53");
}

TEST(MemberSetting, IsWrittenAsItIsRead) {
  for (const std::string_view text :
       {"", "catalog:none", "catalog:c.invalid. coo:d.invalid. group:home",
        "catalog:d.invalid. was:c.invalid.", "from:c.invalid. label:00ff2e as:home"}) {
    EXPECT_EQ(member_again(text), text);
  }
  EXPECT_EQ(member_again("catalog:C.Invalid"), "catalog:c.invalid.");
  EXPECT_THAT(member_again("label:0"), HasSubstr("hexadecimal"));
  EXPECT_THAT(member_again("label:"), HasSubstr("hexadecimal"));
  EXPECT_THAT(member_again("group:"), HasSubstr("group"));
  EXPECT_THAT(member_again("member:x"), HasSubstr("expected catalog:NAME"));
}

TEST(MemberSetting, SaysWhichCatalogsHaveTheZone) {
  const MadeCatalog all;
  const MadeCatalog named{MadeCatalog::Members::kNamed, {}};
  const Name c = name("c.invalid.");
  const auto is_in = [&](std::string_view text, const MadeCatalog& made) {
    return MemberSetting::from_text(text)->is_in(c, made);
  };
  EXPECT_TRUE(is_in("", all));
  EXPECT_FALSE(is_in("", named));
  EXPECT_TRUE(is_in("group:x", all));
  EXPECT_FALSE(is_in("catalog:none", all));
  EXPECT_TRUE(is_in("catalog:c.invalid", named));
  EXPECT_FALSE(is_in("catalog:d.invalid", all));
  EXPECT_TRUE(is_in("catalog:d.invalid was:c.invalid", named));
}

TEST(GroupName, IsOneWordThatFitsIntoACatalog) {
  EXPECT_TRUE(check_group_name("nodnssec"));
  EXPECT_TRUE(check_group_name(std::string(255, 'x')));
  EXPECT_FALSE(check_group_name(""));
  EXPECT_FALSE(check_group_name("a b"));
  EXPECT_FALSE(check_group_name("\xc3\xa4"));
  EXPECT_FALSE(check_group_name(std::string(256, 'x')));
}

}  // namespace
}  // namespace tandem::test
