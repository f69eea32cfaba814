#include "common/net/http_post.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/core.h>

#include "common/base/version.h"
#include "common/net/address.h"

namespace tandem {
namespace {

namespace http = boost::beast::http;

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint32_t kMaxHeaderOctets = 16U << 10U;
constexpr milliseconds kLook{50};  // for stop(), while a host is looked up
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

/// How long is left of a request.
struct Limit {
  Steady::time_point until;
  const StopEvent& stop;

  [[nodiscard]] milliseconds left() const {
    return std::max(std::chrono::ceil<milliseconds>(until - Steady::now()), milliseconds(0));
  }
};

std::unexpected<Error> late() {
  return fail(Errc::kTimeout, "no answer in time");
}

std::unexpected<Error> stopped() {
  return fail(Errc::kUnavailable, "the node stops");
}

/// Fails: kTimeout, kUnavailable.
Status wait_for(int fd, SocketNeed need, const Limit& limit) {
  const short events = need == SocketNeed::kWritable ? POLLOUT : POLLIN;
  for (;;) {
    std::array<pollfd, 2> waits{{{fd, events, 0}, {limit.stop.fd(), POLLIN, 0}}};
    const int ready = ::poll(waits.data(), waits.size(), static_cast<int>(limit.left().count()));
    if (waits[1].revents != 0) {
      return stopped();
    }
    if (ready > 0) {
      return {};
    }
    if (limit.left().count() == 0) {
      return late();
    }
  }
}

/// A look-up cannot be broken off: it has a thread of its own, which is left to its end by who
/// waits no longer.
struct LookUp {
  std::mutex mutex;
  std::condition_variable done;
  bool is_done = false;                    // guarded by mutex
  int error = 0;                           // guarded by mutex
  std::vector<SocketAddress> addresses{};  // guarded by mutex
};

void look_up(LookUp& to, const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  const std::lock_guard lock(to.mutex);
  for (const addrinfo* each = error == 0 ? found : nullptr; each != nullptr; each = each->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, each->ai_addr, each->ai_addrlen);
    to.addresses.push_back(SocketAddress::from_system(storage));
  }
  if (error == 0) {
    ::freeaddrinfo(found);
  }
  to.error = error;
  to.is_done = true;
  to.done.notify_all();
}

bool is_stopped(const StopEvent& stop) {
  pollfd wait{stop.fd(), POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

Result<std::vector<SocketAddress>> addresses_of(const HttpUrl& url, const Limit& limit) {
  const auto work = std::make_shared<LookUp>();
  const std::string port = std::to_string(url.port);
  look_up(*work, url.host, port, AI_NUMERICHOST);
  std::unique_lock lock(work->mutex);
  if (work->error != 0) {
    work->is_done = false;
    std::thread([work, host = url.host, port] {
      look_up(*work, host, port, AI_ADDRCONFIG);
    }).detach();
  }
  while (!work->done.wait_for(lock, kLook, [&work] { return work->is_done; })) {
    if (is_stopped(limit.stop)) {
      return stopped();
    }
    if (limit.left().count() == 0) {
      return late();
    }
  }
  if (work->error != 0) {
    return fail(Errc::kNotFound, "no address of {}: {}", url.host, ::gai_strerror(work->error));
  }
  return work->addresses;
}

/// A connection that waits.
class Stream {
 public:
  Status open(const SocketAddress& to, const Limit& limit) {
    fd_.reset(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (::connect(fd_.get(), to.system(), to.system_octets()) != 0 && errno != EINPROGRESS) {
      return fail(Errc::kIo, "{}", std::strerror(errno));
    }
    TRYV(wait_for(fd_.get(), SocketNeed::kWritable, limit));
    int error = 0;
    socklen_t octets = sizeof error;
    static_cast<void>(::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &octets));
    if (error != 0) {
      return fail(Errc::kIo, "{}", std::strerror(error));
    }
    return {};
  }

  Status shake_hands(const TlsClient& client, const std::string& host, const Limit& limit) {
    tls_.emplace(TRY(client.connect(
        fd_.get(), TlsPeer{.pins = {}, .name = host, .ca_file = {}, .use = TlsUse::kHttp})));
    for (;;) {
      const SocketNeed need = TRY(tls_->handshake());
      if (need == SocketNeed::kNothing) {
        return {};
      }
      TRYV(wait_for(fd_.get(), need, limit));
    }
  }

  Status write(OctetSpan octets, const Limit& limit) {
    while (!octets.empty()) {
      const SocketStep step =
          TRY(tls_ ? tls_->write(octets)
                   : after_call(::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL),
                                SocketNeed::kWritable));
      octets = octets.subspan(step.octets);
      if (step.need != SocketNeed::kNothing) {
        TRYV(wait_for(fd_.get(), step.need, limit));
      } else if (step.octets == 0) {
        return fail(Errc::kIo, "the server closed the connection");
      }
    }
    return {};
  }

  /// 0: the other side has ended.
  Result<std::size_t> read_some(std::span<std::uint8_t> to, const Limit& limit) {
    for (;;) {
      const SocketStep step =
          TRY(tls_ ? tls_->read(to)
                   : after_call(::recv(fd_.get(), to.data(), to.size(), 0), SocketNeed::kReadable));
      if (step.need == SocketNeed::kNothing) {
        return step.octets;
      }
      TRYV(wait_for(fd_.get(), step.need, limit));
    }
  }

 private:
  static Result<SocketStep> after_call(ssize_t octets, SocketNeed need) {
    if (octets >= 0) {
      return SocketStep{.octets = static_cast<std::size_t>(octets), .need = SocketNeed::kNothing};
    }
    if (errno == EAGAIN || errno == EINTR) {
      return SocketStep{.octets = 0, .need = need};
    }
    return fail(Errc::kIo, "{}", std::strerror(errno));
  }

  UniqueFd fd_;
  std::optional<TlsSession> tls_;
};

/// The first address that takes a connection.
Result<Stream> connect_to(const HttpUrl& url, const Limit& limit) {
  Status last = fail(Errc::kNotFound, "no address of {}", url.host);
  for (const SocketAddress& address : TRY(addresses_of(url, limit))) {
    Stream stream;
    last = stream.open(address, limit);
    if (last) {
      return stream;
    }
  }
  return std::unexpected(last.error());
}

std::string request_text(const HttpUrl& url, const HttpPost& post) {
  const bool is_ipv6 = url.host.find(':') != std::string::npos;
  const bool is_usual = url.port == (url.tls ? kHttpsPort : kHttpPort);
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}{}{}{}\r\nUser-Agent: tandem/{}\r\nConnection: close\r\n"
      "Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
      url.target, is_ipv6 ? "[" : "", url.host, is_ipv6 ? "]" : "",
      is_usual ? "" : fmt::format(":{}", url.port), kVersion, post.content_type, post.body.size(),
      post.body);
}

