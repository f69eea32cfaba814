// The records that a builder holds until their nodes are made, in blocks that go back to the system
// one by one, so that the zone can grow where its records were.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/bytes.h"
#include "common/dns/types.h"
#include "common/zone/rr_pack.h"

namespace tandem {

/// Pieces of octets by 32-bit places. One thread at a time.
class RecordBuffer {
 public:
  using Place = std::uint32_t;

  /// Room for `octets` octets, together, held once. Requires: !is_full(), octets <= kMaxPiece.
  Place allocate(std::size_t octets);

  [[nodiscard]] std::uint8_t* at(Place place) const noexcept {
    return blocks_[place >> kBlockBits].octets.get() + (place & (kBlockOctets - 1));
  }

  /// The piece is needed once more, or once less; its block goes, or is filled anew, when no piece
  /// in it is needed.
  void hold(Place place) noexcept { ++blocks_[place >> kBlockBits].holds; }

  void release(Place place);

  /// The last block has begun: some 4 GiB are held.
  [[nodiscard]] bool is_full() const noexcept {
    return blocks_.size() == kMaxBlocks && gone_.empty();
  }

  static constexpr std::size_t kMaxPiece = std::size_t{1} << 17U;

 private:
  static constexpr unsigned kBlockBits = 20;
  static constexpr std::size_t kBlockOctets = std::size_t{1} << kBlockBits;
  static constexpr std::size_t kMaxBlocks = std::size_t{1} << (32U - kBlockBits);
  static constexpr std::size_t kFirstOctets = 1024;  // a small zone needs little

  struct Block {
    std::unique_ptr<std::uint8_t[]> octets;  // NOLINT(modernize-avoid-c-arrays): not zeroed
    std::size_t holds = 0;
  };

  void add_block(std::size_t at_least);
  void free_block(std::uint32_t number);

  std::vector<Block> blocks_;
  std::vector<std::uint32_t> gone_;  // blocks whose numbers can be given again
  std::uint32_t current_ = 0;        // the block that is being filled
  std::size_t used_ = 0;             // octets of it
  std::size_t capacity_ = 0;         // of it; 0: there is none yet
};

// How the builder lays out what it holds:
//   owner  := octets:u8 has-upper:u8 lower{octets} cased{octets if has-upper}
//   record := place:u32 ttl:u32 type:u16 octets:u16 rdata

[[nodiscard]] inline OctetSpan lower_of(const RecordBuffer& buffer, RecordBuffer::Place owner) {
  const std::uint8_t* const at = buffer.at(owner);
  return {at + 2, at[0]};
}

[[nodiscard]] inline OctetSpan cased_of(const RecordBuffer& buffer, RecordBuffer::Place owner) {
  const std::uint8_t* const at = buffer.at(owner);
  return {at + 2 + (at[1] != 0 ? at[0] : 0), at[0]};
}

inline constexpr std::size_t kBufferedHead = 12;  // octets of a record before its rdata

/// A record in the buffer. Valid while it is held.
class BufferedRecord {
 public:
  BufferedRecord(const RecordBuffer& buffer, RecordBuffer::Place record) noexcept
      : at_(buffer.at(record)) {}

  [[nodiscard]] std::uint32_t place() const noexcept { return load_be32(at_); }

  [[nodiscard]] std::uint32_t ttl() const noexcept { return load_be32(at_ + 4); }

  [[nodiscard]] RrType type() const noexcept { return static_cast<RrType>(load_be16(at_ + 8)); }

  [[nodiscard]] OctetSpan rdata() const noexcept {
    return {at_ + kBufferedHead, load_be16(at_ + 10)};
  }

  [[nodiscard]] bool is_sig() const noexcept { return type() == RrType::kRrsig; }

  /// The slot the record belongs to: its type, or the type that an RRSIG covers.
  [[nodiscard]] std::uint16_t slot_type() const noexcept {
    return is_sig() ? load_be16(at_ + kBufferedHead) : number(type());
  }

 private:
  const std::uint8_t* at_;
};

/// Each is held once. `lower` is `cased` in lower case.
[[nodiscard]] RecordBuffer::Place put_owner(RecordBuffer& buffer, OctetSpan lower, OctetSpan cased);
[[nodiscard]] RecordBuffer::Place put_record(RecordBuffer& buffer, const PackedRecord& record,
                                             std::uint32_t place);

}  // namespace tandem
