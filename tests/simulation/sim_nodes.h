// A leader and a follower as processes on disks that outlive them: the roles, hubs and keepers of
// real nodes without their threads, which whoever owns them moves on by hand. To destroy one is
// kill -9.
//
// One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/node/keeper.h"
#include "common/node/link_hub.h"
#include "primary/pusher.h"
#include "primary/receipt_waits.h"
#include "primary/writer.h"
#include "secondary/replica.h"
#include "tests/simulation/judge.h"

namespace tandem::test {

/// How much of the log is kept, for itself and for a follower that is away.
struct Keeping {
  std::uint64_t octets;
  std::uint64_t hold_octets;
};

/// Whether what a disk holds is a log from which a node can start.
Status check_disk(Store& disk, const Clock& clock);

/// What both have: a log, what is answered from it, a link, a keeper.
class SimProcess {
 public:
  SimProcess(const SimProcess&) = delete;
  SimProcess& operator=(const SimProcess&) = delete;
  virtual ~SimProcess() = default;

  [[nodiscard]] ReplicatedLog& log() noexcept { return *log_; }

  [[nodiscard]] Publisher& publisher() noexcept { return publisher_; }

  [[nodiscard]] LinkHub& hub() noexcept { return *hub_; }

  /// What a process does each second.
  void second();

  /// As much of the log goes as may.
  void trim() { keeper_->turn(kSecondsPerTrim); }

  /// Does the next thing that waits for a worker. False when there is none.
  virtual bool step() = 0;

 protected:
  /// Requires: check_disk().
  SimProcess(Store& disk, const Clock& clock, Side side);

  [[nodiscard]] HelloFrame hello() const;
  void make_hub(std::function<HelloFrame()> hello);
  void make_keeper(const Keeping& keeping, std::function<std::uint64_t()> trim_limit);
  virtual void look_after() = 0;

  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }

 private:
  static constexpr int kSecondsPerTrim = 60;

  const Clock& clock_;
  NodeId id_;
  int seconds_ = 0;
  Publisher publisher_;
  std::unique_ptr<ReplicatedLog> log_;
  std::unique_ptr<LinkHub> hub_;
  std::unique_ptr<Keeper> keeper_;
};

class SimLeader final : public SimProcess {
 public:
  SimLeader(Store& disk, const Clock& clock, const Keeping& keeping, Judge& judge);
  ~SimLeader() override;

  void submit(ChangeRequest request) { waits_->submit(std::move(request)); }

  /// The writer takes what waits.
  void write() { writer_->turn(); }

  /// Those that waited long enough for the follower.
  void let_go_late() { waits_->let_go_late(); }

  [[nodiscard]] std::string read_only_reason() const { return writer_->read_only_reason(); }

  bool step() override { return pusher_->step(); }

 private:
  void look_after() override;

  std::unique_ptr<Pusher> pusher_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<ReceiptWaits> waits_;
};

class SimFollower final : public SimProcess {
 public:
  SimFollower(Store& disk, const Clock& clock, const Keeping& keeping, Judge& judge);
  ~SimFollower() override;

  [[nodiscard]] const std::string& alarm() const noexcept { return alarm_; }

  bool step() override { return replica_->step(); }

 private:
  void look_after() override;

  ClusterId cluster_;
  std::string alarm_;
  std::unique_ptr<Replica> replica_;
};

}  // namespace tandem::test
