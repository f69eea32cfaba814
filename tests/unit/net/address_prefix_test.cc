#include "common/net/address_prefix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/net/address.h"

namespace tandem {
namespace {

bool contains(std::string_view prefix, std::string_view address) {
  const auto parsed = AddressPrefix::from_text(prefix);
  const auto other = SocketAddress::from_text(address);
  EXPECT_TRUE(parsed && other) << prefix << ' ' << address;
  return parsed && other && parsed->contains(*other->system());
}

TEST(AddressPrefix, HoldsTheAddressesOfItsNetwork) {
  EXPECT_TRUE(contains("192.0.2.0/24", "192.0.2.0:1"));
  EXPECT_TRUE(contains("192.0.2.0/24", "192.0.2.255:65535"));
  EXPECT_FALSE(contains("192.0.2.0/24", "192.0.3.0:1"));
  EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.129:1"));
  EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.127:1"));
  EXPECT_TRUE(contains("2001:db8::/33", "[2001:db8:7fff::1]:1"));
  EXPECT_FALSE(contains("2001:db8::/33", "[2001:db8:8000::1]:1"));
}

TEST(AddressPrefix, OneAddressIsANetworkOfOne) {
  EXPECT_TRUE(contains("192.0.2.53", "192.0.2.53:53"));
  EXPECT_FALSE(contains("192.0.2.53", "192.0.2.52:53"));
  EXPECT_TRUE(contains("2001:db8::53", "[2001:db8::53]:53"));
  EXPECT_FALSE(contains("2001:db8::53", "[2001:db8::54]:53"));
}

TEST(AddressPrefix, EverybodyOfOneFamilyIsNotEverybody) {
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9:1"));
  EXPECT_FALSE(contains("0.0.0.0/0", "[2001:db8::1]:1"));
  EXPECT_TRUE(contains("::/0", "[2001:db8::1]:1"));
  EXPECT_FALSE(contains("::/0", "203.0.113.9:1"));
  EXPECT_FALSE(contains("::/0", "[::ffff:203.0.113.9]:1"));
}

TEST(AddressPrefix, AMappedAddressIsTheIpv4One) {
  EXPECT_TRUE(contains("192.0.2.0/24", "[::ffff:192.0.2.7]:53"));
  EXPECT_FALSE(contains("192.0.2.0/24", "[::ffff:192.0.3.7]:53"));
}

TEST(AddressPrefix, SaysWhatWasExpected) {
  for (const std::string_view text : {"", "home", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1",
                                      "192.0.2/24", "2001:db8::/129", "192.0.2.1:53", "/24"}) {
    const auto parsed = AddressPrefix::from_text(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().detail, testing::HasSubstr("expected 192.0.2.0/24")) << text;
  }
  const auto both = AddressPrefix::from_text("192.0.2.1/24");
  ASSERT_FALSE(both);
  EXPECT_THAT(both.error().detail, testing::HasSubstr("drop the /24"));
}

}  // namespace
}  // namespace tandem
