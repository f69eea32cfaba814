#include "primary/update_writer.h"

#include <memory>
#include <utility>

#include <fmt/ranges.h>

#include "common/base/logging.h"
#include "common/node/known_changes.h"
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
                           const std::vector<UpdateRule>& rules, const LinkHub* followers)
    : log_(log), sink_(sink), rules_(rules), followers_(followers) {}

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
  UpdateExpiry expiry;
  if (const std::int64_t expire = decision.rule->expire; expire != 0) {
    if (const Status known =
            followers_ != nullptr ? check_peers_know(*followers_, KnownChange::kNotes) : Status();
        !known) {
      log_warn("update refused zone={} by=\"{}\" rule=\"{}\" reason=\"{}\"",
               request.update.zone.to_text(), request.who.to_text(), decision.rule->to_text(),
               known.error().detail);
      request.done({Rcode::kServFail, {}});
      return;
    }
    // A client that sends the same again and again makes an entry of it only now and then.
    expiry = {seconds_since_1970(log_.clock().wall()) + expire, expire / 10};
  }
  Planner plan = plan_update(std::move(request.update), planned, expiry);
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
                  } else if (!receipt->warnings.empty()) {
                    log_info("update accepted by=\"{}\" warning=\"{}\"", waiting->who.to_text(),
                             fmt::join(receipt->warnings, "; "));
                  }
                  waiting->done({rcode, {}});
                },
                decision.rule->wait});
}

}  // namespace tandem
