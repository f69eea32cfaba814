// TLS under DNS (RFC 7858, RFC 9103): who shows which key, who is believed, and a session over a
// socket that never blocks. No threads and no waiting of its own.
//
// HTTPS, by which a node tells people something, is the same client with other manners (TlsUse).
//
// Versions: servers take 1.2 and later, since resolvers still come with 1.2 (RFC 7858 s3.2); what
// we ask others goes over 1.3 alone, and a client with 1.2 counts as one without TLS where a rule
// asks for it (RFC 9103 s7.2). ALPN: we offer `dot` where it is about DNS; who offers ALPN has to
// offer it too, who offers none is taken, as is a server that selects none: there are TLS proxies
// in front of both.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/crypto/node_key.h"

namespace tandem {

/// What is spoken over the connection. kDns: over 1.3 alone, and the node's key is shown to who
/// asks for it. kHttp: HTTP/1.1 over 1.2 or later (RFC 9325 s3.1.1), and no key is shown.
enum class TlsUse : std::uint8_t { kDns, kHttp };

/// How a TLS server proves who it is (RFC 8310 s8): one of the pins, or a certificate for `name` by
/// a CA; with neither only what listens is excluded (opportunistic privacy). Pins win.
struct TlsPeer {
  std::vector<KeyPin> pins;
  std::string name;     // host name (or address) in the certificate, and SNI; empty: neither
  std::string ca_file;  // PEM; empty: the system's
  TlsUse use = TlsUse::kDns;
};

/// What a socket has to be before a step can go on.
enum class SocketNeed : std::uint8_t { kNothing, kReadable, kWritable };

/// What a step over a socket that does not block came to. Octets of none with kNothing: the other
/// side has ended the connection.
struct SocketStep {
  std::size_t octets = 0;
  SocketNeed need = SocketNeed::kNothing;
};

/// One side of a connection. Over a socket that it borrows, which does not block. One thread.
class TlsSession {
 public:
  class Impl;
  explicit TlsSession(std::unique_ptr<Impl> impl);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  TlsSession(TlsSession&&) noexcept;
  TlsSession& operator=(TlsSession&&) noexcept;
  ~TlsSession();

  /// To be called again once the socket is what is needed; kNothing: it is done. Fails: kRefused
  /// when the other side is not who it should be, kIo otherwise.
  Result<SocketNeed> handshake();

  /// Fails: kIo.
  Result<SocketStep> read(std::span<std::uint8_t> to);
  /// Fails: kIo. Requires: `from` is not empty.
  Result<SocketStep> write(OctetSpan from);

  /// Tells the other side that nothing more comes, if the socket takes it at once.
  void end() noexcept;

  /// TLS 1.3 or later. After the handshake.
  [[nodiscard]] bool is_tls13() const noexcept;
  /// The key of the certificate that the other side has shown. After the handshake.
  [[nodiscard]] std::optional<KeyPin> peer_pin() const;

 private:
  std::unique_ptr<Impl> impl_;
};

/// A certificate (with the chain to its CA behind it) and its key, PEM. Both empty: the node's own.
struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// Whether they can be read and belong together. Fails: kInvalid with the file, and what is wrong
/// with it.
Status check_tls_files(const TlsFiles& files);

/// When the first certificate of a file ends, of the server and of the CAs behind it, and since
/// when that one is good.
struct CertificateDates {
  WallTime from;
  WallTime until;
};

/// Fails: kInvalid when there is no certificate in the file.
Result<CertificateDates> certificate_dates(const std::filesystem::path& file);

/// Takes TLS connections; asks clients for a certificate and takes any, also none. One thread.
class TlsServer {
 public:
  /// Fails: as check_tls_files().
  static Result<std::unique_ptr<TlsServer>> open(TlsFiles files, const NodeKey& key,
                                                 MonotonicTime now);
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer();

  /// Reads files again that are others than before, and forgets the keys of session tickets after a
  /// day, so that what was recorded stays secret. Fails: as open(), once for each change of the
  /// files; what was there before stays in use.
  Status renew(MonotonicTime now);

  [[nodiscard]] TlsSession accept(int socket) const;

 private:
  class Impl;
  explicit TlsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Opens TLS connections, and shows the node's key to servers that ask for a certificate (mutual
/// TLS, RFC 9103 s9.3.3). Immutable, any thread.
class TlsClient {
 public:
  explicit TlsClient(const NodeKey& key);
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient();

  /// Fails: kInvalid when the CA's file cannot be read.
  Result<TlsSession> connect(int socket, const TlsPeer& peer) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem
