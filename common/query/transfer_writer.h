// A whole zone as a series of messages: AXFR (RFC 5936). The version of the zone at the beginning
// is what is sent, whatever changes meanwhile; of the zone itself nothing is copied.
#pragma once

#include <cstdint>
#include <span>

#include "common/dns/transfer_form.h"
#include "common/query/answer_writer.h"
#include "common/zone/zone.h"

namespace tandem {

class TransferWriter {
 public:
  /// Requires: the name that `form` answers to is the zone's origin.
  TransferWriter(ZonePtr zone, TransferForm form);

  /// Writes the next message into `room` and returns its octets; 0 after the last one, and when not
  /// even one RRset has room. Requires: room.size() >= kMaxMessageOctets.
  [[nodiscard]] std::size_t next(std::span<std::uint8_t> room) noexcept;

  /// Everything was written.
  [[nodiscard]] bool is_done() const noexcept { return stage_ == Stage::kDone; }

  /// So far, the SOA counted at both ends.
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }

 private:
  enum class Stage : std::uint8_t { kFirstSoa, kNodes, kLastSoa, kDone };

  void fill(AnswerWriter& writer) noexcept;
  [[nodiscard]] bool put_soa(AnswerWriter& writer) noexcept;
  [[nodiscard]] bool put_node(AnswerWriter& writer, NodeView node) noexcept;

  ZonePtr zone_;
  TransferForm form_;
  OriginPlace origin_;     // in the message at hand
  std::size_t origin_at_;  // at the beginning of each: in the question, or nowhere yet
  Stage stage_ = Stage::kFirstSoa;
  Zone::Walker walker_;
  std::size_t slot_ = 0;  // of the walker's node, the next to send
  std::uint64_t records_ = 0;
};

}  // namespace tandem
