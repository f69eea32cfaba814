#include "common/net/dns_asking.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <utility>

#include "common/dns/header.h"
#include "common/net/dns_request.h"
#include "common/net/dns_stream.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kStreamBlock = 4096;  // most answers are smaller
constexpr unsigned kMostDoublings = 6;
// A try that the server's machine turns away ends this much sooner: the next one may find it
// started again.
constexpr int kRefusedPart = 8;

milliseconds timeout_of_try(const AskOptions& options, unsigned number) {
  return options.timeout * (1U << std::min(number, kMostDoublings));
}

milliseconds timeout_in_all(const AskOptions& options) {
  milliseconds sum{0};
  for (unsigned i = 0; i < std::max(options.tries, 1U); ++i) {
    sum += timeout_of_try(options, i);
  }
  return sum;
}

asio::awaitable<Result<Octets>> ask_over_stream(AskingTools& tools, const DnsPeer& peer,
                                                const DnsRequest& request,
                                                const AskOptions& options) {
  DnsStream stream(tools.sockets, tools.tls, peer, kStreamBlock);
  const Deadline until = SteadyClock::now() + timeout_in_all(options);
  Status status = co_await stream.open(until);
  if (status) {
    status = co_await stream.send(request.octets(), until);
  }
  if (!status) {
    co_return std::unexpected(status.error());
  }
  const Result<std::span<std::uint8_t>> message = co_await stream.receive(until);
  if (!message) {
    co_return std::unexpected(message.error());
  }
  if (!request.is_answered_by(*message)) {
    co_return fail(Errc::kCorrupt, "{} sent something else than the answer",
                   peer.address.to_text());
  }
  DnsAnswerReader reader = request.reader();
  const Result<OctetSpan> answer = reader.take(*message);
  if (!answer) {
    co_return std::unexpected(answer.error());
  }
  co_return to_octets(*answer);
}

/// A question over UDP: its socket, and what has come of it so far.
class UdpAsking {
 public:
  UdpAsking(AskingTools& tools, const DnsPeer& peer, const DnsRequest& request,
            const AskOptions& options)
      : tools_(tools),
        peer_(peer),
        request_(request),
        options_(options),
        socket_(std::make_shared<TimedSocket>(tools.sockets)) {}

  asio::awaitable<Result<Octets>> run() {
    const Status opened = socket_->connect(SOCK_DGRAM, peer_.address, peer_.from);
    if (!opened) {
      co_return std::unexpected(opened.error());
    }
    // Late answers to earlier tries count: the socket and its port stay the same.
    for (unsigned number = 0; number < std::max(options_.tries, 1U); ++number) {
      const milliseconds timeout = timeout_of_try(options_, number);
      const Deadline until = SteadyClock::now() + timeout;
      std::optional<Result<Octets>> result = co_await try_once(until, timeout / kRefusedPart);
      if (result) {
        co_return *std::move(result);
      }
    }
    co_return std::unexpected(why_);
  }

 private:
  /// Nothing: there was no answer, and it is worth another try.
  asio::awaitable<std::optional<Result<Octets>>> try_once(Deadline until, milliseconds if_refused) {
    const OctetSpan octets = request_.octets();
    if (::send(socket_->fd(), octets.data(), octets.size(), MSG_NOSIGNAL) < 0) {
      until = refused(until, if_refused);
    }
    for (;;) {
      const Status waited = co_await socket_->wait(SocketNeed::kReadable, until);
      if (!waited) {
        const bool is_over = waited.error().code != Errc::kTimeout;
        if (is_over || unproven_) {
          co_return std::unexpected(is_over ? waited.error() : *unproven_);
        }
        co_return std::nullopt;
      }
      const ssize_t got = ::recv(socket_->fd(), tools_.datagram.data(), tools_.datagram.size(), 0);
      if (got < 0) {
        until = errno == EAGAIN || errno == EINTR ? until : refused(until, if_refused);
      } else if (auto answer =
                     read(std::span(tools_.datagram).first(static_cast<std::size_t>(got)))) {
        co_return std::move(answer);
      }
    }
  }

  /// An ICMP message, most likely, which may come from anybody on the way: told only when there is
  /// nothing better. Returns until when the answer is waited for now.
  Deadline refused(Deadline until, milliseconds if_refused) {
    why_ = {Errc::kIo, fmt::format("cannot reach {} over UDP: {}", peer_.address.to_text(),
                                   std::strerror(errno))};
    return std::min(until, SteadyClock::now() + if_refused);
  }

  /// The answer in a datagram; nothing when it is not for us. Truncated: without octets.
  std::optional<Result<Octets>> read(std::span<std::uint8_t> message) {
    if (!request_.is_answered_by(message)) {
      return std::nullopt;
    }
    if ((load_header(message.data()).flags & kFlagTc) != 0) {
      return Octets();
    }
    DnsAnswerReader reader = request_.reader();
    const Result<OctetSpan> answer = reader.take(message);
    if (!answer) {
      unproven_ = answer.error();  // somebody else's, perhaps: the right one may still come
      return std::nullopt;
    }
    return to_octets(*answer);
  }

  AskingTools& tools_;
  const DnsPeer& peer_;
  const DnsRequest& request_;
  const AskOptions& options_;
  std::shared_ptr<TimedSocket> socket_;
  Error why_{Errc::kTimeout, fmt::format("no answer from {} over UDP", peer_.address.to_text())};
  std::optional<Error> unproven_;  // what is wrong with an answer whose signature is
};

}  // namespace

asio::awaitable<Result<Octets>> ask_server(AskingTools& tools, const DnsPeer& peer, Octets message,
                                           const AskOptions& options) {
  const Result<DnsRequest> request = DnsRequest::make(std::move(message), peer.key, tools.clock);
  if (!request) {
    co_return std::unexpected(request.error());
  }
  if (!peer.tls && !options.over_tcp) {
    UdpAsking udp(tools, peer, *request, options);
    Result<Octets> answer = co_await udp.run();
    if (!answer || !answer->empty()) {
      co_return answer;
    }
  }
  Result<Octets> answer = co_await ask_over_stream(tools, peer, *request, options);
  co_return answer;
}

}  // namespace tandem
