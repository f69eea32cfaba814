// The changes of a zone as a series of messages: IXFR (RFC 1995), from the version that the client
// has to the present one in a single difference sequence (s6, condensation).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/base/bytes.h"
#include "common/dns/name.h"
#include "common/dns/transfer_form.h"
#include "common/transfer/soa_record.h"
#include "common/zone/changeset.h"
#include "common/zone/zone.h"

namespace tandem {

/// What leads from one version of a zone to another one.
struct ZoneStep {
  SoaRecord from;
  SoaRecord to;
  Changeset change;  // without the SOAs
};

class IxfrWriter {
 public:
  /// `origin`: in the zone's own letters. Requires: the name that `form` answers to is the same
  /// but for those.
  IxfrWriter(NameView origin, ZoneStep step, TransferForm form);

  /// Writes the next message into `room`, which it does not exceed, and returns its octets; 0 after
  /// the last one, and when not even one record has room. Requires: header, question and what
  /// `form` says stands behind have room.
  [[nodiscard]] std::size_t next(std::span<std::uint8_t> room) noexcept;

  /// Everything was written.
  [[nodiscard]] bool is_done() const noexcept { return stage_ == Stage::kDone; }

  /// So far, all SOAs counted.
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }

 private:
  /// What comes next, in the order of RFC 1995 s4.
  enum class Stage : std::uint8_t {
    kFirstSoa,
    kOldSoa,
    kRemoved,
    kNewSoa,
    kAdded,
    kLastSoa,
    kDone,
  };

  void advance() noexcept;
  void take_soa(const SoaRecord& soa) noexcept;
  [[nodiscard]] bool take_next(RrUnpacker& records) noexcept;
  [[nodiscard]] std::size_t write(std::span<std::uint8_t> room, std::size_t limit) noexcept;

  Name origin_;
  ZoneStep step_;
  TransferForm form_;
  RrUnpacker removed_;  // of step_
  RrUnpacker added_;
  Stage stage_ = Stage::kFirstSoa;
  PackedRecord record_;  // to be written next; but for the owner of an SOA, which is origin_
  bool is_soa_ = true;   // it is one of the SOAs of the sequence
  std::uint64_t records_ = 0;
};

/// The zone's SOA alone: the client has the present version, or has to ask over TCP (RFC 1995 s2).
/// Empty when it does not fit into `limit` octets.
[[nodiscard]] Octets soa_answer(const Zone& zone, TransferForm form, std::size_t limit);

}  // namespace tandem
