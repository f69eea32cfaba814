#include "ctl/dns_probe.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/core.h>

#include "common/base/check.h"
#include "common/base/random.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

constexpr std::size_t kLengthOctets = 2;  // RFC 1035 s4.2.2
// A try that the server's machine turns away ends this much sooner.
constexpr int kRefusedPart = 8;

Reach reach_of(const error_code& error) {
  const bool is_lost = error == asio::error::network_unreachable ||
                       error == asio::error::address_family_not_supported ||
                       error == boost::system::errc::address_not_available;
  return is_lost ? Reach::kNoRoute : Reach::kClosed;
}

/// Names, fixed fields and one OPT record always fit.
Octets wire_of(const Probe& probe) {
  Message message = probe.message;
  if (probe.edns) {
    MessageRecord opt;
    opt.type = RrType::kOpt;
    opt.rr_class = static_cast<RrClass>(probe.edns->payload);
    opt.ttl = std::uint32_t{probe.edns->version} << 16U;
    opt.ttl |= probe.edns->wants_dnssec ? kEdnsDoBit : 0;
    message.additionals.push_back(std::move(opt));
  }
  auto out = write_message(message);
  CHECK(out.has_value());
  return *std::move(out);
}

bool is_same(const Question& a, const Question& b) {
  return a.name == b.name && a.type == b.type && a.rr_class == b.rr_class;
}

/// The octets as a reply to `probe`. Nothing: they are for somebody else.
std::optional<ProbeReply> read_reply(const Probe& probe, OctetSpan octets) {
  if (octets.size() < kHeaderOctets) {
    return std::nullopt;
  }
  const Header header = load_header(octets.data());
  if (header.id != probe.message.id || !header.is_response()) {
    return std::nullopt;
  }
  Result<Message> message = parse_message(octets);
  if (!message) {
    return ProbeReply{Reach::kGarbled, {}};
  }
  const bool is_error = message->questions.empty() && message->rcode() != Rcode::kNoError;
  if (!is_error && (message->questions.size() != 1 ||
                    !is_same(message->questions.front(), probe.message.questions.front()))) {
    return std::nullopt;
  }
  return ProbeReply{Reach::kAnswered, *std::move(message)};
}

/// All probes of one call. One thread, the io_context's.
class Probing {
 public:
  Probing(const std::vector<Probe>& probes, const ProbeLimits& limits)
      : probes_(probes), limits_(limits), replies_(probes.size()) {}

  std::vector<ProbeReply> run() {
    const std::size_t lanes = std::min(probes_.size(), kProbesAtOnce);
    for (std::size_t i = 0; i < lanes; ++i) {
      asio::co_spawn(io_, lane(), asio::detached);
    }
    io_.run();
    return std::move(replies_);
  }

 private:
  asio::awaitable<void> lane() {
    while (next_ < probes_.size()) {
      const std::size_t at = next_++;
      replies_[at] = co_await ask(probes_[at]);
    }
  }

  asio::awaitable<ProbeReply> ask(const Probe& probe) {
    const Octets octets = wire_of(probe);
    ProbeReply reply;
    if (probe.over != ProbeOver::kTcp) {
      reply = co_await ask_udp(probe, octets);
      if (probe.over == ProbeOver::kUdp || !reply.has(kFlagTc)) {
        co_return reply;
      }
    }
    reply = co_await ask_tcp(probe, octets);
    co_return reply;
  }

  /// A socket whose time ends. The alarm may find nothing going on, when that has just come to its
  /// end: what begins after it has to look at `is_over`.
  template <class Socket>
  struct Timed {
    explicit Timed(asio::io_context& io) : socket(io), timer(io) {}

    Socket socket;
    asio::steady_timer timer;
    bool is_over = false;
  };

  template <class Socket>
  static void set_alarm(const std::shared_ptr<Timed<Socket>>& timed,
                        std::chrono::milliseconds limit) {
    timed->is_over = false;
    timed->timer.expires_after(limit);
    timed->timer.async_wait([timed](const error_code& error) {
      if (!error) {
        timed->is_over = true;
        error_code ignored;
        timed->socket.cancel(ignored);
      }
    });
  }

