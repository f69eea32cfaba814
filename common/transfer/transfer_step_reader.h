// The difference sequences of an IXFR answer (RFC 1995 s4) as changesets. Internal to
// TransferReader.
//
//   answer := SOA-announced step+ SOA-announced
//   step   := SOA-old removed* SOA-new added*
//
// The first step's old serial is that of the version which is there, each other one's is the new
// serial of the step before; the last step's new serial is the announced one. A step may be several
// of the primary's taken together (s6).
#pragma once

#include <cstdint>
#include <vector>

#include "common/transfer/soa_record.h"
#include "common/transfer/transfer_message.h"
#include "common/transfer/transfer_reader.h"
#include "common/zone/rr_pack.h"

namespace tandem {

/// One thread.
class TransferStepReader {
 public:
  /// `announced`: the first record of the answer.
  TransferStepReader(ZonePtr have, SoaRecord announced);
  TransferStepReader(const TransferStepReader&) = delete;
  TransferStepReader& operator=(const TransferStepReader&) = delete;
  ~TransferStepReader() = default;

  /// Takes the next record inside of the zone behind the first one. Fails: kCorrupt when the steps
  /// do not lead from the version that is there to the announced one.
  Status take(const TransferRecord& record);

  /// The last SOA record was taken.
  [[nodiscard]] bool is_done() const noexcept { return stage_ == Stage::kDone; }

  /// Fails: kCorrupt when a step does not fit the version before it exactly, or what they come to
  /// is no valid zone. Requires: is_done(); once.
  Result<TransferSteps> finish(const ZoneLimits& limits);

 private:
  enum class Stage : std::uint8_t { kStart, kRemovals, kAdditions, kDone };

  Status take_soa(const TransferRecord& record);
  Status begin_step(OctetSpan old_soa);
  Status begin_additions(const TransferRecord& record);
  Status end_step(OctetSpan next_soa);
  void begin_section(Octets& packed, const SoaRecord& soa);

  ZonePtr have_;
  SoaRecord announced_;
  SoaRecord current_;  // of the version that the steps so far lead to
  Stage stage_ = Stage::kStart;
  Changeset change_;                  // of the step at hand
  RrPacker packer_{change_.removed};  // of its section at hand
  std::vector<Changeset> changes_;
};

}  // namespace tandem
