// One message of a zone transfer, walked record by record without a copy of each: a large zone
// comes as some thousand messages of many records. What the message must be as an answer to the
// request is checked here; what its records mean together, by who walks.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/header.h"
#include "common/dns/name.h"
#include "common/dns/types.h"
#include "common/dns/wire_reader.h"

namespace tandem {

/// What was asked for.
struct TransferQuestion {
  Name zone;
  RrType type{};  // kAxfr or kIxfr
  std::uint16_t id = 0;
};

/// A record of the answer section, of class IN and of a type that zones hold.
struct TransferRecord {
  Name owner;
  RrType type{};
  std::uint32_t ttl = 0;
  OctetSpan rdata;          // uncompressed; empty when the owner is outside
  bool is_outside = false;  // of the zone
};

/// Of whether a message must repeat the question: the first one of a transfer must (RFC 5936
/// s2.2.2).
enum class MessagePlace : std::uint8_t { kFirst, kLater };

/// One thread.
class TransferMessage {
 public:
  /// Both are used as long as this is.
  TransferMessage(OctetSpan octets, const TransferQuestion& asked) noexcept
      : asked_(asked), octets_(octets), reader_(octets, kHeaderOctets) {}

  /// Reads what stands in front of the records. AA, RA and what must be zero are ignored (RFC 5936
  /// s2.2.1). Fails: kRefused when the rcode is an error, kCorrupt when it is no answer to what was
  /// asked.
  Status open(MessagePlace place);

  [[nodiscard]] bool is_truncated() const noexcept { return (header_.flags & kFlagTc) != 0; }

  /// Records of the answer section.
  [[nodiscard]] std::uint16_t count() const noexcept { return header_.answer_count; }

  /// The next record of the answer section; null behind the last one. Valid until the next call.
  /// Fails: kCorrupt.
  Result<const TransferRecord*> next();

  /// Reads what stands behind the answer section, once next() gave null. Fails: kRefused when the
  /// upper bits of the rcode (RFC 6891 s6.1.3) say an error, kCorrupt when the message ends too
  /// soon or too late.
  Status close();

  /// EXPIRE of the OPT record (RFC 7314 s3), behind close().
  [[nodiscard]] std::optional<std::uint32_t> expire() const noexcept { return expire_; }

 private:
  Status read_question(MessagePlace place);
  [[nodiscard]] Status refusal(std::uint16_t rcode) const;

  const TransferQuestion& asked_;
  OctetSpan octets_;
  WireReader reader_;
  Header header_;
  std::uint16_t taken_ = 0;  // records of the answer section
  TransferRecord record_;
  Octets rdata_;  // of record_
  std::optional<std::uint32_t> expire_;
};

}  // namespace tandem
