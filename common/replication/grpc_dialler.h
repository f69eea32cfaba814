// One address that is kept connected: dials, and dials again with a growing, jittered pause.
// Internal to common/replication: sees gRPC's headers.
//
// Threads: the loop's, but for state().
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <grpcpp/security/credentials.h>

#include "common/base/guarded.h"
#include "common/replication/grpc_call.h"
#include "common/replication/grpc_link.h"
#include "common/replication/link_address.h"

namespace tandem {

class GrpcDialler final : public GrpcCallOwner {
 public:
  struct Target {
    std::string text;  // as configured
    HostPort address;
    std::shared_ptr<grpc::ChannelCredentials> credentials;
    std::chrono::milliseconds redial_min;
    std::chrono::milliseconds redial_max;
  };

  /// `when_idle` is called after each end of a call once stop() was.
  GrpcDialler(GrpcCallShared& shared, Target target, std::function<void()> when_idle);

  void dial();
  void stop(std::string_view reason);

  [[nodiscard]] bool is_idle() const noexcept { return call_ == nullptr; }

  /// Any thread.
  [[nodiscard]] DialState state() const;

  void call_accepted() override {}

  void call_opened(const LinkStream& stream) override;
  void call_ended(GrpcCall& call, std::string_view reason) override;

 private:
  [[nodiscard]] std::chrono::milliseconds next_pause();

  GrpcCallShared& shared_;
  const Target target_;
  const std::function<void()> when_idle_;
  std::chrono::milliseconds pause_;
  GrpcLoop::TimerId timer_ = 0;  // to dial, or to believe in the stream
  bool is_stopped_ = false;
  std::shared_ptr<GrpcCall> call_;
  mutable Guarded<DialState> state_;
};

}  // namespace tandem
