// When a follower stops answering for zones whose leader is gone for longer than SOA EXPIRE (RFC
// 1035 s3.3.13).
//
// Contact is a leader of the current epoch that shows this node in step, or is bringing it there
// without error. It is kept on disk at most once a minute; while the process runs the monotonic
// clock counts, across a restart the time of day. Nothing expires before the first attempt at
// contact after a start.
//
// Any thread may call it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "common/node/publisher.h"
#include "common/node/replicated_log.h"
#include "common/replication/frames.h"
#include "common/zone/zone.h"

namespace tandem {

class ExpiryWatch {
 public:
  /// Reads the last contact from the store.
  ExpiryWatch(ReplicatedLog& log, Publisher& publisher);

  void on_contact();
  /// The leader takes these zones from elsewhere and lacks contact there: what it has left counts
  /// here too, also when the link is gone after that. In the place of what it said before.
  void on_zones_left(const std::vector<ZoneLeft>& zones);
  /// Publishes what has expired, or has come back. To be called every second or so.
  void check();

  [[nodiscard]] std::optional<WallTime> last_contact() const;

  /// How long answers from `zone` are still good, in seconds; 0 when it is past that. Nothing as
  /// long as nobody knows, because there never was contact.
  [[nodiscard]] std::optional<std::uint32_t> remaining(const Zone& zone) const;

 private:
  [[nodiscard]] std::optional<std::chrono::seconds> silence() const;
  [[nodiscard]] std::chrono::seconds since_contact() const;
  /// Whether the leader's own contact elsewhere is over.
  [[nodiscard]] bool is_over_at_leader(const ZoneId& zone) const;

  ReplicatedLog& log_;
  Publisher& publisher_;
  MonotonicTime started_;

  mutable std::mutex mutex_;
  std::optional<MonotonicTime> contact_;  // since the start
  std::optional<WallTime> contact_wall_;  // also before it
  std::optional<MonotonicTime> persisted_;
  std::map<ZoneId, MonotonicTime> ends_;  // of zones that lack contact at the leader
};

}  // namespace tandem
