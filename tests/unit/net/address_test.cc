// Addresses as text and back.
#include "common/net/address.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(SocketAddress, TextComesBackAsItWas) {
  for (const char* const text :
       {"192.0.2.1:53", "0.0.0.0:0", "[2001:db8::1]:5300", "[::]:65535", "[::1%lo]:53"}) {
    const auto address = SocketAddress::from_text(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_text(), text);
  }
}

TEST(SocketAddress, SaysPortAndFamilyAndWhetherItIsAWildcard) {
  EXPECT_EQ(SocketAddress::from_text("192.0.2.1:853")->port(), 853);
  EXPECT_EQ(SocketAddress::from_text("[2001:db8::1]:853")->port(), 853);
  EXPECT_TRUE(SocketAddress::from_text("0.0.0.0:53")->is_wildcard());
  EXPECT_TRUE(SocketAddress::from_text("[::]:53")->is_wildcard());
  EXPECT_FALSE(SocketAddress::from_text("127.0.0.1:53")->is_wildcard());
  EXPECT_FALSE(SocketAddress::from_text("[::1]:53")->is_wildcard());
  EXPECT_EQ(SocketAddress::from_text("127.0.0.1:53")->family(), AF_INET);
  EXPECT_EQ(SocketAddress::from_text("[::1]:53")->family(), AF_INET6);
}

TEST(SocketAddress, OtherTextsAreRefusedWithTheFormThatIsExpected) {
  for (const char* const text :
       {"", ":", ":53", "192.0.2.1", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:65536", "192.0.2.1:-1",
        "192.0.2.1: 53", "192.0.2.256:53", "1.2.3:53", "localhost:53", "::1:53", "[::1]", "[::1]53",
        "[::1:53", "[]:53", "[::1%nosuchinterface]:53", "[192.0.2.1]:53"}) {
    const auto address = SocketAddress::from_text(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, Errc::kInvalid);
    EXPECT_NE(address.error().detail.find("192.0.2.1:53 or [2001:db8::1]:53"), std::string::npos);
  }
}

}  // namespace
}  // namespace tandem
