#include "common/node/change.h"

#include <future>

namespace tandem {

Result<Receipt> submit_and_wait(ChangeSink& sink, Actor actor, Planner plan) {
  auto promise = std::make_shared<std::promise<Result<Receipt>>>();
  auto receipt = promise->get_future();
  sink.submit({std::move(actor), {}, std::move(plan), [promise](Result<Receipt> result) {
                 promise->set_value(std::move(result));
               }});
  return receipt.get();
}

}  // namespace tandem
