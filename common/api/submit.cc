#include "common/api/submit.h"

#include <utility>

#include <boost/json/array.hpp>

#include "common/api/json.h"
#include "common/api/route.h"
#include "common/base/text.h"
#include "common/node/config_values.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxRequestId = 64;
constexpr std::size_t kMaxReason = 200;
constexpr std::chrono::milliseconds kHttpWait{2000};  // nobody sends it again meanwhile
constexpr std::chrono::seconds kLongestWait{60};

/// `all`, or with how long at most: `all:10s`. Fails: kInvalid.
Result<Wait> wait_with_time(std::string_view text) {
  const std::size_t colon = text.find(':');
  Wait wait{TRY(wait_from_text(text.substr(0, colon))), kHttpWait};
  if (colon != std::string_view::npos) {
    wait.at_most = TRY(duration_from_text(text.substr(colon + 1)));
    if (wait.at_most > kLongestWait) {
      return fail(Errc::kInvalid, "{}: a change waits for at most {} s", text,
                  kLongestWait.count());
    }
  }
  return wait;
}

}  // namespace

Result<Caller> caller_of(const HttpRequest& request) {
  Caller caller;
  const std::string request_id = request.header("request-id");
  const std::string reason = request.header("reason");
  if (request_id.size() > kMaxRequestId || reason.size() > kMaxReason ||
      !is_printable(request_id) || !is_printable(reason)) {
    return fail(Errc::kInvalid,
                "Request-Id takes up to {} and Reason up to {} octets of printable UTF-8",
                kMaxRequestId, kMaxReason);
  }
  caller.actor = {request.peer.uid == 0 ? "root" : fmt::format("uid {}", request.peer.uid), "unix",
                  request.peer.address, reason};
  caller.request_id = to_octets(as_octets(request_id));
  if (const std::string wait = request.header("wait"); !wait.empty()) {
    caller.wait = TRY(wait_with_time(wait));
  }
  return caller;
}

Result<ChangeSink*> sink_for(const ApiServices& services, LogId log) {
  ChangeSink* const sink = log == LogId::kLocal ? services.local_sink : services.cluster_sink;
  if (sink == nullptr) {
    return fail(Errc::kUnavailable,
                "this node follows a leader and takes no changes: make the change at the leader");
  }
  return sink;
}

Status check_members_know(const ApiServices& services, const ChangeSink* sink, KnownChange what) {
  return sink == services.cluster_sink ? check_peers_know(*services.hub, what) : Status();
}

Result<Start> start(const ApiServices& services, const HttpRequest& request,
                    std::string_view zone) {
  const Name name = TRY(zone_name(zone));
  const bool is_local = services.node->local_log().table().find(name) != nullptr &&
                        services.node->cluster_log().table().find(name) == nullptr;
  return Start{TRY(caller_of(request)), name,
               TRY(sink_for(services, is_local ? LogId::kLocal : LogId::kCluster))};
}

void submit(ChangeSink& sink, Caller caller, Planner plan, unsigned status,
            const HttpRespond& respond, const std::function<void(json::object&)>& add) {
  const Octets request_id = caller.request_id;
  sink.submit({std::move(caller.actor), std::move(caller.request_id), std::move(plan),
               [respond, request_id, status, add](const Result<Receipt>& receipt) {
                 if (!receipt) {
                   respond(error_response(receipt.error()));
                   return;
                 }
                 json::object body = receipt_json(*receipt, request_id);
                 if (add) {
                   add(body);
                 }
                 respond(json_response(status, body));
               },
               caller.wait, caller.is_heavy});
}

void add_warnings(const std::vector<std::string>& warnings, json::object& receipt) {
  for (const std::string& warning : warnings) {
    receipt["warnings"].as_array().emplace_back(warning);
  }
}

void answer_failure(const Status& status, const HttpRespond& respond) {
  if (!status) {
    respond(error_response(status.error()));
  }
}

}  // namespace tandem
