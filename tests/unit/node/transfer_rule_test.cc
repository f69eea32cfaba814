// Who may have which zone: every word of a rule counts.
#include "common/node/transfer_rule.h"

#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

constexpr std::string_view kPin = "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr std::string_view kOtherPin = "SHA256:AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

TransferRule rule(std::string_view text) {
  auto read = TransferRule::from_text(text);
  EXPECT_TRUE(read) << read.error().detail;
  return read.value_or(TransferRule{});
}

TransferPeer from(std::string_view address) {
  return {*SocketAddress::from_text(fmt::format("{}:4711", address)), std::nullopt};
}

bool allows(std::string_view text, const TransferPeer& peer, std::string_view zone = "example.") {
  return rule(text).allows(peer, name(zone));
}

TEST(TransferRule, AnAddressOrAKeyAloneIsARule) {
  EXPECT_TRUE(allows("192.0.2.0/24", from("192.0.2.7")));
  EXPECT_TRUE(allows("from:192.0.2.0/24", from("192.0.2.7")));
  EXPECT_FALSE(allows("192.0.2.0/24", from("198.51.100.7")));
  TransferPeer signs = from("198.51.100.7");
  EXPECT_FALSE(allows("key:Xfr", signs));
  signs.key = name("xfr.");
  EXPECT_TRUE(allows("key:Xfr", signs));
  signs.key = name("other.");
  EXPECT_FALSE(allows("key:Xfr", signs));
}

TEST(TransferRule, AllWordsHaveToHold) {
  constexpr std::string_view kText = "192.0.2.0/24 key:xfr zone:example";
  TransferPeer peer = from("192.0.2.7");
  EXPECT_FALSE(allows(kText, peer)) << "unsigned";
  peer.key = name("xfr.");
  EXPECT_TRUE(allows(kText, peer));
  EXPECT_TRUE(allows(kText, peer, "EXAMPLE."));
  EXPECT_FALSE(allows(kText, peer, "a.example.")) << "a zone of its own";
  peer.from = *SocketAddress::from_text("198.51.100.7:1");
  EXPECT_FALSE(allows(kText, peer));
}

TEST(TransferRule, SeveralAddressesAndZonesAreAlternatives) {
  constexpr std::string_view kText = "192.0.2.1 2001:db8::/32 zone:a zone:b";
  EXPECT_TRUE(allows(kText, from("192.0.2.1"), "a."));
  EXPECT_TRUE(allows(kText, from("[2001:db8::7]"), "b."));
  EXPECT_FALSE(allows(kText, from("192.0.2.2"), "a."));
  EXPECT_FALSE(allows(kText, from("192.0.2.1"), "c."));
}

TEST(TransferRule, TlsAndCertificatesAreOfTheConnection) {
  TransferPeer peer = from("192.0.2.1");
  EXPECT_FALSE(allows("192.0.2.1 tls", peer));
  peer.is_tls = true;
  EXPECT_TRUE(allows("192.0.2.1 tls", peer));
  const std::string pinned = fmt::format("cert:{}", kPin);
  EXPECT_FALSE(allows(pinned, peer)) << "without a certificate";
  peer.client_pin = *KeyPin::from_text(kOtherPin);
  EXPECT_FALSE(allows(pinned, peer));
  peer.client_pin = *KeyPin::from_text(kPin);
  EXPECT_TRUE(allows(pinned, peer));
  EXPECT_TRUE(allows(fmt::format("cert:{} cert:{}", kOtherPin, kPin), peer)) << "one of them";
  peer.is_tls = false;
  EXPECT_FALSE(allows(pinned, peer)) << "a certificate proves nothing without TLS";
}

TEST(TransferRule, IsWrittenAsItIsRead) {
  const std::string text = fmt::format(
      "from:192.0.2.0/24 from:2001:db8::/32 key:xfr. tls cert:{} zone:a.example.", kPin);
  EXPECT_EQ(rule(text).to_text(), text);
  EXPECT_EQ(rule("  ::1   key:XFR ").to_text(), "from:::1 key:xfr.");
}

TEST(TransferRule, SaysWhichWordIsWrong) {
  const auto detail = [](std::string_view text) {
    const auto read = TransferRule::from_text(text);
    return read ? std::string("none") : read.error().detail;
  };
  EXPECT_NE(detail("").find("needs an address, a key or a certificate"), std::string::npos);
  EXPECT_NE(detail("tls zone:a").find("needs an address"), std::string::npos)
      << "it would allow everybody";
  EXPECT_NE(detail("192.0.2.1 kye:x").find("\"kye:x\""), std::string::npos);
  EXPECT_NE(detail("192.0.2.1 kye:x").find("expected from:CIDR"), std::string::npos);
  EXPECT_NE(detail("key:a key:b").find("one key"), std::string::npos);
  EXPECT_NE(detail("cert:SHA256:short").find("cert:SHA256:short"), std::string::npos);
  EXPECT_NE(detail("192.0.2.1 zone:a..b").find("zone:a..b"), std::string::npos);
}

}  // namespace
}  // namespace tandem::test
