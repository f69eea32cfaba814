// Another server on loopback, which the test plays, and a client that asks it.
#pragma once

#include <future>
#include <utility>

#include <gtest/gtest.h>

#include "common/crypto/tsig.h"
#include "common/dns/tsig_record.h"
#include "common/net/dns_client.h"
#include "common/net/listen.h"
#include "tests/unit/net/tls_ends.h"

namespace tandem::test {

inline Octets query_for(std::string_view owner, std::uint16_t id) {
  Octets wire = query_wire(name(owner), RrType::kA, false, false, 0);
  store_be16(wire.data(), id);
  return wire;
}

/// The message with QR and `rcode`.
inline Octets answer_to(Octets message, Rcode rcode = Rcode::kNoError) {
  message[2] |= 0x80U;
  message[3] = static_cast<std::uint8_t>(message[3] | static_cast<unsigned>(rcode));
  return message;
}

class OtherServer : public ::testing::Test {
 protected:
  OtherServer() {
    auto udp = listen_udp(loopback(), 1);
    auto tcp = listen_tcp(udp->address);
    while (!tcp) {  // somebody has the port for TCP
      udp = listen_udp(loopback(), 1);
      tcp = listen_tcp(udp->address);
    }
    peer_.address = udp->address;
    udp_ = std::move(udp->sockets.front());
    tcp_ = std::move(tcp->sockets.front());
  }

  struct Datagram {
    Octets octets;
    SocketAddress from;
  };

  std::future<Result<Octets>> ask(Octets message, const AskOptions& options) {
    std::promise<Result<Octets>> promise;
    auto future = promise.get_future();
    client_->ask(peer_, std::move(message), options,
                 [promise = std::move(promise)](Result<Octets> answer) mutable {
                   promise.set_value(std::move(answer));
                 });
    return future;
  }

  static Octets good(std::future<Result<Octets>>& future) {
    auto answer = future.get();
    EXPECT_TRUE(answer) << answer.error().detail;
    return answer.value_or(Octets());
  }

  template <class T>
  static Error bad(std::future<Result<T>>& future,
                   std::chrono::milliseconds within = std::chrono::milliseconds(kPatienceMs)) {
    EXPECT_EQ(future.wait_for(within), std::future_status::ready);
    auto answer = future.get();
    EXPECT_FALSE(answer);
    return answer ? Error() : answer.error();
  }

  [[nodiscard]] bool has_question(int patience_ms) const { return is_readable(udp_, patience_ms); }

  Datagram receive() {
    EXPECT_TRUE(is_readable(udp_));
    Octets octets(65'535);
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(udp_.get(), octets.data(), octets.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&from), &size);
    octets.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return {std::move(octets), SocketAddress::from_system(from)};
  }

  void send(const Octets& octets, const Datagram& to) const {
    EXPECT_EQ(::sendto(udp_.get(), octets.data(), octets.size(), 0, to.from.system(),
                       to.from.system_octets()),
              static_cast<ssize_t>(octets.size()));
  }

  void close_udp() { udp_.reset(); }

  [[nodiscard]] UniqueFd accept() const {
    EXPECT_TRUE(is_readable(tcp_));
    return UniqueFd(::accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }

  static void send_to(const UniqueFd& connection, const Octets& octets) {
    EXPECT_EQ(::send(connection.get(), octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }

  static TsigKeyPtr key() {
    static const TsigKeyPtr made = std::make_shared<const TsigKey>(
        *tsig_key_from_text("hmac-sha256:test.key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
    return made;
  }

  /// What signs the answers to a signed question.
  static TsigSigner signer_for(OctetSpan question, TsigError error = TsigError::kNone) {
    QueryView view;
    EXPECT_EQ(parse_query(question, view), ParseStatus::kOk);
    return {*read_tsig(question, view.tsig_at),
            key(),
            {error == TsigError::kNone ? Rcode::kNoError : Rcode::kNotAuth, error}};
  }

  /// Signed at the time that the client's clock had at first.
  static Octets signed_answer(OctetSpan question, Octets answer,
                              TsigError error = TsigError::kNone) {
    signer_for(question, error).sign(answer, kThen);
    return answer;
  }

  static constexpr std::uint64_t kThen = 1'750'000'000;  // ManualClock's

  TlsFolder folder_;
  const NodeKey client_key_ = folder_.node_key("client");
  ManualClock clock_;
  DnsPeer peer_;
  std::unique_ptr<DnsClient> client_ = std::make_unique<DnsClient>(client_key_, clock_);

 private:
  UniqueFd udp_;
  UniqueFd tcp_;
};

}  // namespace tandem::test
