#include "common/net/tls_session.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <utility>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "common/base/check.h"

namespace tandem {
namespace {

using Socket = TlsSession::Impl::Socket;

Socket& socket_of(BIO* bio) {
  return *static_cast<Socket*>(BIO_get_data(bio));
}

/// Notes what came of a system call, and whether it may be tried again.
int after_call(BIO* bio, ssize_t octets, std::size_t* done, int retry) {
  BIO_clear_retry_flags(bio);
  Socket& socket = socket_of(bio);
  socket.error = octets < 0 ? errno : 0;
  if (octets > 0) {
    *done = static_cast<std::size_t>(octets);
    return 1;
  }
  if (octets < 0 && (errno == EAGAIN || errno == EINTR)) {
    BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
  }
  return 0;
}

int read_socket(BIO* bio, char* to, std::size_t octets, std::size_t* done) {
  const ssize_t got = ::recv(socket_of(bio).fd, to, octets, 0);
  socket_of(bio).has_ended = got == 0;
  return after_call(bio, got, done, BIO_FLAGS_READ);
}

int write_socket(BIO* bio, const char* from, std::size_t octets, std::size_t* done) {
  return after_call(bio, ::send(socket_of(bio).fd, from, octets, MSG_NOSIGNAL), done,
                    BIO_FLAGS_WRITE);
}

long control_socket(BIO* bio, int command, long /*number*/, void* /*data*/) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;  // nothing is kept back
    case BIO_CTRL_EOF:
      return socket_of(bio).has_ended ? 1 : 0;
    default:
      return 0;
  }
}

}  // namespace

SocketBioMethod make_socket_bio_method() {
  BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
  CHECK(method != nullptr && BIO_meth_set_read_ex(method, read_socket) == 1 &&
        BIO_meth_set_write_ex(method, write_socket) == 1 &&
        BIO_meth_set_ctrl(method, control_socket) == 1);
  return {method, OpensslFree<BIO_meth_free>()};
}

std::string take_openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = ERR_reason_error_string(code);
  std::string text = reason != nullptr ? reason : fmt::format("error {:x}", code);
  ERR_clear_error();
  return text;
}

TlsSession::Impl::Impl(SocketBioMethod method, SSL_CTX* context, int socket, TlsSide side,
                       std::vector<KeyPin> pins)
    : method_(std::move(method)), pins_(std::move(pins)), ssl_(SSL_new(context)) {
  socket_.fd = socket;
  BIO* const bio = BIO_new(method_.get());
  CHECK(ssl_ != nullptr && bio != nullptr);  // no memory for it is the end anyway
  BIO_set_data(bio, &socket_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  if (side == TlsSide::kServer) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

Result<SocketNeed> TlsSession::Impl::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    TRYV(check_pin());
    return SocketNeed::kNothing;
  }
  const SocketStep step = TRY(after(result, 0));
  if (step.need == SocketNeed::kNothing) {
    return fail(Errc::kIo, "the connection ended in the TLS handshake");
  }
  return step.need;
}

Status TlsSession::Impl::check_pin() const {
  if (pins_.empty()) {
    return {};
  }
  const auto pin = peer_pin();
  if (!pin || std::ranges::find(pins_, *pin) == pins_.end()) {
    return fail(Errc::kRefused, "the server's key {} is none of those that are pinned",
                pin ? pin->to_text() : "(none)");
  }
  return {};
}

Result<SocketStep> TlsSession::Impl::read(std::span<std::uint8_t> to) {
  ERR_clear_error();
  std::size_t octets = 0;
  const int result = SSL_read_ex(ssl_.get(), to.data(), to.size(), &octets);
  return after(result, octets);
}

Result<SocketStep> TlsSession::Impl::write(OctetSpan from) {
  ERR_clear_error();
  std::size_t octets = 0;
  const int result = SSL_write_ex(ssl_.get(), from.data(), from.size(), &octets);
  return after(result, octets);
}

/// What a call of OpenSSL came to that has dealt with `octets`.
Result<SocketStep> TlsSession::Impl::after(int result, std::size_t octets) {
  if (result == 1) {
    return SocketStep{.octets = octets, .need = SocketNeed::kNothing};
  }
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return SocketStep{.octets = 0, .need = SocketNeed::kReadable};
    case SSL_ERROR_WANT_WRITE:
      return SocketStep{.octets = 0, .need = SocketNeed::kWritable};
    case SSL_ERROR_ZERO_RETURN:
      return SocketStep{};
    default:
      if (socket_.has_ended) {
        ERR_clear_error();
        return SocketStep{};
      }
      return std::unexpected(failure());
  }
}

Error TlsSession::Impl::failure() const {
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (verdict != X509_V_OK && SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE) {
    ERR_clear_error();
    return {Errc::kRefused, fmt::format("the server's certificate is not good: {}",
                                        X509_verify_cert_error_string(verdict))};
  }
  if (socket_.error != 0) {
    ERR_clear_error();
    return {Errc::kIo, std::strerror(socket_.error)};
  }
  return {Errc::kIo, fmt::format("TLS: {}", take_openssl_error())};
}

std::optional<KeyPin> TlsSession::Impl::peer_pin() const {
  const X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  return certificate != nullptr ? std::optional(pin_of(certificate)) : std::nullopt;
}

TlsSession::TlsSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;
TlsSession::~TlsSession() = default;

Result<SocketNeed> TlsSession::handshake() {
  return impl_->handshake();
}

Result<SocketStep> TlsSession::read(std::span<std::uint8_t> to) {
  return impl_->read(to);
}

Result<SocketStep> TlsSession::write(OctetSpan from) {
  return impl_->write(from);
}

void TlsSession::end() noexcept {
  if (SSL_is_init_finished(impl_->ssl()) == 1) {
    static_cast<void>(SSL_shutdown(impl_->ssl()));
    ERR_clear_error();
  }
}

bool TlsSession::is_tls13() const noexcept {
  return SSL_version(impl_->ssl()) >= TLS1_3_VERSION;
}

std::optional<KeyPin> TlsSession::peer_pin() const {
  return impl_->peer_pin();
}

}  // namespace tandem
