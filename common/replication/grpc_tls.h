// Who may speak: TLS 1.3 with both keys pinned. No CA, no names, no dates: the hash of the other
// side's public key is the whole identity. Internal to common/replication.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/result.h"
#include "common/crypto/node_key.h"

namespace grpc {
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace tandem {

/// The pins of the nodes that may speak. Any thread.
class PinnedPeers {
 public:
  /// `takes_any`: of GrpcLinkOptions::takes_any_key.
  explicit PinnedPeers(std::vector<KeyPin> pins, bool takes_any = false)
      : pins_(std::move(pins)), takes_any_(takes_any) {}

  /// The pin of the certificate. Fails: kRefused when it is not among ours, kInvalid when it is no
  /// certificate.
  Result<KeyPin> check(std::string_view certificate_pem) const;

  void set(std::vector<KeyPin> pins) { *pins_.lock() = std::move(pins); }

  void count_refused(std::string_view why);
  [[nodiscard]] std::uint64_t refused_count() const noexcept;

 private:
  mutable Guarded<std::vector<KeyPin>> pins_;
  bool takes_any_;
  std::atomic<std::uint64_t> refused_{0};
};

/// Asks for a client certificate, takes any, and lets the pins decide before the first HTTP/2
/// frame.
std::shared_ptr<grpc::ServerCredentials> link_server_credentials(
    const NodeKey& key, std::shared_ptr<PinnedPeers> peers);
/// Shows our certificate, takes any of the server, and lets the pins decide.
std::shared_ptr<grpc::ChannelCredentials> link_channel_credentials(
    const NodeKey& key, std::shared_ptr<PinnedPeers> peers);

}  // namespace tandem
