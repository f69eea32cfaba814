// How a request becomes a change: who asks, where it goes, and the receipt that answers it.
#pragma once

#include <functional>

#include <boost/json/object.hpp>

#include "common/api/api.h"
#include "common/base/result.h"
#include "common/net/http_server.h"
#include "common/node/change.h"

namespace tandem {

struct Caller {
  Actor actor;
  Octets request_id;
  Wait wait;
};

/// Fails: kInvalid for headers that the log does not take.
Result<Caller> caller_of(const HttpRequest& request);

/// Fails: kUnavailable without one, on a follower.
Result<ChangeSink*> sink_that_takes(ChangeSink* sink);

/// Submits and answers with a receipt; `add` puts more into it.
void submit(ChangeSink& sink, Caller caller, Planner plan, unsigned status,
            const HttpRespond& respond,
            const std::function<void(boost::json::object&)>& add = nullptr);

void add_warnings(const std::vector<std::string>& warnings, boost::json::object& receipt);

void answer_failure(const Status& status, const HttpRespond& respond);

}  // namespace tandem
