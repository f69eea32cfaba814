// DNS over UDP and TCP on loopback: batches, pipelining, caps, and clients that are slow.
#include <poll.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "common/net/listen.h"
#include "common/net/tcp_server.h"
#include "common/net/udp_worker.h"
#include "tests/support/asking.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using std::chrono::milliseconds;

constexpr int kPatienceMs = 30'000;

SocketAddress loopback() {
  return *SocketAddress::from_text("127.0.0.1:0");
}

/// A query for the A record of `www.example.` with that id.
Octets query(std::uint16_t id) {
  Octets wire = query_wire(name("www.example."), RrType::kA, false, false, 0);
  store_be16(wire.data(), id);
  return wire;
}

bool is_readable(const UniqueFd& fd, int patience_ms = kPatienceMs) {
  pollfd poll{fd.get(), POLLIN, 0};
  return ::poll(&poll, 1, patience_ms) == 1;
}

UniqueFd connect_to(const SocketAddress& address, int type) {
  UniqueFd fd(::socket(address.family(), type | SOCK_CLOEXEC, 0));
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

class Udp : public DnsServers {
 protected:
  void start(const SocketAddress& address, std::size_t count = 1) {
    auto listening = listen_udp(address, count);
    ASSERT_TRUE(listening) << listening.error().detail;
    address_ = listening->address;
    for (UniqueFd& socket : listening->sockets) {
      workers_.push_back(std::make_unique<UdpWorker>(
          std::move(socket), UdpWorkerOptions{-1, address.is_wildcard()}, engine_, cell_));
      workers_.back()->start();
    }
  }

  static Octets receive(const UniqueFd& fd) {
    Octets out(4096);
    if (!is_readable(fd)) {
      return {};
    }
    const ssize_t octets = ::recv(fd.get(), out.data(), out.size(), 0);
    out.resize(octets > 0 ? static_cast<std::size_t>(octets) : 0);
    return out;
  }

  static void send(const UniqueFd& fd, const Octets& octets) {
    ASSERT_EQ(::send(fd.get(), octets.data(), octets.size(), 0),
              static_cast<ssize_t>(octets.size()));
  }

  SocketAddress address_;
  std::vector<std::unique_ptr<UdpWorker>> workers_;
};

TEST_F(Udp, EveryQueryOfABatchIsAnsweredToItsAsker) {
  start(loopback());
  std::vector<UniqueFd> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(connect_to(address_, SOCK_DGRAM));
  }
  for (std::uint16_t i = 0; i < 200; ++i) {
    send(clients[i % 4U], query(i));
  }
  for (std::uint16_t client = 0; client < 4; ++client) {
    for (std::uint16_t i = client; i < 200; i = static_cast<std::uint16_t>(i + 4)) {
      const Octets answer = receive(clients[client]);
      ASSERT_GE(answer.size(), kHeaderOctets);
      EXPECT_EQ(load_be16(answer.data()), i);
      EXPECT_EQ(parse_message(answer)->answers.size(), 1U);
    }
  }
  workers_.front()->stop();
  EXPECT_EQ(workers_.front()->stats().queries.value(), 200U);
  EXPECT_EQ(workers_.front()->stats().answers.value(), 200U);
}

TEST_F(Udp, WhatIsNoQueryGetsNoAnswerAndDoesNoHarm) {
  start(loopback());
  const UniqueFd client = connect_to(address_, SOCK_DGRAM);
  Octets answer = query(1);
  answer[2] |= 0x80;  // QR
  send(client, answer);
  send(client, {});
  send(client, Octets(5));
  send(client, query(2));
  EXPECT_EQ(load_be16(receive(client).data()), 2);
  workers_.front()->stop();
  EXPECT_EQ(workers_.front()->stats().answers.value(), 1U);
}

TEST_F(Udp, AWildcardSocketAnswersFromTheAddressThatWasAsked) {
  for (const char* const family : {"0.0.0.0:0", "[::]:0"}) {
    workers_.clear();
    start(*SocketAddress::from_text(family));
    const bool v6 = address_.family() == AF_INET6;
    const auto asked = SocketAddress::from_text(
        fmt::format("{}:{}", v6 ? "[::1]" : "127.0.0.83", address_.port()));
    const UniqueFd client = connect_to(*asked, SOCK_DGRAM);  // hears nothing from other addresses
    send(client, query(7));
    const Octets answer = receive(client);
    ASSERT_FALSE(answer.empty()) << family;
    EXPECT_EQ(load_be16(answer.data()), 7);
  }
}

