// The answer to a request for a zone, message by message: AXFR (RFC 5936) or IXFR (RFC 1995). What
// comes is staged and checked; a zone is made of it only when all of it has come (RFC 5936 s6). No
// socket, and no signatures: who hands messages in has verified them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/dns/transfer_request.h"
#include "common/dns/types.h"
#include "common/zone/changeset.h"
#include "common/zone/zone.h"

namespace tandem {

/// Caps of one transfer: a primary may be hostile too.
struct TransferLimits {
  std::uint64_t records = 20'000'000;
  // Of messages, and of the records of the zone that they stand for with all names written out.
  std::uint64_t octets = std::uint64_t{2} << 30U;
  ZoneLimits zone{};
};

/// IXFR from the version that is there.
[[nodiscard]] Octets ixfr_request(const Zone& have, std::uint16_t id);

/// The primary has nothing newer.
struct TransferUpToDate {};

/// All of the zone. Its serial may be any, an older one too.
struct TransferWhole {
  ZonePtr zone;
};

/// What makes the version that was there the new one, step by step, and that version.
struct TransferSteps {
  std::vector<Changeset> changes;
  ZonePtr zone;
};

/// There is more than one UDP message holds, and it is to be asked for over TCP: the message was
/// truncated, or it had the newer SOA record alone (RFC 1995 s2). When that was over TCP already,
/// there is no answer in it.
struct TransferOverTcp {};

struct TransferOutcome {
  std::variant<TransferUpToDate, TransferWhole, TransferSteps, TransferOverTcp> content;
  std::optional<std::uint32_t> expire;  // seconds, when the primary told (RFC 7314)
  std::uint64_t records = 0;
  std::uint64_t octets = 0;
};

/// One transfer. One thread.
///
/// An AXFR may come in any order and with records twice (RFC 5936 s2.2); where the TTLs of an RRset
/// differ the least is used for all. Records outside of the zone are left out: the answer holds the
/// zone's records (s3.1), and servers are known to send others along.
///
/// The steps of an IXFR must fit the version that is there to the record and its TTL, for then the
/// new version is the primary's; where they do not, AXFR is what helps.
class TransferReader {
 public:
  /// `type`: kAxfr or kIxfr. `have`: the version of an IXFR request; null for AXFR.
  TransferReader(const Name& zone, RrType type, std::uint16_t id, ZonePtr have,
                 const TransferLimits& limits);
  TransferReader(const TransferReader&) = delete;
  TransferReader& operator=(const TransferReader&) = delete;
  TransferReader(TransferReader&&) noexcept;
  TransferReader& operator=(TransferReader&&) noexcept;
  ~TransferReader();

  /// Takes the next message. Fails, for good: kRefused when the server does not give the zone,
  /// kCorrupt when this is no such transfer, kTooLarge.
  Status take(OctetSpan message);

  /// The last record has come: more would be an error. Never of the one message of a UDP answer
  /// that has the newer SOA record alone, since over TCP others may follow.
  [[nodiscard]] bool is_done() const noexcept;

  /// It came step by step, so that finish() makes the next version of `have`.
  [[nodiscard]] bool has_steps() const noexcept;

  /// What it came to; once. Makes the next version of `have` when there are steps, so that no one
  /// else may at the same time (zone.h). Fails: kCorrupt when it is not done, does not fit the
  /// version that was there, or what it makes is no valid zone.
  Result<TransferOutcome> finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem
