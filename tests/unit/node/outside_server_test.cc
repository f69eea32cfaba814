#include "common/node/outside_server.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

constexpr std::string_view kPin = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

std::string read_secondary(std::string_view text) {
  const auto out = OutsideSecondary::from_text(text);
  return out ? out->to_text() : "error: " + out.error().detail;
}

std::string read_source(std::string_view text) {
  const auto out = ZoneSource::from_text(text);
  return out ? out->to_text() : "error: " + out.error().detail;
}

TEST(ServerAddress, HasAPortOfItsOwnOrTheDefault) {
  EXPECT_EQ(server_address("192.0.2.1", 53)->to_text(), "192.0.2.1:53");
  EXPECT_EQ(server_address("192.0.2.1:5300", 53)->to_text(), "192.0.2.1:5300");
  EXPECT_EQ(server_address("2001:db8::1", 853)->to_text(), "[2001:db8::1]:853");
  EXPECT_EQ(server_address("[2001:db8::1]:5300", 853)->to_text(), "[2001:db8::1]:5300");
  EXPECT_FALSE(server_address("ns1.example.com", 53));
  EXPECT_FALSE(server_address("", 53));
}

TEST(OutsideSecondary, IsReadAndWritten) {
  const std::string all =
      "notify:192.0.2.1:53 notify:[2001:db8::1]:5300 via:192.0.2.9:0 key:he. "
      "transfer:192.0.2.0/24 tls cert:" +
      std::string(kPin) + " zone:a.example. zone:b.example.";
  EXPECT_EQ(read_secondary("zone:b.example notify:192.0.2.1 notify:[2001:db8::1]:5300 "
                           "via:192.0.2.9  key:HE transfer:192.0.2.0/24 tls cert:" +
                           std::string(kPin) + " zone:A.example. zone:b.example"),
            all);
  EXPECT_EQ(read_secondary(all), all);
}

TEST(OutsideSecondary, SaysWhichWordIsWrong) {
  EXPECT_TRUE(read_secondary("notify:ns1").starts_with("error: \"notify:ns1\": "));
  EXPECT_TRUE(read_secondary("notify:192.0.2.1 kye:x").starts_with("error: \"kye:x\": expected "));
  EXPECT_TRUE(read_secondary("notify:192.0.2.1 key:").starts_with("error: \"key:\": "));
  EXPECT_TRUE(read_secondary("notify:192.0.2.1 key:a key:b").starts_with("error: \"key:b\": "));
  EXPECT_TRUE(read_secondary("key:a").starts_with("error: an outside secondary needs notify"));
  EXPECT_TRUE(read_secondary("").starts_with("error: an outside secondary needs notify"));
}

TEST(OutsideSecondary, FollowsItsZonesOrAll) {
  const auto name = [](std::string_view text) { return *Name::from_text(text); };
  const auto all = *OutsideSecondary::from_text("transfer:192.0.2.1");
  EXPECT_TRUE(all.follows(name("a.example")));
  const auto one = *OutsideSecondary::from_text("notify:192.0.2.1 zone:a.example");
  EXPECT_TRUE(one.follows(name("A.example")));
  EXPECT_FALSE(one.follows(name("www.a.example")));
}

TEST(AlsoNotify, HasAServerAndAKey) {
  EXPECT_EQ(also_notify_from_text("192.0.2.1")->to_text(), "notify:192.0.2.1:53");
  EXPECT_EQ(also_notify_from_text("192.0.2.1:5300,key:K")->to_text(),
            "notify:192.0.2.1:5300 key:k.");
  EXPECT_FALSE(also_notify_from_text("192.0.2.1,tls"));
  EXPECT_FALSE(also_notify_from_text("192.0.2.1,key:a,key:b"));
  EXPECT_FALSE(also_notify_from_text(",key:a"));
}

TEST(ZoneSource, IsReadAndWritten) {
  EXPECT_EQ(read_source("192.0.2.1 192.0.2.2:5300,key:UP 192.0.2.3,pin:" + std::string(kPin) +
                        " 192.0.2.4,host:NS1.example.com 192.0.2.5,tls"),
            "192.0.2.1:53 192.0.2.2:5300,key:up. 192.0.2.3:853,tls,pin:" + std::string(kPin) +
                " 192.0.2.4:853,tls,host:ns1.example.com 192.0.2.5:853,tls");
  EXPECT_EQ(read_source("192.0.2.5:853,tls"), "192.0.2.5:853,tls");
}

TEST(ZoneSource, SaysWhichPartIsWrong) {
  EXPECT_TRUE(read_source("").starts_with("error: a zone is taken from at least one primary"));
  EXPECT_TRUE(read_source("192.0.2.1 ns1").starts_with("error: \"ns1\": "));
  EXPECT_TRUE(
      read_source("192.0.2.1,tsl").starts_with("error: \"192.0.2.1,tsl\": \"tsl\": expected "));
  EXPECT_TRUE(
      read_source("192.0.2.1,host:").starts_with("error: \"192.0.2.1,host:\": \"host:\": "));
}

TEST(PulledZone, IsAZoneAndAPrimary) {
  const auto pulled = PulledZone::from_text("Example.com=192.0.2.1:5300,key:k");
  ASSERT_TRUE(pulled) << pulled.error().detail;
  EXPECT_EQ(pulled->zone.to_text(), "example.com.");
  EXPECT_EQ(pulled->primary.to_text(), "192.0.2.1:5300,key:k.");
  EXPECT_FALSE(PulledZone::from_text("example.com"));
  EXPECT_FALSE(PulledZone::from_text("=192.0.2.1"));
}

}  // namespace
}  // namespace tandem
