// Requests to another server's HTTP API: plain http, one connection each. One thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "ctl/tcp_stream.h"

namespace tandem {

struct HttpServer {
  HostPort at;
  std::string path;  // before every target; without a final slash
};

/// `http://HOST[:PORT][/PATH]`. Fails: kInvalid; for https with what to do instead.
Result<HttpServer> http_server_from_url(std::string_view url, std::string_view usual_port);
/// The host is this machine itself, so that what is sent crosses no network.
[[nodiscard]] bool is_loopback(const HttpServer& server);

struct HttpAsk {
  std::string method = "GET";
  std::string target;  // below the server's path, encoded
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string content_type = {};
  std::string body = {};
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

/// Any status is an answer. Fails: kUnavailable, kTimeout, kIo, kTooLarge, kCorrupt.
Result<HttpAnswer> ask_http(const HttpServer& server, const HttpAsk& ask,
                            std::chrono::seconds step_limit);

/// A segment of a path or a value of a form, percent-encoded.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace tandem
