// Packed RRsets: records as flat octets, the form in which they travel in log entries, images and
// frames.
//
//   packed := rrset*
//   rrset  := owner type:u16 ttl:u32 count:u16 rdata{count}      count >= 1
//   owner  := uncompressed wire name (RFC 1035 s3.1), case kept
//   rdata  := octets:u16 octet{octets}                           uncompressed, valid for its type
//
// Integers are in network order.
//
// An RRset may stand in several pieces one after the other; class is always IN. docs/formats/log.md
// has the grammar in context.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/dns/types.h"

namespace tandem {

/// Appends records to a buffer; consecutive ones of the same owner, type and TTL share one head.
class RrPacker {
 public:
  explicit RrPacker(Octets& out) : out_(&out) {}

  void add(NameView owner, RrType type, std::uint32_t ttl, OctetSpan rdata);

 private:
  Octets* out_;
  std::size_t head_ = kNone;  // where the open RRset starts
  std::size_t count_at_ = 0;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
};

/// One record of a packed list. Views into the packed octets.
struct PackedRecord {
  NameView owner;
  RrType type{};
  std::uint32_t ttl = 0;
  OctetSpan rdata;
};

/// Walks packed records, whatever the octets are: stops at the first that are not well-formed.
class RrUnpacker {
 public:
  explicit RrUnpacker(OctetSpan packed) noexcept : rest_(packed) {}

  /// The next record, or nothing at the end or at an error (ask ok()).
  [[nodiscard]] std::optional<PackedRecord> next() noexcept;

  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  [[nodiscard]] bool open_rrset() noexcept;

  OctetSpan rest_;
  PackedRecord current_;
  std::uint16_t left_ = 0;  // records of the open RRset not yet given out
  bool ok_ = true;
};

/// Checks a whole list from outside: well-formed, every owner at or below `origin`, no meta types,
/// every rdata valid for its type, TTLs of at most 31 bits. Fails: kCorrupt.
Status validate_packed(OctetSpan packed, NameView origin);

}  // namespace tandem
