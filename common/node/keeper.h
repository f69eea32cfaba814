// What goes on behind the changes, at the leader as at a follower: zones compacted in memory,
// images so that a restart is short, trimming so that the log is bounded, sweeping of chunks that
// nothing refers to. One thread of its own; never in the way of a change.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

#include "common/node/replicated_log.h"

namespace tandem {

class Keeper {
 public:
  struct Options {
    std::chrono::hours keep_for{24 * 90};
    /// About: trimming begins a tenth above it and a day after `keep_for`, and goes a tenth below,
    /// so that it is seldom.
    std::uint64_t keep_octets = std::uint64_t{1} << 30U;
    /// Entries after this are still wanted by somebody.
    std::function<std::uint64_t()> trim_limit;
    /// Called about every second, for what else is periodic.
    std::function<void()> every_second;
    std::chrono::milliseconds second{1'000};  // shorter in tests
  };

  /// Adds itself to the log's listeners.
  Keeper(ReplicatedLog& log, Options options);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper();

  void start();
  void stop();
  /// What the thread does in its `tick`-th second. For who does not start() it.
  void turn(int tick);

  /// Seconds since the zone's newest image was made or came; nothing when there is none.
  [[nodiscard]] std::optional<std::chrono::seconds> image_age(const ZoneId& zone) const;
  /// The same for all that have one, in one read of the store.
  [[nodiscard]] std::map<ZoneId, std::chrono::seconds> image_ages() const;

 private:
  /// Images that are made and become checkpoints together, and what was counted when it began.
  struct Round {
    std::uint64_t generation;
    std::map<ZoneId, std::uint64_t> behind;
    std::uint64_t octets_since_all;
    WriteBatch batch;
  };

  /// What somebody refers to.
  using Wanted = std::set<std::pair<ZoneId, Digest256>>;

  [[nodiscard]] std::chrono::seconds age_of(const Checkpoint& checkpoint) const;
  void on_commit(const CommittedGroup& group);
  void run();
  void compact();
  [[nodiscard]] bool is_stopping() const;
  [[nodiscard]] Round begin_round() const;
  [[nodiscard]] Round begin_round_of(const ZoneId& zone) const;
  Status image_due_zones();
  Status image_one(const ZoneId& zone);
  Status image_zone(const ZoneRecord& record, Round& round);
  Status image_everything();
  void count_off(const Round& round);
  Status keep_small();
  Result<std::uint64_t> point_to_trim() const;
  Status sweep();
  Result<std::uint64_t> add_referred(std::uint64_t after, Wanted& wanted) const;
  Status sweep_all_but(Wanted& wanted) const;
  void report(std::string_view what, const Status& status) const;

  ReplicatedLog& log_;
  Options options_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  /// Octets of entries that a zone's newest image does not hold; guarded by mutex_.
  std::map<ZoneId, std::uint64_t> behind_;
  std::set<ZoneId> changed_;            // since the last compact(); guarded by mutex_
  std::uint64_t octets_since_all_ = 0;  // guarded by mutex_
  bool is_sweep_due_ = true;            // of the thread
  bool was_busy_ = false;               // of the thread: zones changed in the second before
  std::thread thread_;
};

}  // namespace tandem
