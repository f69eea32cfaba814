// The answer to a request for a whole zone, message by message (RFC 5936): what the server refuses
// and why, the SOA at both ends, signatures. No socket.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/crypto/tsig_answer.h"
#include "common/dns/message.h"
#include "ctl/moved_zone.h"

namespace tandem {

/// One transfer. One thread.
class AxfrReader {
 public:
  /// Records go to `to`. `verifier`: of the signed request; nothing: it was not signed.
  AxfrReader(std::uint16_t id, std::optional<TsigVerifier> verifier, MovedZoneBuilder& to)
      : id_(id), verifier_(std::move(verifier)), to_(to) {}

  /// Takes the next message. `now`: seconds since 1970. Fails: kRefused when the server does not
  /// give the zone, kCorrupt when its answer is no transfer, kTooLarge.
  Status take(OctetSpan wire, std::uint64_t now);

  /// The last SOA record has come; the server should send no more.
  [[nodiscard]] bool is_done() const noexcept { return is_done_; }

 private:
  Status check_head(const Message& message) const;
  Status take_record(const MessageRecord& record);

  std::uint16_t id_;
  std::optional<TsigVerifier> verifier_;
  MovedZoneBuilder& to_;
  Octets soa_;  // rdata of the first record; empty: nothing has come yet
  bool is_done_ = false;
};

}  // namespace tandem
