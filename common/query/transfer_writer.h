// A whole zone as a series of messages: AXFR (RFC 5936). The version of the zone at the beginning
// is what is sent, whatever changes meanwhile; of the zone itself nothing is copied.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/dns/edns.h"
#include "common/dns/query_view.h"
#include "common/query/answer_writer.h"
#include "common/zone/zone.h"

namespace tandem {

class TransferWriter {
 public:
  /// Requires: the question is whole and its name is the zone's origin. Copies what it needs of
  /// `query`. `udp_payload` is told in OPT to who sent one. `tail`: octets that each message leaves
  /// for what the caller puts behind it.
  TransferWriter(ZonePtr zone, const QueryView& query, std::uint16_t udp_payload,
                 std::size_t tail = 0);

  /// Writes the next message into `room` and returns its octets; 0 after the last one.
  /// Requires: room.size() >= kMaxMessageOctets.
  [[nodiscard]] std::size_t next(std::span<std::uint8_t> room) noexcept;

  /// So far, the SOA counted at both ends.
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }

  [[nodiscard]] const Zone& zone() const noexcept { return *zone_; }

 private:
  enum class Stage : std::uint8_t { kFirstSoa, kNodes, kLastSoa, kDone };

  void fill(AnswerWriter& writer) noexcept;
  [[nodiscard]] bool put_soa(AnswerWriter& writer) noexcept;
  [[nodiscard]] bool put_node(AnswerWriter& writer, NodeView node) noexcept;
  [[nodiscard]] std::size_t finish(AnswerWriter& writer) noexcept;

  ZonePtr zone_;
  OriginPlace origin_;             // in the message at hand
  std::size_t origin_at_;          // at the beginning of each: in the question, or nowhere yet
  Octets question_;                // header and question of every message
  std::optional<EdnsReply> edns_;  // of every message, for who sent one
  std::size_t tail_;               // of every message
  Stage stage_ = Stage::kFirstSoa;
  Zone::Walker walker_;
  std::size_t slot_ = 0;  // of the walker's node, the next to send
  std::uint64_t records_ = 0;
};

}  // namespace tandem
