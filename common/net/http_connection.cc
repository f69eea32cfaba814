#include "common/net/http_connection.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "common/base/bytes.h"
#include "common/base/logging.h"
#include "common/net/http_message.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::uint32_t kMaxHeaderOctets = 16U << 10U;
constexpr std::size_t kReadOctets = 64U << 10U;  // more at once makes large bodies no faster
constexpr std::chrono::seconds kLingerTime{2};
constexpr std::size_t kMaxLingerOctets = 4U << 20U;
constexpr std::string_view kHeaderEnd = "\r\n\r\n";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

bool is_known(http::verb method) noexcept {
  switch (method) {
    case http::verb::get:
    case http::verb::head:
    case http::verb::post:
    case http::verb::put:
    case http::verb::patch:
    case http::verb::delete_:
    case http::verb::options:
      return true;
    default:
      return false;
  }
}

using Stream = beast::basic_stream<asio::generic::stream_protocol>;
using Parser = http::request_parser<http::string_body>;

/// Where a connection waits for its answer. Belongs to the connection, used on the server's thread
/// only.
struct AnswerSlot {
  explicit AnswerSlot(asio::io_context& io) : arrived(io, asio::steady_timer::time_point::max()) {}

  asio::steady_timer arrived;  // cancelled when the answer is there
  std::optional<HttpResponse> response;
};

/// The other end of the slot, in the handler's hands: gives one answer, and one of its own when it
/// is dropped without. Holds nothing that needs the server to be there. Any thread.
class AnswerPromise {
 public:
  AnswerPromise(std::shared_ptr<HttpGate> gate, std::weak_ptr<AnswerSlot> slot)
      : gate_(std::move(gate)), slot_(std::move(slot)) {}

  AnswerPromise(const AnswerPromise&) = delete;
  AnswerPromise& operator=(const AnswerPromise&) = delete;

  ~AnswerPromise() {
    try {
      give(http_error(500, "internal", "the request was given up"));
    } catch (const std::exception& failure) {
      log_error("http answer lost error={}", failure.what());
    }
  }

  void give(HttpResponse response) {
    if (given_.exchange(true, std::memory_order_relaxed)) {
      return;
    }
    gate_->post([slot = slot_, response = std::move(response)]() mutable {
      if (const auto waiting = slot.lock()) {
        waiting->response = std::move(response);
        waiting->arrived.cancel();
      }
    });
  }

 private:
  std::shared_ptr<HttpGate> gate_;
  std::weak_ptr<AnswerSlot> slot_;
  std::atomic<bool> given_{false};
};

/// The answer to a request that could not be read; nothing when there is nobody to tell or nothing
/// to say.
std::optional<HttpResponse> answer_to(const error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) {
    return std::nullopt;
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return http_error(431, "too_large",
                      fmt::format("the header of a request may have {} octets", kMaxHeaderOctets));
  }
  if (error == http::error::body_limit) {
    return http_error(413, "too_large", "the body of the request is larger than this server takes");
  }
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    return http_error(400, "invalid", fmt::format("this is no HTTP request: {}", error.message()));
  }
  return std::nullopt;  // the network's
}

std::string_view text_of(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return static_cast<char>(to_lower(static_cast<std::uint8_t>(c)));
  });
  return out;
}

class HttpConnection {
 public:
  HttpConnection(asio::io_context& io, const HttpService& service, Stream stream, HttpPeer peer)
      : io_(io), service_(service), stream_(std::move(stream)), peer_(std::move(peer)) {}

  asio::awaitable<void> run() {
    bool goes_on = true;
    while (goes_on) {
      goes_on = co_await serve_one();
      served_any_ = true;
    }
  }

 private:
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> has_request();
  asio::awaitable<error_code> read_request(Parser& parser);
  asio::awaitable<error_code> read_header(Parser& parser);
  asio::awaitable<error_code> read_body(Parser& parser);
  asio::awaitable<HttpResponse> answer(Parser& parser);
  asio::awaitable<HttpResponse> ask_handler(HttpRequest request);
  asio::awaitable<void> refuse(HttpResponse response);
  asio::awaitable<void> linger();

  template <class Message>
  asio::awaitable<bool> write(Message message);

  struct Reply {
    unsigned version = 11;
    bool keep_alive = false;
    bool is_head = false;
  };

