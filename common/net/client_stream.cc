#include "common/net/client_stream.h"

#include <cerrno>
#include <cstring>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace tandem {
namespace {

namespace asio = boost::asio;

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

ClientStream::ClientStream(TimedSockets& sockets, const TlsClient& tls, ClientPeer peer)
    : tls_client_(tls), peer_(std::move(peer)), socket_(std::make_shared<TimedSocket>(sockets)) {}

ClientStream::~ClientStream() {
  if (tls_) {
    tls_->end();
  }
}

std::unexpected<Error> ClientStream::failed(std::string_view what, const Error& error) const {
  return fail(error.code, "{} {} over {}: {}", what, peer_.address.to_text(),
              peer_.tls ? "TLS" : "TCP", error.detail);
}

asio::awaitable<Status> ClientStream::open(Deadline until) {
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

asio::awaitable<Status> ClientStream::shake_hands(Deadline until) {
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

Result<SocketStep> ClientStream::read_step(std::span<std::uint8_t> to) {
  return tls_ ? tls_->read(to)
              : after_call(::recv(socket_->fd(), to.data(), to.size(), 0), SocketNeed::kReadable);
}

Result<SocketStep> ClientStream::write_step(OctetSpan from) {
  return tls_ ? tls_->write(from)
              : after_call(::send(socket_->fd(), from.data(), from.size(), MSG_NOSIGNAL),
                           SocketNeed::kWritable);
}

asio::awaitable<Status> ClientStream::send(OctetSpan octets, Deadline until) {
  while (!octets.empty()) {
    const Result<SocketStep> step = write_step(octets);
    if (!step) {
      co_return failed("cannot send to", step.error());
    }
    octets = octets.subspan(step->octets);
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

asio::awaitable<Result<std::size_t>> ClientStream::receive(std::span<std::uint8_t> to,
                                                           Deadline until) {
  for (;;) {
    const Result<SocketStep> step = read_step(to);
    if (!step) {
      co_return failed("cannot read from", step.error());
    }
    if (step->need == SocketNeed::kNothing || step->octets > 0) {
      co_return step->octets;
    }
    const Status waited = co_await socket_->wait(step->need, until);
    if (!waited) {
      co_return failed("cannot read from", waited.error());
    }
  }
}

}  // namespace tandem
