#include "primary/update_writer.h"

#include <chrono>
#include <memory>
#include <utility>

#include "common/base/logging.h"
#include "primary/update_plan.h"

namespace tandem {
namespace {

Actor actor_of(const Credential& who) {
  const std::string source = who.from.to_text();
  if (!who.key) {
    return {source, "address", source, {}};
  }
  return {who.key->to_text(), "tsig:" + who.key->to_text(), source, {}};
}

/// What the client gets; `planned` is what the plan said of its own refusal.
Rcode rcode_of(const Result<Receipt>& receipt, Rcode planned) {
  if (receipt) {
    return Rcode::kNoError;
  }
  switch (receipt.error().code) {
    case Errc::kInvalid:
    case Errc::kNotFound:
    case Errc::kRefused:
    case Errc::kConflict:
    case Errc::kTooLarge:
      return planned;
    default:
      return Rcode::kServFail;  // this node cannot now; another may
  }
}

void refuse(UpdateRequest& request, Rcode rcode, std::string_view reason) {
  log_debug("update refused zone={} by=\"{}\" rcode={} reason=\"{}\"",
            request.update.zone.to_text(), request.who.to_text(), to_text(rcode), reason);
  request.done({rcode, {}});
}

}  // namespace

UpdateWriter::UpdateWriter(ReplicatedLog& log, ChangeSink& sink,
                           const std::vector<UpdateRule>& rules)
    : log_(log), sink_(sink), rules_(rules) {}

void UpdateWriter::submit(UpdateRequest request) {
  const ZoneRecordPtr record = log_.table().find(request.update.zone);
  if (record == nullptr) {
    refuse(request, Rcode::kNotAuth, "there is no such zone");
    return;
  }
  const UpdateDecision decision =
      decide({rules_, record->policy.rules()}, request.who, request.update);
  if (!decision.is_allowed) {
    refuse(request, Rcode::kRefused, decision.reason);
    return;
  }
  auto planned = std::make_shared<Rcode>(Rcode::kServFail);
  const std::int64_t now =
      std::chrono::floor<std::chrono::seconds>(log_.clock().wall()).time_since_epoch().count();
  const std::int64_t expires = decision.rule->expire == 0 ? 0 : now + decision.rule->expire;
  Planner plan = plan_update(std::move(request.update), planned, expires);
  Actor actor = actor_of(request.who);
  Octets id = std::move(request.request_id);
  // The writer's callbacks can be copied, ours cannot.
  auto waiting = std::make_shared<UpdateRequest>(std::move(request));
  sink_.submit({std::move(actor), std::move(id), std::move(plan),
                [waiting, planned](const Result<Receipt>& receipt) {
                  const Rcode rcode = rcode_of(receipt, *planned);
                  if (!receipt) {
                    log_debug("update refused by=\"{}\" rcode={} reason=\"{}\"",
                              waiting->who.to_text(), to_text(rcode), receipt.error().detail);
                  }
                  waiting->done({rcode, {}});
                },
                decision.rule->wait});
}

}  // namespace tandem
