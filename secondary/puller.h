// Takes zones from elsewhere: asks their primaries when it is time or when one tells of a change,
// takes what is newer by IXFR or AXFR, and gives it to the writer of the log. On the leader that is
// the cluster's log, on a follower its own.
//
// What does not come whole, or is no valid zone, or not what its ZONEMD says, is not taken: the
// zone stays as it was, until it expires (pull_contacts.h).
//
// Thread rule: it has its own thread, which alone begins things; any thread may call the public
// functions. What clients and the writer report waits for that thread (PullInbox).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "common/net/host_turns.h"
#include "common/node/change.h"
#include "common/node/publisher.h"
#include "common/node/pull_service.h"
#include "common/node/replicated_log.h"
#include "common/node/zone_sources.h"
#include "secondary/primary_client.h"
#include "secondary/pull_contacts.h"
#include "secondary/pull_round.h"
#include "secondary/pull_schedule.h"
#include "secondary/pull_transfer.h"

namespace tandem {

class Puller;

/// What others report to the puller's thread. Outlives both. Any thread.
class PullInbox {
 public:
  using Report = std::move_only_function<void(Puller&)>;

  /// Dropped once it is closed.
  void post(Report report);
  [[nodiscard]] std::deque<Report> take();
  /// Returns when there is something, at `deadline`, or when it is closed.
  void wait_until(MonotonicTime now, MonotonicTime deadline);
  void close();
  [[nodiscard]] bool is_closed() const;
  /// Lets wait_until() return.
  void wake();

 private:
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Report> reports_;  // guarded by mutex_
  bool is_awake_ = false;       // guarded by mutex_
  bool is_closed_ = false;      // guarded by mutex_
};

class Puller final : public PullService {
 public:
  struct Services {
    ReplicatedLog& log;
    ChangeSink& sink;  // of that log
    Publisher& publisher;
    PrimaryClient& client;
  };

  struct Options {
    ZoneSources sources;
    std::uint64_t most_records = TransferLimits().records;  // of one transfer
    std::uint64_t most_octets = TransferLimits().octets;
    std::uint32_t seed = 0;  // see PullSchedule
  };

  /// Requires: all services outlive it, and what they call back is called before `sink` goes.
  Puller(const Services& services, Options options);
  Puller(const Puller&) = delete;
  Puller& operator=(const Puller&) = delete;
  ~Puller() override;

  void start();
  /// Begins nothing any more. Idempotent.
  void stop();
  /// One turn of the thread, without waiting. For who does not start() it.
  void turn();

  NotifyTaken notify(const IncomingNotify& notify, const SocketAddress& from,
                     const std::optional<Name>& key) override;
  Status retransfer(NameView zone) override;
  [[nodiscard]] std::vector<PulledState> states() const override;
  [[nodiscard]] std::optional<PulledState> state(NameView zone) const override;
  [[nodiscard]] std::optional<std::chrono::seconds> remaining(NameView zone) const override;
  [[nodiscard]] PullStats stats() const override;
  [[nodiscard]] std::vector<ZoneLeft> zones_left() const override;

  /// Transfers at once: a zone of some size takes a core while it is built.
  static constexpr std::size_t kTransfersAtOnce = DnsClient::kSeriesAtOnce;
  /// So that one primary that goes silent leaves a place to the others.
  static constexpr std::size_t kTransfersOfOneHost = kTransfersAtOnce - 1;

 private:
  /// One look at all primaries of a zone, and what is taken from them.
  struct Round {
    std::uint64_t id;
    ZoneSource source;
    PullTakes takes;
    PullRound primaries;
    std::vector<bool> needs_axfr;            // by primary: its IXFR went wrong
    std::optional<std::uint32_t> expire;     // of who showed the zone to be current
    std::size_t from = 0;                    // the primary it is taken from
    bool is_waiting = false;                 // for its turn to transfer
    std::shared_ptr<PullTransfer> transfer;  // on its way; at the writer
    MonotonicTime began;                     // of the transfer
    bool has_taken = false;                  // a transfer went well
    bool has_failed = false;                 // one did not, and none went well after it
    std::vector<std::string> errors;         // one for each primary where something went wrong
  };

  struct Pulled {
    std::string source;
    bool is_configured = false;
    std::unique_ptr<Round> round;  // null: none goes on
    bool is_wanted_whole = false;  // by the next round
    bool is_wanted_again = false;  // a primary told of a change during the round
    bool has_ended_one = false;    // since the start
    bool is_expired = false;
    unsigned failures = 0;  // rounds in a row
    std::optional<MonotonicTime> began;
    std::string logged;  // the failure that stands in the log
    PulledState last;    // only what rounds tell
  };

  using Zones = std::unordered_map<StoredName, Pulled, NameHash, NameEqual>;

  // puller.cc: what there is, and when
  void run();
  void look_at_sources();
  /// Null: the zone is not pulled. Settings count once the log has them: no turn has to see them.
  [[nodiscard]] Pulled* find_pulled(NameView zone);
  void add(const ZoneSources::Item& item);
  void forget(NameView zone, const Pulled& pulled);
  void begin_due(MonotonicTime now);
  void hurry(NameView zone, Pulled& pulled);
  void check_expiry(MonotonicTime now);
  [[nodiscard]] MonotonicTime deadline(MonotonicTime now) const;
  [[nodiscard]] PulledState full_state(NameView zone, const Pulled& pulled) const;
  [[nodiscard]] std::optional<SoaTimers> timers_of(NameView zone) const;

  // puller_rounds.cc: one zone's round
  void begin_round(NameView zone, Pulled& pulled);
  void ask(NameView zone, const Round& round, std::size_t primary);
  void on_answer(NameView zone, std::uint64_t round, std::size_t primary,
                 const Result<Octets>& answer);
  void go_on(NameView zone, Pulled& pulled);
  void begin_transfers();
  void wait_for_turn(NameView zone, Round& round);
  void begin_transfer(NameView zone, Pulled& pulled, const Octets& host);
  void on_ended(NameView zone, std::uint64_t round, const Octets& host, const Status& ended);
  void give_to_writer(NameView zone, const Round& round);
  void on_written(NameView zone, std::uint64_t round, const Result<Receipt>& receipt);
  void on_taken(NameView zone, Pulled& pulled, const Receipt& receipt);
  void on_failed(NameView zone, Pulled& pulled, const Error& error);
  void end_round(NameView zone, Pulled& pulled);
  void count_contact(NameView zone, Pulled& pulled, PullContacts::Kind kind,
                     std::optional<std::uint32_t> option);
  void tell_end(NameView zone, Pulled& pulled, bool is_good);
  /// Null: the round is over, or the zone not pulled any more.
  [[nodiscard]] Pulled* in_round(NameView zone, std::uint64_t round);

  Services services_;
  const Clock& clock_;
  Options options_;
  std::shared_ptr<PullInbox> inbox_ = std::make_shared<PullInbox>();
  MonotonicTime started_;

  mutable std::mutex mutex_;  // guards all below
  Zones zones_;
  PullSchedule schedule_;
  PullContacts contacts_;
  std::optional<std::uint64_t> sources_revision_;
  HostTurns<StoredName> turns_{kTransfersAtOnce, kTransfersOfOneHost};  // zones
  std::uint64_t rounds_ = 0;                                            // begun
  std::optional<MonotonicTime> expiry_checked_;
  PullStats stats_;
  std::thread thread_;
};

}  // namespace tandem
