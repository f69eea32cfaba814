#include "common/net/health_prober.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "common/base/text.h"
#include "common/dns/shown_text.h"
#include "common/net/client_stream.h"
#include "common/net/io_thread.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

using Parser = http::response_parser<http::string_body>;

constexpr std::size_t kReadOctets = std::size_t{16} << 10U;
constexpr std::uint32_t kMaxHeaderOctets = 8U << 10U;
constexpr std::uint64_t kMaxBodyOctets = 256U << 10U;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::string_view kHttpScheme = "http://";
constexpr std::string_view kHttpsScheme = "https://";
constexpr std::string_view kTcpScheme = "tcp:";

ClientPeer peer_of(const HealthTarget& target) {
  ClientPeer peer{target.address, std::nullopt, std::nullopt};
  if (target.kind == HealthTarget::Kind::kHttps) {
    peer.tls = TlsPeer{.pins = {}, .name = target.host, .ca_file = {}, .use = TlsUse::kHttp};
  }
  return peer;
}

std::string request_text(const HealthTarget& target) {
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: tandem-health\r\nConnection: close\r\n\r\n",
      target.path, target.host.empty() ? target.address.to_text() : target.host);
}

/// Gives the parser all that it can take of `waiting`.
Status feed(Parser& parser, std::string& waiting) {
  boost::system::error_code error;
  const std::size_t taken = parser.put(asio::buffer(waiting), error);
  waiting.erase(0, taken);
  if (!error || error == http::error::need_more) {
    return {};
  }
  if (error == http::error::body_limit || error == http::error::header_limit) {
    return fail(Errc::kTooLarge, "the answer is too large");
  }
  return fail(Errc::kCorrupt, "no answer in HTTP: {}", error.message());
}

/// The header, and the body too where it is looked at.
bool is_enough(const Parser& parser, const HealthTarget& target) {
  return target.text.empty() ? parser.is_header_done() : parser.is_done();
}

Status judged(const Parser& parser, const HealthTarget& target) {
  const unsigned status = parser.get().result_int();
  if (target.status != 0 ? status != target.status : status < 200 || status > 299) {
    return fail(Errc::kConflict, "answered with status {}", status);
  }
  if (parser.get().body().find(target.text) == std::string::npos) {
    return fail(Errc::kConflict, "the text is not in the answer");
  }
  return {};
}

asio::awaitable<Status> ask(ClientStream& stream, const HealthTarget& target, Deadline until) {
  const std::string request = request_text(target);
  if (Status sent = co_await stream.send(as_octets(request), until); !sent) {
    co_return sent;
  }
  Parser parser;
  parser.header_limit(kMaxHeaderOctets);
  parser.body_limit(kMaxBodyOctets);
  parser.eager(!target.text.empty());
  std::string waiting;
  std::array<std::uint8_t, kReadOctets> room{};
  while (!is_enough(parser, target)) {
    const Result<std::size_t> octets = co_await stream.receive(room, until);
    if (!octets) {
      co_return std::unexpected(octets.error());
    }
    if (*octets == 0) {
      boost::system::error_code error;
      if (parser.got_some()) {  // put_eof() is not for who has nothing
        parser.put_eof(error);
      }
      if (error || !is_enough(parser, target)) {
        co_return fail(Errc::kIo, "the server broke off before the end of its answer");
      }
      break;
    }
    waiting += as_text(OctetSpan(room).first(*octets));
    if (Status fed = feed(parser, waiting); !fed) {
      co_return fed;
    }
  }
  co_return judged(parser, target);
}

asio::awaitable<Status> look(TimedSockets& sockets, const TlsClient& tls,
                             const HealthTarget& target, Deadline until) {
  ClientStream stream(sockets, tls, peer_of(target));
  Status opened = co_await stream.open(until);
  if (!opened || !target.is_http()) {
    co_return opened;
  }
  co_return co_await ask(stream, target, until);
}

