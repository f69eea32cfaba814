// What a primary sends in a transfer, put together from lines of a master file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/dns/header.h"
#include "common/dns/message.h"
#include "common/transfer/transfer_reader.h"

namespace tandem::test {

inline constexpr std::uint16_t kTransferId = 7;
inline constexpr std::string_view kTransferOrigin = "example.";

/// A SOA record of the zone with that serial, as a line.
[[nodiscard]] std::string soa_line(Serial serial);

/// The records of the lines, in their order.
[[nodiscard]] std::vector<MessageRecord> rows(std::string_view lines,
                                              std::string_view origin = kTransferOrigin);

/// An answer to a request of that type, as the first message of it.
[[nodiscard]] Message answer_to(RrType type, std::vector<MessageRecord> answers,
                                std::string_view origin = kTransferOrigin);

/// The records in messages of at most `most` each, the question in the first one only. Nothing is
/// compressed, so that all letters come as they are.
[[nodiscard]] std::vector<Octets> series_of(RrType type, const std::vector<MessageRecord>& records,
                                            std::size_t most,
                                            std::string_view origin = kTransferOrigin);

/// A reader of an AXFR (`have` is null) or IXFR.
[[nodiscard]] TransferReader reader_of(ZonePtr have = nullptr, const TransferLimits& limits = {},
                                       std::string_view origin = kTransferOrigin);

/// What the reader makes of all messages; its first error, when there is one.
[[nodiscard]] Result<TransferOutcome> outcome_of(TransferReader reader,
                                                 const std::vector<Octets>& messages);

/// The zone of the outcome; null when it has none.
[[nodiscard]] ZonePtr zone_of(const Result<TransferOutcome>& outcome);

/// The error's text, or what kind of outcome it is in place of one: "whole", "steps", "up to date",
/// "over TCP".
[[nodiscard]] std::string text_of(const Result<TransferOutcome>& outcome);

}  // namespace tandem::test
