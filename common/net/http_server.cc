#include "common/net/http_server.h"

#include <array>
#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <thread>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/background.h"
#include "common/base/logging.h"
#include "common/net/address.h"
#include "common/net/http_connection.h"
#include "common/net/http_message.h"
#include "common/net/http_unix_socket.h"
#include "common/net/listen.h"

namespace tandem {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kAcceptPause{100};

enum class Origin : std::uint8_t { kLocal, kRemote };

struct Accepted {
  UniqueFd socket;
  HttpPeer peer;
  int error = 0;  // of accept(2), without a socket
};

HttpPeer local_peer(int socket) {
  ucred who{};
  socklen_t octets = sizeof who;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &octets) != 0) {
    who.uid = static_cast<uid_t>(-1);  // nobody
  }
  return {.is_local_socket = true, .uid = who.uid, .address = fmt::format("uid {}", who.uid)};
}

Accepted accept_from(int listening, Origin origin) {
  sockaddr_storage from{};
  socklen_t octets = sizeof from;
  UniqueFd socket(::accept4(listening, reinterpret_cast<sockaddr*>(&from), &octets,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.valid()) {
    return {.socket = {}, .peer = {}, .error = errno};
  }
  if (origin == Origin::kLocal) {
    HttpPeer peer = local_peer(socket.get());
    return {.socket = std::move(socket), .peer = std::move(peer)};
  }
  const int on = 1;  // an answer leaves in one piece; nothing is gained by waiting for more
  static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  return {.socket = std::move(socket),
          .peer = {.address = SocketAddress::from_system(from).to_text()}};
}

/// Says that there are too many, as well as it can be said without waiting for anything.
void turn_away(const UniqueFd& socket) {
  const HttpResponse response =
      http_error(503, "unavailable", "too many connections; try again when others have ended");
  const std::string text = fmt::format(
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: {}\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}",
      response.content_type, response.body.size(), response.body);
  // What has been sent is read first: closing over unread octets may take the answer away again.
  std::array<char, 4096> unread{};
  static_cast<void>(::recv(socket.get(), unread.data(), unread.size(), MSG_DONTWAIT));
  static_cast<void>(::send(socket.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  static_cast<void>(::shutdown(socket.get(), SHUT_WR));
}

/// Errors of accept(2) that pass by themselves, but not at once.
bool is_shortage(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, HttpHandler handler)
      : service_{std::move(options), std::move(handler), nullptr} {
    service_.gate = std::make_shared<HttpGate>(io_);
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    service_.gate->close();
    io_.stop();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  Status open();
  void start();

  [[nodiscard]] std::vector<std::string> listening() const {
    std::vector<std::string> out;
    out.reserve(remote_.size());
    for (const Listening& each : remote_) {
      out.push_back(each.address.to_text());
    }
    return out;
  }

 private:
  asio::awaitable<void> accept_all(int listening, Origin origin);
  int accept_ready(int listening, Origin origin);
  void take(Accepted accepted, std::size_t& count);
  void run();

  // io_ is destroyed before them, because what its coroutines hold points to them.
  HttpService service_;
  std::vector<HttpUnixSocket> local_;
  std::vector<Listening> remote_;
  std::size_t local_count_ = 0;  // connections; used on the server's thread only
  std::size_t remote_count_ = 0;
  asio::io_context io_{1};
  std::thread thread_;
};

Status HttpServer::Impl::open() {
  if (!service_.options.unix_socket.empty()) {
    local_.push_back(TRY(HttpUnixSocket::listen(service_.options.unix_socket)));
  }
  for (const std::string& text : service_.options.listen) {
    auto address = SocketAddress::from_text(text);
    if (!address) {
      return fail(Errc::kIo, "HTTP: {}", address.error().detail);
    }
    auto listening = listen_tcp(*address);
    if (!listening) {
      return in_context("HTTP", listening.error());
    }
    remote_.push_back(std::move(*listening));
  }
  return {};
}

void HttpServer::Impl::start() {
  const auto spawn = [this](int listening, Origin origin) {
    asio::co_spawn(io_, accept_all(listening, origin), [](const std::exception_ptr& failure) {
      if (failure) {
        log_error("http server stopped accepting");
      }
    });
  };
  for (const HttpUnixSocket& each : local_) {
    spawn(each.get(), Origin::kLocal);
  }
  for (const Listening& each : remote_) {
    spawn(each.sockets.front().get(), Origin::kRemote);
  }
  thread_ = std::thread([this] { run(); });
}

void HttpServer::Impl::run() {
  give_way();
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::exception& failure) {
      // Every coroutine and every handler has its own net; this one keeps the others going.
      log_error("http server failed error={}", failure.what());
    }
  }
}

asio::awaitable<void> HttpServer::Impl::accept_all(int listening, Origin origin) {
  // A descriptor of its own, because Asio closes what it waits for.
  asio::posix::stream_descriptor readable(io_, ::fcntl(listening, F_DUPFD_CLOEXEC, 0));
  asio::steady_timer pause(io_);
  boost::system::error_code error;
  for (;;) {
    co_await readable.async_wait(asio::posix::stream_descriptor::wait_read,
                                 asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      co_return;
    }
    if (is_shortage(accept_ready(listening, origin))) {
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }
}

/// Accepts all who are waiting. Returns the errno that ended it.
int HttpServer::Impl::accept_ready(int listening, Origin origin) {
  for (;;) {
    Accepted accepted = accept_from(listening, origin);
    if (accepted.socket.valid()) {
      take(std::move(accepted), origin == Origin::kLocal ? local_count_ : remote_count_);
    } else if (accepted.error != EINTR && accepted.error != ECONNABORTED) {
      return accepted.error;
    }
  }
}

void HttpServer::Impl::take(Accepted accepted, std::size_t& count) {
  if (count >= service_.options.max_connections) {
    turn_away(accepted.socket);
    return;
  }
  ++count;
  serve_http_connection(io_, service_, std::move(accepted.socket), std::move(accepted.peer),
                        [&count] { --count; });
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options,
                                                      HttpHandler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  TRYV(impl->open());
  impl->start();
  return std::unique_ptr<HttpServer>(new HttpServer(
      std::move(impl)));  // NOLINT(cppcoreguidelines-owning-memory): private constructor
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() = default;

std::vector<std::string> HttpServer::listening() const {
  return impl_->listening();
}

}  // namespace tandem
