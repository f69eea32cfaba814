// Until when zones that are taken from elsewhere are good: SOA EXPIRE after the last contact with a
// primary that showed them to be current (RFC 1035 s3.3.13), or what the primary says that itself
// has left (RFC 7314). Kept over restarts.
//
// While the process runs the monotonic clock counts, across a restart the time of day. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "common/base/clock.h"
#include "common/dns/stored_name.h"
#include "common/store/store.h"

namespace tandem {

class PullContacts {
 public:
  /// Reads what was kept. Requires: both outlive it.
  PullContacts(Store& store, const Clock& clock);

  /// What a contact was: the zone came, or it was there already.
  enum class Kind : std::uint8_t { kTransferred, kCurrent };

  /// `option`: what the primary has left, when it says so (RFC 7314 s4).
  void on_contact(NameView zone, Kind kind, std::chrono::seconds soa_expire,
                  std::optional<std::uint32_t> option);
  /// The zone is as good as after a contact now, unless something is known of it.
  void begin(NameView zone, std::chrono::seconds soa_expire);
  void forget(NameView zone);

  /// Negative: it has expired. Nothing: there has been no contact.
  [[nodiscard]] std::optional<std::chrono::seconds> left(NameView zone) const;

  /// Writes what has changed, at most once a minute.
  void keep();
  /// The same now.
  void keep_now();

 private:
  struct End {
    WallTime wall;
    std::optional<MonotonicTime> monotonic;  // since the start
  };

  void set_end(NameView zone, std::chrono::seconds left);

  Store& store_;
  const Clock& clock_;
  std::unordered_map<StoredName, End, NameHash, NameEqual> ends_;
  std::unordered_set<StoredName, NameHash, NameEqual> changed_;
  std::optional<MonotonicTime> kept_;
};

}  // namespace tandem
