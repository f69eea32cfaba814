// One POST to a server of somebody else, over HTTP/1.1 or HTTPS, for a thread that may wait. Of the
// answer its status alone counts: the rest is not read.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/stop_event.h"
#include "common/net/tls.h"

namespace tandem {

struct HttpUrl {
  bool tls = false;
  std::string host;  ///< Without the brackets of an IPv6 address.
  std::uint16_t port = 80;
  std::string target = "/";  ///< Path and query, as they are sent.

  bool operator==(const HttpUrl&) const = default;

  /// `http(s)://HOST[:PORT]`, without the target: that is often a secret.
  [[nodiscard]] std::string origin() const;
};

/// `http://HOST[:PORT][/PATH][?QUERY]`, or https. Fails: kInvalid with what was expected.
Result<HttpUrl> http_url_from_text(std::string_view text);

struct HttpPost {
  std::string content_type;
  std::string body;
  std::chrono::milliseconds limit{10'000};  ///< For all of it, with looking the host up.
};

/// Redirections are not followed. Of HTTPS, the certificate is for the host and of a CA that the
/// system trusts. Fails: kIo, also when the status is no 2xx, kRefused by another certificate,
/// kCorrupt when the answer is no HTTP, kTimeout, kUnavailable after `stop`, kNotFound for a host
/// without an address.
Status post_http(const TlsClient& tls, const HttpUrl& url, const HttpPost& post,
                 const StopEvent& stop);

}  // namespace tandem
