// Tells events to where the configuration says: each place has a thread and an outbox of its own,
// so that none holds up another, and nothing else waits for any of them.
//
// Any thread may call it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/stop_event.h"
#include "common/crypto/node_key.h"
#include "common/node/config.h"
#include "common/node/event.h"

namespace tandem {

/// Somewhere that events go to.
struct TellPlace {
  std::string kind;  ///< `webhook` or `program`.
  std::string name;  ///< What is shown of it: of a URL without its path, which is often a secret.
  /// Tries it once, in bounded time. Called by one thread at a time.
  std::function<Status(const Event&, const StopEvent&)> deliver;
};

/// Those of the configuration: a POST of event_json() to each URL, a run of each program with that
/// as its input and event_environment() in its environment.
[[nodiscard]] std::vector<TellPlace> tell_places(const Config& config, const NodeId& node,
                                                 const NodeKey& key);

struct TellState {
  std::string kind;
  std::string name;
  std::size_t waiting = 0;
  std::uint64_t told = 0;
  std::uint64_t failed = 0;   ///< Attempts.
  std::uint64_t dropped = 0;  ///< Events that were never taken.
  std::optional<WallTime> last_try;
  std::string last_error;  ///< Of the last attempt; empty: it was good, or there was none.
};

/// What came of one attempt.
struct TellOutcome {
  std::string kind;
  std::string name;
  std::string error;  ///< Empty: it was taken.
};

class Teller {
 public:
  Teller(std::vector<TellPlace> places, const Clock& clock);
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;
  /// Stops.
  ~Teller();

  /// Never waits.
  void tell(const Event& event);

  /// Tries each place once with `event`, before what waits there, and calls `done` when all have
  /// answered, on any thread. Fails: kNotFound when there is no place, kUnavailable when too many
  /// such wait already or the node stops.
  Status test(const Event& event, std::function<void(std::vector<TellOutcome>)> done);

  [[nodiscard]] std::vector<TellState> states() const;

  /// What is being delivered is broken off, what waits is dropped. Idempotent.
  void stop();

 private:
  class Post;
  std::vector<std::unique_ptr<Post>> posts_;
  const Clock& clock_;
};

}  // namespace tandem
