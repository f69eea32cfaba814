// How a change is asked for and what comes back: the one form for the HTTP API, zone files, updates
// and timers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/node/zone_table.h"

namespace tandem {

/// kRaised: newer than the one before, whatever the content brings. kAsGiven: that of the content,
/// also when it is older, as whoever gives the zone out has it.
enum class Serials : std::uint8_t { kRaised, kAsGiven };

/// A zone gets exactly this content, whatever it had. The writer chooses the form in the log
/// (records or image).
struct ContentReplacement {
  ZoneId zone;
  ZonePtr content;
  Serials serials = Serials::kRaised;
};

/// A secret with what the log says of it. The secret itself goes to the store and, by frame, to
/// followers.
struct SecretChange {
  SecretInfo info;
  Octets secret;
};

using PlannedChange = std::variant<Change, ContentReplacement, SecretChange>;

/// The zone whose content, or being there, the change is about; nothing for all other changes.
[[nodiscard]] std::optional<Name> changed_zone(const PlannedChange& planned,
                                               const TableDraft& draft);

/// What a plan comes to: empty when everything is already as it should be.
struct Plan {
  std::vector<PlannedChange> changes;
  ZoneId zone;  // the one the receipt tells of
  std::vector<std::string> warnings;
};

/// Decides what to change, seeing all changes before it. A pure function; called on the writer's
/// thread, once.
using Planner = std::function<Result<Plan>(const TableDraft& zones)>;

/// How far a change has to be before its receipt comes.
struct Wait {
  enum class Nodes : std::uint8_t {
    kNone,       // durable and answered by this node
    kSecondary,  // and answered by every follower in step
    kAll,        // and by the zone's outside secondaries
  };

  Nodes nodes = Nodes::kNone;
  std::chrono::milliseconds at_most{400};  // DNS clients ask again after a second or more
};

/// `none`, `secondary` or `all`. Fails: kInvalid.
Result<Wait::Nodes> wait_from_text(std::string_view text);
[[nodiscard]] std::string_view to_text(Wait::Nodes nodes) noexcept;

/// Whether a node answers with a change.
struct NodeReached {
  NodeId node;
  bool has_it = false;
};

/// What an outside secondary that is told of the zone serves.
struct OutsideReached {
  std::string name;
  std::string address;
  std::optional<Serial> serial;  // nothing: it was never heard
  bool has_it = false;
};

/// Durable, answered by this node, announced: what the one who asked gets.
struct Receipt {
  bool changed = false;
  ZoneId zone;
  Name zone_name;
  Serial serial = 0;
  Position position;
  std::vector<std::string> warnings;
  bool has_waited = false;          // for the followers that `nodes` names
  std::vector<NodeReached> nodes;   // in step when the wait ended
  bool has_waited_outside = false;  // for those, too:
  std::vector<OutsideReached> outside;
};

struct ChangeRequest {
  Actor actor;
  Octets request_id;
  Planner plan;
  /// Called once: on the writer's thread, or, with a wait, on one of the link's.
  std::function<void(Result<Receipt>)> done;
  Wait wait = {};
  bool is_heavy = false;  // of whole zones: what it computes gives way to queries
  /// Zones that are taken from elsewhere (zone_sources.h) take only what has it, and no others do.
  bool is_from_source = false;
};

/// Where changes go.
class ChangeSink {
 public:
  ChangeSink() = default;
  ChangeSink(const ChangeSink&) = delete;
  ChangeSink& operator=(const ChangeSink&) = delete;
  virtual ~ChangeSink() = default;

  virtual void submit(ChangeRequest request) = 0;
};

/// Submits and waits. Not for the writer's own thread.
Result<Receipt> submit_and_wait(ChangeSink& sink, Actor actor, Planner plan);

}  // namespace tandem
