// DNS over UDP on loopback: batches, addresses, what is no query.
#include "common/net/udp_worker.h"

#include "common/net/listen.h"
#include "tests/unit/net/dns_servers.h"

namespace tandem::test {
namespace {

class Udp : public DnsServers {
 protected:
  void start(const SocketAddress& address, std::size_t count = 1) {
    auto listening = listen_udp(address, count);
    ASSERT_TRUE(listening) << listening.error().detail;
    address_ = listening->address;
    for (UniqueFd& socket : listening->sockets) {
      workers_.push_back(std::make_unique<UdpWorker>(std::move(socket),
                                                     UdpWorkerOptions{-1, address.is_wildcard()},
                                                     engine_, cell_, requests_.add_ring()));
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

// Padding (RFC 7830) makes a query long; it is looked at when all of it is there.
TEST_F(Udp, ALongQueryIsAnsweredUpToTheLargestDatagram) {
  start(loopback());
  const UniqueFd client = connect_to(address_, SOCK_DGRAM);
  for (const std::size_t octets : {std::size_t{4096}, std::size_t{4097}, std::size_t{9000}}) {
    Octets wire = query_wire(name("www.example."), RrType::kA, true, false, 1232);
    const std::size_t padding = octets - wire.size() - 4;
    store_be16(wire.data() + wire.size() - 2, static_cast<std::uint16_t>(padding + 4));
    append_be(wire, std::uint16_t{12});
    append_be(wire, static_cast<std::uint16_t>(padding));
    wire.resize(octets);
    send(client, wire);
  }
  send(client, query(2));
  const auto answer = parse_message(receive(client));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->rcode(), Rcode::kNoError);
  EXPECT_EQ(answer->answers.size(), 1U);
  EXPECT_EQ(load_be16(receive(client).data()), 2) << "nothing for what was cut";
  workers_.front()->stop();
  EXPECT_EQ(workers_.front()->stats().dropped.value(), 2U);
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

}  // namespace
}  // namespace tandem::test
