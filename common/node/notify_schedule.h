// When which outside secondary is told of which zone, and when it is asked whether it has it: a
// pure state machine. Who owns it sends what it says and hands back what came of it.
//
// Of each pair of server and zone there is at most one message on its way, so changes that come
// meanwhile are told together. A NOTIFY without an answer is sent again after 1, 2, 4, ... 60 s,
// and after an hour each hour (RFC 1996 s3.6 leaves both to us). Once it is answered the server
// is asked for its serial until that is ours; when it stays behind it is told again, ever later.
// State, about 250 octets, is kept for pairs that something was sent for; a server that does not
// answer has one message at a time on its way, so that it keeps nobody else waiting.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/node/notify_targets.h"
#include "common/node/zone_table.h"

namespace tandem {

/// What is known of one zone at one server. Times of 1970: never.
struct FollowState {
  std::optional<Serial> serves;  // as of `seen`
  WallTime seen{};
  WallTime notified{};     // the last NOTIFY went out
  WallTime answered{};     // and this was the last answer to one
  std::string refusal;     // why that one was not taken; empty: it was
  std::string problem;     // why its serial is not ours, or not known; empty: it is ours
  bool is_behind = false;  // as far as known: it is told and asked until it is not
};

class NotifySchedule {
 public:
  /// Gives a zone that is served and whose changes this node tells of; null for any other.
  using FindZone = std::function<ZoneRecordPtr(const ZoneId& id)>;

  explicit NotifySchedule(FindZone find) : find_(std::move(find)) {}

  using TargetId = std::uint32_t;
  using ZoneList = std::shared_ptr<const std::vector<ZoneId>>;

  struct Target {
    TargetId id = 0;
    NotifyTarget target;
    bool is_silent = false;  // it left the last message without an answer
    std::size_t known = 0;   // zones that something was sent for
    std::size_t behind = 0;  // zones of which it is behind
  };

  /// Servers that stay keep their state. New ones are asked for `zones`, ever 10 ms one, and told
  /// only of those that they are behind with.
  void set_targets(std::vector<NotifyTarget> targets, const ZoneList& zones, MonotonicTime now);
  /// Asks every server so, as after a restart.
  void check_all(const ZoneList& zones, MonotonicTime now);

  [[nodiscard]] std::vector<Target> targets() const;

  /// The zone has another version, or is gone: whoever follows it and was not told of that serial
  /// is told at once.
  void zone_changed(const ZoneId& zone, MonotonicTime now);
  /// Tells the servers of that name, or all of them (empty), whatever they have. Returns how many
  /// that are.
  std::size_t tell(const ZoneId& zone, std::string_view name, MonotonicTime now);
  /// Somebody waits for the zone until then: whoever was told is asked every 25 ms.
  void hurry(const ZoneId& zone, MonotonicTime until, MonotonicTime now);

  enum class Step : std::uint8_t { kNotify, kAsk };

  struct Job {
    TargetId target = 0;
    ZoneId zone;
    Step step = Step::kNotify;
  };

  /// What is to be sent now. Each has to be handed back by one of the next two.
  [[nodiscard]] std::vector<Job> take(MonotonicTime now);

  struct Now {
    MonotonicTime monotonic;
    WallTime wall;
  };

  /// `sent`: the serial that the NOTIFY told of. kRefused and kCorrupt: there was an answer.
  void notified(const Job& job, Serial sent, const Status& outcome, const Now& now);
  void asked(const Job& job, const Result<Serial>& outcome, const Now& now);

  /// When take() gives something, unless an outcome or a change comes before; nothing: never.
  [[nodiscard]] std::optional<MonotonicTime> next_due() const;

  /// Null: nothing was sent for this pair yet.
  [[nodiscard]] const FollowState* state(TargetId target, const ZoneId& zone) const;

  /// At most so many zones that something was sent for; what is open first.
  [[nodiscard]] std::vector<ZoneId> some_zones(TargetId target, std::size_t most) const;

  [[nodiscard]] const NotifyTarget* find_target(TargetId id) const;

 private:
  struct Follow {
    TargetId target = 0;
    FollowState state;
    Step step = Step::kNotify;
    bool is_open = false;  // there is something to send
    bool is_on_its_way = false;
    bool is_changed = false;     // since that was sent
    unsigned notifies = 0;       // since it was opened
    unsigned asks = 0;           // since the last of these
    std::optional<Serial> told;  // that it has answered
    MonotonicTime since;         // it was opened
    MonotonicTime due;           // while it is open and nothing is on its way
  };

  struct ZoneFollows {
    std::vector<Follow> follows;
    MonotonicTime hurry_until = MonotonicTime::min();
  };

  struct Work {
    Target target;
    std::set<std::pair<MonotonicTime, ZoneId>> due;
    std::size_t on_their_way = 0;
    ZoneList to_check;
    std::size_t checked = 0;  // of these
    MonotonicTime next_check;

    [[nodiscard]] bool has_checks() const noexcept {
      return to_check != nullptr && checked < to_check->size();
    }
  };

  /// A pair whose message came back.
  struct Returned {
    Work& work;
    Follow& follow;
    Serial ours;  // of the zone now
  };

  [[nodiscard]] Work* work_of(TargetId id);
  [[nodiscard]] const Work* work_of(TargetId id) const;
  [[nodiscard]] static bool is_full(const Work& work) noexcept;
  Follow& follow_of(const ZoneId& zone, Work& work);
  [[nodiscard]] Follow* find_follow(const ZoneId& zone, TargetId target);
  [[nodiscard]] bool hurries(const ZoneId& zone, MonotonicTime now) const;
  void begin(Work& work, const ZoneId& zone, Follow& follow, MonotonicTime now);
  void put_due(Work& work, const ZoneId& zone, Follow& follow, MonotonicTime due);
  static void set_behind(Work& work, Follow& follow, bool is_behind);
  bool take_one(Work& work, MonotonicTime now, std::vector<Job>& jobs);
  bool take_check(Work& work, MonotonicTime now, std::vector<Job>& jobs);
  std::optional<Returned> take_back(const Job& job, bool is_answered, MonotonicTime now);
  void hear(Work& work, bool is_answered, MonotonicTime now);
  static void take_serial(Work& work, Follow& follow, Serial serves, Serial ours);
  void go_on(const Job& job, Follow& follow, Serial ours, MonotonicTime now);
  void forget(const ZoneId& zone);
  void forget_target(TargetId target);

  FindZone find_;
  std::vector<Work> works_;
  std::map<ZoneId, ZoneFollows> zones_;
  TargetId last_id_ = 0;
  std::size_t on_their_way_ = 0;
  std::size_t first_ = 0;  // of works_, to be served next
};

}  // namespace tandem
