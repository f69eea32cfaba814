// Series of messages from another server, and TLS under both kinds of questions.
#include <latch>

#include <gmock/gmock.h>

#include "tests/support/eventually.h"
#include "tests/unit/net/other_server.h"
#include "tests/unit/net/tls_certificate.h"

namespace tandem::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class Series : public OtherServer {
 protected:
  using Take = DnsClient::TakeMessage;

  std::future<Status> run(Octets request, Take take, const SeriesOptions& options = {}) {
    std::promise<Status> promise;
    auto future = promise.get_future();
    client_->run_series(peer_, std::move(request), options, std::move(take),
                        [promise = std::move(promise)](Status status) mutable {
                          promise.set_value(std::move(status));
                        });
    return future;
  }

  /// Takes `count` messages and checks that they come in order, by their ids.
  static Take take_numbered(std::uint16_t count) {
    return [count, next = std::uint16_t{0}](OctetSpan message) mutable -> Result<bool> {
      EXPECT_EQ(load_be16(message.data()), next);
      return ++next == count;
    };
  }

  static Octets numbered(std::uint16_t number, std::size_t octets = 100) {
    Octets message = answer_to(query(number));
    message.resize(std::max(octets, message.size()));
    return message;
  }

  static Status ended(std::future<Status>& future) {
    EXPECT_EQ(future.wait_for(milliseconds(kPatienceMs)), std::future_status::ready);
    return future.get();
  }

  static std::string why(std::future<Status>& future) {
    const Status status = ended(future);
    return status ? "good" : status.error().detail;
  }
};