TEST_F(Udp, SocketsOfOneAddressShareItsTraffic) {
  start(loopback(), 4);
  for (std::uint16_t i = 0; i < 100; ++i) {
    const UniqueFd client = connect_to(address_, SOCK_DGRAM);
    send(client, query(i));
    ASSERT_EQ(load_be16(receive(client).data()), i);
  }
  std::uint64_t answers = 0;
  for (const auto& worker : workers_) {
    worker->stop();
    answers += worker->stats().answers.value();
    EXPECT_LT(worker->stats().answers.value(), 100U);
  }
  EXPECT_EQ(answers, 100U);
}

TEST_F(Udp, ASecondServerIsToldThatTheAddressIsTaken) {
  start(loopback());
  const auto second = listen_udp(address_, 1);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail.find("in use"), std::string::npos);
  const auto tcp = listen_tcp(loopback());
  ASSERT_TRUE(tcp);
  EXPECT_FALSE(listen_tcp(tcp->address));
}

TEST_F(Udp, AnAddressThatTheMachineDoesNotHaveYetIsListenedOn) {
  EXPECT_TRUE(listen_udp(*SocketAddress::from_text("192.0.2.77:0"), 1));
  EXPECT_TRUE(listen_tcp(*SocketAddress::from_text("[2001:db8::77]:0")));
}

TEST_F(Udp, AWorkerThatStopsHoldsNoSnapshot) {
  start(loopback());
  const UniqueFd client = connect_to(address_, SOCK_DGRAM);
  send(client, query(1));
  ASSERT_FALSE(receive(client).empty());
  cell_.publish(std::make_shared<const Catalog>());
  workers_.front()->stop();
  EXPECT_EQ(cell_.collect(), 0U);
}

class Tcp : public DnsServers {
 protected:
  void start(const TcpLimits& limits = {}) {
    auto listening = listen_tcp(loopback());
    ASSERT_TRUE(listening) << listening.error().detail;
    address_ = listening->address;
    server_ = std::make_unique<TcpServer>(std::move(listening->sockets), limits, engine_, cell_);
    server_->start();
  }

  [[nodiscard]] UniqueFd connect() const { return connect_to(address_, SOCK_STREAM); }

  static Octets framed(const Octets& message) {
    Octets out;
    append_be(out, static_cast<std::uint16_t>(message.size()));
    append(out, message);
    return out;
  }