  asio::awaitable<bool> send(HttpResponse response, Reply reply);

  asio::io_context& io_;
  const HttpService& service_;
  Stream stream_;
  HttpPeer peer_;
  // Whatever a body's chunks say between them has to fit in too.
  beast::flat_buffer buffer_{kReadOctets + kMaxHeaderOctets};
  bool served_any_ = false;
};

/// True when there may be another request on this connection.
asio::awaitable<bool> HttpConnection::serve_one() {
  const bool asked = co_await has_request();
  if (!asked) {
    co_return false;
  }
  Parser parser;
  parser.header_limit(kMaxHeaderOctets);
  parser.body_limit(peer_.is_local_socket ? service_.options.max_body_local
                                          : service_.options.max_body_remote);
  const error_code error = co_await read_request(parser);
  if (error) {
    if (std::optional<HttpResponse> response = answer_to(error)) {
      co_await refuse(std::move(*response));
    }
    co_return false;
  }
  const Reply reply{.version = parser.get().version(),
                    .keep_alive = parser.get().keep_alive(),
                    .is_head = parser.get().method() == http::verb::head};
  HttpResponse response = co_await answer(parser);
  const bool sent = co_await send(std::move(response), reply);
  co_return sent&& reply.keep_alive;
}

/// Waits for the first octet. A client that has just come has something to ask: it gets no time to
/// idle.
asio::awaitable<bool> HttpConnection::has_request() {
  if (buffer_.size() > 0) {
    co_return true;
  }
  buffer_.shrink_to_fit();
  stream_.expires_after(served_any_ ? service_.options.idle_time : service_.options.request_time);
  error_code error;
  const std::size_t octets = co_await stream_.async_read_some(
      buffer_.prepare(kMaxHeaderOctets), asio::redirect_error(asio::use_awaitable, error));
  buffer_.commit(octets);
  co_return !error;
}

asio::awaitable<error_code> HttpConnection::read_request(Parser& parser) {
  stream_.expires_after(service_.options.request_time);
  error_code error = co_await read_header(parser);
  if (error || parser.is_done()) {
    co_return error;
  }
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    co_await asio::async_write(stream_, asio::buffer(kContinue),
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      co_return error;
    }
  }
  co_return co_await read_body(parser);
}

/// Collects the whole header before it is parsed: Beast's own limit starts anew with every read.
asio::awaitable<error_code> HttpConnection::read_header(Parser& parser) {
  error_code error;
  std::size_t searched = 0;
  std::size_t end = std::string_view::npos;
  while (end == std::string_view::npos) {
    const std::string_view seen = text_of(buffer_);
    end = seen.substr(0, kMaxHeaderOctets).find(kHeaderEnd, searched);
    searched = std::max(seen.size(), kHeaderEnd.size()) - kHeaderEnd.size();
    if (end == std::string_view::npos && seen.size() >= kMaxHeaderOctets) {
      co_return make_error_code(http::error::header_limit);
    }
    if (end == std::string_view::npos) {
      const std::size_t octets = co_await stream_.async_read_some(
          buffer_.prepare(kMaxHeaderOctets), asio::redirect_error(asio::use_awaitable, error));
      buffer_.commit(octets);
    }
    if (error) {
      co_return error;
    }
  }
  const asio::const_buffer header(buffer_.data().data(), end + kHeaderEnd.size());
  buffer_.consume(parser.put(header, error));
  co_return error;
}

asio::awaitable<error_code> HttpConnection::read_body(Parser& parser) {
  error_code error;
  while (!parser.is_done() && !error) {
    if (peer_.is_local_socket) {
      stream_.expires_after(service_.options.progress_time);
    }
    co_await http::async_read_some(stream_, buffer_, parser,
                                   asio::redirect_error(asio::use_awaitable, error));
  }
  co_return error;
}

