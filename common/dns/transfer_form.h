// What all messages of a zone transfer have in common (RFC 5936 s2.2, RFC 1995 s4): the query's
// question, a header that says so, an OPT record for who sent one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/base/bytes.h"
#include "common/dns/edns.h"
#include "common/dns/query_view.h"

namespace tandem {

class TransferForm {
 public:
  /// Requires: the question is whole. Copies what it needs of `query`. `edns`: for who sent an OPT
  /// record. `tail`: octets that each message leaves for what the caller puts behind it.
  TransferForm(const QueryView& query, std::optional<EdnsReply> edns, std::size_t tail);

  /// The question's name, in the letters of who asked; it stands behind the header.
  [[nodiscard]] NameView asked() const noexcept;

  /// Puts the question into `room`; records go behind it. Returns where.
  [[nodiscard]] std::size_t begin(std::span<std::uint8_t> room) const noexcept;

  /// Octets that a message needs behind its records.
  [[nodiscard]] std::size_t octets_behind() const noexcept;

  /// Completes the message in `room` whose `records` answers end at `end`. Returns its octets. How
  /// long the zone has until it expires is told in the first message alone.
  std::size_t finish(std::span<std::uint8_t> room, std::size_t end, std::uint16_t records) noexcept;

 private:
  Octets question_;  // header and question
  std::optional<EdnsReply> edns_;
  std::size_t tail_;
};

}  // namespace tandem
