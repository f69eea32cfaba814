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
#include <set>
#include <thread>
#include <vector>

#include "common/node/replicated_log.h"

namespace tandem {

class Keeper {
 public:
  struct Options {
    std::chrono::hours keep_for{24 * 90};
    std::uint64_t keep_octets = std::uint64_t{1} << 30U;
    /// Entries after this are still wanted by somebody.
    std::function<std::uint64_t()> trim_limit;
    /// Called about every second, for what else is periodic.
    std::function<void()> every_second;
    std::chrono::milliseconds second{1'000};  // shorter in tests
  };

  /// Adds itself to the log's listeners.
  Keeper(ReplicatedLog& log, Options options);
  ~Keeper();

  void start();
  void stop();

  /// Seconds since the zone's newest image was made in this process; nothing when it was not.
  [[nodiscard]] std::optional<std::chrono::seconds> image_age(const ZoneId& zone) const;

 private:
  void on_commit(const CommittedGroup& group);
  void run();
  void compact();
  void make_images();
  Status image_zone(const ZoneRecord& record, WriteBatch& batch);
  Status image_everything();
  Status trim();
  bool sweep();
  Status sweep_now();
  void report(std::string_view what, const Status& status);

  ReplicatedLog& log_;
  Options options_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  /// Octets of entries that a zone's newest image does not hold; guarded by mutex_.
  std::map<ZoneId, std::uint64_t> behind_;
  std::set<ZoneId> changed_;                   // since the last compact(); guarded by mutex_
  std::uint64_t octets_since_all_ = 0;         // guarded by mutex_
  std::map<ZoneId, MonotonicTime> imaged_at_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace tandem
