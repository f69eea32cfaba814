// A small HTTP/1.1 server for the control plane: one thread, every connection bounded in size and
// time. What the paths mean is the handler's business.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace tandem {

/// Who asks, as the kernel tells it.
struct HttpPeer {
  bool is_local_socket = false;
  std::uint32_t uid = 0;  // of the process at the other end of a unix socket
  std::string address;    // ADDR:PORT, or "uid N"
};

struct HttpRequest {
  std::string method;  // upper case as sent; GET for HEAD, whose body the server leaves out itself
  std::string path;    // percent-encoded as sent, without the query
  std::vector<std::pair<std::string, std::string>> query;    // decoded
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  HttpPeer peer;

  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
  [[nodiscard]] std::string header(std::string_view name) const;  // empty when absent
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string allow = {};  // with 405: the methods that the path knows (RFC 9110 s15.5.6)
};

/// Gives the response; may be called once, from any thread, also after the connection is gone.
using HttpRespond = std::function<void(HttpResponse)>;
/// Called on the server's thread; must not block for long: it answers at once or keeps `respond`
/// for later.
using HttpHandler = std::function<void(HttpRequest request, HttpRespond respond)>;

struct HttpServerOptions {
  std::string
      unix_socket;  // path; empty: none. A stale socket file is removed, a live one is an error
  std::vector<std::string> listen;  // ADDR:PORT, plain TCP
  std::size_t max_connections =
      64;  // unix socket and TCP counted apart: nobody outside locks the operator out
  std::size_t max_body_local = std::size_t{1} << 30U;  // master files of large zones
  std::size_t max_body_remote = std::size_t{2} << 20U;
  std::chrono::milliseconds request_time{
      5'000};  // first octet to last; over the unix socket of the header alone
  std::chrono::milliseconds progress_time{
      60'000};  // bodies over the unix socket and all answers: without progress
  std::chrono::milliseconds idle_time{30'000};  // between two requests
};

class HttpServer {
 public:
  /// Fails: kIo with what is wrong with which address and what to do.
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, HttpHandler handler);

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  /// The TCP addresses listened on, with the real port where 0 was asked for.
  [[nodiscard]] std::vector<std::string> listening() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem
