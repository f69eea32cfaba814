#include "common/transfer/transfer_reader.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/transfer/transfer_message.h"
#include "common/transfer/transfer_step_reader.h"
#include "common/zone/zone_builder.h"

namespace tandem {
namespace {

constexpr std::size_t kRecordOctets = 10;  // type, class, TTL, length of the rdata

}  // namespace

Octets ixfr_request(const Zone& have, std::uint16_t id) {
  return ixfr_request(have.soa(), id);
}

class TransferReader::Impl {
 public:
  Impl(const Name& zone, RrType type, std::uint16_t id, ZonePtr have, const TransferLimits& limits)
      : asked_{zone, type, id}, have_(std::move(have)), limits_(limits) {
    CHECK(type == RrType::kAxfr || (type == RrType::kIxfr && have_ != nullptr));
  }

  Status take(OctetSpan message) {
    if (failed_) {
      return std::unexpected(*failed_);
    }
    Status taken = take_message(message);
    if (!taken) {
      failed_ = taken.error();
      builder_ = nullptr;
      steps_ = nullptr;
    }
    return taken;
  }

  [[nodiscard]] bool is_done() const noexcept { return !failed_ && stage_ == Stage::kDone; }

  [[nodiscard]] bool has_steps() const noexcept { return steps_ != nullptr; }

  Result<TransferOutcome> finish();

 private:
  enum class Stage : std::uint8_t {
    kStart,
    kFirstSoa,  // it has come, and nothing behind it
    kWhole,     // in the records of a whole zone
    kSteps,
    kDone,
  };

  Status take_message(OctetSpan message);
  Status take_record(const TransferRecord& record);
  Status take_first(const TransferRecord& record);
  Status take_of_whole(const TransferRecord& record);
  Status count_octets(const TransferRecord& record);
  Status end_message();
  Result<TransferWhole> build();

  [[nodiscard]] bool is_ixfr() const noexcept { return asked_.type == RrType::kIxfr; }

  /// One message with the SOA record alone, so far.
  [[nodiscard]] bool is_single_soa() const noexcept {
    return is_ixfr() && stage_ == Stage::kFirstSoa && messages_ == 1 && records_ == 1;
  }

