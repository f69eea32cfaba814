#include "common/net/tls.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/base/check.h"
#include "common/net/tls_session.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::uint8_t, 4> kAlpn{3, 'd', 'o', 't'};  // RFC 7858 s3.1, RFC 7301 s3.1
// Of TLS 1.2: forward secrecy and authenticated encryption alone (RFC 9325 s4.2).
constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::chrono::hours kTicketKeys{24};

/// Never a question on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*data*/) {
  return -1;
}

int take_any_certificate(X509_STORE_CTX* /*store*/, void* /*data*/) {
  return 1;  // a key that no rule names is worth nothing, whoever has signed it
}

int select_alpn(SSL* /*ssl*/, const unsigned char** selected, unsigned char* octets,
                const unsigned char* offered, unsigned offered_octets, void* /*data*/) {
  const OctetSpan list(offered, offered_octets);
  for (std::size_t at = 0; at < list.size(); at += 1U + list[at]) {
    if (equal(list.subspan(at, std::min(kAlpn.size(), list.size() - at)), kAlpn)) {
      *selected = &list[at + 1];
      *octets = kAlpn[0];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

SslContextPtr new_context(const SSL_METHOD* method, int least_version) {
  SslContextPtr context(SSL_CTX_new(method));
  CHECK(context != nullptr && SSL_CTX_set_min_proto_version(context.get(), least_version) == 1 &&
        SSL_CTX_set_cipher_list(context.get(), kCiphers12) == 1);
  // A message has its length in front: one that is cut is seen without TLS telling it.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context.get(), no_password);
  return context;
}

/// The node's key, read once.
struct OwnKey {
  explicit OwnKey(const NodeKey& node)
      : key(read_p256_key(node.private_key_pem)),
        certificate(read_certificate(node.certificate_pem)) {
    CHECK(key != nullptr && certificate != nullptr);
  }

  void put_into(SSL_CTX* context) const {
    CHECK(SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
          SSL_CTX_use_PrivateKey(context, key.get()) == 1);
  }

  PkeyPtr key;
  X509Ptr certificate;
};

Status put_files(SSL_CTX* context, const TlsFiles& files) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return fail(Errc::kInvalid, "cannot take the TLS certificate of {}: {}",
                files.certificate.string(), take_openssl_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(Errc::kInvalid, "cannot take the TLS key of {} for the certificate of {}: {}",
                files.key.string(), files.certificate.string(), take_openssl_error());
  }
  return {};
}

}  // namespace

Status check_tls_files(const TlsFiles& files) {
  return put_files(new_context(TLS_server_method(), TLS1_2_VERSION).get(), files);
}

class TlsServer::Impl {
 public:
  Impl(TlsFiles files, const NodeKey& key) : files_(std::move(files)), own_(key) {}

  Status renew(MonotonicTime now) {
    const auto marks = marks_of_files();
    if (context_ != nullptr && marks == marks_ && now - made_ < kTicketKeys) {
      return {};
    }
    marks_ = marks;
    made_ = now;
    context_ = TRY(make_context());
    return {};
  }

  [[nodiscard]] TlsSession accept(int socket) const {
    return TlsSession(std::make_unique<TlsSession::Impl>(method_, context_.get(), socket,
                                                         TlsSide::kServer, std::vector<KeyPin>{}));
  }

 private:
  using Marks = std::array<fs::file_time_type, 2>;

  /// By which a file is seen to be another one; of one that is not there: zero.
  [[nodiscard]] Marks marks_of_files() const {
    std::error_code error;
    const auto mark = [&error](const fs::path& file) {
      const auto time = fs::last_write_time(file, error);
      return error ? fs::file_time_type{} : time;
    };
    return {mark(files_.certificate), mark(files_.key)};
  }

  [[nodiscard]] Result<SslContextPtr> make_context() const {
    SslContextPtr context = new_context(TLS_server_method(), TLS1_2_VERSION);
    if (files_.certificate.empty()) {
      own_.put_into(context.get());
    } else {
      TRYV(put_files(context.get(), files_));
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context.get(), take_any_certificate, nullptr);
    SSL_CTX_set_alpn_select_cb(context.get(), select_alpn, nullptr);
    CHECK(SSL_CTX_set_session_id_context(context.get(), kAlpn.data(), kAlpn.size()) == 1);
    // Sessions are in the clients' tickets: nothing is kept here for who may never come again.
    static_cast<void>(SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF));
    return context;
  }

  TlsFiles files_;
  OwnKey own_;
  SocketBioMethod method_ = make_socket_bio_method();
  SslContextPtr context_;
  Marks marks_{};
  MonotonicTime made_;
};

