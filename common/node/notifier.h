// Tells outside secondaries of changes (NOTIFY, RFC 1996) and knows what they serve. Servers of the
// log are told by the leader; servers of its configuration each node tells itself, of every zone
// that it serves. When, to whom and how often is decided by NotifySchedule.
//
// Thread rule: any thread. Messages are made and sent on its own; what comes back comes on the
// DnsClient's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/net/dns_client.h"
#include "common/node/key_ring.h"
#include "common/node/notify_schedule.h"
#include "common/node/outside_watch.h"
#include "common/node/replicated_log.h"
#include "common/node/strand.h"

namespace tandem {

/// DnsClient::ask(), or what a test has in its place.
using AskServer = std::function<void(const DnsPeer& peer, Octets message, const AskOptions& options,
                                     DnsClient::Answer answer)>;

/// One zone at one server, for people.
struct OutsideZone {
  std::string name;  // NotifyTarget
  bool is_logged = false;
  std::string address;
  Name zone;
  Serial ours = 0;
  bool is_known = false;  // something was sent for it
  FollowState state;
};

/// One server. Counts are of zones that something was sent for.
struct OutsideServer {
  NotifyTarget target;
  bool is_silent = false;
  std::size_t known = 0;
  std::size_t behind = 0;          // of these
  std::vector<OutsideZone> zones;  // some: those that are behind first
};

class Notifier final : public OutsideWatch {
 public:
  struct Services {
    ReplicatedLog& cluster;
    ReplicatedLog& local;
    const KeyRing& keys;
    const Clock& clock;
    AskServer ask;
  };

  /// kNone: this node follows.
  enum class LoggedServers : std::uint8_t { kTold, kNone };

  struct Options {
    std::vector<OutsideSecondary> configured;
    LoggedServers logged = LoggedServers::kTold;
    Worker::Pace pace = Worker::Pace::kThread;
  };

  /// Requires: all of `services` outlives it, and nothing asked for answers after stop().
  Notifier(Services services, Options options);
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;
  /// Stops.
  ~Notifier() override;

  /// Asks every server for every zone, slowly, and goes on from there. kSteps: nothing by itself.
  void start();
  /// Lets go all that wait. Nothing waits after it.
  void stop();
  /// kSteps: does what is due now. False: there was nothing.
  bool step();

  /// To be told of every commit of both logs.
  void on_commit(const CommittedGroup& group);
  /// About each second: sees that a whole log was replaced.
  void check();

  void await(const ZoneId& zone, Serial serial, MonotonicTime deadline, Reached reached) override;

  /// Tells the servers of that name (empty: all) of a zone now, whatever they have. Fails:
  /// kNotFound for a zone that is not served and for a name that nothing is told of it.
  Status tell(NameView zone, std::string_view name);

  /// With at most `most` zones each.
  [[nodiscard]] std::vector<OutsideServer> servers(std::size_t most) const;
  /// Those that follow the zone. Fails: kNotFound.
  Result<std::vector<OutsideZone>> servers_of(NameView zone) const;

  struct Stats {
    using Count = std::atomic<std::uint64_t>;

    Count sent{0};      // NOTIFY messages, repetitions of the client apart
    Count answered{0};  // with NOERROR
    Count refused{0};   // with anything else
    Count unanswered{0};
  };

  [[nodiscard]] const Stats& stats() const noexcept { return stats_; }

  /// Pairs of server and zone of which the server is behind.
  [[nodiscard]] std::size_t behind_count() const;

 private:
  struct Waiting {
    ZoneId zone;
    Serial serial = 0;
    MonotonicTime deadline;
    Reached reached;
  };

  struct Ready {
    Reached reached;
    std::vector<OutsideReached> servers;
  };

  using Jobs = std::vector<NotifySchedule::Job>;

  void run();
  [[nodiscard]] ZoneRecordPtr find(const ZoneId& id) const;
  [[nodiscard]] ZoneRecordPtr find(NameView zone) const;
  [[nodiscard]] NotifySchedule::ZoneList all_zones() const;
  [[nodiscard]] NotifySchedule::Now now() const;
  void wake();
  void take_news();
  void send(const NotifySchedule::Job& job);
  Result<DnsPeer> peer_of(NotifySchedule::TargetId id) const;
  void take_notified(const NotifySchedule::Job& job, Serial sent, const Status& outcome);
  void take_asked(const NotifySchedule::Job& job, const Result<Serial>& outcome);
  [[nodiscard]] std::vector<OutsideReached> reached(const ZoneId& zone, Serial serial) const;
  std::vector<Ready> take_ready(const ZoneId* changed);
  static void finish(std::vector<Ready> ready);
  [[nodiscard]] MonotonicTime next_wake() const;
  [[nodiscard]] OutsideZone zone_of(const NotifySchedule::Target& target,
                                    const ZoneRecord& record) const;

  const Services services_;
  const Options options_;
  Stats stats_;
  std::atomic<bool> is_begun_ = false;
  // Written under mutex_; commits look at them without it.
  std::atomic<bool> has_servers_ = false;
  std::atomic<std::uint64_t> settings_revision_ = 0;  // that the schedule's servers are of
  mutable std::mutex mutex_;
  NotifySchedule schedule_;        // guarded by mutex_
  std::vector<Waiting> waiting_;   // guarded by mutex_
  bool is_over_ = false;           // nobody waits any more; guarded by mutex_
  bool has_looked_ = false;        // at the settings; guarded by mutex_
  std::uint64_t generations_ = 0;  // of both logs, that were asked about; guarded by mutex_
  /// Held for a moment only, under mutex_ or alone: commits do not wait for the schedule.
  std::mutex news_mutex_;
  std::condition_variable wake_;
  std::set<ZoneId> changed_;  // and not told to the schedule; guarded by news_mutex_
  bool has_news_ = false;     // guarded by news_mutex_
  bool is_stopping_ = false;  // guarded by news_mutex_
  std::thread thread_;
};

}  // namespace tandem
