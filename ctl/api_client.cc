#include "ctl/api_client.h"

#include <algorithm>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "common/base/unix_path.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::string_view kBase = "/api/tandem/v1";
constexpr std::size_t kReadOctets = 256U << 10U;

std::unexpected<Error> nobody_answers(const std::filesystem::path& socket,
                                      const error_code& error) {
  if (error == boost::system::errc::permission_denied) {
    return fail(Errc::kRefused, "no permission to open {} (be root, or a member of its group)",
                socket.string());
  }
  if (error == beast::error::timeout) {
    return fail(Errc::kTimeout, "the node at {} does not answer (--timeout waits longer)",
                socket.string());
  }
  return fail(Errc::kUnavailable,
              "no node answers at {}: is tandem-primary running? (systemctl status tandem-primary "
              "tandem-secondary; --data DIR names another node's folder)",
              socket.string());
}

std::unexpected<Error> broke_off(const std::filesystem::path& socket, const error_code& error) {
  if (error == beast::error::timeout) {
    return nobody_answers(socket, error);
  }
  return fail(Errc::kIo, "the node at {} broke off: {} (its log says why)", socket.string(),
              error.message());
}

/// One conversation. Every step runs to its end or its time limit before it returns.
class Conversation {
 public:
  explicit Conversation(std::chrono::seconds timeout) : timeout_(timeout) {}

  error_code connect(const UnixPath& path) {
    return run([&](auto done) {
      stream_.async_connect(asio::local::stream_protocol::endpoint(path.text()), done);
    });
  }

  error_code write(const http::request<http::string_body>& message) {
    http::request_serializer<http::string_body> serializer(message);
    error_code error;
    while (!error && !serializer.is_done()) {
      error = run([&](auto done) {
        http::async_write_some(stream_, serializer,
                               [done](error_code result, std::size_t) { done(result); });
      });
    }
    return error;
  }

  error_code read(http::response_parser<http::string_body>& parser) {
    beast::flat_buffer buffer(kReadOctets);
    error_code error;
    while (!error && !parser.is_done()) {
      error = run([&](auto done) {
        http::async_read_some(stream_, buffer, parser,
                              [done](error_code result, std::size_t) { done(result); });
      });
    }
    return error;
  }

 private:
  template <class Start>
  error_code run(const Start& start) {
    if (timeout_ > std::chrono::seconds(0)) {
      stream_.expires_after(timeout_);
    }
    error_code result;
    start([&result](error_code error) { result = error; });
    io_.restart();
    io_.run();
    return result;
  }

  std::chrono::seconds timeout_;
  asio::io_context io_{1};
  beast::basic_stream<asio::local::stream_protocol> stream_{io_};
};

std::string encoded(std::string_view text) {
  if (text == "." || text == "..") {
    // A path's segment of dots alone means something else (RFC 3986 s3.3): the root zone's name
    // must not.
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      out += "%2E";
    }
    return out;
  }
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace

Result<ApiResponse> ask_node(const ApiClientOptions& options, const ApiRequest& request) {
  const UnixPath path = TRY(UnixPath::of(options.socket.string()));
  http::request<http::string_body> message;
  message.method_string(request.method);
  message.target(request.target);
  message.version(11);
  message.set(http::field::host, "localhost");
  message.set(http::field::connection, "close");
  if (!request.content_type.empty()) {
    message.set(http::field::content_type, request.content_type);
  }
  for (const auto& [name, value] : options.headers) {
    message.set(name, value);
  }
  message.body() = request.body;
  message.prepare_payload();

  Conversation conversation(options.timeout);
  if (const error_code error = conversation.connect(path)) {
    return nobody_answers(options.socket, error);
  }
  // A node that refuses a large body answers before it has all of it: what it says is worth more
  // than the error.
  const error_code unsent = conversation.write(message);
  http::response_parser<http::string_body> parser;
  parser.body_limit(boost::none);
  if (const error_code error = conversation.read(parser)) {
    return broke_off(options.socket, unsent ? unsent : error);
  }
  return ApiResponse{parser.get().result_int(), std::move(parser.get().body())};
}

std::string api_target(const std::vector<std::string_view>& segments,
                       const std::vector<std::pair<std::string_view, std::string>>& query) {
  std::string target(kBase);
  for (const std::string_view segment : segments) {
    target += '/';
    target += encoded(segment);
  }
  char separator = '?';
  for (const auto& [name, value] : query) {
    target += separator;
    target += name;
    target += '=';
    target += boost::urls::encode(value, boost::urls::unreserved_chars);
    separator = '&';
  }
  return target;
}

}  // namespace tandem
