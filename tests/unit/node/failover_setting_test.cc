// Failover settings from text and back.
#include "common/node/failover_setting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;

FailoverKey key(RrType type = RrType::kA) {
  return {name("example."), name("www.example."), type};
}

std::string again(std::string_view text, RrType type = RrType::kA) {
  const auto setting = FailoverSetting::from_text(key(type), text);
  return setting ? setting->to_text() : setting.error().detail;
}

std::string bad(std::string_view text) {
  const auto setting = FailoverSetting::from_text(key(), text);
  EXPECT_FALSE(setting) << text;
  return setting ? "" : setting.error().detail;
}

TEST(FailoverSetting, TheTextIsCanonical) {
  EXPECT_EQ(again("alternative:203.0.113.7 check:tcp:192.0.2.1:443"),
            "check:tcp:192.0.2.1:443 every:10 fall:3 rise:2 ttl:60 alternative:203.0.113.7");
  EXPECT_EQ(again("check:https://192.0.2.1/up?x=%20 host:Home.Example. status:204 text:a%20%25b "
                  "every:5 fall:1 rise:9 mode:changes ttl:0 alternative:192.0.2.9 "
                  "alternative:192.0.2.8 alternative:192.0.2.9 base-ttl:7 base:192.0.2.2"),
            "check:https://192.0.2.1:443/up?x=%20 host:home.example status:204 text:a%20%25b "
            "every:5 fall:1 rise:9 mode:changes ttl:0 alternative:192.0.2.9 "
            "alternative:192.0.2.8 base-ttl:7 base:192.0.2.2");
  EXPECT_EQ(again("check:http://[2001:db8::1]:8080 alternative:10%20mail", RrType::kMx),
            "check:http://[2001:db8::1]:8080/ every:10 fall:3 rise:2 ttl:60 "
            "alternative:10%20mail.example.")
      << "names in data are whole";
}

TEST(FailoverSetting, WhatIsNotUnderstoodIsNamed) {
  EXPECT_THAT(bad("check:tcp:192.0.2.1:443"), HasSubstr("an alternative is missing"));
  EXPECT_THAT(bad("alternative:192.0.2.1"), HasSubstr("a check is missing"));
  EXPECT_THAT(bad("check:tcp:192.0.2.1:443 alternative:x"), HasSubstr("\"alternative:x\""));
  EXPECT_THAT(bad("check:http://home.example/ alternative:192.0.2.1"), HasSubstr("not a name"));
  EXPECT_THAT(bad("check:ftp://192.0.2.1/"), HasSubstr("expected tcp:"));
  EXPECT_THAT(bad("check:tcp:192.0.2.1:443 status:200 alternative:192.0.2.1"),
              HasSubstr("http and https alone"));
  for (const std::string_view word :
       {"every:0", "every:3601", "fall:0", "rise:101", "status:99", "text:%41", "mode:x", "ttl:-1",
        "ttl:2147483648", "fall:1x", "shape:round"}) {
    EXPECT_THAT(bad(word), HasSubstr(std::string(word.substr(0, word.find(':')))));
  }
  EXPECT_FALSE(bad("check:tcp:192.0.2.1:443 alternative:192.0.2.1\n").empty());
}

TEST(FailoverSetting, ACheckIsKnownByWhatItAsksAndForWhichSet) {
  const auto check = [](const std::string& of, const std::string& words) {
    return Failover::from(of, words).value().check;
  };
  const std::string of = key().to_text();
  EXPECT_EQ(of, "example. www.example. A");
  const CheckId first = check(of, "check:tcp:192.0.2.1:443 alternative:192.0.2.7");
  EXPECT_EQ(first, check(of, "mode:changes check:tcp:192.0.2.1:443 alternative:192.0.2.8"));
  EXPECT_NE(first, check(of, "check:tcp:192.0.2.1:444 alternative:192.0.2.7"));
  EXPECT_NE(first, check(of, "fall:4 check:tcp:192.0.2.1:443 alternative:192.0.2.7"));
  EXPECT_NE(first, check("example. a.example. A", "check:tcp:192.0.2.1:443 alternative:192.0.2.7"));
  for (const std::string_view wrong : {"", "a.", "a. b.", "a. b. X", "a.  A", " a. A"}) {
    EXPECT_FALSE(FailoverKey::from_text(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace tandem::test
