// How a change is asked for and what comes back: the one form for the HTTP API, zone files, updates
// and timers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/node/zone_table.h"

namespace tandem {

/// A zone gets exactly this content, whatever it had. The writer chooses the form in the log
/// (records or image) and sees to the serial.
struct ContentReplacement {
  ZoneId zone;
  ZonePtr content;
};

/// A secret with what the log says of it. The secret itself goes to the store and, by frame, to
/// followers.
struct SecretChange {
  SecretInfo info;
  Octets secret;
};

using PlannedChange = std::variant<Change, ContentReplacement, SecretChange>;

/// What a plan comes to: empty when everything is already as it should be.
struct Plan {
  std::vector<PlannedChange> changes;
  ZoneId zone;  // the one the receipt tells of
  std::vector<std::string> warnings;
};

/// Decides what to change, seeing all changes before it. A pure function; called on the writer's
/// thread, once.
using Planner = std::function<Result<Plan>(const TableDraft& zones)>;

/// Durable, answered by this node, announced: what the one who asked gets.
struct Receipt {
  bool changed = false;
  ZoneId zone;
  Name zone_name;
  Serial serial = 0;
  Position position;
  std::vector<std::string> warnings;
};

struct ChangeRequest {
  Actor actor;
  Octets request_id;
  Planner plan;
  std::function<void(Result<Receipt>)> done;  // called once, on the writer's thread
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
