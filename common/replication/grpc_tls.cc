#include "common/replication/grpc_tls.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string>
#include <utility>

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "common/base/logging.h"

namespace tandem {
namespace {

using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::TlsCustomVerificationCheckRequest;

enum class End : std::uint8_t { kServer, kClient };

class PinVerifier final : public ExternalCertificateVerifier {
 public:
  PinVerifier(std::shared_ptr<PinnedPeers> peers, End end) : peers_(std::move(peers)), end_(end) {}

  bool Verify(TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> /*callback*/, grpc::Status* sync_status) override {
    const grpc::string_ref certificate = request->peer_cert();
    const auto pin = peers_->check({certificate.data(), certificate.size()});
    if (!pin) {
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, pin.error().detail);
      if (end_ == End::kServer) {
        peers_->count_refused(pin.error().detail);
      }
    }
    return kVerifiedAtOnce;
  }

  void Cancel(TlsCustomVerificationCheckRequest* /*request*/) override {}

 private:
  static constexpr bool kVerifiedAtOnce = true;

  std::shared_ptr<PinnedPeers> peers_;
  End end_;
};

/// Its own certificate as the root too: never looked at, but without one gRPC reads the machine's
/// CA store.
std::shared_ptr<grpc::experimental::CertificateProviderInterface> provider_of(const NodeKey& key) {
  return std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
      key.certificate_pem, std::vector<grpc::experimental::IdentityKeyCertPair>{
                               {key.private_key_pem, key.certificate_pem}});
}

std::shared_ptr<grpc::experimental::CertificateVerifier> verifier_of(
    std::shared_ptr<PinnedPeers> peers, End end) {
#ifdef __clang_analyzer__  // does not see that gRPC deletes what Create() makes
  static_cast<void>(PinVerifier(std::move(peers), end));
  return nullptr;
#else
  return ExternalCertificateVerifier::Create<PinVerifier>(std::move(peers), end);
#endif
}

}  // namespace

Result<KeyPin> PinnedPeers::check(std::string_view certificate_pem) const {
  const KeyPin pin = TRY(KeyPin::of_certificate(certificate_pem));
  const auto pins = pins_.lock();
  if (!takes_any_ && std::ranges::find(*pins, pin) == pins->end()) {
    return fail(Errc::kRefused, "key {} of the other side is not pinned here", pin.to_text());
  }
  return pin;
}

void PinnedPeers::count_refused(std::string_view why) {
  const std::uint64_t refused = refused_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (std::has_single_bit(refused)) {  // whoever floods us does not also fill the log
    log_warn("link connection refused reason=\"{}\" refused={}", why, refused);
  }
}

std::uint64_t PinnedPeers::refused_count() const noexcept {
  return refused_.load(std::memory_order_relaxed);  // a figure to show, orders nothing
}

std::shared_ptr<grpc::ServerCredentials> link_server_credentials(
    const NodeKey& key, std::shared_ptr<PinnedPeers> peers) {
  grpc::experimental::TlsServerCredentialsOptions options(provider_of(key));
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  options.set_certificate_verifier(verifier_of(std::move(peers), End::kServer));
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> link_channel_credentials(
    const NodeKey& key, std::shared_ptr<PinnedPeers> peers) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(provider_of(key));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(verifier_of(std::move(peers), End::kClient));
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace tandem
