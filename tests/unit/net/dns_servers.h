// What the tests of the DNS servers share: a catalog with `www.example.`, and clients on loopback.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "common/base/snapshot_cell.h"
#include "common/base/unique_fd.h"
#include "common/net/address.h"
#include "common/net/request_queue.h"
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

/// A message as TCP carries it (RFC 1035 s4.2.2).
inline Octets framed(const Octets& message) {
  Octets out;
  append_be(out, static_cast<std::uint16_t>(message.size()));
  append(out, message);
  return out;
}

/// Exactly that much; nothing when the connection ends first or nothing more comes in time.
inline Octets read_octets(const UniqueFd& fd, std::size_t octets, int patience_ms) {
  Octets out(octets);
  std::size_t have = 0;
  while (have < octets && is_readable(fd, patience_ms)) {
    const ssize_t now = ::recv(fd.get(), out.data() + have, octets - have, 0);
    if (now <= 0) {
      break;
    }
    have += static_cast<std::size_t>(now);
  }
  return have == octets ? out : Octets();
}

/// The next message on a TCP connection; empty when it does not come whole.
inline Octets read_framed(const UniqueFd& fd, int patience_ms = kPatienceMs) {
  const Octets length = read_octets(fd, 2, patience_ms);
  if (length.empty()) {
    return {};
  }
  EXPECT_NE(load_be16(length.data()), 0) << "a message without octets";
  return read_octets(fd, load_be16(length.data()), patience_ms);
}

class DnsServers : public ::testing::Test {
 protected:
  DnsServers() {
    auto catalog = std::make_shared<Catalog>();
    catalog->put({zone("www A 192.0.2.7\n"), ServeState::kServing});
    cell_.publish(std::move(catalog));
  }

  const QueryEngine engine_{{}};
  RequestQueue requests_;
  SnapshotCell<Catalog> cell_{std::make_shared<const Catalog>()};
};

}  // namespace tandem::test
