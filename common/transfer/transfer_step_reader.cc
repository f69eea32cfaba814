#include "common/transfer/transfer_step_reader.h"

#include <utility>

namespace tandem {

TransferStepReader::TransferStepReader(ZonePtr have, SoaRecord announced)
    : have_(std::move(have)), announced_(std::move(announced)), current_(SoaRecord::of(*have_)) {}

Status TransferStepReader::take(const TransferRecord& record) {
  if (record.type == RrType::kSoa) {
    return take_soa(record);
  }
  packer_.add(record.owner, record.type, record.ttl, record.rdata);
  return {};
}

Status TransferStepReader::take_soa(const TransferRecord& record) {
  switch (stage_) {
    case Stage::kStart:
      if (!is_newer(announced_.serial(), current_.serial())) {
        return fail(Errc::kCorrupt,
                    "the primary sends steps to serial {}, which is not newer than {}",
                    announced_.serial(), current_.serial());
      }
      return begin_step(record.rdata);
    case Stage::kRemovals:
      return begin_additions(record);
    case Stage::kAdditions:
      return end_step(record.rdata);
    case Stage::kDone:
      break;
  }
  return fail(Errc::kCorrupt, "the primary sends records behind the last SOA record");
}

/// Only the serial of the old SOA record counts: the record goes as it is here, and a primary whose
/// settings changed may remember the rest of it otherwise.
Status TransferStepReader::begin_step(OctetSpan old_soa) {
  if (soa_serial(old_soa) != current_.serial()) {
    return fail(Errc::kCorrupt, "the primary sends a step from serial {} where one from {} belongs",
                soa_serial(old_soa), current_.serial());
  }
  begin_section(change_.removed, current_);
  stage_ = Stage::kRemovals;
  return {};
}

Status TransferStepReader::begin_additions(const TransferRecord& record) {
  if (!is_newer(soa_serial(record.rdata), current_.serial())) {
    return fail(Errc::kCorrupt, "the primary sends a step from serial {} to {}, which is not newer",
                current_.serial(), soa_serial(record.rdata));
  }
  current_ = {record.ttl, to_octets(record.rdata)};
  begin_section(change_.added, current_);
  stage_ = Stage::kAdditions;
  return {};
}

Status TransferStepReader::end_step(OctetSpan next_soa) {
  changes_.push_back(std::exchange(change_, {}));
  if (current_.serial() != announced_.serial()) {
    return begin_step(next_soa);
  }
  if (!announced_.is_like(next_soa) || !announced_.is_like(current_.rdata)) {
    return fail(Errc::kCorrupt, "the primary sends different SOA records for serial {}",
                announced_.serial());
  }
  stage_ = Stage::kDone;
  return {};
}

void TransferStepReader::begin_section(Octets& packed, const SoaRecord& soa) {
  packer_ = RrPacker(packed);
  packer_.add(have_->origin(), RrType::kSoa, soa.ttl, soa.rdata);
}

Result<TransferSteps> TransferStepReader::finish(const ZoneLimits& limits) {
  auto zone = have_->apply(changes_, limits);
  if (!zone) {
    return fail(Errc::kCorrupt, "the steps from serial {} to {} of {} do not fit: {}",
                have_->serial(), announced_.serial(), have_->origin().to_text(),
                zone.error().detail);
  }
  return TransferSteps{std::move(changes_), *std::move(zone)};
}

}  // namespace tandem
