// What the tests of the DNS servers share: a catalog with `www.example.`, and clients on loopback.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "common/base/snapshot_cell.h"
#include "common/net/address.h"
#include "tests/support/asking.h"
#include "tests/support/zone_text.h"

namespace tandem::test {

inline constexpr int kPatienceMs = 30'000;

inline SocketAddress loopback() {
  return *SocketAddress::from_text("127.0.0.1:0");
}

/// A query for the A record of `www.example.` with that id.
inline Octets query(std::uint16_t id) {
  Octets wire = query_wire(name("www.example."), RrType::kA, false, false, 0);
  store_be16(wire.data(), id);
  return wire;
}

inline bool is_readable(const UniqueFd& fd, int patience_ms = kPatienceMs) {
  pollfd poll{fd.get(), POLLIN, 0};
  return ::poll(&poll, 1, patience_ms) == 1;
}

inline UniqueFd connect_to(const SocketAddress& address, int type, std::string_view from = {}) {
  UniqueFd fd(::socket(address.family(), type | SOCK_CLOEXEC, 0));
  if (!from.empty()) {
    const auto own = SocketAddress::from_text(fmt::format("{}:0", from));
    EXPECT_EQ(::bind(fd.get(), own->system(), own->system_octets()), 0);
  }
  EXPECT_EQ(::connect(fd.get(), address.system(), address.system_octets()), 0);
  return fd;
}

class DnsServers : public ::testing::Test {
 protected:
  DnsServers() {
    auto catalog = std::make_shared<Catalog>();
    catalog->put({zone("www A 192.0.2.7\n"), ServeState::kServing});
    cell_.publish(std::move(catalog));
  }

  const QueryEngine engine_{{}};
  SnapshotCell<Catalog> cell_{std::make_shared<const Catalog>()};
};

}  // namespace tandem::test
