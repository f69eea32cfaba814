// One transfer of a zone that is taken from elsewhere: what comes is read and checked, and becomes
// a change for the writer.
//
// Thread rule: one thread at a time: the client's while messages come, then the writer's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "common/base/result.h"
#include "common/node/change.h"
#include "common/transfer/transfer_reader.h"

namespace tandem {

/// kNewer: a serial that is not newer than what is there is not taken. kAny: every one is.
enum class PullTakes : std::uint8_t { kNewer, kAny };

class PullTransfer {
 public:
  /// By IXFR from what `have` holds; null: by AXFR.
  PullTransfer(const Name& zone, ZoneRecordPtr have, PullTakes takes, const TransferLimits& limits);

  /// To be sent, once.
  [[nodiscard]] Octets request() const;

  [[nodiscard]] bool is_ixfr() const noexcept { return have_ != nullptr; }

  /// Requires: is_ixfr().
  [[nodiscard]] Serial serial_before() const noexcept { return have_->zone->serial(); }

  /// Takes the next message. True: that was the last one. Then a whole zone has been built and
  /// checked against its ZONEMD (RFC 8976); steps only the writer can take. Fails: as
  /// TransferReader, and kCorrupt for another digest.
  Result<bool> take(OctetSpan message);

  /// After the last message: the primary has nothing newer.
  [[nodiscard]] bool is_up_to_date() const noexcept;

  /// After the last message: it came step by step. False of a whole zone, which a primary may give
  /// to IXFR too (RFC 1995 s4).
  [[nodiscard]] bool is_steps() const noexcept { return reader_.has_steps(); }

  /// So much has come that what the writer does with it is to give way to queries.
  [[nodiscard]] bool is_large() const noexcept { return octets_ > kLargeOctets; }

  /// What the zone becomes, with the primary's serial; it is made when it is not there. Fails:
  /// kCorrupt when steps do not fit or their result has another digest; kConflict when the zone has
  /// changed meanwhile, or has a newer serial.
  Result<Plan> plan(const TableDraft& zones);

  /// After plan(), or when is_up_to_date(). Without content.
  [[nodiscard]] const TransferOutcome& outcome() const { return *outcome_; }

 private:
  static constexpr std::uint64_t kLargeOctets = std::uint64_t{64} << 10U;

  Result<Plan> plan_steps(const ZoneRecordPtr& record);
  [[nodiscard]] Result<Plan> plan_whole(const ZoneRecordPtr& record, const ZonePtr& content) const;

  Name zone_;
  ZoneRecordPtr have_;
  PullTakes takes_;
  std::uint16_t id_;
  TransferReader reader_;
  std::uint64_t octets_ = 0;
  std::optional<TransferOutcome> outcome_;
};

}  // namespace tandem
