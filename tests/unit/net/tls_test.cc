// TLS sessions over a pair of sockets: who is believed, with which key, and files that change.
#include "common/net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "tests/unit/net/tls_certificate.h"
#include "tests/unit/net/tls_ends.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;

constexpr MonotonicTime kStart{std::chrono::hours(1)};

class Tls : public ::testing::Test {
 protected:
  struct Ends {
    Status client;
    Status server;
  };

  void serve(const TlsFiles& files = {}) {
    auto server = TlsServer::open(files, server_key_, kStart);
    ASSERT_TRUE(server) << server.error().detail;
    server_ = *std::move(server);
  }

  /// A certificate for `dns.example`, in files.
  TlsFiles write_named(std::string_view name = "dns.example") {
    named_ = make_tls_certificate(name);
    return {folder_.write("server.crt", named_.pem), folder_.write("server.key", named_.key_pem)};
  }

  [[nodiscard]] std::string ca_file() const { return folder_.write("ca.crt", named_.pem).string(); }

  /// Connects both ends and shakes hands.
  Ends connect(const TlsPeer& peer) {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
    auto client = client_.connect(fds[0], peer);
    EXPECT_TRUE(client) << client.error().detail;
    client_end_.emplace(UniqueFd(fds[0]), *std::move(client));
    server_end_.emplace(UniqueFd(fds[1]), server_->accept(fds[1]));
    Ends ends;
    bool client_done = false;
    bool server_done = false;
    while (ends.client && ends.server && !(client_done && server_done)) {
      client_done = client_done || step(client_end_->session(), ends.client);
      server_done = server_done || step(server_end_->session(), ends.server);
    }
    return ends;
  }

  static bool step(TlsSession& session, Status& status) {
    const auto need = session.handshake();
    if (!need) {
      status = std::unexpected(need.error());
    }
    return need && *need == SocketNeed::kNothing;
  }

  TlsFolder folder_;
  const NodeKey server_key_ = folder_.node_key("server");
  const NodeKey client_key_ = folder_.node_key("client");
  const TlsClient client_{client_key_};
  TlsCertificate named_;
  std::unique_ptr<TlsServer> server_;
  std::optional<TlsEnd> client_end_;
  std::optional<TlsEnd> server_end_;
};

TEST_F(Tls, BothSidesSeeTheOthersKey) {
  serve();
  const Ends ends =
      connect({.pins = {client_key_.pin, server_key_.pin}, .name = {}, .ca_file = {}});
  ASSERT_TRUE(ends.client && ends.server);
  client_end_->send(framed(query(7)));  // brings the client's certificate with it
  EXPECT_EQ(server_end_->read_framed(), query(7));
  EXPECT_EQ(server_end_->session().peer_pin(), client_key_.pin);
  EXPECT_EQ(client_end_->session().peer_pin(), server_key_.pin);
  EXPECT_TRUE(server_end_->session().is_tls13());
}

TEST_F(Tls, AServerWithAnotherKeyThanThePinnedIsRefused) {
  serve();
  const Ends ends = connect({.pins = {client_key_.pin}, .name = {}, .ca_file = {}});
  ASSERT_FALSE(ends.client);
  EXPECT_EQ(ends.client.error().code, Errc::kRefused);
  EXPECT_THAT(ends.client.error().detail, HasSubstr(server_key_.pin.to_text()));
}

TEST_F(Tls, WithoutAPinOrANameAnyServerWillDo) {
  serve();
  EXPECT_TRUE(connect({}).client);
}

TEST_F(Tls, ANameIsCheckedAgainstTheCertificateAndItsCa) {
  serve(write_named());
  EXPECT_TRUE(connect({.pins = {}, .name = "dns.example", .ca_file = ca_file()}).client);

  const Ends other = connect({.pins = {}, .name = "other.example", .ca_file = ca_file()});
  ASSERT_FALSE(other.client);
  EXPECT_EQ(other.client.error().code, Errc::kRefused);
  EXPECT_THAT(other.client.error().detail, HasSubstr("hostname mismatch"));

  const Ends system = connect({.pins = {}, .name = "dns.example", .ca_file = {}});
  ASSERT_FALSE(system.client) << "no CA of the system has signed it";
  EXPECT_EQ(system.client.error().code, Errc::kRefused);
}

TEST_F(Tls, APinWinsOverTheName) {
  serve(write_named());
  const KeyPin pin = *KeyPin::of_certificate(named_.pem);
  EXPECT_TRUE(connect({.pins = {pin}, .name = "other.example", .ca_file = {}}).client);
}

TEST_F(Tls, FilesThatAreNoneAreToldByName) {
  const TlsFiles good = write_named();
  const auto why = [this](const TlsFiles& files) {
    const auto server = TlsServer::open(files, server_key_, kStart);
    return server ? "good" : server.error().detail;
  };
  EXPECT_EQ(why(good), "good");
  EXPECT_THAT(why({"/nowhere/server.crt", good.key}), HasSubstr("/nowhere/server.crt"));
  EXPECT_THAT(why({good.certificate, good.certificate}), HasSubstr("server.crt"));
  const auto other = folder_.write("other.key", make_tls_certificate("x.example").key_pem);
  EXPECT_THAT(why({good.certificate, other}), HasSubstr("key values mismatch"));

  const std::array<int, 2> fds{-1, -1};
  const auto client =
      client_.connect(fds[0], {.pins = {}, .name = "a.example", .ca_file = "/nowhere/ca.crt"});
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().detail, HasSubstr("/nowhere/ca.crt"));
}

TEST_F(Tls, FilesThatChangeAreReadAgain) {
  const TlsFiles files = write_named();
  serve(files);
  const auto later = [&files](int seconds) {
    const auto time = std::filesystem::file_time_type::clock::now() + std::chrono::seconds(seconds);
    std::filesystem::last_write_time(files.certificate, time);
    std::filesystem::last_write_time(files.key, time);
  };
  write_named();
  later(10);
  ASSERT_TRUE(server_->renew(kStart));
  const KeyPin pin = *KeyPin::of_certificate(named_.pem);
  EXPECT_TRUE(connect({.pins = {pin}, .name = {}, .ca_file = {}}).client);

  const auto broken = folder_.write("server.crt", "half a certifi");
  later(20);
  const Status status = server_->renew(kStart);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().detail, HasSubstr(broken.string()));
  EXPECT_TRUE(connect({.pins = {pin}, .name = {}, .ca_file = {}}).client) << "the old one goes on";
  EXPECT_TRUE(server_->renew(kStart)) << "it is told once";
}

/// A client of OpenSSL's own, in the versions and with the ALPN that it is told.
Status connect_plainly(const TlsServer& server, int greatest_version, std::string_view alpn,
                       std::string* selected) {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
  const UniqueFd client_fd(fds[0]);
  TlsEnd end(UniqueFd(fds[1]), server.accept(fds[1]));
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  SSL_CTX_set_max_proto_version(context.get(), greatest_version);
  const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(context.get()), SSL_free);
  if (!alpn.empty()) {
    SSL_set_alpn_protos(client.get(), as_octets(alpn).data(), static_cast<unsigned>(alpn.size()));
  }
  SSL_set_fd(client.get(), client_fd.get());
  SSL_set_connect_state(client.get());
  for (;;) {
    const int result = SSL_do_handshake(client.get());
    const SocketNeed need = TRY(end.session().handshake());
    if (result == 1 && need == SocketNeed::kNothing) {
      break;
    }
    if (result != 1 && SSL_get_error(client.get(), result) != SSL_ERROR_WANT_READ) {
      return fail(Errc::kIo, "refused");
    }
  }
  const unsigned char* name = nullptr;
  unsigned octets = 0;
  SSL_get0_alpn_selected(client.get(), &name, &octets);
  *selected = octets == 0 ? "" : std::string(as_text(OctetSpan(name, octets)));
  EXPECT_EQ(end.session().is_tls13(), greatest_version == TLS1_3_VERSION);
  return {};
}

// RFC 7858 s3.2, RFC 7301 s3.2
TEST_F(Tls, TheServerTakesTwoVersionsAndSelectsDotWhereItIsOffered) {
  serve();
  std::string selected;
  EXPECT_TRUE(connect_plainly(*server_, TLS1_3_VERSION, "\2h2\3dot", &selected));
  EXPECT_EQ(selected, "dot");
  EXPECT_TRUE(connect_plainly(*server_, TLS1_2_VERSION, "", &selected));
  EXPECT_EQ(selected, "");
  EXPECT_FALSE(connect_plainly(*server_, TLS1_1_VERSION, "", &selected));
  EXPECT_FALSE(connect_plainly(*server_, TLS1_3_VERSION, "\2h2", &selected));
  EXPECT_FALSE(connect_plainly(*server_, TLS1_3_VERSION, "\10http/1.1", &selected));
}

}  // namespace
}  // namespace tandem::test
