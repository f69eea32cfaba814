#include "common/node/change.h"

#include <future>

#include "common/dns/shown_text.h"

namespace tandem {
namespace {

bool is_of_content(const Change& change) noexcept {
  return std::holds_alternative<RecordChange>(change.kind) ||
         std::holds_alternative<ZoneReplace>(change.kind) ||
         std::holds_alternative<ZoneNotesChange>(change.kind) ||
         std::holds_alternative<ZoneDelete>(change.kind);
}

}  // namespace

std::optional<Name> changed_zone(const PlannedChange& planned, const TableDraft& draft) {
  const auto* const change = std::get_if<Change>(&planned);
  const auto* const replacement = std::get_if<ContentReplacement>(&planned);
  if (change == nullptr && replacement == nullptr) {
    return std::nullopt;
  }
  if (change != nullptr) {
    if (const auto* const create = std::get_if<ZoneCreate>(&change->kind)) {
      return create->name;
    }
    if (!is_of_content(*change)) {
      return std::nullopt;
    }
  }
  const ZoneRecordPtr record = draft.find(change != nullptr ? change->zone : replacement->zone);
  return record != nullptr ? std::optional<Name>(record->name.view()) : std::nullopt;
}

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
