// What the rest of a node sees of the zones that it takes from elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/net/address.h"
#include "common/replication/frames.h"
#include "common/transfer/notify.h"
#include "common/zone/serial.h"

namespace tandem {

/// How a zone came, the last time that a primary was in contact: kAxfr as a whole, whatever the
/// question was.
enum class PulledBy : std::uint8_t { kNothingYet, kUpToDate, kAxfr, kIxfr };

[[nodiscard]] std::string_view to_text(PulledBy by) noexcept;

/// One zone that is taken from elsewhere.
struct PulledState {
  Name zone;
  std::string source;          // its primaries
  bool is_configured = false;  // on this node; else the log says so
  std::optional<Serial> serial;
  bool is_busy = false;              // its primaries are being asked, or it is coming
  std::optional<WallTime> checked;   // the last end of that, good or bad
  std::optional<WallTime> contact;   // the last good one since the start
  std::optional<WallTime> received;  // the last transfer since the start
  PulledBy by = PulledBy::kNothingYet;
  std::string from;           // the primary of `by`
  std::uint64_t records = 0;  // of the last transfer
  std::uint64_t octets = 0;
  std::chrono::milliseconds took{};
  std::string error;                               // of the last end; empty: it was good
  std::optional<std::chrono::seconds> next_check;  // from now
  std::optional<std::chrono::seconds> expires;     // from now; negative: it has
};

struct PullStats {
  std::uint64_t zones = 0;
  std::uint64_t failing = 0;  // zones whose last end was bad
  std::uint64_t expired = 0;
  std::uint64_t questions = 0;
  std::uint64_t ixfrs = 0;
  std::uint64_t axfrs = 0;
  std::uint64_t axfrs_for_ixfr = 0;  // of axfrs: an IXFR went wrong
  std::uint64_t failed = 0;          // transfers
  std::uint64_t notifies = 0;
  std::uint64_t notifies_refused = 0;
};

class PullService {
 public:
  PullService() = default;
  PullService(const PullService&) = delete;
  PullService& operator=(const PullService&) = delete;
  virtual ~PullService() = default;

  enum class NotifyTaken : std::uint8_t {
    kYes,
    kNotPulled,  // the zone is not taken from elsewhere here
    kRefused,    // not by who sent it
  };

  /// A primary tells of a change (RFC 1996). `key`: what it was signed with, verified.
  virtual NotifyTaken notify(const IncomingNotify& notify, const SocketAddress& from,
                             const std::optional<Name>& key) = 0;

  /// Takes the zone as a whole, whatever serial it has, as soon as possible. Fails: kNotFound.
  virtual Status retransfer(NameView zone) = 0;

  /// In canonical order of the zones.
  [[nodiscard]] virtual std::vector<PulledState> states() const = 0;
  /// Nothing: the zone is not taken from elsewhere here.
  [[nodiscard]] virtual std::optional<PulledState> state(NameView zone) const = 0;
  /// How long the zone is good without another contact; 0: it has expired. Nothing: as in state().
  [[nodiscard]] virtual std::optional<std::chrono::seconds> remaining(NameView zone) const = 0;
  [[nodiscard]] virtual PullStats stats() const = 0;
  /// Zones that lack contact, for HeartbeatFrame: those first that have the least left, at most
  /// kMaxFrameZones.
  [[nodiscard]] virtual std::vector<ZoneLeft> zones_left() const = 0;
};

}  // namespace tandem
