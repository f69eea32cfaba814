#include "common/net/dns_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace tandem {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kLengthOctets = 2;  // RFC 1035 s4.2.2

/// What a system call on a socket that does not block came to.
Result<SocketStep> after_call(ssize_t octets, SocketNeed need) {
  if (octets >= 0) {
    return SocketStep{.octets = static_cast<std::size_t>(octets), .need = SocketNeed::kNothing};
  }
  if (errno == EAGAIN || errno == EINTR) {
    return SocketStep{.octets = 0, .need = need};
  }
  return fail(Errc::kIo, "{}", std::strerror(errno));
}

Status connected(int fd) {
  int error = 0;
  socklen_t octets = sizeof error;
  static_cast<void>(::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &octets));
  if (error != 0) {
    return fail(Errc::kIo, "{}", std::strerror(error));
  }
  const int on = 1;  // a request is one piece; nothing is gained by waiting for more
  static_cast<void>(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  return {};
}

}  // namespace

DnsStream::DnsStream(TimedSockets& sockets, const TlsClient& tls, const DnsPeer& peer,
                     std::size_t block)
    : tls_client_(tls),
      peer_(peer),
      block_(block),
      socket_(std::make_shared<TimedSocket>(sockets)) {}

DnsStream::~DnsStream() {
  if (tls_) {
    tls_->end();
  }
}

std::string_view DnsStream::transport() const noexcept {
  return peer_.tls ? "TLS" : "TCP";
}

std::unexpected<Error> DnsStream::failed(std::string_view what, const Error& error) const {
  return fail(error.code, "{} {} over {}: {}", what, peer_.address.to_text(), transport(),
              error.detail);
}

asio::awaitable<Status> DnsStream::open(Deadline until) {
  const Status begun = socket_->connect(SOCK_STREAM, peer_.address, peer_.from);
  if (!begun) {
    co_return std::unexpected(begun.error());
  }
  Status status = co_await socket_->wait(SocketNeed::kWritable, until);
  if (status) {
    status = connected(socket_->fd());
  }
  if (status && peer_.tls) {
    status = co_await shake_hands(until);
  }
  if (!status) {
    co_return failed("cannot connect to", status.error());
  }
  co_return Status{};
}

asio::awaitable<Status> DnsStream::shake_hands(Deadline until) {
  Result<TlsSession> session =
      tls_client_.connect(socket_->fd(), *peer_.tls);  // NOLINT(bugprone-unchecked-optional-access)
  if (!session) {
    co_return std::unexpected(session.error());
  }
  tls_.emplace(*std::move(session));
  for (;;) {
    const Result<SocketNeed> need = tls_->handshake();
    if (!need) {
      co_return std::unexpected(need.error());
    }
    if (*need == SocketNeed::kNothing) {
      co_return Status{};
    }
    const Status waited = co_await socket_->wait(*need, until);
    if (!waited) {
      co_return std::unexpected(waited.error());
    }
  }
}

Result<SocketStep> DnsStream::read_step(std::span<std::uint8_t> to) {
  return tls_ ? tls_->read(to)
              : after_call(::recv(socket_->fd(), to.data(), to.size(), 0), SocketNeed::kReadable);
}

Result<SocketStep> DnsStream::write_step(OctetSpan from) {
  return tls_ ? tls_->write(from)
              : after_call(::send(socket_->fd(), from.data(), from.size(), MSG_NOSIGNAL),
                           SocketNeed::kWritable);
}

asio::awaitable<Status> DnsStream::send(OctetSpan message, Deadline until) {
  Octets framed;
  append_be(framed, static_cast<std::uint16_t>(message.size()));
  append(framed, message);
  for (std::size_t at = 0; at < framed.size();) {
    const Result<SocketStep> step = write_step(OctetSpan(framed).subspan(at));
    if (!step) {
      co_return failed("cannot send to", step.error());
    }
    at += step->octets;
    if (step->need != SocketNeed::kNothing) {
      const Status waited = co_await socket_->wait(step->need, until);
      if (!waited) {
        co_return failed("cannot send to", waited.error());
      }
    } else if (step->octets == 0) {
      co_return failed("cannot send to", {Errc::kIo, "the server has closed the connection"});
    }
  }
  co_return Status{};
}

/// The whole message in front of what was read; nothing when there is none. Makes room for all of
/// it then.
std::optional<std::span<std::uint8_t>> DnsStream::take_message() {
  std::size_t needed = kLengthOctets;
  if (have_ - at_ >= kLengthOctets) {
    const std::size_t length = load_be16(in_.data() + at_);
    needed += length;
    if (have_ - at_ >= needed) {
      const auto message = std::span(in_).subspan(at_ + kLengthOctets, length);
      at_ += needed;
      return message;
    }
  }
  if (have_ > at_) {
    std::memmove(in_.data(), in_.data() + at_, have_ - at_);
  }
  have_ -= at_;
  at_ = 0;
  in_.resize(std::max({in_.size(), block_, needed}));
  return std::nullopt;
}

asio::awaitable<Result<std::span<std::uint8_t>>> DnsStream::receive(Deadline until) {
  for (;;) {
    if (const auto message = take_message()) {
      co_return *message;
    }
    const Result<SocketStep> step = read_step(std::span(in_).subspan(have_));
    if (!step) {
      co_return failed("cannot read from", step.error());
    }
    have_ += step->octets;
    if (step->need != SocketNeed::kNothing) {
      const Status waited = co_await socket_->wait(step->need, until);
      if (!waited) {
        co_return failed("cannot read from", waited.error());
      }
    } else if (step->octets == 0) {
      co_return failed("cannot read from",
                       {Errc::kIo, "the server closed the connection before the answer's end"});
    }
  }
}

}  // namespace tandem
