// The content digest of a zone: the sum modulo 2^256 of SHA-256 over each of its canonical records,
// so that it is kept up to date by what a change removes and adds, whatever the order. Equal
// digests mean equal zones.
//
//   record := owner (canonical, whole) type:u16 class:u16 ttl:u32 octets:u16 rdata (canonical)
//   digest := sum of SHA-256(record), each hash read as a big-endian number, written big-endian
//
// Canonical: RFC 4034 s6.2.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/log/position.h"
#include "common/zone/changeset.h"
#include "common/zone/zone.h"

namespace tandem {

class ContentDigest {
 public:
  ContentDigest() = default;
  explicit ContentDigest(const Digest256& value);

  void add(const PackedRecord& record);
  void remove(const PackedRecord& record);
  /// Takes `change.removed` out and `change.added` in.
  void apply(const Changeset& change);

  [[nodiscard]] Digest256 value() const noexcept;

  friend bool operator==(const ContentDigest& a, const ContentDigest& b) noexcept {
    return a.limb_ == b.limb_;
  }

 private:
  void add_number(const Digest256& hash) noexcept;
  void subtract_number(const Digest256& hash) noexcept;

  std::array<std::uint64_t, 4> limb_{};  // least significant first
};

/// From scratch, over all records.
[[nodiscard]] ContentDigest content_digest_of(const Zone& zone);

}  // namespace tandem