  asio::awaitable<ProbeReply> ask_udp(const Probe& probe, const Octets& octets) {
    const udp::endpoint to(asio::ip::make_address(probe.to.host), port_of(probe));
    const auto timed = std::make_shared<Timed<udp::socket>>(io_);
    error_code error;
    timed->socket.open(to.protocol(), error);
    if (!error) {
      timed->socket.connect(to, error);
    }
    if (error) {
      co_return ProbeReply{reach_of(error), {}};
    }
    Octets datagram(kMaxMessageOctets);
    Reach reach = Reach::kSilent;
    for (unsigned number = 0; number < limits_.tries; ++number) {
      timed->socket.send(asio::buffer(octets), 0, error);
      set_alarm(timed, limits_.timeout);
      while (!timed->is_over) {
        const std::size_t got = co_await timed->socket.async_receive(
            asio::buffer(datagram), asio::redirect_error(asio::use_awaitable, error));
        if (error && !timed->is_over) {
          // An ICMP message, perhaps of somebody on the way: told only when nothing better comes.
          reach = reach_of(error);
          set_alarm(timed, limits_.timeout / kRefusedPart);
        } else if (auto reply = read_reply(probe, OctetSpan(datagram).first(got))) {
          if (reply->reach == Reach::kAnswered) {
            timed->timer.cancel();
            co_return *std::move(reply);
          }
          reach = reply->reach;
        }
      }
    }
    co_return ProbeReply{reach, {}};
  }

  asio::awaitable<ProbeReply> ask_tcp(const Probe& probe, const Octets& octets) {
    const tcp::endpoint to(asio::ip::make_address(probe.to.host), port_of(probe));
    const auto timed = std::make_shared<Timed<tcp::socket>>(io_);
    set_alarm(timed, limits_.timeout * limits_.tries);
    Octets message;
    const error_code error = co_await exchange(*timed, to, octets, message);
    timed->timer.cancel();
    if (timed->is_over) {
      co_return ProbeReply{Reach::kSilent, {}};
    }
    if (error) {
      co_return ProbeReply{reach_of(error), {}};
    }
    co_return read_reply(probe, message).value_or(ProbeReply{Reach::kGarbled, {}});
  }

  /// Connects, sends `octets` and puts what comes into `message`.
  static asio::awaitable<error_code> exchange(Timed<tcp::socket>& timed, const tcp::endpoint& to,
                                              const Octets& octets, Octets& message) {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await timed.socket.async_connect(to, token);
    if (!error && !timed.is_over) {
      Octets framed;
      append_be(framed, static_cast<std::uint16_t>(octets.size()));
      append(framed, octets);
      co_await asio::async_write(timed.socket, asio::buffer(framed), token);
    }
    std::array<std::uint8_t, kLengthOctets> length{};
    if (!error && !timed.is_over) {
      co_await asio::async_read(timed.socket, asio::buffer(length), token);
    }
    if (!error && !timed.is_over) {
      message.resize(load_be16(length.data()));
      co_await asio::async_read(timed.socket, asio::buffer(message), token);
    }
    co_return error;
  }

  static std::uint16_t port_of(const Probe& probe) {
    return static_cast<std::uint16_t>(std::stoul(probe.to.port));
  }

  const std::vector<Probe>& probes_;
  const ProbeLimits& limits_;
  std::vector<ProbeReply> replies_;
  std::size_t next_ = 0;  // the first probe that no lane has taken
  asio::io_context io_{1};
};

}  // namespace

const MessageRecord* ProbeReply::opt() const {
  const auto at = std::ranges::find(message.additionals, RrType::kOpt, &MessageRecord::type);
  return at == message.additionals.end() ? nullptr : &*at;
}

Rcode ProbeReply::rcode() const {
  const MessageRecord* const record = opt();
  const std::uint32_t high = record == nullptr ? 0 : record->ttl >> 24U;
  return static_cast<Rcode>(high << 4U | (message.flags & 0xfU));
}

Message probe_question(const Name& name, RrType type, std::uint16_t flags) {
  Message out;
  out.id = random_u16();
  out.flags = flags;
  out.questions.push_back({name, type});
  return out;
}

std::vector<ProbeReply> probe_servers(const std::vector<Probe>& probes, const ProbeLimits& limits) {
  return Probing(probes, limits).run();
}

bool is_address(const HostPort& place) {
  error_code error;
  static_cast<void>(asio::ip::make_address(place.host, error));
  return !error;
}

std::string to_text(const HostPort& place) {
  const bool is_v6 = place.host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", place.host, place.port)
               : fmt::format("{}:{}", place.host, place.port);
}

}  // namespace tandem
