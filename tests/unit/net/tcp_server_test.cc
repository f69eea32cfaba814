// DNS over TCP on loopback: pipelining, caps, and clients that are slow.
#include "common/net/tcp_server.h"

#include <future>

#include "common/net/listen.h"
#include "tests/support/eventually.h"
#include "tests/unit/net/dns_servers.h"

namespace tandem::test {
namespace {

using std::chrono::milliseconds;

class Tcp : public DnsServers {
 protected:
  void start(const TcpLimits& limits = {}, const SocketAddress& address = loopback()) {
    auto listening = listen_tcp(address);
    ASSERT_TRUE(listening) << listening.error().detail;
    address_ = listening->address;
    server_ = std::make_unique<TcpServer>(std::move(listening->sockets), limits, engine_, cell_,
                                          requests_);
    server_->start();
  }

  [[nodiscard]] UniqueFd connect(std::string_view from = {}) const {
    return connect_to(address_, SOCK_STREAM, from);
  }

  static void send(const UniqueFd& fd, const Octets& octets) {
    ASSERT_EQ(::send(fd.get(), octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }

  static bool is_answered(const UniqueFd& fd, std::uint16_t id = 1) {
    const Octets wire = framed(query(id));
    if (::send(fd.get(), wire.data(), wire.size(), MSG_NOSIGNAL) < 0) {
      return false;
    }
    const Octets answer = read_framed(fd);
    return answer.size() >= kHeaderOctets && load_be16(answer.data()) == id;
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
    const Octets answer = read_framed(client);
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
  EXPECT_EQ(load_be16(read_framed(client).data()), 9);
}

TEST_F(Tcp, TheHalfOfAQueryWaitsForItsOtherHalf) {
  start();
  const UniqueFd client = connect();
  Octets first = framed(query(1));
  const Octets second = framed(query(2));
  append(first, OctetSpan(second).first(10));
  send(client, first);
  EXPECT_EQ(load_be16(read_framed(client).data()), 1);
  send(client, to_octets(OctetSpan(second).subspan(10)));
  EXPECT_EQ(load_be16(read_framed(client).data()), 2);
}

TEST_F(Tcp, AMessageOfTheGreatestLengthIsTakenWhole) {
  start();
  const UniqueFd client = connect();
  Octets large = query(3);
  large.resize(65'535);
  send(client, framed(large));
  const Octets answer = read_framed(client);
  ASSERT_GE(answer.size(), kHeaderOctets);
  EXPECT_EQ(answer[3] & 0x0fU, static_cast<unsigned>(Rcode::kFormErr));
  send(client, framed(query(4)));
  EXPECT_EQ(load_be16(read_framed(client).data()), 4) << "and the connection goes on";
}

TEST_F(Tcp, AnIdleConnectionIsClosed) {
  TcpLimits limits;
  limits.idle = milliseconds(100);
  start(limits);
  const UniqueFd client = connect();
  send(client, framed(query(1)));
  EXPECT_FALSE(read_framed(client).empty());
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

// RFC 7766 s10
TEST_F(Tcp, ClientsThatDoNotReadShareWhatWaitsForThem) {
  TcpLimits limits;
  limits.write = limits.message = milliseconds(600'000);
  limits.unread = 9'000;  // a read of 4 KiB gives 6 KB of answers: room for one client's
  start(limits);
  Octets many;
  for (std::uint16_t i = 0; i < 2000; ++i) {
    append(many, framed(query(i)));
  }

  struct Flood {
    UniqueFd client;
    std::size_t at = 0;  // so that only whole queries arrive, however much is taken at once
  };

  std::array<Flood, 2> floods{Flood{connect()}, Flood{connect()}};
  int ended = 0;
  while (ended == 0) {
    std::array<pollfd, 2> poll{pollfd{floods[0].client.get(), POLLOUT, 0},
                               pollfd{floods[1].client.get(), POLLOUT, 0}};
    ASSERT_GE(::poll(poll.data(), poll.size(), kPatienceMs), 1);
    for (Flood& flood : floods) {
      const ssize_t sent = ::send(flood.client.get(), &many[flood.at], many.size() - flood.at,
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
      ended += sent < 0 && errno != EAGAIN ? 1 : 0;
      flood.at = sent > 0 ? (flood.at + static_cast<std::size_t>(sent)) % many.size() : flood.at;
    }
  }
  EXPECT_EQ(ended, 1);
  EXPECT_TRUE(is_answered(connect()));
  server_->stop();
  EXPECT_EQ(server_->tcp_stats().timed_out.value(), 1U);
}

TEST_F(Tcp, WhenAllAreInUseTheOneUnusedLongestOfWhoHasMostMakesRoom) {
  TcpLimits limits;
  limits.connections = 4;
  limits.idle = milliseconds(600'000);
  start(limits);
  const UniqueFd single = connect("127.0.0.2");
  ASSERT_TRUE(is_answered(single));
  const UniqueFd first = connect("127.0.0.3");
  ASSERT_TRUE(is_answered(first));
  const UniqueFd second = connect("127.0.0.3");
  ASSERT_TRUE(is_answered(second));
  const UniqueFd other = connect("127.0.0.4");
  ASSERT_TRUE(is_answered(other));
  ASSERT_TRUE(is_answered(first)) << "now the second is the one unused longest";
  EXPECT_FALSE(is_answered(connect("127.0.0.3"))) << "no third one when all are in use";
  const UniqueFd newcomer = connect("127.0.0.5");
  EXPECT_TRUE(is_answered(newcomer));
  EXPECT_TRUE(is_closed(second));
  EXPECT_TRUE(is_answered(other) && is_answered(first));
  EXPECT_TRUE(is_answered(connect("127.0.0.6")));
  EXPECT_TRUE(is_closed(single));
  EXPECT_TRUE(is_answered(newcomer) && is_answered(other) && is_answered(first));
}

TEST_F(Tcp, IdleConnectionsHaveLessTimeWhenHalfOfAllAreInUse) {
  TcpLimits limits;
  limits.connections = 4;
  limits.idle = milliseconds(600'000);
  start(limits);
  const std::array<UniqueFd, 3> clients{connect(), connect(), connect()};
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(is_answered(clients[0]) && is_answered(clients[1]) && is_answered(clients[2]));
  EXPECT_TRUE(is_closed(clients[0]));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(2'000));
  server_->stop();
  EXPECT_GE(server_->tcp_stats().timed_out.value(), 1U);
}

TEST_F(Tcp, ConnectionsAreCappedPerAddressAndInAll) {
  TcpLimits limits;
  limits.connections_per_address = 3;
  start(limits);
  std::vector<UniqueFd> clients;
  for (std::uint16_t i = 0; i < 3; ++i) {
    clients.push_back(connect());
    send(clients.back(), framed(query(i)));
    EXPECT_EQ(load_be16(read_framed(clients.back()).data()), i);
  }
  EXPECT_TRUE(is_closed(connect()));
  clients.pop_back();
  // The place is free once the server has seen the end: until then it turns us away.
  Octets answer;
  const auto is_answered = [&] {
    const UniqueFd client = connect();
    if (::send(client.get(), framed(query(7)).data(), framed(query(7)).size(), MSG_NOSIGNAL) > 0) {
      answer = read_framed(client);
    }
    return !answer.empty();
  };
  EXPECT_TRUE(eventually(is_answered, std::chrono::seconds(30)));
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

TEST_F(Tcp, WhatCameBeforeABadMessageIsAnswered) {
  start();
  const UniqueFd client = connect();
  Octets bad = query(3);
  bad[2] |= 0x80;  // QR
  Octets all = framed(query(1));
  append(all, framed(query(2)));
  append(all, framed(bad));
  append(all, framed(query(4)));
  send(client, all);
  EXPECT_EQ(load_be16(read_framed(client).data()), 1);
  EXPECT_EQ(load_be16(read_framed(client).data()), 2);
  EXPECT_TRUE(is_closed(client));
}

TEST_F(Tcp, Ipv6) {
  start({}, *SocketAddress::from_text("[::1]:0"));
  const UniqueFd client = connect();
  EXPECT_TRUE(is_answered(client, 1));
  EXPECT_TRUE(is_answered(client, 2));
}

TEST_F(Tcp, TheKernelKeepsLittleForAClientThatDoesNotRead) {
  const auto listening = listen_tcp(loopback());
  ASSERT_TRUE(listening);
  int octets = 0;
  socklen_t size = sizeof octets;
  ASSERT_EQ(::getsockopt(listening->sockets.front().get(), SOL_SOCKET, SO_SNDBUF, &octets, &size),
            0);
  EXPECT_EQ(octets, 2 * (128 << 10)) << "the kernel doubles it for its own books";
}

TEST_F(Tcp, StoppingClosesWhatIsOpen) {
  start();
  const UniqueFd client = connect();
  send(client, framed(query(1)));
  EXPECT_FALSE(read_framed(client).empty());
  server_->stop();
  EXPECT_TRUE(is_closed(client));
  EXPECT_EQ(server_->tcp_stats().open.value(), 0U);
}

/// So many messages with the query's id, which end as `end` says.
class Counted final : public AnswerStream {
 public:
  Counted(std::uint16_t id, std::size_t messages, bool end) : id_(id), left_(messages), end_(end) {}

  std::size_t next(std::span<std::uint8_t> room) override {
    if (left_ == 0) {
      return 0;
    }
    --left_;
    const Octets message = query(id_);
    std::ranges::copy(message, room.begin());
    return message.size();
  }

  bool on_sent() override { return end_; }

 private:
  std::uint16_t id_;
  std::size_t left_;
  bool end_;
};

Octets axfr(std::uint16_t id) {
  Octets wire = query_wire(name("example."), RrType::kAxfr, false, false, 0);
  store_be16(wire.data(), id);
  return wire;
}

TEST_F(Tcp, AStreamGoesOutWholeAndInItsPlace) {
  start();
  requests_.start([](ReceivedRequest request) {
    const std::uint16_t id = load_be16(request.message.data());
    request.answer({.message = {}, .stream = std::make_unique<Counted>(id, 5000, true)});
  });
  const UniqueFd client = connect();
  Octets all = framed(query(1));
  append(all, framed(axfr(2)));
  append(all, framed(axfr(3)));
  append(all, framed(query(4)));
  send(client, all);
  EXPECT_EQ(load_be16(read_framed(client).data()), 1);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(load_be16(read_framed(client).data()), i < 5000 ? 2 : 3);
  }
  EXPECT_EQ(load_be16(read_framed(client).data()), 4);
  requests_.stop();
}

TEST_F(Tcp, AStreamThatIsNotWholeEndsTheConnection) {
  start();
  requests_.start([](ReceivedRequest request) {
    request.answer({.message = {}, .stream = std::make_unique<Counted>(2, 1, false)});
  });
  const UniqueFd client = connect();
  send(client, framed(axfr(2)));
  EXPECT_EQ(load_be16(read_framed(client).data()), 2);
  EXPECT_TRUE(is_closed(client));
  requests_.stop();
}

TEST_F(Tcp, StoppingDoesNotWaitForAnAnswerThatNeverComes) {
  std::promise<void> given;
  std::vector<ReceivedRequest> kept;
  start();
  requests_.start([&](ReceivedRequest request) {
    kept.push_back(std::move(request));
    given.set_value();
  });
  const UniqueFd client = connect();
  send(client, framed(axfr(2)));
  given.get_future().wait();
  requests_.stop();
  server_->stop();
  EXPECT_TRUE(is_closed(client));
}

}  // namespace
}  // namespace tandem::test