/// The status of the answer. Fails: as post_http().
Result<unsigned> read_status(Stream& stream, const Limit& limit) {
  http::response_parser<http::empty_body> parser;
  parser.header_limit(kMaxHeaderOctets);
  std::array<std::uint8_t, 4096> room{};
  std::string waiting;
  while (!parser.is_header_done()) {
    const std::size_t octets = TRY(stream.read_some(room, limit));
    if (octets == 0) {
      return fail(Errc::kIo, "the server closed the connection before its answer");
    }
    waiting += as_text(OctetSpan(room).first(octets));
    boost::system::error_code error;
    waiting.erase(0, parser.put(boost::asio::buffer(waiting), error));
    if (error && error != http::error::need_more) {
      return fail(Errc::kCorrupt, "the server does not answer in HTTP: {}", error.message());
    }
  }
  return parser.get().result_int();
}

Status post_within(const TlsClient& tls, const HttpUrl& url, const HttpPost& post,
                   const Limit& limit) {
  Stream stream = TRY(connect_to(url, limit));
  if (url.tls) {
    TRYV(stream.shake_hands(tls, url.host, limit));
  }
  TRYV(stream.write(as_octets(request_text(url, post)), limit));
  const unsigned status = TRY(read_status(stream, limit));
  if (status < 200 || status > 299) {
    return fail(Errc::kIo, "the server answers with status {}", status);
  }
  return {};
}

}  // namespace

std::string HttpUrl::origin() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", tls ? "https" : "http", is_ipv6 ? "[" : "", host,
                     is_ipv6 ? "]" : "", port);
}

Result<HttpUrl> http_url_from_text(std::string_view text) {
  const auto parsed = boost::urls::parse_absolute_uri(text);
  if (!parsed || (parsed->scheme() != "http" && parsed->scheme() != "https") ||
      parsed->encoded_host_address().empty() ||
      (parsed->has_port() && parsed->port_number() == 0)) {
    return fail(Errc::kInvalid, "expected http://HOST[:PORT]/PATH or https://HOST[:PORT]/PATH");
  }
  if (parsed->has_userinfo()) {
    return fail(Errc::kInvalid, "a user and a password in a URL are not sent: leave them out");
  }
  HttpUrl url;
  url.tls = parsed->scheme() == "https";
  url.host = std::string(parsed->host_address());
  const std::uint16_t usual = url.tls ? kHttpsPort : kHttpPort;
  url.port = parsed->has_port() ? parsed->port_number() : usual;
  const std::string_view target = parsed->encoded_target();
  url.target = (target.starts_with('/') ? "" : "/") + std::string(target);
  if (std::ranges::any_of(url.host, [](char c) { return c <= ' ' || c == '\x7f'; })) {
    return fail(Errc::kInvalid, "the host has octets that are none of a name");
  }
  return url;
}

Status post_http(const TlsClient& tls, const HttpUrl& url, const HttpPost& post,
                 const StopEvent& stop) {
  const Limit limit{Steady::now() + post.limit, stop};
  const Status posted = post_within(tls, url, post, limit);
  return posted ? posted : in_context(url.origin(), posted.error());
}

}  // namespace tandem