asio::awaitable<HttpResponse> HttpConnection::answer(Parser& parser) {
  http::request<http::string_body> message = parser.release();
  HttpRequest request;
  request.method = std::string_view(message.method_string());
  if (message.method() == http::verb::head) {
    request.method = "GET";
  }
  if (!is_known(message.method())) {
    HttpResponse response = http_error(405, "invalid", "this server knows no such method");
    response.allow = kMethods;
    co_return response;
  }
  auto target = parse_http_target(message.target());
  if (!target) {
    co_return http_error(400, "invalid", target.error().detail);
  }
  if (message.version() == 11 && message.count(http::field::host) != 1) {
    co_return http_error(400, "invalid", "a request needs one Host header (RFC 9112 s3.2)");
  }
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  for (const auto& field : message) {
    request.headers.emplace_back(lower_case(field.name_string()), field.value());
  }
  request.body = std::move(message.body());
  request.peer = peer_;
  co_return co_await ask_handler(std::move(request));
}

asio::awaitable<HttpResponse> HttpConnection::ask_handler(HttpRequest request) {
  const auto slot = std::make_shared<AnswerSlot>(io_);
  {
    auto promise = std::make_shared<AnswerPromise>(service_.gate, slot);
    try {
      service_.handler(std::move(request),
                       [promise](HttpResponse response) { promise->give(std::move(response)); });
    } catch (const std::exception& failure) {
      log_error("http handler failed error={}", failure.what());
      promise->give(http_error(500, "internal", "the request could not be handled"));
    }
  }
  if (!slot->response) {
    error_code ignored;  // the timer never fires, so it is always "cancelled"
    co_await slot->arrived.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return std::move(slot->response).value_or(http_error(500, "internal", "no answer"));
}

/// Answers what is no good request; where the next one would begin is unknown, so this is the last.
asio::awaitable<void> HttpConnection::refuse(HttpResponse response) {
  const bool sent = co_await send(std::move(response), Reply{});
  if (sent) {
    co_await linger();
  }
}

/// Closing with unread octets resets the connection, and the client might never see why (RFC 9112
/// s9.6).
asio::awaitable<void> HttpConnection::linger() {
  error_code error;
  static_cast<void>(::shutdown(stream_.socket().native_handle(), SHUT_WR));
  stream_.expires_after(kLingerTime);
  buffer_.clear();
  std::size_t dropped = 0;
  while (!error && dropped < kMaxLingerOctets) {
    dropped += co_await stream_.async_read_some(buffer_.prepare(kReadOctets),
                                                asio::redirect_error(asio::use_awaitable, error));
  }
}

asio::awaitable<bool> HttpConnection::send(HttpResponse response, Reply reply) {
  const bool is_status = response.status >= 200 && response.status < 600;
  http::response<http::string_body> message(
      static_cast<http::status>(is_status ? response.status : 500), reply.version);
  message.set(http::field::content_type, response.content_type);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  if (!response.allow.empty()) {
    message.set(http::field::allow, response.allow);
  }
  message.keep_alive(reply.keep_alive);
  message.content_length(response.body.size());
  if (reply.is_head) {
    http::response<http::empty_body> head(std::move(message.base()));
    co_return co_await write(std::move(head));
  }
  message.body() = std::move(response.body);
  co_return co_await write(std::move(message));
}

template <class Message>
asio::awaitable<bool> HttpConnection::write(Message message) {
  http::response_serializer<typename Message::body_type> serializer(message);
  error_code error;
  while (!serializer.is_done() && !error) {
    stream_.expires_after(service_.options.progress_time);
    co_await http::async_write_some(stream_, serializer,
                                    asio::redirect_error(asio::use_awaitable, error));
  }
  co_return !error;
}

asio::awaitable<void> run(std::shared_ptr<HttpConnection> connection) {
  co_await connection->run();
}

}  // namespace

void HttpGate::post(std::function<void()> work) {
  const auto io = io_.lock();
  if (*io != nullptr) {
    asio::post(**io, std::move(work));
  }
}

void serve_http_connection(asio::io_context& io, const HttpService& service, UniqueFd socket,
                           HttpPeer peer, std::function<void()> ended) {
  Stream stream(io);
  const int family = peer.is_local_socket ? AF_UNIX : AF_INET;
  stream.socket().assign(asio::generic::stream_protocol(family, 0), socket.release());
  auto connection =
      std::make_shared<HttpConnection>(io, service, std::move(stream), std::move(peer));
  asio::co_spawn(io, run(std::move(connection)),
                 [ended = std::move(ended)](const std::exception_ptr& failure) {
                   ended();
                   if (failure) {
                     log_warn("http connection failed");
                   }
                 });
}

}  // namespace tandem