/// `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:80`.
Result<SocketAddress> address_of(std::string_view text, std::uint16_t usual_port) {
  const std::size_t end = text.starts_with('[') ? text.find(']') + 1 : text.find(':');
  const bool has_port = end < text.size();
  auto address = SocketAddress::from_text(has_port ? std::string(text)
                                                   : fmt::format("{}:{}", text, usual_port));
  if (!address) {
    return fail(Errc::kInvalid,
                "{} is no address: a check names one, not a name (host: says the name that a web "
                "server is asked for)",
                shown_text(text));
  }
  return address;
}

Result<HealthTarget> http_target(std::string_view rest, HealthTarget::Kind kind) {
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  HealthTarget target{kind,
                      TRY(address_of(rest.substr(0, slash),
                                     kind == HealthTarget::Kind::kHttp ? kHttpPort : kHttpsPort))};
  target.path = slash == rest.size() ? "/" : std::string(rest.substr(slash));
  const auto is_url_octet = [](char octet) { return octet > ' ' && octet < '\x7f'; };
  if (!std::ranges::all_of(target.path, is_url_octet)) {
    return fail(Errc::kInvalid, "{} has octets that are none of a URL", shown_text(target.path));
  }
  return target;
}

}  // namespace

Result<HealthTarget> HealthTarget::from_text(std::string_view text) {
  if (text.starts_with(kHttpScheme)) {
    return http_target(text.substr(kHttpScheme.size()), Kind::kHttp);
  }
  if (text.starts_with(kHttpsScheme)) {
    return http_target(text.substr(kHttpsScheme.size()), Kind::kHttps);
  }
  if (text.starts_with(kTcpScheme)) {
    if (const auto address = SocketAddress::from_text(text.substr(kTcpScheme.size()))) {
      return HealthTarget{Kind::kTcp, *address};
    }
  }
  return fail(Errc::kInvalid,
              "{}: expected tcp:ADDRESS:PORT, http://ADDRESS[:PORT][/PATH] or https://...",
              shown_text(text));
}

std::string HealthTarget::to_text() const {
  switch (kind) {
    case Kind::kTcp:
      break;
    case Kind::kHttp:
      return fmt::format("{}{}{}", kHttpScheme, address.to_text(), path);
    case Kind::kHttps:
      return fmt::format("{}{}{}", kHttpsScheme, address.to_text(), path);
  }
  return fmt::format("{}{}", kTcpScheme, address.to_text());
}

class HealthProber::Impl {
 public:
  explicit Impl(const NodeKey& key) : tls_(key) {}

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // NOLINTNEXTLINE(bugprone-exception-escape): no memory for the last message is the end anyway
  ~Impl() { stop(); }

  void stop() {
    io_.stop([this] { sockets_.stop(); });  // what is going on ends by itself
  }

  void probe(HealthTarget target, std::chrono::milliseconds timeout, Outcome done) {
    struct Probe {
      HealthTarget target;
      Outcome done;
    };

    auto probe = std::make_unique<Probe>(Probe{std::move(target), std::move(done)});
    asio::post(io_.context(), [this, probe = std::move(probe), timeout]() mutable {
      Probe& it = *probe;  // stays where it is
      asio::co_spawn(
          io_.context(), look(sockets_, tls_, it.target, Deadline::clock::now() + timeout),
          [probe = std::move(probe)](const std::exception_ptr& failure, Status status) {
            probe->done(failure == nullptr ? std::move(status)
                                           : fail(Errc::kInternal, "the probe ended by a mistake"));
          });
    });
  }

 private:
  IoThread io_;
  TimedSockets sockets_{io_.context()};
  const TlsClient tls_;
};

HealthProber::HealthProber(const NodeKey& key) : impl_(std::make_unique<Impl>(key)) {}

// NOLINTNEXTLINE(bugprone-exception-escape): no memory for the last message is the end anyway
HealthProber::~HealthProber() {
  stop();
}

void HealthProber::stop() {
  impl_->stop();
}

void HealthProber::probe(HealthTarget target, std::chrono::milliseconds timeout, Outcome done) {
  impl_->probe(std::move(target), timeout, std::move(done));
}

}  // namespace tandem
