// A node that leads: takes changes, makes them durable, gives them to followers.
#pragma once

#include <atomic>
#include <memory>

#include "primary/failover_changes.h"
#include "primary/pusher.h"
#include "primary/receipt_waits.h"
#include "primary/serial_jump.h"
#include "program/running_role.h"

namespace tandem {

class LeaderRole final : public RunningRole {
 public:
  explicit LeaderRole(const Place& place);

  ~LeaderRole() override { stop(); }

  [[nodiscard]] PeerRole* for_followers() noexcept override { return pusher_.get(); }

  [[nodiscard]] bool is_doubtful() const override { return pusher_->is_doubtful(); }

  [[nodiscard]] std::uint64_t trim_limit() const override {
    return pusher_->members().trim_limit();
  }

  [[nodiscard]] std::vector<ZoneLeft> zones_left() const override {
    return outside_->pulls().zones_left();
  }

  [[nodiscard]] UpdateService& updates() noexcept override { return *updates_; }

  void every_second() override;
  void on_contest(const NodeId& peer) override;

  void forget_member(const NodeId& node) override { pusher_->members().forget(node); }

  void on_commit(const CommittedGroup& group) override;
  Result<Position> end_changes() override;
  void resume_changes() override;
  void raise_serials() override;

 private:
  Status make_parts() override;
  void stop_peers() override;
  void stop_waits() override;
  void finish() override;
  void fill_services(ApiServices& services) override;
  void add_metrics(std::vector<ApiServices::Metric>& metrics) const override;
  void make_pusher();
  void take_orphan(const OrphanRequestFrame& request, std::function<void(OrphanReplyFrame)> reply);
  void look_at_doubt();
  Status keep_history(std::string_view keep);

  std::unique_ptr<Pusher> pusher_;
  std::unique_ptr<ReceiptWaits> waits_;
  std::shared_ptr<SerialJump> serial_jump_;
  std::unique_ptr<FailoverChanges> failover_changes_;
  std::atomic<bool> is_contested_ = false;
};

}  // namespace tandem