TEST_F(Series, AllMessagesAreHandedInInTheirOrder) {
  auto status = run(query(1), take_numbered(3'000));
  const UniqueFd connection = accept();
  EXPECT_EQ(read_framed(connection), query(1));
  for (std::uint16_t i = 0; i < 3'000; ++i) {
    send_to(connection, framed(numbered(i, i % 100 == 0 ? 65'535 : 100)));
  }
  EXPECT_EQ(why(status), "good");
}

TEST_F(Series, NoMoreIsReadThanIsTaken) {
  std::latch may_go_on(1);
  std::latch has_begun(1);
  std::size_t taken = 0;
  auto status = run(query(1), [&](OctetSpan /*message*/) -> Result<bool> {
    if (taken++ == 0) {
      has_begun.count_down();
      may_go_on.wait();
    }
    return taken == 2'000;
  });
  const UniqueFd connection = accept();
  EXPECT_EQ(read_framed(connection), query(1));
  const Octets message = framed(numbered(0, 60'000));
  send_to(connection, message);
  has_begun.wait();
  // All that the kernel keeps is far less than all that there is.
  Octets all;
  for (int i = 1; i < 2'000; ++i) {
    append(all, message);
  }
  std::size_t at = 0;
  stop_blocking(connection.get());
  const auto send_some = [&] {
    const ssize_t sent = ::send(connection.get(), &all[at], all.size() - at, MSG_NOSIGNAL);
    at += sent > 0 ? static_cast<std::size_t>(sent) : 0;
    return sent > 0;
  };
  while (send_some()) {
  }
  EXPECT_LT(at, all.size());
  may_go_on.count_down();
  while (at < all.size()) {
    ASSERT_TRUE(await_socket(connection.get(), SocketNeed::kWritable));
    ASSERT_TRUE(send_some());
  }
  EXPECT_EQ(why(status), "good");
  EXPECT_EQ(taken, 2'000U);
}

TEST_F(Series, WhatTheTakerSaysEndsIt) {
  auto status = run(query(1), [](OctetSpan /*message*/) -> Result<bool> {
    return fail(Errc::kConflict, "not for me");
  });
  const UniqueFd connection = accept();
  send_to(connection, framed(numbered(0)));
  const Status end = ended(status);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kConflict);
}

TEST_F(Series, ASeriesThatIsCutIsNone) {
  auto status = run(query(1), take_numbered(3));
  {
    const UniqueFd connection = accept();
    EXPECT_EQ(read_framed(connection), query(1));
    send_to(connection, framed(numbered(0)));
    Octets half = framed(numbered(1));
    half.pop_back();
    send_to(connection, half);
  }
  EXPECT_THAT(why(status), HasSubstr("closed the connection before the answer's end"));
}

TEST_F(Series, EachMessageHasItsTimeAndAllTogetherTheirs) {
  auto idle = run(query(1), take_numbered(3), {.idle = milliseconds(50)});
  const UniqueFd first = accept();
  send_to(first, framed(numbered(0)));
  EXPECT_EQ(bad(idle).code, Errc::kTimeout);

  std::atomic<bool> is_over = false;
  auto in_all = run(query(1), [](OctetSpan /*message*/) -> Result<bool> { return false; },
                    {.in_all = milliseconds(100)});
  const UniqueFd second = accept();
  while (!is_over && ::send(second.get(), framed(numbered(0)).data(), numbered(0).size() + 2,
                            MSG_NOSIGNAL | MSG_DONTWAIT) != -1) {
    is_over = in_all.wait_for(milliseconds(1)) == std::future_status::ready;
  }
  EXPECT_EQ(bad(in_all).code, Errc::kTimeout);
}

TEST_F(Series, OnlySomeGoOnAtOnce) {
  std::latch may_go_on(1);
  std::atomic<std::size_t> going_on = 0;
  std::atomic<std::size_t> most = 0;
  std::vector<std::future<Status>> all;
  constexpr std::size_t kMany = DnsClient::kSeriesAtOnce * 3;
  for (std::size_t i = 0; i < kMany; ++i) {
    all.push_back(run(query(1), [&](OctetSpan /*message*/) -> Result<bool> {
      most = std::max<std::size_t>(most, ++going_on);
      may_go_on.wait();
      --going_on;
      return true;
    }));
  }
  std::vector<UniqueFd> connections;
  for (std::size_t i = 0; i < kMany; ++i) {
    connections.push_back(accept());
    send_to(connections.back(), framed(numbered(0)));
    if (i + 1 == DnsClient::kSeriesAtOnce) {
      EXPECT_TRUE(eventually([&] { return going_on == DnsClient::kSeriesAtOnce; }));
      may_go_on.count_down();
    }
  }
  for (auto& status : all) {
    EXPECT_EQ(why(status), "good");
  }
  EXPECT_LE(most, DnsClient::kSeriesAtOnce);
}

TEST_F(Series, EachMessageIsVerifiedAndComesWithoutItsSignature) {
  peer_.key = key();
  auto status = run(query(1), [next = 0](OctetSpan message) mutable -> Result<bool> {
    EXPECT_EQ(to_octets(message), answer_to(query(1)));
    return ++next == 3;
  });
  const UniqueFd connection = accept();
  TsigSigner signer = signer_for(read_framed(connection));
  for (int i = 0; i < 3; ++i) {
    Octets message = answer_to(query(1));
    signer.sign(message, kThen);
    send_to(connection, framed(message));
  }
  EXPECT_EQ(why(status), "good");
}

// RFC 8945 s5.3.1
TEST_F(Series, TheLastMessageHasToBeSigned) {
  peer_.key = key();
  auto status = run(
      query(1), [next = 0](OctetSpan /*message*/) mutable -> Result<bool> { return ++next == 2; });
  const UniqueFd connection = accept();
  const Octets question = read_framed(connection);
  send_to(connection, framed(signed_answer(question, answer_to(query(1)))));
  send_to(connection, framed(answer_to(query(1))));
  EXPECT_THAT(why(status), HasSubstr("last message of the answer is not signed"));
}

TEST_F(Series, StoppingEndsThoseThatGoOnAndThoseThatWait) {
  std::vector<std::future<Status>> all;
  for (std::size_t i = 0; i < DnsClient::kSeriesAtOnce + 2; ++i) {
    all.push_back(run(query(1), take_numbered(1)));
  }
  const UniqueFd connection = accept();
  client_->stop();
  for (auto& status : all) {
    EXPECT_EQ(bad(status).code, Errc::kUnavailable);
  }
}

class OverTls : public Series {
 protected:
  void serve(const TlsFiles& files) {
    auto server = TlsServer::open(files, server_key_, MonotonicTime());
    ASSERT_TRUE(server) << server.error().detail;
    server_ = *std::move(server);
  }

  /// The client's next connection, before the handshake.
  [[nodiscard]] TlsEnd accept_tls() const {
    UniqueFd connection = accept();
    stop_blocking(connection.get());
    const int fd = connection.get();
    return {std::move(connection), server_->accept(fd)};
  }

  static AskOptions patient() { return {.timeout = milliseconds(kPatienceMs), .tries = 1}; }

  const NodeKey server_key_ = folder_.node_key("server");
  std::unique_ptr<TlsServer> server_;
};

// RFC 9103 s9.3.3
TEST_F(OverTls, AQuestionAndASeriesGoOverItAndOurKeyIsShown) {
  serve({});
  peer_.tls = TlsPeer{.pins = {server_key_.pin}, .name = {}, .ca_file = {}};
  auto answer = ask(query(7), patient());
  TlsEnd first = accept_tls();
  ASSERT_TRUE(first.handshake());
  EXPECT_EQ(first.read_framed(), query(7));
  EXPECT_EQ(first.session().peer_pin(), client_key_.pin);
  first.send(framed(answer_to(query(7))));
  EXPECT_EQ(good(answer), answer_to(query(7)));

  auto status = run(query(1), take_numbered(500));
  TlsEnd second = accept_tls();
  ASSERT_TRUE(second.handshake());
  EXPECT_EQ(second.read_framed(), query(1));
  for (std::uint16_t i = 0; i < 500; ++i) {
    second.send(framed(numbered(i, i % 50 == 0 ? 65'535 : 100)));
  }
  EXPECT_EQ(why(status), "good");
}

TEST_F(OverTls, AServerWithAnotherKeyGetsNoQuestion) {
  serve({});
  peer_.tls = TlsPeer{.pins = {client_key_.pin}, .name = {}, .ca_file = {}};
  auto answer = ask(query(7), patient());
  TlsEnd end = accept_tls();
  std::ignore = end.handshake();  // may be over before the client looks at the key
  EXPECT_TRUE(end.read_framed().empty());
  EXPECT_EQ(bad(answer).code, Errc::kRefused);
}

TEST_F(OverTls, TheNameIsThatOfTheCertificate) {
  const TlsCertificate named = make_tls_certificate("dns.example");
  serve({folder_.write("server.crt", named.pem), folder_.write("server.key", named.key_pem)});
  const std::string ca = folder_.write("ca.crt", named.pem).string();
  peer_.tls = TlsPeer{.pins = {}, .name = "dns.example", .ca_file = ca};
  auto answer = ask(query(7), patient());
  TlsEnd good_end = accept_tls();
  ASSERT_TRUE(good_end.handshake());
  EXPECT_EQ(good_end.read_framed(), query(7));
  good_end.send(framed(answer_to(query(7))));
  EXPECT_EQ(good(answer), answer_to(query(7)));

  peer_.tls->name = "other.example";
  auto refused = ask(query(7), patient());
  TlsEnd end = accept_tls();
  EXPECT_FALSE(end.handshake());
  EXPECT_THAT(bad(refused).detail, HasSubstr("hostname mismatch"));
}

TEST_F(OverTls, AServerThatNeverShakesHandsIsNotWaitedFor) {
  peer_.tls = TlsPeer{};
  auto answer = ask(query(7), {.timeout = milliseconds(50), .tries = 1});
  const UniqueFd connection = accept();
  EXPECT_EQ(bad(answer).code, Errc::kTimeout);

  auto plain = ask(query(7), patient());
  const UniqueFd other = accept();
  send_to(other, framed(answer_to(query(7))));
  EXPECT_THAT(bad(plain).detail, HasSubstr("TLS"));
}

}  // namespace
}  // namespace tandem::test
