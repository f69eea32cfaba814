#include "secondary/pull_transfer.h"

#include <utility>

#include "common/base/random.h"
#include "common/node/noted_content.h"
#include "common/zone/zonemd.h"

namespace tandem {
namespace {

// More than this becomes one change of the whole content, in whatever form the writer finds best.
constexpr std::size_t kMaxSteps = 64;
constexpr std::size_t kMaxStepOctets = std::size_t{256} * 1024;

/// What is said of records is said by the primary from now on.
void drop_notes(const ZoneRecord& record, Plan& plan) {
  if (!record.notes.empty()) {
    plan.changes.emplace_back(Change{record.id, difference_of(record.notes, {})});
  }
}

bool is_small(const std::vector<Changeset>& changes) noexcept {
  std::size_t octets = 0;
  for (const Changeset& change : changes) {
    octets += change.octets();
  }
  return changes.size() <= kMaxSteps && octets <= kMaxStepOctets;
}

}  // namespace

PullTransfer::PullTransfer(const Name& zone, ZoneRecordPtr have, PullTakes takes,
                           const TransferLimits& limits)
    : zone_(zone),
      have_(std::move(have)),
      takes_(takes),
      id_(random_u16()),
      reader_(zone_, have_ != nullptr ? RrType::kIxfr : RrType::kAxfr, id_,
              have_ != nullptr ? have_->zone : nullptr, limits) {}

Octets PullTransfer::request() const {
  return is_ixfr() ? ixfr_request(*have_->zone, id_) : axfr_request(zone_, id_);
}

Result<bool> PullTransfer::take(OctetSpan message) {
  octets_ += message.size();
  TRYV(reader_.take(message));
  if (!reader_.is_done()) {
    return false;
  }
  if (reader_.has_steps()) {
    return true;  // versions of a zone are made on the writer's thread alone (zone.h)
  }
  outcome_ = TRY(reader_.finish());
  if (const auto* const whole = std::get_if<TransferWhole>(&outcome_->content)) {
    TRYV(check_zonemd(*whole->zone));
  } else if (std::holds_alternative<TransferOverTcp>(outcome_->content)) {
    return fail(Errc::kCorrupt, "it answers IXFR over TCP as if that was UDP");
  }
  return true;
}

bool PullTransfer::is_up_to_date() const noexcept {
  return outcome_ && std::holds_alternative<TransferUpToDate>(outcome_->content);
}

Result<Plan> PullTransfer::plan(const TableDraft& zones) {
  const ZoneRecordPtr record = zones.find(zone_);
  if (is_steps()) {
    return plan_steps(record);
  }
  const ZonePtr content = std::get<TransferWhole>(outcome_->content).zone;
  outcome_->content = TransferUpToDate();
  return plan_whole(record, content);
}

Result<Plan> PullTransfer::plan_steps(const ZoneRecordPtr& record) {
  if (record == nullptr || record->id != have_->id || record->digest != have_->digest) {
    return fail(Errc::kConflict, "the zone has changed while it was being transferred");
  }
  outcome_ = TRY(reader_.finish());
  auto steps = std::get<TransferSteps>(std::exchange(outcome_->content, TransferUpToDate()));
  TRYV(check_zonemd(*steps.zone));
  Plan plan{{}, record->id, {}};
  if (is_small(steps.changes)) {
    for (Changeset& change : steps.changes) {
      plan.changes.emplace_back(Change{record->id, RecordChange{std::move(change), {}}});
    }
  } else {
    plan.changes.emplace_back(
        ContentReplacement{record->id, std::move(steps.zone), Serials::kAsGiven});
  }
  drop_notes(*record, plan);
  return plan;
}

Result<Plan> PullTransfer::plan_whole(const ZoneRecordPtr& record, const ZonePtr& content) const {
  if (record == nullptr) {
    const ZoneId id{random_array<16>()};
    return Plan{
        {Change{id, ZoneCreate{zone_, {}, {}}}, ContentReplacement{id, content, Serials::kAsGiven}},
        id,
        {}};
  }
  Plan plan{{}, record->id, {}};
  if (record->zone != nullptr) {
    const bool is_newer_one = is_newer(content->serial(), record->zone->serial());
    if (takes_ == PullTakes::kNewer && !is_newer_one) {
      return fail(Errc::kConflict, "what came has serial {}, which is not newer than {}",
                  content->serial(), record->zone->serial());
    }
    if (!is_newer_one && content_digest_of(*content) == record->digest) {
      return plan;
    }
  }
  plan.changes.emplace_back(ContentReplacement{record->id, content, Serials::kAsGiven});
  drop_notes(*record, plan);
  return plan;
}

}  // namespace tandem