Result<std::unique_ptr<TlsServer>> TlsServer::open(TlsFiles files, const NodeKey& key,
                                                   MonotonicTime now) {
  auto impl = std::make_unique<Impl>(std::move(files), key);
  TRYV(impl->renew(now));
  return std::unique_ptr<TlsServer>(new TlsServer(
      std::move(impl)));  // NOLINT(cppcoreguidelines-owning-memory): private constructor
}

TlsServer::TlsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TlsServer::~TlsServer() = default;

Status TlsServer::renew(MonotonicTime now) {
  return impl_->renew(now);
}

TlsSession TlsServer::accept(int socket) const {
  return impl_->accept(socket);
}

class TlsClient::Impl {
 public:
  explicit Impl(const NodeKey& key) : own_(key) {}

  [[nodiscard]] Result<TlsSession> connect(int socket, const TlsPeer& peer) const {
    const SslContextPtr context = new_context(TLS_client_method(), TLS1_3_VERSION);
    own_.put_into(context.get());
    const bool checks_name = peer.pins.empty() && !peer.name.empty();
    if (checks_name) {
      TRYV(put_ca(context.get(), peer.ca_file));
    }
    auto session = std::make_unique<TlsSession::Impl>(method_, context.get(), socket,
                                                      TlsSide::kClient, peer.pins);
    Octets offered{static_cast<std::uint8_t>(peer.alpn.size())};
    append(offered, as_octets(peer.alpn));
    CHECK(SSL_set_alpn_protos(session->ssl(), offered.data(),
                              static_cast<unsigned>(offered.size())) == 0);
    TRYV(put_name(session->ssl(), peer.name, checks_name));
    return TlsSession(std::move(session));
  }

 private:
  static Status put_ca(SSL_CTX* context, const std::string& file) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    ERR_clear_error();
    const int taken = file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                   : SSL_CTX_load_verify_file(context, file.c_str());
    if (taken != 1) {
      return fail(Errc::kInvalid, "cannot take the CA's certificates of {}: {}",
                  file.empty() ? "the system" : file, take_openssl_error());
    }
    return {};
  }

  /// An address is no SNI (RFC 6066 s3).
  static Status put_name(SSL* ssl, std::string name, bool is_checked) {
    X509_VERIFY_PARAM* const checks = SSL_get0_param(ssl);
    const bool is_address =
        !name.empty() && X509_VERIFY_PARAM_set1_ip_asc(checks, name.c_str()) == 1;
    ERR_clear_error();
    if (is_address || name.empty()) {
      return {};
    }
    // What SSL_set_tlsext_host_name() is, which casts as C does.
    if (SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) != 1 ||
        (is_checked && SSL_set1_host(ssl, name.c_str()) != 1)) {
      return fail(Errc::kInvalid, "\"{}\" is no host name: {}", name, take_openssl_error());
    }
    return {};
  }

  OwnKey own_;
  SocketBioMethod method_ = make_socket_bio_method();
};

TlsClient::TlsClient(const NodeKey& key) : impl_(std::make_unique<Impl>(key)) {}

TlsClient::~TlsClient() = default;

Result<TlsSession> TlsClient::connect(int socket, const TlsPeer& peer) const {
  return impl_->connect(socket, peer);
}

}  // namespace tandem
