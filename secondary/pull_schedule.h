// When zones are asked for at their primaries: by the timers of their SOA record (RFC 1035
// s3.3.13), sooner when a primary tells of a change (RFC 1996), later the more often it fails; and
// never all at once.
//
// Pure: it knows no servers. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/dns/stored_name.h"
#include "common/zone/zone.h"

namespace tandem {

struct SoaTimers {
  std::chrono::seconds refresh{};
  std::chrono::seconds retry{};
  std::chrono::seconds expire{};
};

[[nodiscard]] SoaTimers soa_timers(const Zone& zone);

class PullSchedule {
 public:
  /// `seed`: of the differences that keep many zones from being due together.
  explicit PullSchedule(std::uint32_t seed) : random_(seed) {}

  /// The zone is due at `when`, and at no other time.
  void put(NameView zone, MonotonicTime when);
  void erase(NameView zone);
  [[nodiscard]] std::optional<MonotonicTime> time_of(NameView zone) const;

  /// Zones whose time has come, those first that are due longest, no more than may begin now. They
  /// have no time from then on.
  [[nodiscard]] std::vector<StoredName> take_due(MonotonicTime now);
  /// When take_due() may have something; nothing: no zone has a time.
  [[nodiscard]] std::optional<MonotonicTime> next() const;

  /// How long a zone that its primaries showed to be current is left alone.
  [[nodiscard]] std::chrono::milliseconds after_contact(const SoaTimers& timers);
  /// How long until the next try when there were `failures` in a row. `timers`: none for a zone
  /// that never came.
  [[nodiscard]] std::chrono::milliseconds after_failure(const std::optional<SoaTimers>& timers,
                                                        unsigned failures);

  /// So many zones begin in a second: 100,000 have been asked for in less than ten minutes after a
  /// start, and no primary gets more questions than the smallest machine answers beside its work.
  static constexpr unsigned kPerSecond = 200;
  static constexpr unsigned kAtOnce = 100;

 private:
  using Due = std::pair<MonotonicTime, StoredName>;

  [[nodiscard]] std::chrono::milliseconds spread(std::chrono::milliseconds time);

  std::minstd_rand random_;
  std::set<Due> due_;
  std::unordered_map<StoredName, MonotonicTime, NameHash, NameEqual> times_;
  double may_begin_ = kAtOnce;  // as of counted_
  MonotonicTime counted_;
};

}  // namespace tandem
