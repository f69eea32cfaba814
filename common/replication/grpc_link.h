// The link over gRPC: one bidirectional stream per pair of nodes, TLS 1.3, both keys pinned, no CA.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/crypto/node_key.h"
#include "common/replication/link.h"

namespace tandem {

struct GrpcLinkOptions {
  NodeKey key;
  std::vector<KeyPin> peers;  // the keys that may speak; several per node during a rotation
  /// Dials whoever is there, of any key: for an invitation, whose handler finds out who it is. Does
  /// not listen then.
  bool takes_any_key = false;
  std::vector<std::string> listen;   // ADDR:PORT
  std::vector<std::string> dial;     // ADDR:PORT or NAME:PORT; each is kept connected
  std::size_t max_connections = 32;  // accepted TCP connections in all, counted before TLS
  std::chrono::milliseconds redial_min{250};
  std::chrono::milliseconds redial_max{15'000};
};

/// State of one address that is dialled, for `status`.
struct DialState {
  std::string address;
  bool connected = false;
  std::string last_error;  // why the last attempt or stream ended
};

class GrpcLink {
 public:
  /// Listens and dials at once; `handler` must outlive the link. Fails: kIo when an address cannot
  /// be listened on (port in use, permission), kInvalid for an address that is none.
  static Result<std::unique_ptr<GrpcLink>> start(const GrpcLinkOptions& options,
                                                 LinkHandler& handler);

  GrpcLink(const GrpcLink&) = delete;
  GrpcLink& operator=(const GrpcLink&) = delete;
  /// Ends all streams; returns after the last on_close, within 3 s of the handler's letting go.
  ~GrpcLink();

  /// From here on these are the keys that may speak. Streams that are open stay.
  void set_peers(std::vector<KeyPin> peers);

  /// The addresses listened on, with the real port where 0 was asked for.
  [[nodiscard]] std::vector<std::string> listening() const;
  [[nodiscard]] std::vector<DialState> dialling() const;
  /// Connections turned away because the key is not pinned, or over the cap.
  [[nodiscard]] std::uint64_t refused_count() const;

 private:
  class Impl;
  explicit GrpcLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem
