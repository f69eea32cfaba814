// One HTTP/1.1 connection from its first octet to its last: requests are read, handed to the
// handler and answered one after the other (RFC 9112 s9.3.2), each within its limits. Everything
// here runs on the server's thread.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "common/base/guarded.h"
#include "common/base/unique_fd.h"
#include "common/net/http_server.h"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): Boost's name
}

namespace tandem {

/// The only way from other threads to the server's: empty as soon as the server ends, so that an
/// answer that comes later goes nowhere.
class HttpGate {
 public:
  explicit HttpGate(boost::asio::io_context& io) : io_(&io) {}

  /// Runs `work` on the server's thread, or drops it when there is no server any more. Any thread.
  void post(std::function<void()> work);

  void close() { *io_.lock() = nullptr; }

 private:
  Guarded<boost::asio::io_context*> io_;
};

/// What all connections of one server share; outlives them.
struct HttpService {
  HttpServerOptions options;
  HttpHandler handler;
  std::shared_ptr<HttpGate> gate;
};

/// Serves `socket` until either side has enough, then calls `ended`.
void serve_http_connection(boost::asio::io_context& io, const HttpService& service, UniqueFd socket,
                           HttpPeer peer, std::function<void()> ended);

}  // namespace tandem
