#include "ctl/http_client.h"

#include <array>
#include <cctype>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/core.h>

namespace tandem {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint64_t kMaxBodyOctets = std::uint64_t{1} << 30U;
constexpr std::size_t kReadOctets = std::size_t{64} << 10U;

std::string request_text(const HttpServer& server, const HttpAsk& ask) {
  std::string text = fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
                                 ask.method, server.path, ask.target, server.at.host);
  for (const auto& [name, value] : ask.headers) {
    text += fmt::format("{}: {}\r\n", name, value);
  }
  if (!ask.content_type.empty()) {
    text += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", ask.content_type,
                        ask.body.size());
  }
  return text + "\r\n" + ask.body;
}

/// Gives the parser all that it can take of `waiting`.
Status feed(http::response_parser<http::string_body>& parser, std::string& waiting) {
  boost::system::error_code error;
  const std::size_t taken = parser.put(asio::buffer(waiting), error);
  waiting.erase(0, taken);
  if (!error || error == http::error::need_more) {
    return {};
  }
  if (error == http::error::body_limit) {
    return fail(Errc::kTooLarge, "the server's answer has more than {} octets", kMaxBodyOctets);
  }
  return fail(Errc::kCorrupt, "the server does not answer in HTTP: {}", error.message());
}

}  // namespace

Result<HttpServer> http_server_from_url(std::string_view url, std::string_view usual_port) {
  if (url.starts_with("https://")) {
    return fail(Errc::kInvalid,
                "https is not spoken here: make a tunnel (ssh -L 8081:127.0.0.1:8081 HOST) and "
                "give http://127.0.0.1:8081");
  }
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    return fail(Errc::kInvalid, "expected http://HOST:PORT, got \"{}\"", url);
  }
  url.remove_prefix(kScheme.size());
  const std::size_t slash = std::min(url.find('/'), url.size());
  HttpServer server{TRY(host_port_from_text(url.substr(0, slash), usual_port)),
                    std::string(url.substr(slash))};
  while (server.path.ends_with('/')) {
    server.path.pop_back();
  }
  for (const char octet : server.path + server.at.host) {
    if (std::isgraph(static_cast<unsigned char>(octet)) == 0) {
      return fail(Errc::kInvalid, "the URL has octets that are none of a URL");
    }
  }
  return server;
}

bool is_loopback(const HttpServer& server) {
  return server.at.host == "localhost" || server.at.host == "::1" ||
         server.at.host.starts_with("127.");
}

Result<HttpAnswer> ask_http(const HttpServer& server, const HttpAsk& ask,
                            std::chrono::seconds step_limit) {
  TcpStream stream = TRY(TcpStream::connect(server.at, step_limit));
  TRYV(stream.write(as_octets(request_text(server, ask))));
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxBodyOctets);
  parser.eager(true);
  std::string waiting;
  std::array<std::uint8_t, kReadOctets> room{};
  while (!parser.is_done()) {
    const std::size_t octets = TRY(stream.read_some(room));
    if (octets == 0) {
      boost::system::error_code error;
      parser.put_eof(error);
      if (error) {
        return fail(Errc::kIo, "the server broke off in the middle of its answer");
      }
      break;
    }
    waiting += as_text(OctetSpan(room).first(octets));
    TRYV(feed(parser, waiting));
  }
  return HttpAnswer{parser.get().result_int(), std::move(parser.get().body())};
}

std::string percent_encoded(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace tandem
