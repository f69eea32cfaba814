// What TlsSession is made of. Internal to common/net/tls*.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "common/crypto/openssl_handles.h"
#include "common/net/tls.h"

namespace tandem {

using SslContextPtr = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslFree<SSL_free>>;

/// How OpenSSL reaches a socket: as its own way does, but without the signal that a write to a
/// closed connection is.
using SocketBioMethod = std::shared_ptr<const BIO_METHOD>;
[[nodiscard]] SocketBioMethod make_socket_bio_method();

/// Why OpenSSL's last call failed; leaves its queue empty.
[[nodiscard]] std::string take_openssl_error();

enum class TlsSide : std::uint8_t { kServer, kClient };

class TlsSession::Impl {
 public:
  /// `pins`: of which the other side has to show one; empty: any.
  Impl(SocketBioMethod method, SSL_CTX* context, int socket, TlsSide side,
       std::vector<KeyPin> pins);

  [[nodiscard]] SSL* ssl() const noexcept { return ssl_.get(); }

  Result<SocketNeed> handshake();
  Result<SocketStep> read(std::span<std::uint8_t> to);
  Result<SocketStep> write(OctetSpan from);
  [[nodiscard]] std::optional<KeyPin> peer_pin() const;

  /// The socket as OpenSSL has it.
  struct Socket {
    int fd = -1;
    bool has_ended = false;
    int error = 0;  // errno of the last call; 0: none
  };

 private:
  Result<SocketStep> after(int result, std::size_t octets);
  [[nodiscard]] Error failure() const;
  [[nodiscard]] Status check_pin() const;

  SocketBioMethod method_;
  Socket socket_;
  std::vector<KeyPin> pins_;
  SslPtr ssl_;
};

}  // namespace tandem
