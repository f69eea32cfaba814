// Probes beside servers that are silent, absent, or say something else.
#include "ctl/dns_probe.h"

#include <array>
#include <functional>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace tandem {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;

const asio::ip::address kHere = asio::ip::address_v4::loopback();
const Name kZone = Name::from_text("example.com.").value();
constexpr ProbeLimits kShort{.timeout = std::chrono::milliseconds(100), .tries = 2};
constexpr ProbeLimits kLong{.timeout = std::chrono::seconds(20), .tries = 1};

Probe probe_to(std::uint16_t port, ProbeOver over) {
  return {.to = {"127.0.0.1", std::to_string(port)},
          .message = probe_question(kZone, RrType::kSoa),
          .over = over};
}

Octets answer_to(OctetSpan query, std::uint16_t flags = kFlagAa) {
  Message message = parse_message(query).value();
  message.flags = static_cast<std::uint16_t>(kFlagQr | flags);
  message.additionals.clear();
  return write_message(message).value();
}

/// Takes one datagram and sends what `answers` makes of it.
class UdpServer {
 public:
  using Answers = std::function<std::vector<Octets>(OctetSpan)>;

  explicit UdpServer(Answers answers)
      : thread_([this, answers = std::move(answers)] {
          udp::endpoint from;
          Octets query(kMaxMessageOctets);
          query.resize(socket_.receive_from(asio::buffer(query), from));
          for (const Octets& each : answers(query)) {
            socket_.send_to(asio::buffer(each), from);
          }
        }) {}

  UdpServer(const UdpServer&) = delete;
  UdpServer& operator=(const UdpServer&) = delete;

  ~UdpServer() { thread_.join(); }

  [[nodiscard]] std::uint16_t port() const { return socket_.local_endpoint().port(); }

 private:
  asio::io_context io_;
  udp::socket socket_{io_, udp::endpoint(kHere, 0)};
  std::thread thread_;
};

Reach reach_of(const Probe& probe, const ProbeLimits& limits = kShort) {
  return probe_servers({probe}, limits).front().reach;
}

TEST(DnsProbe, SilenceEndsInTime) {
  asio::io_context io;
  const udp::socket socket(io, udp::endpoint(kHere, 0));
  EXPECT_EQ(reach_of(probe_to(socket.local_endpoint().port(), ProbeOver::kUdp)), Reach::kSilent);
  const tcp::acceptor acceptor(io, tcp::endpoint(kHere, 0));  // connects, and says nothing
  EXPECT_EQ(reach_of(probe_to(acceptor.local_endpoint().port(), ProbeOver::kTcp)), Reach::kSilent);
}

TEST(DnsProbe, AClosedPortIsToldFromSilence) {
  std::uint16_t port = 0;
  {
    asio::io_context io;
    const udp::socket socket(io, udp::endpoint(kHere, 0));
    port = socket.local_endpoint().port();
  }
  EXPECT_EQ(reach_of(probe_to(port, ProbeOver::kUdp)), Reach::kClosed);
  EXPECT_EQ(reach_of(probe_to(port, ProbeOver::kTcp)), Reach::kClosed);
}

TEST(DnsProbe, OnlyTheAnswerToTheQuestionCounts) {
  const UdpServer server([](OctetSpan query) {
    Octets other_id = answer_to(query);
    other_id[0] ^= 1U;
    Octets other_name = answer_to(query);
    other_name[kHeaderOctets + 1] = 'x';
    const Octets cut(query.begin(), query.begin() + 5);
    return std::vector<Octets>{other_id, other_name, to_octets(query), cut, answer_to(query)};
  });
  const auto reply = probe_servers({probe_to(server.port(), ProbeOver::kUdp)}, kLong).front();
  EXPECT_EQ(reply.reach, Reach::kAnswered);
  EXPECT_EQ(reply.message.questions.at(0).name, kZone);
}

TEST(DnsProbe, AnErrorMayComeWithoutTheQuestion) {
  const UdpServer server([](OctetSpan query) {
    Message error;
    error.id = load_be16(query.data());
    error.flags = kFlagQr | 1U;
    return std::vector<Octets>{write_message(error).value()};
  });
  const auto reply = probe_servers({probe_to(server.port(), ProbeOver::kUdp)}, kLong).front();
  EXPECT_EQ(reply.rcode(), Rcode::kFormErr);
}

TEST(DnsProbe, WhatIsNoMessageIsGarbled) {
  const UdpServer server([](OctetSpan query) {
    Octets out = answer_to(query);
    out.push_back(0);
    return std::vector<Octets>{out};
  });
  EXPECT_EQ(reach_of(probe_to(server.port(), ProbeOver::kUdp)), Reach::kGarbled);
}

TEST(DnsProbe, EdnsIsAskedForAsTold) {
  Message seen;
  {
    const UdpServer server([&](OctetSpan query) {
      seen = parse_message(query).value();
      return std::vector<Octets>{answer_to(query)};
    });
    Probe probe = probe_to(server.port(), ProbeOver::kUdp);
    probe.edns = Probe::Edns{.version = 1, .payload = 4096, .wants_dnssec = true};
    EXPECT_EQ(reach_of(probe, kLong), Reach::kAnswered);
  }
  ASSERT_EQ(seen.additionals.size(), 1U);
  EXPECT_EQ(seen.additionals[0].type, RrType::kOpt);
  EXPECT_EQ(static_cast<unsigned>(seen.additionals[0].rr_class), 4096U);
  EXPECT_EQ(seen.additionals[0].ttl, 0x0001'8000U);
}

TEST(DnsProbe, ATruncatedAnswerIsFetchedOverTcpWhereThatIsMeant) {
  asio::io_context io;
  tcp::acceptor acceptor(io, tcp::endpoint(kHere, 0));
  const std::uint16_t port = acceptor.local_endpoint().port();
  udp::socket socket(io, udp::endpoint(kHere, port));
  std::thread server([&] {
    for (int i = 0; i < 2; ++i) {
      udp::endpoint from;
      Octets query(kMaxMessageOctets);
      query.resize(socket.receive_from(asio::buffer(query), from));
      socket.send_to(asio::buffer(answer_to(query, kFlagTc)), from);
    }
    tcp::socket stream = acceptor.accept();
    std::array<std::uint8_t, 2> length{};
    asio::read(stream, asio::buffer(length));
    Octets query(load_be16(length.data()));
    asio::read(stream, asio::buffer(query));
    const Octets answer = answer_to(query);
    Octets framed;
    append_be(framed, static_cast<std::uint16_t>(answer.size()));
    append(framed, answer);
    asio::write(stream, asio::buffer(framed));
  });
  const auto udp_only = probe_servers({probe_to(port, ProbeOver::kUdp)}, kLong).front();
  const auto either = probe_servers({probe_to(port, ProbeOver::kEither)}, kLong).front();
  server.join();
  EXPECT_TRUE(udp_only.has(kFlagTc));
  EXPECT_EQ(either.reach, Reach::kAnswered);
  EXPECT_FALSE(either.has(kFlagTc));
}

TEST(DnsProbe, MoreThanAreAskedAtOnceAreAllAnswered) {
  asio::io_context io;
  tcp::socket closed(io, tcp::endpoint(kHere, 0));  // its port is taken, and nobody listens there
  const std::vector<Probe> probes(kProbesAtOnce + 5,
                                  probe_to(closed.local_endpoint().port(), ProbeOver::kTcp));
  const auto replies = probe_servers(probes, kShort);
  ASSERT_EQ(replies.size(), probes.size());
  for (const ProbeReply& reply : replies) {
    EXPECT_EQ(reply.reach, Reach::kClosed);
  }
}

TEST(DnsProbe, AddressesAreNoNames) {
  EXPECT_TRUE(is_address({"192.0.2.1", "53"}));
  EXPECT_TRUE(is_address({"2001:db8::1", "53"}));
  EXPECT_FALSE(is_address({"localhost", "53"}));
  EXPECT_EQ(to_text(HostPort{"2001:db8::1", "53"}), "[2001:db8::1]:53");
}

}  // namespace
}  // namespace tandem