  TransferQuestion asked_;
  ZonePtr have_;
  TransferLimits limits_;
  Stage stage_ = Stage::kStart;
  SoaRecord first_;                            // the first record
  std::unique_ptr<ZoneBuilder> builder_;       // of a whole zone
  std::unique_ptr<TransferStepReader> steps_;  // of an answer with steps
  bool is_truncated_ = false;
  std::optional<std::uint32_t> expire_;
  std::uint64_t messages_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t octets_ = 0;        // of messages
  std::uint64_t plain_octets_ = 0;  // of the zone's records, uncompressed
  std::optional<Error> failed_;
};

Status TransferReader::Impl::take_message(OctetSpan message) {
  if (stage_ == Stage::kDone) {
    return fail(Errc::kCorrupt, "the primary sends a message behind the last SOA record of {}",
                asked_.zone.to_text());
  }
  octets_ += message.size();
  TransferMessage reading(message, asked_);
  TRYV(reading.open(messages_++ == 0 ? MessagePlace::kFirst : MessagePlace::kLater));
  if (reading.is_truncated()) {
    if (!is_ixfr() || stage_ != Stage::kStart) {
      return fail(Errc::kCorrupt, "the primary sends a truncated message over TCP");
    }
    is_truncated_ = true;
    stage_ = Stage::kDone;
    return {};
  }
  records_ += reading.count();
  if (records_ > limits_.records || octets_ > limits_.octets) {
    return fail(Errc::kTooLarge, "the transfer of {} has more than {} records or {} octets",
                asked_.zone.to_text(), limits_.records, limits_.octets);
  }
  while (const TransferRecord* const record = TRY(reading.next())) {
    TRYV(take_record(*record));
  }
  TRYV(reading.close());
  expire_ = expire_ ? expire_ : reading.expire();
  return end_message();
}

Status TransferReader::Impl::take_record(const TransferRecord& record) {
  if (stage_ == Stage::kDone) {
    return fail(Errc::kCorrupt, "the primary sends records behind the last SOA record of {}",
                asked_.zone.to_text());
  }
  const bool is_soa = record.type == RrType::kSoa;
  if (stage_ == Stage::kStart) {
    return take_first(record);
  }
  if (record.is_outside) {
    return {};
  }
  if (is_soa && record.owner != asked_.zone) {
    return fail(Errc::kCorrupt, "the primary sends an SOA record at {}, below the top of {}",
                record.owner.to_text(), asked_.zone.to_text());
  }
  TRYV(count_octets(record));
  if (stage_ == Stage::kFirstSoa && is_soa && is_ixfr()) {
    steps_ = std::make_unique<TransferStepReader>(have_, first_);
    stage_ = Stage::kSteps;
  } else if (stage_ == Stage::kFirstSoa) {
    builder_ = std::make_unique<ZoneBuilder>(asked_.zone, limits_.zone);
    builder_->add({asked_.zone, RrType::kSoa, first_.ttl, first_.rdata});
    stage_ = Stage::kWhole;
  }
  if (stage_ == Stage::kWhole) {
    return take_of_whole(record);
  }
  TRYV(steps_->take(record));
  stage_ = steps_->is_done() ? Stage::kDone : stage_;
  return {};
}

Status TransferReader::Impl::take_first(const TransferRecord& record) {
  if (record.type != RrType::kSoa || record.owner != asked_.zone) {
    return fail(Errc::kCorrupt, "the transfer of {} begins with {} {} in place of its SOA record",
                asked_.zone.to_text(), record.owner.to_text(), to_text(record.type));
  }
  first_ = {record.ttl, to_octets(record.rdata)};
  stage_ = Stage::kFirstSoa;
  return count_octets(record);
}

Status TransferReader::Impl::take_of_whole(const TransferRecord& record) {
  if (record.type != RrType::kSoa) {
    builder_->add({record.owner, record.type, record.ttl, record.rdata});
    return {};
  }
  if (!first_.is_like(record.rdata)) {
    return fail(Errc::kCorrupt,
                "the last SOA record of {} (serial {}) is not its first (serial {}): it changed "
                "meanwhile",
                asked_.zone.to_text(), soa_serial(record.rdata), first_.serial());
  }
  stage_ = Stage::kDone;
  return {};
}

/// Names are short in messages and long in memory.
Status TransferReader::Impl::count_octets(const TransferRecord& record) {
  plain_octets_ += record.owner.size() + kRecordOctets + record.rdata.size();
  if (plain_octets_ > limits_.octets) {
    return fail(Errc::kTooLarge, "the records of {} have more than {} octets",
                asked_.zone.to_text(), limits_.octets);
  }
  return {};
}

Status TransferReader::Impl::end_message() {
  if (stage_ == Stage::kStart) {
    return fail(Errc::kRefused, "the primary answers {} of {} without records",
                to_text(asked_.type), asked_.zone.to_text());
  }
  if (is_single_soa() && !is_newer(first_.serial(), have_->serial())) {
    stage_ = Stage::kDone;
  }
  return {};
}

Result<TransferOutcome> TransferReader::Impl::finish() {
  if (failed_) {
    return std::unexpected(*failed_);
  }
  TransferOutcome out{{}, expire_, records_, octets_};
  if (is_truncated_ || is_single_soa()) {
    out.content = TransferOverTcp{};
  } else if (stage_ != Stage::kDone) {
    return fail(Errc::kCorrupt, "the transfer of {} ends before its last SOA record",
                asked_.zone.to_text());
  } else if (builder_ != nullptr) {
    out.content = TRY(build());
  } else if (steps_ != nullptr) {
    out.content = TRY(steps_->finish(limits_.zone));
  } else {
    out.content = TransferUpToDate{};
  }
  return out;
}

Result<TransferWhole> TransferReader::Impl::build() {
  ZoneBuilder::Outcome built = builder_->build();
  if (built.zone != nullptr) {
    return TransferWhole{std::move(built.zone)};
  }
  const auto error =
      std::ranges::find(built.findings, ZoneFinding::Severity::kError, &ZoneFinding::severity);
  CHECK(error != built.findings.end());
  return fail(Errc::kCorrupt, "what was transferred is no valid zone: {}", error->text);
}

TransferReader::TransferReader(const Name& zone, RrType type, std::uint16_t id, ZonePtr have,
                               const TransferLimits& limits)
    : impl_(std::make_unique<Impl>(zone, type, id, std::move(have), limits)) {}

TransferReader::TransferReader(TransferReader&&) noexcept = default;
TransferReader& TransferReader::operator=(TransferReader&&) noexcept = default;
TransferReader::~TransferReader() = default;

Status TransferReader::take(OctetSpan message) {
  return impl_->take(message);
}

bool TransferReader::has_steps() const noexcept {
  return impl_->has_steps();
}

bool TransferReader::is_done() const noexcept {
  return impl_->is_done();
}

Result<TransferOutcome> TransferReader::finish() {
  return impl_->finish();
}

}  // namespace tandem
