#include "common/replication/link_address.h"

#include <gtest/gtest.h>

namespace tandem::testing {
namespace {

struct Good {
  std::string text;
  HostPort parsed;
  std::string target;
};

class GoodAddress : public ::testing::TestWithParam<Good> {};

TEST_P(GoodAddress, IsTaken) {
  const auto parsed = parse_host_port(GetParam().text);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
  EXPECT_EQ(*parsed, GetParam().parsed);
  EXPECT_EQ(grpc_target(*parsed), GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(
    Link, GoodAddress,
    ::testing::Values(
        Good{"192.0.2.1:7953", {"192.0.2.1", 7953}, "ipv4:192.0.2.1:7953"},
        Good{"[2001:db8::1]:1", {"2001:db8::1", 1}, "ipv6:[2001:db8::1]:1"},
        Good{"ns1.example.org:65535", {"ns1.example.org", 65535}, "dns:///ns1.example.org:65535"},
        Good{"127.0.0.1:0", {"127.0.0.1", 0}, "ipv4:127.0.0.1:0"}));

class BadAddress : public ::testing::TestWithParam<std::string> {};

TEST_P(BadAddress, IsRefusedWithTheFormExpected) {
  const auto parsed = parse_host_port(GetParam());
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, Errc::kInvalid);
  EXPECT_NE(parsed.error().detail.find("expected ADDR:PORT"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Link, BadAddress,
                         ::testing::Values("", ":", ":53", "name", "name:", "name:x", "name:1x",
                                           "name:65536", "name:-1", "2001:db8::1:53", "[::1]",
                                           "[]:53", "[name]:53", "[127.0.0.1]:53", "[::1:53",
                                           "a b:53", "dns:///x:53", "x/y:53", "x\n:53",
                                           std::string(254, 'x') + ":53"));

TEST(LinkSocketAddress, NameIsNoAddress) {
  const auto address = LinkSocketAddress::of({"localhost", 53});
  ASSERT_FALSE(address.has_value());
  EXPECT_EQ(address.error().code, Errc::kInvalid);
}

TEST(LinkSocketAddress, ShowsWhatItWasMadeOf) {
  EXPECT_EQ(LinkSocketAddress::of({"2001:db8::1", 53}).value().to_text(), "[2001:db8::1]:53");
  EXPECT_EQ(LinkSocketAddress::of({"192.0.2.1", 53}).value().to_text(), "192.0.2.1:53");
}

TEST(PeerUri, BecomesAddressAndPort) {
  EXPECT_EQ(address_of_peer_uri("ipv4:192.0.2.1:53"), "192.0.2.1:53");
  EXPECT_EQ(address_of_peer_uri("ipv6:%5B2001:db8::1%5D:53"), "[2001:db8::1]:53");
  EXPECT_EQ(address_of_peer_uri("unix:%"), "unix:%");
}

}  // namespace
}  // namespace tandem::testing
