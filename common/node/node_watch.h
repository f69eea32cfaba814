// Looks at a node once a second, from one place, for what a human has to know: peers, promotions,
// alarms, orphans, runways, the disk. What begins and ends goes to the Teller. A thread of its own,
// which gives way; turn() is what it does.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

#include "common/base/clock.h"
#include "common/base/turns.h"
#include "common/node/event_book.h"
#include "common/node/link_hub.h"
#include "common/node/node.h"
#include "common/node/runway.h"
#include "common/node/signature_dates.h"
#include "common/node/teller.h"

namespace tandem {

/// A peer that was silent for so long is lost.
inline constexpr std::chrono::seconds kPeerLostAfter{15};

/// Whether a disk of `size` octets with `free` ones is about to be full: less than 5 % or 1 GiB,
/// the smaller of them, are free; once it was low, until a quarter more than that is.
[[nodiscard]] bool is_disk_low(std::uint64_t size, std::uint64_t free, bool was_low) noexcept;

class NodeWatch {
 public:
  /// All outlive it.
  NodeWatch(Node& node, const LinkHub& hub, Teller& teller);
  NodeWatch(const NodeWatch&) = delete;
  NodeWatch& operator=(const NodeWatch&) = delete;
  /// Stops.
  ~NodeWatch() = default;

  void start() { turns_.start(); }

  void stop() { turns_.stop(); }

  void turn();

  /// As of the last look, some seconds ago where there are many zones. Any thread.
  [[nodiscard]] Runways runways() const;

 private:
  void look_at_peers(std::vector<Condition>& holding);
  void look_at_alarms(std::vector<Condition>& holding) const;
  void look_at_epoch();
  void look_around();
  void look_at_runways();
  void look_at_orphans();
  void look_at_disk();
  void tell(const Event& event);

  Node& node_;
  const LinkHub& hub_;
  Teller& teller_;
  const MonotonicTime started_;
  EventBook book_;
  std::uint64_t epoch_ = 0;
  SignatureDates signatures_;
  MonotonicTime next_round_;     // of look_around()
  std::vector<Condition> slow_;  // that look_around() found
  bool is_disk_low_ = false;

  mutable std::mutex mutex_;
  Runways runways_;  // guarded by mutex_
  Turns turns_;
};

}  // namespace tandem
