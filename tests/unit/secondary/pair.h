// A leader and its followers inside of one process: the real roles and hubs over stores in memory
// and links in memory. No socket, no RocksDB, so that ThreadSanitizer sees everything.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/node/link_hub.h"
#include "common/node/plans.h"
#include "primary/pusher.h"
#include "primary/writer.h"
#include "secondary/replica.h"
#include "tests/support/memory_link.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {

/// What every test of a pair is about unless it says otherwise.
inline constexpr std::string_view kZone = "example.";

class LeaderNode {
 public:
  enum class Trust : std::uint8_t { kWhole, kDoubtful };

  /// Starts on what `disk` holds; a new disk gets its first entry.
  LeaderNode(Store& disk, const Clock& clock, Trust trust = Trust::kWhole);
  LeaderNode(const LeaderNode&) = delete;
  LeaderNode& operator=(const LeaderNode&) = delete;
  ~LeaderNode();

  [[nodiscard]] TestLog& log() noexcept { return log_; }

  [[nodiscard]] LinkHub& hub() noexcept { return *hub_; }

  [[nodiscard]] Pusher& pusher() noexcept { return *pusher_; }

  [[nodiscard]] Writer& writer() noexcept { return *writer_; }

  /// Makes kZone with one address.
  void create_zone();
  /// Sets the address of `owner` in kZone. Fails the test when that is refused.
  void set(std::string_view owner, std::string_view address);

  /// What it says when a follower asks to lead; without either it hands over.
  void refuse_hand_over(std::string reason);

  void ignore_hand_over() { ignores_hand_over_ = true; }

 private:
  [[nodiscard]] HelloFrame hello();
  void hand_over(const HandOverRequestFrame& request,
                 const std::function<void(HandOverReplyFrame)>& reply);

  TestLog log_;
  std::mutex mutex_;
  std::string refusal_;  // guarded by mutex_
  std::atomic<bool> ignores_hand_over_ = false;
  std::unique_ptr<LinkHub> hub_;
  std::unique_ptr<Pusher> pusher_;
  std::unique_ptr<Writer> writer_;
};

class FollowerNode {
 public:
  FollowerNode(Store& disk, const Clock& clock, std::uint8_t number = 2);
  FollowerNode(const FollowerNode&) = delete;
  FollowerNode& operator=(const FollowerNode&) = delete;
  ~FollowerNode();

  [[nodiscard]] TestLog& log() noexcept { return log_; }

  [[nodiscard]] LinkHub& hub() noexcept { return *hub_; }

  [[nodiscard]] ClusterId cluster() const;
  [[nodiscard]] std::string alarm() const;
  /// How often an alarm was raised.
  [[nodiscard]] int alarms() const;

  [[nodiscard]] int contacts() const noexcept { return contacts_; }

  /// How often it was told that it is where its leader is.
  [[nodiscard]] int in_steps() const noexcept { return in_steps_; }

  [[nodiscard]] Replica& replica() noexcept { return *replica_; }

  /// What a node does every second.
  void look_after_store() { replica_->recover(); }

 private:
  [[nodiscard]] HelloFrame hello();
  void on_alarm(std::string what);

  NodeId id_;
  TestLog log_;
  std::atomic<int> contacts_ = 0;
  std::atomic<int> in_steps_ = 0;
  mutable std::mutex mutex_;
  ClusterId cluster_;  // guarded by mutex_
  std::string alarm_;  // guarded by mutex_
  int alarms_ = 0;     // guarded by mutex_
  std::unique_ptr<LinkHub> hub_;
  std::unique_ptr<Replica> replica_;
};

/// Keeps two hubs connected as the dialler of a real node does: when the link ends, the next one
/// begins.
class Cable {
 public:
  /// How many frames the next link delivers before it is cut; nothing: as many as there are.
  using Patience = std::function<std::optional<std::size_t>()>;

  Cable(LeaderNode& leader, FollowerNode& follower, Patience patience = nullptr);
  Cable(const Cable&) = delete;
  Cable& operator=(const Cable&) = delete;
  /// Unplugs; returns after both sides have heard of it.
  ~Cable();

  /// Links that ended.
  [[nodiscard]] int ended() const;

 private:
  class Tap;
  void run();
  void note_closed();

  Patience patience_;
  std::unique_ptr<Tap> leader_;
  std::unique_ptr<Tap> follower_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  int closed_ = 0;         // sides of the link at hand; guarded by mutex_
  int ended_ = 0;          // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

/// Both have the same log and answer the same.
[[nodiscard]] bool in_step(LeaderNode& leader, FollowerNode& follower);

/// Appends a group of one entry with this change, past any writer. With another epoch number it
/// has to be an EpochStart.
void commit_entry(TestLog& log, const Epoch& epoch, Change change,
                  const std::function<void(Octets&)>& spoil = nullptr);

/// Puts other content under a zone of `log`, as a bug would: the log stays as it is.
void spoil_zone(TestLog& log, std::string_view zone, ZonePtr content);

[[nodiscard]] std::size_t orphans_of(const Store& disk);

}  // namespace tandem::test
