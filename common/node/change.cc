#include "common/node/change.h"

#include <future>

#include "common/dns/shown_text.h"

namespace tandem {

Result<Wait::Nodes> wait_from_text(std::string_view text) {
  if (text == "none") {
    return Wait::Nodes::kNone;
  }
  if (text == "secondary") {
    return Wait::Nodes::kSecondary;
  }
  if (text == "all") {
    return Wait::Nodes::kAll;
  }
  return fail(Errc::kInvalid, "{} is nothing to wait for; expected none, secondary or all",
              shown_text(text));
}

std::string_view to_text(Wait::Nodes nodes) noexcept {
  switch (nodes) {
    case Wait::Nodes::kNone:
      return "none";
    case Wait::Nodes::kSecondary:
      break;
    case Wait::Nodes::kAll:
      return "all";
  }
  return "secondary";
}

Result<Receipt> submit_and_wait(ChangeSink& sink, Actor actor, Planner plan) {
  auto promise = std::make_shared<std::promise<Result<Receipt>>>();
  auto receipt = promise->get_future();
  sink.submit({std::move(actor), {}, std::move(plan), [promise](Result<Receipt> result) {
                 promise->set_value(std::move(result));
               }});
  return receipt.get();
}

}  // namespace tandem
