// A node that follows: takes changes from the leader and passes on those that reach it; writes only
// the log of its own zones.
#pragma once

#include <memory>

#include "common/node/expiry.h"
#include "program/running_role.h"
#include "secondary/replica.h"
#include "secondary/update_forwarder.h"

namespace tandem {

class FollowerRole final : public RunningRole {
 public:
  explicit FollowerRole(const Place& place);

  ~FollowerRole() override { stop(); }

  [[nodiscard]] PeerRole* for_leaders() noexcept override { return replica_.get(); }

  [[nodiscard]] UpdateService& updates() noexcept override { return *forwarder_; }

  [[nodiscard]] PromotionView promotion_view() const override;

  void every_second() override;

  Status take_over() override;

 private:
  Status make_parts() override;
  void stop_peers() override;
  void finish() override;
  void fill_services(ApiServices& services) override;
  void make_replica();

  std::unique_ptr<ExpiryWatch> expiry_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<UpdateForwarder> forwarder_;
};

}  // namespace tandem
