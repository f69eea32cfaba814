// From a request to a change that is asked for: who asks, which log it goes to, what is answered.
#pragma once

#include <functional>
#include <string_view>

#include <boost/json/object.hpp>

#include "common/api/api.h"
#include "common/base/result.h"
#include "common/net/http_server.h"
#include "common/node/change.h"
#include "common/node/known_changes.h"

namespace tandem {

struct Caller {
  Actor actor;
  Octets request_id;
  Wait wait;
  bool is_heavy = false;  // see ChangeRequest
};

/// Fails: kInvalid for headers that the log does not take.
Result<Caller> caller_of(const HttpRequest& request);

/// The sink for changes of one log. Fails: kUnavailable on a follower.
Result<ChangeSink*> sink_for(const ApiServices& services, LogId log);

/// As check_peers_know() for a change that goes to `sink`: only the cluster's log has members.
Status check_members_know(const ApiServices& services, const ChangeSink* sink, KnownChange what);

/// What a change of a zone begins with: who asks, which zone, where it goes.
struct Start {
  Caller caller;
  Name zone;
  ChangeSink* sink;  // of the log that the zone lives in, or would live in
};

/// Fails: kInvalid, and as sink_for().
Result<Start> start(const ApiServices& services, const HttpRequest& request, std::string_view zone);

/// Submits and answers with a receipt; `add` puts more into it.
void submit(ChangeSink& sink, Caller caller, Planner plan, unsigned status,
            const HttpRespond& respond,
            const std::function<void(boost::json::object&)>& add = nullptr);

void add_warnings(const std::vector<std::string>& warnings, boost::json::object& receipt);

void answer_failure(const Status& status, const HttpRespond& respond);

}  // namespace tandem
