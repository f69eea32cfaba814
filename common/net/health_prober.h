// Looks whether a service is there: a TCP connection, or an HTTP request and what is answered. A
// probe names an address and asks no resolver: whether names can be looked up is not to be known
// from a server that would have to answer for them.
//
// Thread rule: any thread asks. Outcomes come on the prober's own thread and must not block it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/crypto/node_key.h"
#include "common/net/address.h"

namespace tandem {

/// What is asked, and what has to come back.
struct HealthTarget {
  enum class Kind : std::uint8_t { kTcp, kHttp, kHttps };

  Kind kind = Kind::kTcp;
  SocketAddress address;
  std::string path = {};     // of HTTP, with its query; begins with a slash
  std::string host = {};     // of HTTP: the Host, and over TLS who the certificate has to be for
  std::uint16_t status = 0;  // of HTTP: that is answered; 0: any of 200 to 299
  std::string text = {};     // of HTTP: to be found in the body; empty: the body is not looked at

  /// `tcp:ADDRESS:PORT`, `http://ADDRESS[:PORT][/PATH]` or the same with https. Fails: kInvalid;
  /// for a name where the address belongs, with what to do instead.
  static Result<HealthTarget> from_text(std::string_view text);
  /// As from_text() reads it: without host, status and text.
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] bool is_http() const noexcept { return kind != Kind::kTcp; }
};

class HealthProber {
 public:
  /// `key`: what this node shows to TLS servers that ask for a certificate.
  explicit HealthProber(const NodeKey& key);
  HealthProber(const HealthProber&) = delete;
  HealthProber& operator=(const HealthProber&) = delete;
  /// Stops.
  ~HealthProber();

  using Outcome = std::move_only_function<void(Status)>;

  /// Gives what it came to, within `timeout`. HTTP is asked as version 1.1, HTTPS over TLS 1.2 or
  /// later; the certificate is checked only when the target has a host. Redirections are answers
  /// like any other. Fails: kTimeout, kIo, kRefused (the certificate), kCorrupt (no HTTP),
  /// kTooLarge (a header of more than 8 KiB, a body of more than 256 KiB in which a text is looked
  /// for), kConflict (not what has to come back), kUnavailable when the prober stops.
  void probe(HealthTarget target, std::chrono::milliseconds timeout, Outcome done);

  /// What is going on ends with kUnavailable; nothing is called after it. Not for an outcome to
  /// call. Idempotent.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem
