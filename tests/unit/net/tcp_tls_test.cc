// DNS over TLS on loopback (RFC 7858): what TCP does, and clients that are slow to shake hands.
#include <future>

#include "common/net/listen.h"
#include "common/net/tcp_server.h"
#include "tests/support/eventually.h"
#include "tests/unit/net/tls_ends.h"

namespace tandem::test {
namespace {

using std::chrono::milliseconds;

class TcpTls : public DnsServers {
 protected:
  void start(const TcpLimits& limits = {}) {
    auto plain = listen_tcp(loopback());
    auto listening = listen_tcp(loopback());
    ASSERT_TRUE(plain && listening);
    plain_address_ = plain->address;
    address_ = listening->address;
    auto tls = TlsServer::open({}, server_key_, MonotonicTime());
    ASSERT_TRUE(tls);
    server_ =
        std::make_unique<TcpServer>(std::move(plain->sockets), limits, engine_, cell_, requests_);
    server_->listen_tls(std::move(listening->sockets), *std::move(tls));
    server_->start();
  }

  [[nodiscard]] UniqueFd connect_plainly(std::string_view from = {}) const {
    return connect_to(address_, SOCK_STREAM, from);
  }

  /// A connection whose handshake is done.
  [[nodiscard]] TlsEnd connect(std::string_view from = {}) const {
    UniqueFd fd = connect_plainly(from);
    stop_blocking(fd.get());
    auto session =
        client_.connect(fd.get(), {.pins = {server_key_.pin}, .name = {}, .ca_file = {}});
    TlsEnd end(std::move(fd), *std::move(session));
    const Status status = end.handshake();
    EXPECT_TRUE(status) << status.error().detail;
    return end;
  }

  static bool is_closed(const UniqueFd& fd) {
    std::uint8_t octet = 0;
    return is_readable(fd) && ::recv(fd.get(), &octet, 1, 0) <= 0;
  }

  TlsFolder folder_;
  const NodeKey server_key_ = folder_.node_key("server");
  const NodeKey client_key_ = folder_.node_key("client");
  const TlsClient client_{client_key_};
  SocketAddress plain_address_;
  SocketAddress address_;
  std::unique_ptr<TcpServer> server_;
};

// RFC 7766 s6.2.1.1
TEST_F(TcpTls, QueriesInOneSegmentAreAllAnswered) {
  start();
  TlsEnd client = connect();
  Octets all;
  for (std::uint16_t i = 0; i < 2'000; ++i) {
    append(all, framed(query(i)));
  }
  client.send(all);
  for (std::uint16_t i = 0; i < 2'000; ++i) {
    const Octets answer = client.read_framed();
    ASSERT_GE(answer.size(), kHeaderOctets);
    ASSERT_EQ(load_be16(answer.data()), i);
  }
  const UniqueFd plain = connect_to(plain_address_, SOCK_STREAM);
  ASSERT_GT(::send(plain.get(), framed(query(1)).data(), framed(query(1)).size(), 0), 0);
  EXPECT_FALSE(read_framed(plain).empty()) << "beside it TCP goes on without TLS";
  server_->stop();
  EXPECT_EQ(server_->tcp_stats().tls.value(), 1U);
  EXPECT_EQ(server_->tcp_stats().tls_failed.value(), 0U);
  EXPECT_EQ(server_->tcp_stats().open.value(), 0U);
}

TEST_F(TcpTls, WhatIsHandedOverSaysThatItCameOverTlsAndWithWhichKey) {
  start();
  std::promise<ReceivedRequest> promise;
  auto received = promise.get_future();
  requests_.start([&](ReceivedRequest request) {
    Octets answer = request.message;
    request.answer({.message = std::move(answer)});
    promise.set_value(std::move(request));
  });
  TlsEnd client = connect();
  Octets transfer = query_wire(name("example."), RrType::kAxfr, false, false, 0);
  client.send(framed(transfer));
  EXPECT_EQ(client.read_framed(), transfer);
  const ReceivedRequest request = received.get();
  EXPECT_TRUE(request.is_tls);
  EXPECT_EQ(request.client_pin, client_key_.pin);
  requests_.stop();
}

TEST_F(TcpTls, WhoIsSlowToShakeHandsIsClosedAndCounted) {
  TcpLimits limits;
  limits.message = milliseconds(200);
  limits.idle = milliseconds(600'000);
  start(limits);
  const UniqueFd silent = connect_plainly();
  EXPECT_TRUE(is_closed(silent));
  const UniqueFd plain = connect_plainly();
  const Octets no_tls = framed(query(1));
  ASSERT_GT(::send(plain.get(), no_tls.data(), no_tls.size(), MSG_NOSIGNAL), 0);
  while (is_readable(plain)) {  // an alert comes first
    std::uint8_t octet = 0;
    if (::recv(plain.get(), &octet, 1, 0) <= 0) {
      break;
    }
  }
  server_->stop();
  EXPECT_EQ(server_->tcp_stats().timed_out.value(), 1U);
  EXPECT_EQ(server_->tcp_stats().tls_failed.value(), 2U);
}

TEST_F(TcpTls, ManyThatStallInTheHandshakeKeepNobodyOut) {
  constexpr int kMany = 200;
  TcpLimits limits;
  limits.connections = 100;
  limits.message = milliseconds(600'000);
  start(limits);
  std::vector<UniqueFd> stalled;
  for (int i = 0; i < kMany; ++i) {
    stalled.push_back(connect_plainly(fmt::format("127.0.0.{}", 10 + i)));
  }
  ASSERT_TRUE(eventually([this] { return server_->tcp_stats().accepted.value() == kMany; }));
  TlsEnd client = connect("127.0.1.1");
  client.send(framed(query(7)));
  EXPECT_EQ(load_be16(client.read_framed().data()), 7);
}

TEST_F(TcpTls, AClientThatDoesNotReadIsClosed) {
  TcpLimits limits;
  limits.write = milliseconds(200);
  limits.message = milliseconds(60'000);
  start(limits);
  TlsEnd client = connect();
  Octets many;
  for (std::uint16_t i = 0; i < 2'000; ++i) {
    append(many, framed(query(i)));
  }
  bool is_ended = false;
  OctetSpan rest(many);
  while (!is_ended) {
    const auto step = client.session().write(rest);
    is_ended = !step;
    if (step && step->need != SocketNeed::kNothing) {
      ASSERT_TRUE(client.await(step->need));
    } else if (step) {
      rest = step->octets < rest.size() ? rest.subspan(step->octets) : OctetSpan(many);
    }
  }
  server_->stop();
  EXPECT_EQ(server_->tcp_stats().timed_out.value(), 1U);
}

TEST_F(TcpTls, StoppingClosesWhatIsOpen) {
  start();
  TlsEnd client = connect();
  client.send(framed(query(1)));
  EXPECT_FALSE(client.read_framed().empty());
  const UniqueFd stalled = connect_plainly();
  ASSERT_TRUE(eventually([this] { return server_->tcp_stats().accepted.value() == 2; }));
  server_->stop();
  EXPECT_TRUE(client.read(1).empty());
  EXPECT_TRUE(is_closed(stalled));
  EXPECT_EQ(server_->tcp_stats().open.value(), 0U);
}

}  // namespace
}  // namespace tandem::test