  static void send(const UniqueFd& fd, const Octets& octets) {
    ASSERT_EQ(::send(fd.get(), octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }

  /// Reads that much; less when the connection ends first.
  static Octets read(const UniqueFd& fd, std::size_t octets) {
    Octets out(octets);
    std::size_t have = 0;
    while (have < octets && is_readable(fd)) {
      const ssize_t now = ::recv(fd.get(), out.data() + have, octets - have, 0);
      if (now <= 0) {
        break;
      }
      have += static_cast<std::size_t>(now);
    }
    out.resize(have);
    return out;
  }

  static Octets read_answer(const UniqueFd& fd) {
    const Octets length = read(fd, 2);
    return length.size() == 2 ? read(fd, load_be16(length.data())) : Octets();
  }

  static bool is_closed(const UniqueFd& fd) {
    std::uint8_t octet = 0;
    return is_readable(fd) && ::recv(fd.get(), &octet, 1, 0) <= 0;
  }

  SocketAddress address_;
  std::unique_ptr<TcpServer> server_;
};

// RFC 7766 s6.2.1.1
TEST_F(Tcp, QueriesInOneSegmentAreAllAnswered) {
  start();
  const UniqueFd client = connect();
  Octets all;
  for (std::uint16_t i = 0; i < 500; ++i) {
    append(all, framed(query(i)));
  }
  send(client, all);
  for (std::uint16_t i = 0; i < 500; ++i) {
    const Octets answer = read_answer(client);
    ASSERT_GE(answer.size(), kHeaderOctets);
    EXPECT_EQ(load_be16(answer.data()), i);
  }
}

TEST_F(Tcp, AQueryInSingleOctetsIsAnswered) {
  start();
  const UniqueFd client = connect();
  for (const std::uint8_t octet : framed(query(9))) {
    send(client, {octet});
  }
  EXPECT_EQ(load_be16(read_answer(client).data()), 9);
}

TEST_F(Tcp, TheHalfOfAQueryWaitsForItsOtherHalf) {
  start();
  const UniqueFd client = connect();
  Octets first = framed(query(1));
  const Octets second = framed(query(2));
  append(first, OctetSpan(second).first(10));
  send(client, first);
  EXPECT_EQ(load_be16(read_answer(client).data()), 1);
  send(client, to_octets(OctetSpan(second).subspan(10)));
  EXPECT_EQ(load_be16(read_answer(client).data()), 2);
}

TEST_F(Tcp, AMessageOfTheGreatestLengthIsTakenWhole) {
  start();
  const UniqueFd client = connect();
  Octets large = query(3);
  large.resize(65'535);
  send(client, framed(large));
  const Octets answer = read_answer(client);
  ASSERT_GE(answer.size(), kHeaderOctets);
  EXPECT_EQ(answer[3] & 0x0fU, static_cast<unsigned>(Rcode::kFormErr));
  send(client, framed(query(4)));
  EXPECT_EQ(load_be16(read_answer(client).data()), 4) << "and the connection goes on";
}

TEST_F(Tcp, AnIdleConnectionIsClosed) {
  TcpLimits limits;
  limits.idle = milliseconds(100);
  start(limits);
  const UniqueFd client = connect();
  send(client, framed(query(1)));
  EXPECT_FALSE(read_answer(client).empty());
  EXPECT_TRUE(is_closed(client));
  server_->stop();
  EXPECT_EQ(server_->tcp_stats().timed_out.value(), 1U);
  EXPECT_EQ(server_->tcp_stats().open.value(), 0U);
}

TEST_F(Tcp, ATrickleDoesNotExtendTheTimeOfAQuery) {
  TcpLimits limits;
  limits.message = milliseconds(200);
  start(limits);
  const UniqueFd client = connect();
  const Octets wire = framed(query(1));
  std::size_t sent = 0;
  while (sent < wire.size() - 1 && !is_readable(client, 50)) {
    if (::send(client.get(), &wire[sent++], 1, MSG_NOSIGNAL) != 1) {
      break;
    }
  }
  EXPECT_TRUE(is_closed(client));
  EXPECT_LT(sent, wire.size() - 1);
}

TEST_F(Tcp, AClientThatDoesNotReadIsClosed) {
  TcpLimits limits;
  limits.write = milliseconds(200);
  limits.message = milliseconds(60'000);
  start(limits);
  const UniqueFd client = connect();
  Octets many;
  for (std::uint16_t i = 0; i < 2000; ++i) {
    append(many, framed(query(i)));
  }
  std::size_t at = 0;  // so that only whole queries arrive, however much the kernel takes at once
  bool is_ended = false;
  pollfd poll{client.get(), POLLOUT, 0};
  while (!is_ended && ::poll(&poll, 1, kPatienceMs) == 1) {
    const ssize_t sent =
        ::send(client.get(), &many[at], many.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
    is_ended = sent < 0 && errno != EAGAIN;
    at = sent > 0 ? (at + static_cast<std::size_t>(sent)) % many.size() : at;
  }
  EXPECT_TRUE(is_ended);
  server_->stop();
  EXPECT_EQ(server_->tcp_stats().timed_out.value(), 1U);
}

TEST_F(Tcp, ConnectionsAreCappedPerAddressAndInAll) {
  TcpLimits limits;
  limits.connections_per_address = 3;
  start(limits);
  std::vector<UniqueFd> clients;
  for (std::uint16_t i = 0; i < 3; ++i) {
    clients.push_back(connect());
    send(clients.back(), framed(query(i)));
    EXPECT_EQ(load_be16(read_answer(clients.back()).data()), i);
  }
  EXPECT_TRUE(is_closed(connect()));
  clients.pop_back();
  // The place is free once the server has seen the end: until then it turns us away.
  Octets answer;
  for (int tries = 0; answer.empty() && tries < 10'000; ++tries) {
    const UniqueFd client = connect();
    if (::send(client.get(), framed(query(7)).data(), framed(query(7)).size(), MSG_NOSIGNAL) > 0) {
      answer = read_answer(client);
    }
  }
  EXPECT_FALSE(answer.empty());
  server_->stop();
  EXPECT_GE(server_->tcp_stats().refused.value(), 1U);
}

TEST_F(Tcp, AnAnswerSentToTheServerEndsTheConnection) {
  start();
  const UniqueFd client = connect();
  Octets answer = query(1);
  answer[2] |= 0x80;  // QR
  send(client, framed(answer));
  EXPECT_TRUE(is_closed(client));
}

TEST_F(Tcp, StoppingClosesWhatIsOpen) {
  start();
  const UniqueFd client = connect();
  send(client, framed(query(1)));
  EXPECT_FALSE(read_answer(client).empty());
  server_->stop();
  EXPECT_TRUE(is_closed(client));
  EXPECT_EQ(server_->tcp_stats().open.value(), 0U);
}

}  // namespace
}  // namespace tandem::test
