#include "common/net/tcp_quota.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

namespace ip = boost::asio::ip;

/// Takes up to `most` for `address`; how many it got.
std::size_t take(TcpQuota& quota, const std::string& address, std::size_t most) {
  std::size_t taken = 0;
  const auto from = ip::make_address(address);
  while (taken < most && !quota.is_full() && quota.allows(from)) {
    static_cast<void>(quota.take(from));
    ++taken;
  }
  return taken;
}

TEST(TcpQuota, AnAddressHasItsCapWhileHalfIsFree) {
  TcpQuota quota(1000, 50);
  EXPECT_EQ(take(quota, "192.0.2.1", 100), 50U);
  EXPECT_EQ(take(quota, "192.0.2.2", 100), 50U);
  EXPECT_EQ(take(quota, "2001:db8::1", 100), 50U);
  EXPECT_EQ(take(quota, "2001:db8::2", 100), 0U) << "the same /64";
}

TEST(TcpQuota, FewAddressesWithManyConnectionsLeaveRoom) {
  TcpQuota quota(1000, 50);
  std::size_t taken = 0;
  for (int i = 0; i < 20; ++i) {
    taken += take(quota, fmt::format("192.0.2.{}", i), 50);
  }
  EXPECT_LT(taken, 900U);
  EXPECT_EQ(take(quota, "198.51.100.1", 1), 1U);
}

TEST(TcpQuota, AnIpv6SiteHasACapToo) {
  TcpQuota quota(1000, 50);
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    taken += take(quota, fmt::format("2001:db8:7:{:x}::1", i), 50);
  }
  EXPECT_EQ(taken, 200U);
  EXPECT_EQ(take(quota, "2001:db8:8::1", 1), 1U);
}

TEST(TcpQuota, WhenFullEachNetworkMayHaveOne) {
  TcpQuota quota(4, 50);
  const auto first = ip::make_address("192.0.2.1");
  const auto other = ip::make_address("192.0.2.2");
  const TcpQuota::Share share = quota.take(first);
  static_cast<void>(quota.take(first));
  const TcpQuota::Share single = quota.take(other);
  static_cast<void>(quota.take(ip::make_address("2001:db8::1")));
  EXPECT_TRUE(quota.is_full());
  EXPECT_FALSE(quota.allows(first));
  EXPECT_TRUE(quota.allows(ip::make_address("192.0.2.3")));
  EXPECT_FALSE(quota.allows(ip::make_address("2001:db8:0:1::1"))) << "the same /48";
  EXPECT_EQ(TcpQuota::weight(share), 2U);
  EXPECT_EQ(TcpQuota::weight(single), 1U);
  quota.release(single);
  EXPECT_FALSE(quota.is_full());
  EXPECT_TRUE(quota.allows(other));
}

}  // namespace
}  // namespace tandem
