// Puts an answer together in a fixed buffer from compiled RRsets: block copies, then the few octets
// that depend on where the block stands. Data plane: no allocation, no exception.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "common/base/bytes.h"
#include "common/dns/header.h"
#include "common/dns/name.h"
#include "common/zone/zone.h"

namespace tandem {

/// Where a name stands in the message, so that any suffix of it can be pointed to. The name is in
/// one piece, or in two: labels followed by a pointer to the rest.
struct NamePlace {
  std::uint16_t start = 0;
  std::uint16_t octets = 0;       // of the whole name
  std::uint16_t tail_octets = 0;  // of the part behind the pointer; 0 when in one piece
  std::uint16_t tail_end = 0;     // message offset just behind the tail's root octet

  [[nodiscard]] std::size_t suffix(std::size_t suffix_octets) const noexcept {
    return suffix_octets <= tail_octets ? std::size_t{tail_end} - suffix_octets
                                        : std::size_t{start} + octets - suffix_octets;
  }
};

/// A zone's origin in a message of a transfer, where it has the zone's own letters (RFC 5936 s3.4):
/// in the question when that has them, else where it was written first.
struct OriginPlace {
  NameView name;
  std::size_t at = 0;  // 0: not in the message yet
};

enum class Section : std::uint8_t { kAnswer, kAuthority, kAdditional };

/// Which part of an RRset goes out.
enum class Parts : std::uint8_t { kRecords, kRecordsAndSigs, kSigs };

class AnswerWriter {
 public:
  /// `out` holds header and question already, `question_end` octets. Nothing is written at or
  /// beyond `limit`, nor beyond `out`: the limit is never below where writing starts, so that what
  /// is left is never negative.
  AnswerWriter(std::span<std::uint8_t> out, std::size_t question_end, std::size_t limit) noexcept
      : out_(out),
        question_end_(question_end),
        at_(question_end),
        limit_(std::max(question_end, std::min(limit, out.size()))) {}

  /// Appends `set`, whose owner is the suffix of `owner_octets` octets of the name at `name`.
  /// False, and nothing written, when it does not fit.
  [[nodiscard]] bool put(Section section, RrSetView set, Parts parts, const NamePlace& name,
                         std::size_t owner_octets) noexcept;

  /// Appends a set of the zone whose owner is not in the message: its own labels first, then a
  /// pointer to the zone's origin at `origin_at`. Names in its rdata are not compressed (NSEC,
  /// NSEC3).
  [[nodiscard]] bool put_at_node(Section section, NodeView node, RrSetView set, Parts parts,
                                 std::size_t origin_at) noexcept;

  /// Appends a set to the answer section of a transfer, whose question is the zone's origin in any
  /// letters. `owner` is where the node's name stands; while it has no octets the name is not in
  /// the message yet, and is written, with `origin` when that is not there either. False also when
  /// the name would stand beyond where a pointer reaches.
  [[nodiscard]] bool put_zone_set(NodeView node, RrSetView set, Parts parts, OriginPlace& origin,
                                  NamePlace& owner) noexcept;

  /// Appends a CNAME made up here: owner at `owner_at`, target written out whole.
  [[nodiscard]] bool put_cname(std::size_t owner_at, std::uint32_t ttl, NameView target) noexcept;

  /// Appends a TXT record with TTL 0 at the question's name.
  [[nodiscard]] bool put_text(RrClass rr_class, OctetSpan rdata) noexcept;

  /// Appends the compiled glue of a referral (compile.h) whose NS RRset was put at `ns_at`.
  [[nodiscard]] bool put_glue(RrSetView glue, std::size_t ns_at) noexcept;

  /// The same for an NS RRset that reaches beyond where a pointer does: owners are written out.
  [[nodiscard]] bool put_glue_whole(RrSetView glue, RrSetView ns, NameView cut) noexcept;

  /// Takes everything behind the question back: a truncated answer (RFC 2181 s9).
  void truncate() noexcept;

  [[nodiscard]] std::size_t at() const noexcept { return at_; }

  [[nodiscard]] std::uint16_t count(Section section) const noexcept {
    return counts_[static_cast<std::size_t>(section)];
  }

  [[nodiscard]] std::uint8_t* header() const noexcept { return out_.data(); }

  /// For the OPT record, whose room the limit kept free.
  [[nodiscard]] std::span<std::uint8_t> room() const noexcept { return out_.subspan(at_); }

  void advance(std::size_t octets) noexcept { at_ += octets; }

 private:
  [[nodiscard]] bool put_without_blocks(Section section, RrSetView set, Parts parts,
                                        const NamePlace& name, std::size_t owner_at) noexcept;
  [[nodiscard]] bool put_octets(OctetSpan octets) noexcept;
  [[nodiscard]] bool put_name(OctetSpan wire, std::size_t offset, const NamePlace& name) noexcept;
  void put_head(std::size_t owner_at, RrType type, RrClass rr_class, std::uint32_t ttl,
                std::size_t rdata_octets) noexcept;
  void count_records(Section section, OctetSpan records, std::size_t known) noexcept;
  void point_owners(std::size_t from, std::size_t to, std::size_t owner_at) noexcept;

  void set_pointer(std::size_t at, std::size_t to) noexcept {
    store_be16(out_.data() + at, static_cast<std::uint16_t>(0xc000U | to));
  }

  std::span<std::uint8_t> out_;
  std::size_t question_end_;
  std::size_t at_;
  std::size_t limit_;
  std::array<std::uint16_t, 3> counts_{};
};

}  // namespace tandem
